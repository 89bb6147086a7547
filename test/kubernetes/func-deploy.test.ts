import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { packageFunction } from '../../tools/package.ts';
import { admit } from './admission.ts';
import { ask, cluster, create, knativeProgram, kubectl } from './admin.ts';
import { downloadModule } from './definitions.ts';
import { makeReady, startRegistry } from './knative-stand-in.ts';
import type { Manifest } from '../support/manifests.ts';

const functions = join(import.meta.dirname, '../../functions');
const names = readdirSync(functions).filter((name) => existsSync(join(functions, name, 'func.yaml')));
const namespace = `func-${randomBytes(4).toString('hex')}`;
const temp = mkdtempSync(join(tmpdir(), 'lakewarden-func-'));
const digest = `sha256:${'a'.repeat(64)}`;
const services = `/apis/serving.knative.dev/v1/namespaces/${namespace}/services`;

/** What we read in func.yaml. */
interface FuncYaml {
  readonly run: {
    readonly envs: readonly { readonly name: string; readonly value: string }[];
    readonly volumes: readonly { readonly configMap?: string; readonly secret?: string; readonly path: string }[];
  };
  readonly deploy: {
    readonly serviceAccountName: string;
    readonly healthEndpoints: { readonly liveness: string; readonly readiness: string };
    readonly subscriptions?: readonly { readonly source: string; readonly filters: Record<string, string> }[];
    readonly options: {
      readonly scale: { readonly min: number; readonly max: number; readonly metric: string; readonly target: number };
      readonly resources: {
        readonly requests: { readonly cpu: string; readonly memory: string };
        readonly limits: { readonly cpu: string; readonly memory: string; readonly concurrency: number };
      };
    };
  };
}

let registry: Awaited<ReturnType<typeof startRegistry>>;
beforeAll(async () => {
  registry = await startRegistry();
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } });
});
afterAll(async () => {
  registry.stop();
  rmSync(temp, { recursive: true });
  await kubectl(['delete', 'namespace', namespace, '--wait=false']);
});

/** Makes what a function names and func does not make. */
async function makeNeeds({ run, deploy }: FuncYaml): Promise<void> {
  const objects = run.volumes.map(({ configMap, secret }) =>
    configMap === undefined ? { kind: 'Secret', name: secret } : { kind: 'ConfigMap', name: configMap },
  );
  for (const { kind, name } of [...objects, { kind: 'ServiceAccount', name: deploy.serviceAccountName }])
    await create({ apiVersion: 'v1', kind, metadata: { name, namespace } });
}

async function runFunc(name: string, folder: string): Promise<void> {
  const image = `${registry.name}/lakewarden/${name}@${digest}`;
  const args = ['deploy', '--build=false', '--push=false', `--image=${image}`, `--namespace=${namespace}`];
  const env = { HOME: temp, PATH: process.env['PATH'], KUBECONFIG: cluster().kubeconfig };
  const done = new AbortController();
  const ready = makeReady(namespace, name, done.signal);
  try {
    await promisify(execFile)(knativeProgram('knative'), ['func', ...args, `--path=${folder}`], {
      env,
      timeout: 60_000,
    });
  } finally {
    done.abort();
    await ready.catch(() => {});
  }
}

test("the schema that func.yaml is held to is func's own", async () => {
  const folder = await downloadModule('knative.dev/func@v0.49.2', temp, new AbortController().signal);
  const ours = join(import.meta.dirname, '../fixtures/func-0.49.2/func_yaml-schema.json');
  expect(JSON.parse(readFileSync(ours, 'utf8'))).toEqual(
    JSON.parse(readFileSync(join(folder, 'schema/func_yaml-schema.json'), 'utf8')),
  );
});

describe.each(names)('func deploys %s as it is packaged', (name) => {
  let written: FuncYaml;
  let service: Manifest;
  beforeAll(async () => {
    const { folder } = await packageFunction(join(functions, name), join(temp, name));
    written = parse(readFileSync(join(folder, 'func.yaml'), 'utf8')) as FuncYaml;
    await makeNeeds(written);
    await runFunc(name, folder);
    service = await ask<Manifest>('GET', `${services}/${name}`);
  });
  const containerOf = (): Manifest['spec'] => service.spec.template.spec.containers[0];

  test('with its image by digest, identity, settings and bounds', () => {
    const { run, deploy: wanted } = written;
    const { metadata, spec } = service.spec.template;
    const container = containerOf();
    expect(container.image).toBe(`${registry.name}/lakewarden/${name}@${digest}`);
    expect(spec.serviceAccountName).toBe(wanted.serviceAccountName);
    expect(container.env).toEqual(expect.arrayContaining([...run.envs]));
    expect(container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath)).toEqual(
      run.volumes.map(({ path }) => path),
    );
    expect(spec.volumes).toHaveLength(run.volumes.length);
    const { scale, resources } = wanted.options;
    expect(metadata.annotations).toMatchObject({
      'autoscaling.knative.dev/min-scale': String(scale.min),
      'autoscaling.knative.dev/max-scale': String(scale.max),
      'autoscaling.knative.dev/metric': scale.metric,
      'autoscaling.knative.dev/target': scale.target.toFixed(6),
    });
    const { concurrency, ...limits } = resources.limits;
    expect(container.resources).toEqual({ requests: resources.requests, limits });
    expect(spec.containerConcurrency).toBe(concurrency);
  });

  test('with probes at its health endpoints, and with no more rights than it needs', () => {
    const { liveness, readiness } = written.deploy.healthEndpoints;
    const container = containerOf();
    expect(container.livenessProbe.httpGet.path).toBe(liveness);
    expect(container.readinessProbe.httpGet.path).toBe(readiness);
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });

  test("past Knative's own rules, without a warning", async () => {
    const { apiVersion, kind, spec, metadata } = service;
    const { name: called, labels, annotations } = metadata;
    const stored = { apiVersion, kind, metadata: { name: called, namespace, labels, annotations }, spec };
    expect(await admit(stringify(stored))).toMatchObject([{ judged: true, errors: [], warnings: [] }]);
  });

  test('as a pod that Pod Security "restricted" lets in', async () => {
    const { containers, volumes, serviceAccountName } = service.spec.template.spec;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${name}-pod`, namespace },
      spec: { containers: [{ ...containers[0], name: 'user-container' }], volumes, serviceAccountName },
    };
    // A probe of a pod needs a port, which Knative fills in.
    for (const probe of [pod.spec.containers[0].livenessProbe, pod.spec.containers[0].readinessProbe])
      probe.httpGet.port = 8080;
    await kubectl(['create', '--dry-run=server', '-f', '-'], JSON.stringify(pod));
    pod.spec.containers[0].securityContext = {};
    await expect(kubectl(['create', '--dry-run=server', '-f', '-'], JSON.stringify(pod))).rejects.toThrow(/restricted/);
  });

  test('with a Trigger for each of its subscriptions', async () => {
    const wanted = written.deploy.subscriptions ?? [];
    const path = `/apis/eventing.knative.dev/v1/namespaces/${namespace}/triggers`;
    const { items } = await ask<{ items: Manifest[] }>('GET', path);
    const made = items.filter(({ metadata }) => metadata.name.startsWith(`${name}-function-trigger-`));
    const said = made.map(({ spec }) => ({ source: spec.broker, filters: spec.filter.attributes }));
    // They are listed by name, 10 before 2.
    expect([said, said.length]).toEqual([expect.arrayContaining([...wanted]), wanted.length]);
    for (const { spec } of made) expect(spec.subscriber.ref).toMatchObject({ kind: 'Service', name });
  });
});
