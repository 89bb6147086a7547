import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { z } from 'zod';
import { settingsSchema as scanSettings } from '#functions/compliance-scan/config.ts';
import { settingsSchema as triageSettings } from '#functions/dead-letter-triage/config.ts';
import { settingsSchema as syncSettings } from '#functions/metastore-sync/config.ts';
import { settingsSchema as compactionSettings } from '#functions/partition-compaction/config.ts';
import { readFunctionSettings } from '#shared/host/host-settings.ts';
import { functionNames, type Manifest, ofKind, readManifests, repository } from '../support/manifests.ts';
import { lakewarden } from '../support/cli.ts';
import { podOf, type Revision, revisionOf } from '../support/knative-pods.ts';
import { referencesOf } from '../support/references.ts';
import { ask, kubectl } from './admin.ts';
import { admit } from './admission.ts';
import { dryRun, render } from './manifests.ts';

const schemas: Readonly<Record<string, z.ZodObject>> = {
  'compliance-scan': scanSettings,
  'dead-letter-triage': triageSettings,
  'metastore-sync': syncSettings,
  'partition-compaction': compactionSettings,
};

interface Finding {
  readonly severity: string;
  readonly rule: string;
  readonly resource: { readonly name: string };
}

const folder = mkdtempSync(join(tmpdir(), 'lakewarden-overlays-'));
afterAll(() => rmSync(folder, { recursive: true }));

const overlays = {
  dev: 'manifests/overlays/dev',
  production: 'manifests/overlays/production',
  'production with all components': 'test/fixtures/overlays/all-components',
};

/** What is said of an overlay that is as it should be: what Knative as it comes refuses, and what our own scanner finds. */
const known: Readonly<Record<string, { readonly refused: readonly string[]; readonly found: readonly string[] }>> = {
  'production with all components': {
    refused: ['senders-of-this-namespace: oidc-authentication feature not enabled: '],
    found: ['high kubernetes-no-wide-secret-readers lakewarden-compliance-scan-secrets'],
  },
};
// The pod that this policy is for is made by Knative, of the ApiServerSource.
const alwaysFound = 'low kubernetes-network-policy-selects-pods changes-to-api-server';

describe.each(Object.entries(overlays))('the overlay %s', (overlay, path) => {
  let text = '';
  let objects: Manifest[] = [];
  const serviceOf = (name: string): Manifest =>
    ofKind(objects, 'Service').find(({ metadata }) => metadata.name === name) as Manifest;
  /** The files of a config map that a Service mounts, in a folder of ours. */
  const unfold = (name: string, volume: string): string => {
    const { volumes } = revisionOf(serviceOf(name));
    const { configMap } = volumes.find((one) => one.name === volume) as { configMap: { name: string } };
    const map = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMap.name);
    const mounted = join(folder, overlay, name, volume);
    mkdirSync(mounted, { recursive: true });
    for (const [file, content] of Object.entries(map?.['data'] as Record<string, string>))
      writeFileSync(join(mounted, file), content);
    return mounted;
  };

  beforeAll(async () => {
    text = await render(path);
    objects = readManifests(text);
    const own = JSON.stringify(objects.find(({ kind }) => kind === 'Namespace'));
    // Under another name than the dry run makes namespaces, which would take the labels away again.
    await kubectl(['apply', '--server-side', '--field-manager=overlays', '-f', '-'], own);
  });

  test('is rendered to the same bytes again, with nothing that only this time is so', async () => {
    expect(await render(path)).toBe(text);
    expect(text).not.toMatch(/\d{4}-\d\d-\d\dT\d\d:|BUILT/);
    for (const { image } of functionNames.flatMap((name) => revisionOf(serviceOf(name)).containers))
      expect(image).toMatch(/^registry\.example\/lakewarden\/[a-z-]+@sha256:[0-9a-f]{64}$/);
  });

  test('is taken by the API server, field by field', async () => {
    await dryRun(text);
  });

  test("is taken by Knative's webhooks, without a warning", async () => {
    const verdicts = await admit(text);
    const faults = verdicts.flatMap(({ name, errors, warnings }) =>
      [...errors, ...warnings].map((one) => `${name}: ${one}`),
    );
    expect(faults).toEqual(known[overlay]?.refused ?? []);
    const kinds = new Set(verdicts.filter(({ judged }) => judged).map(({ kind }) => kind));
    expect([...kinds]).toEqual(
      expect.arrayContaining([
        'Service',
        'Broker',
        'Trigger',
        'PingSource',
        'SinkBinding',
        'ApiServerSource',
        'KafkaSource',
      ]),
    );
  });

  test.each(functionNames)('mounts settings that %s takes', (name) => {
    const { LAKEWARDEN_CONFIG: mounted, ...env } = Object.fromEntries(
      revisionOf(serviceOf(name)).containers[0].env.map((one) => [one.name, one.value]),
    );
    expect(mounted).toBe('/etc/lakewarden');
    const { settings } = readFunctionSettings(schemas[name] as z.ZodObject, { files: unfold(name, 'settings'), env });
    expect(JSON.stringify(settings)).not.toContain('.invalid');
  });

  test('names nothing that is not there', () => {
    const there = new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
    // Every namespace has it.
    there.add('ConfigMap kube-root-ca.crt');
    const references = referencesOf(objects);
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter(({ kind, name }) => !there.has(`${kind} ${name}`))).toEqual([]);
  });

  test.each(functionNames)(
    'lets %s reach the ports that its settings name, and no other service of the lake',
    (name) => {
      const { labels = {} } = podOf(serviceOf(name)).metadata;
      const open = ofKind(objects, 'NetworkPolicy').filter(({ metadata, spec }) => {
        const wanted = Object.entries((spec.podSelector.matchLabels ?? {}) as Record<string, string>);
        return metadata.name.startsWith('to-') && wanted.every(([key, value]) => labels[key] === value);
      });
      const ports = new Map(
        open.map(({ metadata, spec }) => [
          metadata.name,
          (spec.egress as { ports: { port: number }[] }[]).flatMap((one) => one.ports.map(({ port }) => port)),
        ]),
      );
      const map = objects.find(
        ({ kind, metadata }) =>
          kind === 'ConfigMap' &&
          metadata.name === revisionOf(serviceOf(name)).volumes.find((one) => one.name === 'settings')?.configMap?.name,
      );
      const lines = Object.values(map?.['data'] as Record<string, string>)
        .join('\n')
        .split('\n');
      // Of the addresses of HDFS we call those of WebHDFS; the others are names.
      const called = lines.filter((line) =>
        /^\s*(?:connection: \{ )?(?:addresses|uris|brokers|connection):/.test(line),
      );
      const wanted = new Set(
        called.flatMap((line) => [...line.matchAll(/:(\d{4,5})\b/g)].map(([, port]) => Number(port))),
      );
      const reached = (port: number): boolean => [...ports.values()].some((some) => some.includes(port));
      expect([...wanted].filter((port) => !reached(port))).toEqual([]);
      expect(wanted.size).toBeGreaterThan(0);
      // HiveServer2 and the registry are for settings that an overlay may add; the first ones and telemetry are no lake.
      const idle = [...ports].filter(([, some]) => !some.some((port) => wanted.has(port))).map(([policy]) => policy);
      const spare = ['to-api-server', 'to-dns-and-broker', 'to-hiveserver2', 'to-schema-registry', 'to-telemetry'];
      expect(idle.filter((policy) => !spare.includes(policy))).toEqual([]);
    },
  );

  test('has no finding of our own scanner that is not known, in the pods that Knative makes of it, too', async () => {
    const manifests = join(folder, overlay, 'manifests');
    mkdirSync(manifests, { recursive: true });
    const made = functionNames.map((name) => podOf(serviceOf(name)));
    const list = { apiVersion: 'v1', kind: 'List', items: [...objects, ...made] };
    writeFileSync(join(manifests, 'all.json'), JSON.stringify(list));
    const scan = ['scan', '--manifests', manifests, '--fail-on', 'info', '--format', 'json', '--quiet'];
    const { out } = await lakewarden(scan, { cwd: folder });
    const { findings, complete } = JSON.parse(out) as { findings: Finding[]; complete: boolean };
    expect(complete).toBe(true);
    const told = findings.map(({ severity, rule, resource }) => `${severity} ${rule} ${resource.name}`);
    expect(told.toSorted()).toEqual([...(known[overlay]?.found ?? []), alwaysFound].toSorted());
  });

  test('makes pods that a namespace with Pod Security "restricted" takes, and not without what they say', async () => {
    for (const name of functionNames) {
      const pod = podOf(serviceOf(name));
      expect(await tryPod(pod)).toBe('taken');
      for (const field of ['allowPrivilegeEscalation', 'capabilities', 'runAsNonRoot', 'seccompProfile'])
        expect(await tryPod(without(pod, field))).toMatch(
          new RegExp(`violates PodSecurity .{0,4}restricted.*${field}`, 'i'),
        );
    }
  });
});

test('one file installs it all, and says what the overlay says', async () => {
  const file = join(folder, 'one.yaml');
  const tool = join(repository, 'tools/render-manifests.ts');
  await promisify(execFile)(process.execPath, [tool, 'dev', file]);
  const text = readFileSync(file, 'utf8');
  expect(text.replace(/^(#.*\n)+/, '')).toBe(await render(overlays.dev));
});

test('pods that must be spread and go before others need features that Knative leaves off', async () => {
  const text = await render('test/fixtures/overlays/spread');
  await dryRun(text);
  const verdicts = await admit(text);
  const refused = verdicts.filter(({ errors }) => errors.length > 0);
  expect(refused.map(({ kind }) => kind)).toEqual(functionNames.map(() => 'Service'));
  for (const { errors } of refused)
    expect(errors.join()).toMatch(/must not set the field\(s\): .*priorityClassName, .*topologySpreadConstraints/);
});

test('Argo CD and Flux are told of a folder that is there', async () => {
  for (const name of ['argo-cd', 'flux']) {
    const text = readFileSync(join(repository, 'manifests/gitops', `${name}.yaml`), 'utf8');
    await dryRun(text);
    const paths = readManifests(text).flatMap(
      ({ spec }) => (spec.source?.path ?? spec.path ?? []) as string | string[],
    );
    expect(paths.map((path) => relative('.', path))).toEqual(['manifests/overlays/production']);
  }
});

/** Whether the API server would take a pod, or why not. */
async function tryPod(pod: Manifest): Promise<string> {
  try {
    await ask('POST', `/api/v1/namespaces/${pod.metadata.namespace}/pods?dryRun=All&fieldValidation=Strict`, pod);
    return 'taken';
  } catch (error) {
    return String(error);
  }
}

function without(pod: Manifest, field: string): Manifest {
  const spec = pod.spec as Revision;
  const [container] = spec.containers;
  const { [field]: _, ...securityContext } = container.securityContext;
  return { ...pod, spec: { ...spec, containers: [{ ...container, securityContext }] } };
}
