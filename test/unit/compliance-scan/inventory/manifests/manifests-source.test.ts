import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openManifests } from '#functions/compliance-scan/inventory/manifests/open-manifests.ts';
import { manifestsSettings } from '#functions/compliance-scan/inventory/manifests/settings.ts';
import type { Resource } from '#functions/compliance-scan/model/resource.ts';

const never = new AbortController().signal;

describe('a folder of manifests', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lakewarden-manifests-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }

  async function list(kind: string): Promise<{ found: Resource[]; fault: unknown }> {
    const source = openManifests(manifestsSettings.parse({ folder }));
    const found: Resource[] = [];
    let fault: unknown;
    try {
      for await (const page of source.list({ id: '', kind }, never)) found.push(...page);
    } catch (error) {
      fault = error;
    }
    return { found, fault };
  }

  test('is read anew for each sweep, and once for all its kinds', async () => {
    const source = openManifests(manifestsSettings.parse({ folder }));
    const sweep = async (): Promise<string[]> => {
      const names: string[] = [];
      for await (const scope of source.scopes(new Set(['kubernetes.Service']), never))
        for await (const page of source.list(scope, never)) names.push(...page.map(({ name }) => name));
      return names;
    };
    write('a.yaml', 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\n');
    expect(await sweep()).toEqual(['a']);
    write('b.yaml', 'apiVersion: v1\nkind: Service\nmetadata: {name: b}\n');
    expect(await sweep()).toEqual(['a', 'b']);
  });

  test('gives the objects of many documents, of lists and of JSON', async () => {
    write(
      'all.yaml',
      'apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: lake}\n---\n# nothing\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: lake}\n',
    );
    write(
      'deep/list.yml',
      'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: b}}\n',
    );
    write('typed.json', '{"apiVersion":"v1","kind":"ServiceList","items":[{"metadata":{"name":"c"}}]}');
    const { found, fault } = await list('kubernetes.Service');
    expect(fault).toBeUndefined();
    expect(found.map(({ name, place }) => [name, place])).toEqual([
      ['a', { cluster: 'manifests', namespace: 'lake', apiVersion: 'v1', file: 'all.yaml', line: '1' }],
      [
        'b',
        { cluster: 'manifests', namespace: 'default', apiVersion: 'v1', file: join('deep', 'list.yml'), line: '1' },
      ],
      ['c', { cluster: 'manifests', namespace: 'default', apiVersion: 'v1', file: 'typed.json', line: '1' }],
    ]);
    expect((await list('kubernetes.Namespace')).found[0]?.place).toEqual({
      cluster: 'manifests',
      apiVersion: 'v1',
      file: 'all.yaml',
      line: '7',
    });
  });

  test('is read with the eyes of the API server: yes is true, dates and times are texts', async () => {
    write(
      'pod.yaml',
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  labels: {since: 2026-01-01, version: 1.5, at: 22:22, none: }\nspec: {hostNetwork: yes}\n',
    );
    const { found } = await list('kubernetes.Pod');
    expect(found[0]?.labels).toEqual({ since: '2026-01-01', version: '1.5', at: '22:22', none: '' });
    expect(found[0]?.body).toMatchObject({ spec: { hostNetwork: true } });
  });

  test.each([
    ['a template', 'a: {{ .Values.x }}\nb: {{ end }}', 'broken.yaml'],
    ['cut off', 'apiVersion: v1\nkind: "Service', 'broken.yaml'],
    ['a key twice', 'apiVersion: v1\nkind: Service\nkind: Pod\nmetadata: {name: x}', 'broken.yaml'],
    [
      'a bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
        .split('')
        .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefg'[index]}`).join(',')}]`)
        .join('\n')}`,
      'broken.yaml',
    ],
    ['JSON cut off', '{"apiVersion":"v1"', 'broken.json'],
  ])('names a file that is %s, gives what is in the others, and is not complete', async (_, text, name) => {
    write(name, text);
    write('zz-fine.yaml', 'apiVersion: v1\nkind: Service\nmetadata: {name: a}');
    const { found, fault } = await list('kubernetes.Service');
    expect(found.map((resource) => resource.name)).toEqual(['a']);
    expect(fault).toMatchObject({ code: 'inventory.incomplete', message: expect.stringContaining(name) });
  });

  test('shows no line of a broken file, which may hold a secret', async () => {
    write('secret.yaml', 'password: hunter2: x\n  - y');
    expect(String((await list('kubernetes.Service')).fault)).not.toContain('hunter2');
  });

  test('leaves out what is not for Kubernetes, and files in hidden folders', async () => {
    write(
      'kustomization.yaml',
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]',
    );
    write('values.yaml', 'image: trino');
    write('.git/x.yaml', '{{');
    write('notes.txt', '{{');
    write('a.yaml', 'apiVersion: v1\nkind: Service\nmetadata: {name: a}');
    const { found, fault } = await list('kubernetes.Service');
    expect([found.length, fault]).toEqual([1, undefined]);
  });

  test('tells objects of one name in two files apart, and follows links to files', async () => {
    const text = 'apiVersion: v1\nkind: Service\nmetadata: {name: a}';
    write('base/a.yaml', text);
    write('overlay/a.yaml', text);
    symlinkSync(join(folder, 'base', 'a.yaml'), join(folder, 'link.yaml'));
    const { found } = await list('kubernetes.Service');
    expect(new Set(found.map(({ uid }) => uid)).size).toBe(3);
  });

  test('that is not there is no empty folder', async () => {
    const source = openManifests(manifestsSettings.parse({ folder: join(folder, 'none') }));
    const listing = source.list({ id: '', kind: 'kubernetes.Pod' }, never)[Symbol.asyncIterator]();
    await expect(listing.next()).rejects.toMatchObject({ code: 'inventory.unavailable' });
  });

  test('finds one object again', async () => {
    write('a.yaml', 'apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: lake}');
    const source = openManifests(manifestsSettings.parse({ folder }));
    const reference = { kind: 'kubernetes.Service', scope: '', name: 'a', place: { namespace: 'lake' } };
    expect(await source.read(reference, never)).toMatchObject({ name: 'a' });
    expect(await source.read({ ...reference, name: 'b' }, never)).toBeUndefined();
  });
});
