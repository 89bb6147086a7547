import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KubernetesObject } from '#functions/compliance-scan/inventory/kubernetes/kinds.ts';
import { openKubernetes } from '#functions/compliance-scan/inventory/kubernetes/open-kubernetes.ts';
import { kubernetesSettings } from '#functions/compliance-scan/inventory/kubernetes/settings.ts';
import type { Resource } from '#functions/compliance-scan/model/resource.ts';
import { ObjectWriter } from '#functions/compliance-scan/remedy/object-writer.ts';
import { lakewarden } from '../support/cli.ts';
import { ask, cluster, create, kubectl } from './admin.ts';

const namespace = `repair-${randomBytes(4).toString('hex')}`;
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-repair-'));
const rule = 'kubernetes-no-privileged-containers';
const { signal } = new AbortController();

const deployment = (name: string, labels: Record<string, string> = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace, labels },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'main', image: 'trino:1', securityContext: { privileged: true } }] },
    },
  },
});

const settings = () => {
  const { server, caFile, adminTokenFile } = cluster();
  return { server, caFile, tokenFile: adminTokenFile, namespaces: [namespace] };
};

function repair(remedy: object, ...args: string[]) {
  const file = join(folder, 'settings.json');
  writeFileSync(file, JSON.stringify({ sources: { kubernetes: settings() }, remedy }));
  return lakewarden(['scan', 'repair', '--config', file, ...args], { cwd: folder });
}

interface Live {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { securityContext?: object }[] } };
  };
}
const path = (name: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
const live = (name: string): Promise<Live> => ask<Live>('GET', path(name));

beforeAll(async () => {
  await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await create(deployment('open'), deployment('from-git', { 'kustomize.toolkit.fluxcd.io/name': 'lake' }));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await kubectl(['delete', 'namespace', namespace, '--wait=false']);
});

describe('direct repairs of a real cluster', () => {
  test('are made for no rule unless the settings name it, and for no more objects than they say', async () => {
    expect(await repair({})).toMatchObject({ code: 2, err: expect.stringContaining('remedy.rules allows no rule') });
    await create(deployment('second'));
    const { code, err } = await repair({ rules: [rule], most: 1 }, '--apply');
    await ask('DELETE', path('second'));
    expect([code, err]).toEqual([2, expect.stringContaining('2 objects would be changed, 1 are the most')]);
    expect((await live('open')).spec.template.spec.containers[0]?.securityContext).toEqual({ privileged: true });
  });

  test('are tried first, then made as they were tried; what version control brings is left', async () => {
    const before = await live('open');
    const dry = await repair({ rules: [rule] });
    expect(dry.out).toContain(`Deployment ${namespace}/open: would pass`);
    expect(dry.out).toContain('Deployment from-git: left, Flux would bring it back');
    expect(await live('open')).toEqual(before);
    const { code, out } = await repair({ rules: [rule] }, '--apply');
    expect([code, out]).toEqual([1, expect.stringContaining('1 object changed, 1 left')]);
    const { spec } = await live('open');
    expect(spec.template.spec.containers[0]).not.toHaveProperty('securityContext.privileged');
    expect((await repair({ rules: [rule] }, '--apply')).out).toContain('0 objects changed, 1 left');
  });

  test('are not made when somebody changed the object since it was scanned, or the API server refuses them', async () => {
    await create(deployment('moving'));
    const source = openKubernetes(kubernetesSettings.parse(settings()));
    const scope = { id: `kubernetes/main/${namespace}/Deployment`, kind: 'kubernetes.Deployment' };
    const all: Resource[] = [];
    for await (const page of source.list(scope, signal)) all.push(...page);
    await source.close();
    const scanned = all.find(({ name }) => name === 'moving') as Resource<KubernetesObject>;
    await ask('PATCH', path('moving'), { spec: { replicas: 1 } }, { contentType: 'application/merge-patch+json' });
    const writer = new ObjectWriter(kubernetesSettings.parse(settings()));
    const edits = [{ path: ['spec', 'template', 'spec', 'containers', 0, 'securityContext', 'privileged'] }];
    expect(await writer.change(scanned, edits, { dryRun: false, signal })).toEqual({
      outcome: 'stale',
      reason: `Deployment ${namespace}/moving was changed since it was scanned`,
    });
    const { metadata } = await live('moving');
    const fresh = { ...scanned, version: metadata.resourceVersion };
    const wrong = [{ path: ['spec', 'selector', 'matchLabels', 'app'], value: 'other' }];
    expect(await writer.change(fresh, wrong, { dryRun: true, signal })).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('is invalid'),
    });
    await ask('DELETE', path('moving'));
    expect(await writer.change(fresh, edits, { dryRun: false, signal })).toMatchObject({ outcome: 'stale' });
    writer.close();
  });
});
