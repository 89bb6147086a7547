import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { functionNames, ofKind, readFolder, readManifests, repository, type With } from '../../support/manifests.ts';

interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly resources: { readonly requests: object; readonly limits: object };
  readonly livenessProbe: { readonly httpGet: { readonly path: string } };
  readonly readinessProbe: { readonly httpGet: { readonly path: string } };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly: boolean }[];
}

interface ServiceSpec {
  readonly template: {
    readonly metadata: { readonly annotations: Readonly<Record<string, string>>; readonly labels: object };
    readonly spec: {
      readonly serviceAccountName: string;
      readonly automountServiceAccountToken?: boolean;
      readonly containerConcurrency: number;
      readonly timeoutSeconds: number;
      readonly responseStartTimeoutSeconds: number;
      readonly containers: readonly [Container];
      readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[];
    };
  };
}

interface FuncYaml {
  readonly run: {
    readonly volumes: readonly { readonly configMap?: string; readonly path: string }[];
    readonly envs: readonly { readonly name: string; readonly value: string }[];
  };
  readonly deploy: {
    readonly serviceAccountName: string;
    readonly healthEndpoints: { readonly liveness: string; readonly readiness: string };
    readonly options: {
      readonly scale: { readonly min: number; readonly max: number; readonly metric: string; readonly target: number };
      readonly resources: { readonly requests: object; readonly limits: { readonly concurrency: number } };
    };
  };
}

interface Role {
  readonly rules: readonly { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }[];
}

const scaling = 'autoscaling.knative.dev/';

describe.each(functionNames)('the Service of %s', (name) => {
  const [service]: With<ServiceSpec>[] = ofKind(readFolder(`base/${name}`), 'Service');
  const { metadata, spec } = (service as NonNullable<typeof service>).spec.template;
  const func = parse(readFileSync(join(repository, 'functions', name, 'func.yaml'), 'utf8')) as FuncYaml;
  const [container] = spec.containers;

  test('says what func.yaml says', () => {
    const { deploy, run } = func;
    const { scale, resources } = deploy.options;
    const { concurrency, ...limits } = resources.limits;
    expect({ ...container.resources }).toEqual({ requests: resources.requests, limits });
    expect(spec.containerConcurrency).toBe(concurrency);
    expect(metadata.annotations).toEqual({
      [`${scaling}metric`]: scale.metric,
      [`${scaling}target`]: String(scale.target),
      [`${scaling}min-scale`]: String(scale.min),
      [`${scaling}max-scale`]: String(scale.max),
    });
    expect(container.env).toEqual(run.envs);
    expect(spec.serviceAccountName).toBe(deploy.serviceAccountName);
    expect(container.livenessProbe.httpGet.path).toBe(deploy.healthEndpoints.liveness);
    expect(container.readinessProbe.httpGet.path).toBe(deploy.healthEndpoints.readiness);
    const mounted = spec.volumes.flatMap(({ name: volume, configMap }) =>
      configMap === undefined
        ? []
        : [{ configMap: configMap.name, path: container.volumeMounts.find((one) => one.name === volume)?.mountPath }],
    );
    expect(mounted).toEqual(run.volumes.filter(({ configMap }) => configMap !== undefined));
  });

  test('gives a run the time that Knative allows, mounts nothing to be written to, and names its own image', () => {
    expect([spec.timeoutSeconds, spec.responseStartTimeoutSeconds]).toEqual([600, 600]);
    for (const { readOnly } of container.volumeMounts) expect(readOnly).toBe(true);
    expect(container.image).toBe(`registry.example/lakewarden/${name}`);
  });

  test('carries a token only where the API server is asked', () => {
    const account = readFolder(`base/${name}`).find(({ kind }) => kind === 'ServiceAccount');
    // Knative takes no `true` in a Service.
    const own = name === 'compliance-scan' ? undefined : false;
    expect(spec.automountServiceAccountToken).toBe(own);
    expect(account?.['automountServiceAccountToken']).toBe(own ?? true);
    expect(account?.metadata.name).toBe(spec.serviceAccountName);
  });
});

describe('rights', () => {
  const roleOf = (folder: string): Role => {
    const role: unknown = readFolder(folder).find(({ kind }) => kind === 'ClusterRole');
    return role as Role;
  };
  const rights = readManifests(
    readFileSync(join(repository, 'functions/compliance-scan/kubernetes-rights.yaml'), 'utf8'),
  ) as unknown as Role[];

  test('of compliance-scan are those of kubernetes-rights.yaml; those to Secrets are a component', () => {
    expect(roleOf('base/compliance-scan')).toEqual(rights[0]);
    expect(roleOf('components/secret-metadata')).toEqual(rights[1]);
  });

  test('of the source of changes are exactly those to watch what it names', () => {
    const eventing = readFolder('base/eventing');
    const [source]: With<{ mode: string; resources: { apiVersion: string; kind: string }[] }>[] = ofKind(
      eventing,
      'ApiServerSource',
    );
    const watched = source?.spec.resources.map(({ apiVersion, kind }) => {
      const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
      const plural = kind.toLowerCase().replace(/s$/, 'se').replace(/y$/, 'ie');
      return `${group}/${plural}s`;
    });
    const { rules } = roleOf('base/eventing');
    const given = rules.flatMap(({ apiGroups, resources }) => resources.map((one) => `${apiGroups.join()}/${one}`));
    expect(given.toSorted()).toEqual(watched?.toSorted());
    for (const { verbs } of rules) expect(verbs).toEqual(['get', 'list', 'watch']);
    expect(source?.spec.mode).toBe('Reference');
    expect(given.filter((one) => /secrets|configmaps|pods/.test(one))).toEqual([]);
  });

  test('no other function has any', () => {
    for (const name of functionNames.filter((one) => one !== 'compliance-scan'))
      expect(readFolder(`base/${name}`).filter(({ kind }) => /Role/.test(kind))).toEqual([]);
  });
});

test('what Knative makes of Services is not watched: a scan would wake itself', () => {
  const [source]: With<{ resources: { apiVersion: string; kind: string; selector?: object }[] }>[] = ofKind(
    readFolder('base/eventing'),
    'ApiServerSource',
  );
  const made = source?.spec.resources.filter(
    ({ apiVersion, kind }) => ['v1', 'apps/v1'].includes(apiVersion) && ['Deployment', 'Service'].includes(kind),
  );
  expect(made).toHaveLength(2);
  for (const { selector } of made ?? [])
    expect(selector).toEqual({ matchExpressions: [{ key: 'serving.knative.dev/service', operator: 'DoesNotExist' }] });
});

test('no bell rings for a topic whose letters are events: each would become a letter again', () => {
  const eventing = readFolder('base/eventing');
  const settings = parse(readFileSync(join(repository, 'manifests/base/dead-letter-triage/settings.yaml'), 'utf8')) as {
    topics: string[];
    knativeLetters: { topic: string };
  };
  const own = [settings.knativeLetters.topic, ...ofKind(eventing, 'KafkaSink').map(({ spec }) => spec.topic as string)];
  expect(settings.topics).toEqual(expect.arrayContaining(own));
  for (const { spec } of ofKind(eventing, 'KafkaSource'))
    expect((spec.topics as string[]).filter((topic) => own.includes(topic))).toEqual([]);
});

test('letters of triage outlive what is deployed: Knative deletes topics that it made', () => {
  const sinks = [...readFolder('base/eventing'), ...readFolder('overlays/production')].filter(
    ({ kind }) => kind === 'KafkaSink',
  );
  expect(sinks).toHaveLength(2);
  for (const { spec } of sinks) expect(spec).not.toHaveProperty('numPartitions');
});
