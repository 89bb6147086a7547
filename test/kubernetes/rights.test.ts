import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { builtInTypes } from '#functions/compliance-scan/inventory/kubernetes/kinds.ts';
import { openKubernetes } from '#functions/compliance-scan/inventory/kubernetes/open-kubernetes.ts';
import { kubernetesSettings } from '#functions/compliance-scan/inventory/kubernetes/settings.ts';
import { catalogue } from '#functions/compliance-scan/rules/catalogue.ts';
import { canI, tokenOf } from './accounts.ts';
import { cluster, create, kubectl } from './admin.ts';

const file = join(import.meta.dirname, '../../functions/compliance-scan/kubernetes-rights.yaml');
const suffix = randomBytes(4).toString('hex');
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-rights-'));
const tokenFile = join(folder, 'token');

interface Role {
  readonly metadata: { readonly name: string };
  readonly rules: readonly { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }[];
}

const roles = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as Role);
const kinds = new Set(
  catalogue
    .flatMap(({ kinds: judged, needs = [] }) => [...judged, ...needs.map(({ kind }) => kind)])
    .filter((kind) => kind.startsWith('kubernetes.')),
);

beforeAll(async () => {
  const name = (role: string): string => `${role}-${suffix}`;
  const account = { kind: 'ServiceAccount', name: name('scan'), namespace: 'default' };
  const apiGroup = 'rbac.authorization.k8s.io';
  await create({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: account.name, namespace: account.namespace },
  });
  for (const role of roles) {
    const metadata = { name: name(role.metadata.name) };
    const roleRef = { apiGroup, kind: 'ClusterRole', name: metadata.name };
    await create(
      { ...role, metadata },
      { apiVersion: `${apiGroup}/v1`, kind: 'ClusterRoleBinding', metadata, roleRef, subjects: [account] },
    );
  }
  writeFileSync(tokenFile, await tokenOf('default', account.name));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  for (const { metadata } of roles)
    await kubectl(['delete', 'clusterrole,clusterrolebinding', `${metadata.name}-${suffix}`]);
});

describe('kubernetes-rights.yaml', () => {
  test('lets a service account list every kind that rules look at', async () => {
    const { server, caFile } = cluster();
    const source = openKubernetes(kubernetesSettings.parse({ server, caFile, tokenFile }));
    const listed: string[] = [];
    const signal = new AbortController().signal;
    for await (const scope of source.scopes(kinds, signal)) {
      for await (const _ of source.list(scope, signal));
      listed.push(scope.kind);
    }
    await source.close();
    expect(listed.length).toBeGreaterThan(20);
  });

  test('gives nothing more', () => {
    const given = roles.flatMap(({ rules }) =>
      rules.flatMap(({ apiGroups, resources }) => resources.map((resource) => `${apiGroups.join()}/${resource}`)),
    );
    const needed = [...kinds].map((kind) => {
      const name = kind.slice('kubernetes.'.length);
      const type = builtInTypes.get(name);
      if (type !== undefined)
        return `${type.apiVersion.includes('/') ? type.apiVersion.split('/')[0] : ''}/${type.plural}`;
      const [word = '', ...group] = name.split('.');
      return `${group.join('.')}/${word.toLowerCase()}s`;
    });
    expect(given.toSorted()).toEqual(needed.toSorted());
    for (const { rules } of roles) for (const { verbs } of rules) expect(verbs).toEqual(['get', 'list']);
  });

  test('lets nobody change anything by it', async () => {
    const token = readFileSync(tokenFile, 'utf8');
    expect(await canI(token, { verb: 'list', resource: 'pods' })).toBe(true);
    for (const wish of [
      { verb: 'update', resource: 'secrets' },
      { verb: 'delete', resource: 'pods' },
      { verb: 'create', resource: 'pods', subresource: 'exec' },
      { verb: 'patch', group: 'networking.k8s.io', resource: 'networkpolicies' },
      { verb: 'escalate', group: 'rbac.authorization.k8s.io', resource: 'clusterroles' },
    ])
      expect(await canI(token, wish)).toBe(false);
  });
});
