import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openKubernetes } from '#functions/compliance-scan/inventory/kubernetes/open-kubernetes.ts';
import { kubernetesSettings } from '#functions/compliance-scan/inventory/kubernetes/settings.ts';
import type { Source } from '#functions/compliance-scan/inventory/source.ts';
import type { Resource } from '#functions/compliance-scan/model/resource.ts';
import { ask, cluster, create, kubectl } from './admin.ts';

const never = new AbortController().signal;
const namespace = `listing-${randomBytes(4).toString('hex')}`;
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-cluster-'));

function open(more: object = {}): Source {
  const { server, caFile, adminTokenFile } = cluster();
  return openKubernetes(kubernetesSettings.parse({ server, caFile, tokenFile: adminTokenFile, ...more }));
}

async function listAll(source: Source, kind: string, place = '*'): Promise<Resource[]> {
  const all: Resource[] = [];
  const id = `kubernetes/main/${place}/${kind}`;
  for await (const page of source.list({ id, kind: `kubernetes.${kind}` }, never)) all.push(...page);
  await source.close();
  return all;
}

const settingsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `settings-${index}`, namespace },
    data: { index: String(index) },
  }));

beforeAll(async () => {
  await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await create(...settingsOf(23));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await kubectl(['delete', 'namespace', namespace, '--wait=false']);
});

describe('a listing of a real API server', () => {
  test('shows every object once, in pages of any size', async () => {
    for (const pageSize of [1, 7, 500]) {
      const all = await listAll(open({ pageSize, namespaces: [namespace] }), 'ConfigMap', namespace);
      expect(all.map(({ name }) => name).toSorted()).toEqual(
        settingsOf(23)
          .map(({ metadata }) => metadata.name)
          .toSorted(),
      );
    }
  });

  test('is the same as what each object says when it is read alone', async () => {
    const source = open();
    const [first] = await listAll(source, 'ConfigMap', namespace);
    if (first === undefined) throw new Error('nothing was listed');
    expect(await source.read({ ...first }, never)).toEqual(first);
    await source.close();
  });

  test('goes on with each object once when the API server keeps its beginning no longer', async () => {
    const source = open({ pageSize: 5 });
    const listing = source.list({ id: `kubernetes/main/${namespace}/ConfigMap`, kind: 'kubernetes.ConfigMap' }, never);
    const names: string[] = [];
    let pages = 0;
    for await (const page of listing) {
      names.push(...page.map(({ name }) => name));
      pages += 1;
      if (pages === 1) await forgetThePast();
    }
    await source.close();
    expect(pages).toBeGreaterThan(3);
    expect(names.toSorted()).toEqual(
      settingsOf(23)
        .map(({ metadata }) => metadata.name)
        .toSorted(),
    );
  });

  test('without the right to it is forbidden, and allowed ones go on', async () => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'scan', namespace } };
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }];
    const metadata = { name: 'scan', namespace };
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'scan' };
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    const subjects = [{ kind: 'ServiceAccount', name: 'scan', namespace }];
    await create(
      account,
      { apiVersion, kind: 'Role', metadata, rules },
      { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects },
    );
    const tokenFile = join(folder, 'scan.token');
    writeFileSync(tokenFile, await kubectl(['create', 'token', 'scan', '-n', namespace]));
    const limited = () => open({ tokenFile, namespaces: [namespace] });
    expect(await listAll(limited(), 'ConfigMap', namespace)).toHaveLength(23);
    await expect(listAll(limited(), 'Secret', namespace)).rejects.toMatchObject({ code: 'inventory.forbidden' });
    await expect(listAll(limited(), 'ConfigMap')).rejects.toMatchObject({ code: 'inventory.forbidden' });
    await expect(listAll(limited(), 'Namespace')).rejects.toMatchObject({ code: 'inventory.forbidden' });
  });

  test('for somebody whom the server does not know is forbidden', async () => {
    const tokenFile = join(folder, 'wrong.token');
    writeFileSync(tokenFile, 'nobody');
    await expect(listAll(open({ tokenFile }), 'Pod')).rejects.toMatchObject({ code: 'inventory.forbidden' });
  });

  test('works by a kubeconfig file as well', async () => {
    const source = openKubernetes(kubernetesSettings.parse({ kubeconfig: cluster().kubeconfig }));
    expect((await listAll(source, 'Namespace')).map(({ name }) => name)).toContain(namespace);
  });

  test('never brings the data of a Secret', async () => {
    await create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'password', namespace, labels: { owner: 'lake' } },
      stringData: { word: 'hunter2' },
    });
    const secrets = await listAll(open(), 'Secret', namespace);
    expect(secrets).toMatchObject([
      { name: 'password', labels: { owner: 'lake' }, body: { kind: 'Secret', apiVersion: 'v1' } },
    ]);
    expect(JSON.stringify(secrets)).not.toContain(Buffer.from('hunter2').toString('base64'));
  });

  test('shows kinds that were added to the cluster, and has nothing to list where there are none', async () => {
    const template = { spec: { containers: [{ image: 'dev.local/triage@sha256:0' }] } };
    await create({
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Service',
      metadata: { name: 'triage', namespace },
      spec: { template },
    });
    const source = open();
    const kinds = new Set(['kubernetes.Service.serving.knative.dev', 'kubernetes.Kafka.kafka.strimzi.io']);
    const scopes = [];
    for await (const scope of source.scopes(kinds, never)) scopes.push(scope);
    expect(scopes.map(({ kind }) => kind)).toEqual(['kubernetes.Service.serving.knative.dev']);
    expect((await listAll(source, 'Service.serving.knative.dev', namespace)).map(({ name }) => name)).toEqual([
      'triage',
    ]);
  });

  test('shows an object that was made again under its name as another one', async () => {
    const source = open();
    const [before] = await listAll(source, 'ConfigMap', namespace);
    if (before === undefined) throw new Error('nothing was listed');
    await kubectl(['delete', 'configmap', before.name, '-n', namespace]);
    expect(await source.read(before, never)).toBeUndefined();
    await create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: before.name, namespace } });
    expect(await source.read(before, never)).toBeUndefined();
    const [after] = await listAll(source, 'ConfigMap', namespace);
    expect([after?.name, after?.uid === before.uid]).toEqual([before.name, false]);
  });
});

/** Makes etcd forget what was, so that tokens of earlier listings are of no use: KV.Compact by etcd's JSON door. */
async function forgetThePast(): Promise<void> {
  for (let index = 0; index < 3; index++) {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'zz-later-', namespace: 'default' } };
    await ask('POST', '/api/v1/namespaces/default/configmaps', body);
  }
  const { etcd } = cluster();
  const post = async (path: string, body: object): Promise<{ header: { revision: string } }> => {
    const response = await fetch(`${etcd}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as { header: { revision: string } };
  };
  const { header } = await post('/v3/kv/range', { key: btoa('/') });
  await post('/v3/kv/compaction', { revision: header.revision, physical: true });
}
