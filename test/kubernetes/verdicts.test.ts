import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Evaluation } from '#functions/compliance-scan/evaluate.ts';
import { openKubernetes } from '#functions/compliance-scan/inventory/kubernetes/open-kubernetes.ts';
import { kubernetesSettings } from '#functions/compliance-scan/inventory/kubernetes/settings.ts';
import { openManifests } from '#functions/compliance-scan/inventory/manifests/open-manifests.ts';
import { manifestsSettings } from '#functions/compliance-scan/inventory/manifests/settings.ts';
import type { Source } from '#functions/compliance-scan/inventory/source.ts';
import { kubernetesRules } from '#functions/compliance-scan/rules/kubernetes/kubernetes-rules.ts';
import { cluster, create, kubectl } from './admin.ts';

const suffix = randomBytes(4).toString('hex');
const namespace = `verdicts-${suffix}`;
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-manifests-'));
const metadata = (name: string, more: object = {}) => ({ name, namespace, ...more });
const roles = 'rbac.authorization.k8s.io/v1';

function podOf(container: object, spec: object = {}): object {
  return { containers: [{ name: 'main', image: 'dev.local/trino:476', ...container }], ...spec };
}

function workload(kind: string, name: string, spec: object): object {
  const labels = { app: name };
  const template = { metadata: { labels }, spec };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: metadata(name),
    spec: { selector: { matchLabels: labels }, template },
  };
}

const objects: readonly object[] = [
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata('open'),
    spec: { type: 'LoadBalancer', ports: [{ port: 8080 }], loadBalancerSourceRanges: ['0.0.0.0/1', '128.0.0.0/1'] },
  },
  { apiVersion: 'v1', kind: 'Service', metadata: metadata('closed'), spec: { ports: [{ port: 8080 }] } },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata('jupyter'),
    spec: { type: 'NodePort', ports: [{ port: 8888 }] },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata('everybody'),
    spec: { podSelector: {}, ingress: [{}] },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata('way-out'),
    spec: { podSelector: {}, policyTypes: ['Egress'] },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: metadata('bare'),
    spec: { defaultBackend: { service: { name: 'jupyter', port: { number: 8888 } } } },
  },
  workload('Deployment', 'privileged', podOf({ securityContext: { privileged: true } }, { hostNetwork: true })),
  workload(
    'StatefulSet',
    'kafka',
    podOf({
      env: [
        { name: 'ALLOW_PLAINTEXT_LISTENER', value: 'yes' },
        { name: 'DB_PASSWORD', value: 'example' },
      ],
    }),
  ),
  workload('DaemonSet', 'disk', podOf({}, { volumes: [{ name: 'root', hostPath: { path: '/' } }] })),
  {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: metadata('nightly'),
    spec: {
      schedule: '0 1 * * *',
      jobTemplate: { spec: { template: { spec: podOf({}, { restartPolicy: 'Never' }) } } },
    },
  },
  {
    apiVersion: roles,
    kind: 'Role',
    metadata: metadata('stars'),
    rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
  },
  {
    apiVersion: roles,
    kind: 'RoleBinding',
    metadata: metadata('stars'),
    roleRef: { apiGroup: roles.split('/')[0], kind: 'Role', name: 'stars' },
    subjects: [{ apiGroup: roles.split('/')[0], kind: 'User', name: 'alice' }],
  },
  {
    apiVersion: roles,
    kind: 'ClusterRoleBinding',
    metadata: { name: `admin-${suffix}` },
    roleRef: { apiGroup: roles.split('/')[0], kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: roles.split('/')[0], kind: 'User', name: 'alice' }],
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata('trino'),
    data: { 'config.properties': 'coordinator=true\nhttp-server.http.port=8080\n' },
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: `fast-${suffix}` },
    provisioner: 'ebs.csi.aws.com',
  },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata('default') },
];

beforeAll(async () => {
  const all = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, ...objects];
  await create(...all);
  writeFileSync(join(folder, 'all.yaml'), all.map((object) => `---\n${JSON.stringify(object)}\n`).join(''));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await kubectl(['delete', 'clusterrolebinding', `admin-${suffix}`]);
  await kubectl(['delete', 'storageclass', `fast-${suffix}`]);
  await kubectl(['delete', 'namespace', namespace, '--wait=false']);
});

/** What all rules say of the objects of this test that a source shows, one line each. */
async function judge(source: Source): Promise<string[]> {
  const signal = new AbortController().signal;
  const active = kubernetesRules.map((rule) => ({
    rule,
    parameters: rule.parameters?.parse({}) ?? {},
    severity: rule.severity,
  }));
  const evaluation = new Evaluation(active, { now: 0, ownerOf: () => undefined });
  const verdicts = [];
  for await (const scope of source.scopes(evaluation.kinds, signal))
    for await (const page of source.list(scope, signal))
      for (const resource of page) verdicts.push(...evaluation.add(resource));
  verdicts.push(...evaluation.finish());
  await source.close();
  return verdicts
    .filter(
      ({ resource, rule }) =>
        (resource.place['namespace'] ?? resource.name).includes(suffix) && rule !== 'kubernetes-no-manual-changes',
    )
    .map(({ rule, status, severity, reason }) => `${rule} ${status} ${severity}: ${reason}`)
    .toSorted();
}

describe('verdicts on a real cluster', () => {
  test('are those on the manifests that it was made from, whatever defaults the API server filled in', async () => {
    const { server, caFile, adminTokenFile } = cluster();
    const live = await judge(
      openKubernetes(kubernetesSettings.parse({ server, caFile, tokenFile: adminTokenFile, pageSize: 3 })),
    );
    const files = await judge(openManifests(manifestsSettings.parse({ folder })));
    expect(live).toEqual(files);
    expect(live.filter((line) => line.includes(' error '))).toEqual([]);
  });

  test('tell what is open', async () => {
    const told = await judge(openManifests(manifestsSettings.parse({ folder })));
    const failing = new Set(
      told.filter((line) => line.includes(' fail ')).map((line) => line.split(' ')[0]?.slice('kubernetes-'.length)),
    );
    for (const rule of [
      'no-open-load-balancers no-node-ports no-exposed-consoles network-policy-not-open ingress-tls no-privileged-containers',
      'no-host-namespaces no-host-paths lake-tools-ask-who lake-settings-ask-who no-secrets-in-env no-wildcard-roles',
      'no-cluster-admins storage-encrypted no-idle-tokens pod-security-labels',
    ].flatMap((rules) => rules.split(' ')))
      expect(failing).toContain(rule);
  });
});
