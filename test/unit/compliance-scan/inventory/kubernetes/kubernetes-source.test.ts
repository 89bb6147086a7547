import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { KubernetesSource } from '#functions/compliance-scan/inventory/kubernetes/kubernetes-source.ts';
import { openKubernetes } from '#functions/compliance-scan/inventory/kubernetes/open-kubernetes.ts';
import { kubernetesSettings } from '#functions/compliance-scan/inventory/kubernetes/settings.ts';
import type { Source } from '#functions/compliance-scan/inventory/source.ts';
import type { Resource, Scope } from '#functions/compliance-scan/model/resource.ts';
import { listOf, startLyingApiServer, type LyingApiServer, type Reply } from '../../../../support/lying-api-server.ts';

const services: Scope = { id: 'kubernetes/main/*/Service', kind: 'kubernetes.Service' };
const never = new AbortController().signal;

describe('the objects of a cluster', () => {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });

  async function against(reply: Reply, more: object = {}): Promise<{ server: LyingApiServer; source: Source }> {
    const server = await startLyingApiServer(reply);
    const source = openKubernetes(kubernetesSettings.parse({ server: server.address, ...more }));
    opened.push(source, server);
    return { server, source };
  }

  async function listAll(source: Source, scope = services): Promise<Resource[]> {
    const all: Resource[] = [];
    for await (const page of source.list(scope, never)) all.push(...page);
    return all;
  }

  test('come a page at a time, without their status', async () => {
    const { server, source } = await against((_, index) => (index === 0 ? listOf(['a', 'b'], 'next') : listOf(['c'])), {
      pageSize: 2,
    });
    const all = await listAll(source);
    expect(all.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(all[0]).toEqual({
      uid: 'kubernetes/main/Service/uid-a',
      kind: 'kubernetes.Service',
      scope: services.id,
      name: 'a',
      place: { cluster: 'main', namespace: 'lake', apiVersion: 'v1' },
      labels: {},
      version: '7',
      body: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'a', namespace: 'lake', uid: 'uid-a', resourceVersion: '7' },
        spec: {},
      },
    });
    expect(server.asked).toEqual(['/api/v1/services?limit=2', '/api/v1/services?limit=2&continue=next']);
  });

  test('come each once when the list has expired, by the token that the server gives for the rest', async () => {
    const expired = { status: 410, json: { kind: 'Status', code: 410, metadata: { continue: 'rest' } } };
    const { server, source } = await against((_, index) => [listOf(['a'], 'old'), expired, listOf(['b'])][index] ?? {});
    expect((await listAll(source)).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(server.asked[2]).toContain('continue=rest');
  });

  test.each([
    ['expired without a way on', { status: 410, json: { kind: 'Status', metadata: {} } }, 'inventory.incomplete'],
    ['forbidden', { status: 403, json: { message: 'secret words' } }, 'inventory.forbidden'],
    ['refused our identity', { status: 401 }, 'inventory.forbidden'],
    ['throttled for ever', { status: 429, headers: { 'retry-after': '0' } }, 'inventory.throttled'],
    ['broken for ever', { status: 500, headers: { 'retry-after': '0' } }, 'inventory.unavailable'],
    ['no list', { status: 200, json: { kind: 'Status' } }, 'inventory.incomplete'],
    ['unknown', { status: 404 }, 'inventory.unavailable'],
  ])('are not taken for all when the second page is %s', async (_, answer, code) => {
    const { source } = await against((__, index) => (index === 0 ? listOf(['a'], 'next') : answer));
    await expect(listAll(source)).rejects.toMatchObject({ code, message: expect.not.stringContaining('secret') });
  });

  test('are asked for again after passing trouble, and after a connection that broke', async () => {
    const replies = [
      { status: 429, headers: { 'retry-after': '0' } },
      {},
      { status: 503, headers: { 'retry-after': '0' } },
    ];
    const { source } = await against((_, index) => replies[index] ?? listOf(['a']));
    expect(await listAll(source)).toHaveLength(1);
  });

  test('are not listed for ever by a server that repeats its token', async () => {
    const { source } = await against(() => listOf(['a'], 'same'));
    await expect(listAll(source)).rejects.toMatchObject({ code: 'inventory.incomplete' });
  });

  test('are asked for in smaller pages where a page is too large to keep', async () => {
    const large = {
      status: 200,
      json: { metadata: {}, items: [{ metadata: { name: 'a', filler: 'x'.repeat(17 << 20) } }] },
    };
    const { server, source } = await against(({ url }) => (url?.includes('limit=500') ? large : listOf(['a'])));
    expect(await listAll(source)).toHaveLength(1);
    expect(server.asked[1]).toContain('limit=62');
  });

  test('stop at a deadline when the server stays silent', async () => {
    const server = await startLyingApiServer(() => ({}));
    const source = openKubernetes(kubernetesSettings.parse({ server: server.address, deadlineSeconds: 0.05 }));
    opened.push(source, server);
    await expect(listAll(source)).rejects.toMatchObject({ code: expect.stringMatching(/deadline|unavailable/) });
  });

  test('of Secrets are asked for without their data, and never hold any', async () => {
    const secret = {
      metadata: {
        name: 's',
        namespace: 'lake',
        uid: '1',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'hunter2' },
      },
      data: { password: 'hunter2' },
    };
    const seen: (string | undefined)[] = [];
    const { source } = await against(({ headers }) => {
      seen.push(headers.accept);
      return { status: 200, json: { metadata: {}, items: [secret] } };
    });
    const all = await listAll(source, { id: 'kubernetes/main/*/Secret', kind: 'kubernetes.Secret' });
    expect(seen[0]).toContain('PartialObjectMetadataList');
    expect(JSON.stringify(all)).not.toContain('hunter2');
    expect(all).toHaveLength(1);
  });

  test('are found for kinds that are not built in by asking the server, and nothing is listed where it has none', async () => {
    const { source } = await against(({ url }) => {
      if (url === '/apis/serving.knative.dev')
        return { status: 200, json: { preferredVersion: { groupVersion: 'serving.knative.dev/v1' }, versions: [] } };
      if (url === '/apis/serving.knative.dev/v1')
        return {
          status: 200,
          json: {
            resources: [
              { name: 'services/status', kind: 'Service' },
              { name: 'services', kind: 'Service', namespaced: true },
            ],
          },
        };
      return { status: 404 };
    });
    const scopes: Scope[] = [];
    const kinds = new Set(['kubernetes.Service.serving.knative.dev', 'kubernetes.Thing.example.com', 'kafka.Topic']);
    for await (const scope of source.scopes(kinds, never)) scopes.push(scope);
    expect(scopes).toEqual([
      { id: 'kubernetes/main/*/Service.serving.knative.dev', kind: 'kubernetes.Service.serving.knative.dev' },
    ]);
  });

  test('are listed by namespace where the settings name some; what lives in none is listed once', async () => {
    const { source } = await against(() => listOf([]), { namespaces: ['lake', 'jobs'] });
    const ids: string[] = [];
    for await (const { id } of source.scopes(new Set(['kubernetes.Pod', 'kubernetes.Namespace']), never)) ids.push(id);
    expect(ids).toEqual(['kubernetes/main/lake/Pod', 'kubernetes/main/jobs/Pod', 'kubernetes/main/*/Namespace']);
  });

  test('made again under the same name are not the ones that were asked for', async () => {
    const { source } = await against(({ url }) => {
      if (url !== '/api/v1/namespaces/lake/services/a') return { status: 404 };
      return {
        status: 200,
        json: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a', namespace: 'lake', uid: 'new' } },
      };
    });
    const reference = { kind: 'kubernetes.Service', scope: services.id, name: 'a', place: { namespace: 'lake' } };
    expect(await source.read(reference, never)).toMatchObject({ uid: 'kubernetes/main/Service/new' });
    expect(await source.read({ ...reference, uid: 'kubernetes/main/Service/old' }, never)).toBeUndefined();
    expect(await source.read({ ...reference, name: 'b' }, never)).toBeUndefined();
  });

  test('are asked for with the token that stands in its file just then', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lakewarden-token-'));
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'first\n');
    const tokens: (string | undefined)[] = [];
    const { source } = await against(
      ({ headers }, index) => {
        tokens.push(headers.authorization);
        writeFileSync(tokenFile, 'second');
        return index === 0 ? { status: 401 } : listOf(['a']);
      },
      { tokenFile },
    );
    expect(await listAll(source)).toHaveLength(1);
    expect(tokens).toEqual(['Bearer first', 'Bearer second']);
    rmSync(folder, { recursive: true });
  });

  test('cost one call for each page and nothing before', async () => {
    const server = await startLyingApiServer(() => listOf(['a']));
    const source = new KubernetesSource(kubernetesSettings.parse({ server: server.address }));
    opened.push(source, server);
    expect(source.calls).toBe(0);
    await listAll(source);
    expect(source.calls).toBe(1);
  });
});
