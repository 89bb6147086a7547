import { describe, expect, test } from '@jest/globals';
import { Evaluation } from '#functions/compliance-scan/evaluate.ts';
import { normaliseObject } from '#functions/compliance-scan/inventory/kubernetes/normalise.ts';
import { kubernetesRules } from '#functions/compliance-scan/rules/kubernetes/kubernetes-rules.ts';
import type { Severity, Verdict } from '#functions/compliance-scan/model/verdict.ts';

/** Judges objects as a cluster lists them, by every rule with its usual parameters. */
function judge(objects: readonly object[]): Verdict[] {
  const active = kubernetesRules.map((rule) => ({
    rule,
    parameters: rule.parameters?.parse({}) ?? {},
    severity: rule.severity,
  }));
  const evaluation = new Evaluation(active, { now: 0, ownerOf: () => undefined });
  const verdicts: Verdict[] = [];
  for (const [index, object] of objects.entries()) {
    const { metadata, ...rest } = object as { metadata: object };
    const resource = normaliseObject(
      { ...rest, metadata: { uid: `uid-${index}`, ...metadata } },
      { cluster: 'main', scope: 's' },
    );
    if (resource === undefined) throw new Error('no object');
    verdicts.push(...evaluation.add(resource));
  }
  verdicts.push(...evaluation.finish());
  expect(verdicts.filter(({ status }) => status === 'error')).toEqual([]);
  return verdicts;
}

/** The severity with which a rule fails the first object; undefined when it passes. Throws when the rule says nothing of it. */
function severityOf(rule: string, objects: readonly object[]): Severity | 'unknown' | undefined {
  const verdict = judge(objects).find(
    (each) => each.rule === `kubernetes-${rule}` && each.resource.uid.endsWith('/uid-0'),
  );
  if (verdict === undefined) throw new Error(`${rule} says nothing of it`);
  if (verdict.status === 'unknown') return 'unknown';
  return verdict.status === 'fail' ? verdict.severity : undefined;
}

const inLake = (name: string, more: object = {}) => ({ name, namespace: 'lake', ...more });
const service = (spec: object, annotations: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: inLake('trino', { annotations }),
  spec,
});
const policy = (spec: object, name = 'p') => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: inLake(name),
  spec: { podSelector: {}, ...spec },
});
const from = (...peers: object[]) => policy({ policyTypes: ['Ingress'], ingress: [{ from: peers }] });
const block = (cidr: string, ...except: string[]) => ({
  ipBlock: { cidr, ...(except.length === 0 ? {} : { except }) },
});
const ingress = (spec: object) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: inLake('trino'),
  spec,
});
const rbac = 'rbac.authorization.k8s.io/v1';
const binding = (role: string, subject: object) => ({
  apiVersion: rbac,
  kind: 'ClusterRoleBinding',
  metadata: { name: 'b' },
  roleRef: { kind: 'ClusterRole', name: role },
  subjects: [subject],
});
const narrow = (role: string, subject: object) => ({
  ...binding(role, subject),
  kind: 'RoleBinding',
  metadata: inLake('b'),
});
const role = (rule: object, labels: object = {}) => ({
  apiVersion: rbac,
  kind: 'ClusterRole',
  metadata: { name: 'r', labels },
  rules: [rule],
});
const alice = { kind: 'User', name: 'alice' };
const group = (name: string) => ({ kind: 'Group', name });
const workload = (spec: object, container: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: inLake('trino'),
  spec: { template: { spec: { containers: [{ name: 'main', ...container }], ...spec } } },
});
const hardened = workload(
  {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  },
  {
    image: `registry.example.com/trino@sha256:${'a'.repeat(64)}`,
    resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  },
);
const owned = (managedFields: object[], more: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: inLake('d', { managedFields, ...more }),
  spec: {},
});
const fields = (manager: string, fieldsV1: object, more: object = {}) => ({
  manager,
  operation: 'Update',
  time: '2026-01-01T00:00:00Z',
  fieldsV1,
  ...more,
});
const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'lake' } };
const pod = (name: string, labels: object = {}, spec: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: inLake(name, { labels }),
  spec: { containers: [], ...spec },
});

describe('open Kubernetes objects that other scanners miss', () => {
  test.each<[string, string, Severity, readonly object[]]>([
    ['a load balancer without ranges', 'no-open-load-balancers', 'high', [service({ type: 'LoadBalancer' })]],
    [
      'ranges of the whole world',
      'no-open-load-balancers',
      'high',
      [service({ type: 'LoadBalancer', loadBalancerSourceRanges: ['0.0.0.0/0'] })],
    ],
    [
      'ranges of two halves',
      'no-open-load-balancers',
      'high',
      [service({ type: 'LoadBalancer', loadBalancerSourceRanges: ['0.0.0.0/1', '128.0.0.0/1'] })],
    ],
    [
      'ranges of IPv6 alone',
      'no-open-load-balancers',
      'high',
      [service({ type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8', '2000::/3'] })],
    ],
    [
      'one half only',
      'no-open-load-balancers',
      'medium',
      [service({ type: 'LoadBalancer', loadBalancerSourceRanges: ['0.0.0.0/1'] })],
    ],
    ['a NodePort', 'no-node-ports', 'medium', [service({ type: 'NodePort' })]],
    ['external addresses', 'no-external-ips', 'high', [service({ externalIPs: ['203.0.113.1'] })]],
    [
      'a policy with an empty rule',
      'network-policy-not-open',
      'high',
      [policy({ policyTypes: ['Ingress'], ingress: [{}] })],
    ],
    [
      'a policy with an empty list of peers',
      'network-policy-not-open',
      'high',
      [policy({ policyTypes: ['Ingress'], ingress: [{ from: [] }] })],
    ],
    ['a policy for the world', 'network-policy-not-open', 'high', [from(block('0.0.0.0/0'))]],
    ['a policy for two halves', 'network-policy-not-open', 'high', [from(block('0.0.0.0/1'), block('128.0.0.0/1'))]],
    ['a policy for all of IPv6', 'network-policy-not-open', 'high', [from(block('::/0'))]],
    [
      'a policy for the world but a corner',
      'network-policy-not-open',
      'high',
      [from(block('0.0.0.0/0', '198.51.100.0/24'))],
    ],
    ['a policy for every namespace', 'network-policy-not-open', 'medium', [from({ namespaceSelector: {} })]],
    [
      'a policy for every namespace that has a name',
      'network-policy-not-open',
      'medium',
      [from({ namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'Exists' }] } })],
    ],
    [
      'a policy for every namespace but one',
      'network-policy-not-open',
      'medium',
      [
        from({
          namespaceSelector: {
            matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['x'] }],
          },
        }),
      ],
    ],
    [
      'a service account under its name as a user is cluster-admin',
      'no-cluster-admins',
      'critical',
      [binding('cluster-admin', { kind: 'User', name: 'system:serviceaccount:lake:ci' })],
    ],
    [
      'a program beside those of Kubernetes is cluster-admin',
      'no-cluster-admins',
      'low',
      [binding('cluster-admin', { kind: 'ServiceAccount', name: 'tiller', namespace: 'kube-system' })],
    ],
    [
      'resizing by hand',
      'no-manual-changes',
      'medium',
      [owned([fields('kubectl-edit', { 'f:spec': { 'f:replicas': {} } }, { subresource: 'resize' })])],
    ],
    ['an Ingress without TLS', 'ingress-tls', 'high', [ingress({ rules: [{ host: 'a.example.com' }] })]],
    [
      'an Ingress with TLS for another host',
      'ingress-tls',
      'high',
      [ingress({ rules: [{ host: 'a.example.com' }], tls: [{ hosts: ['b.example.com'] }] })],
    ],
    [
      'a star two labels deep',
      'ingress-tls',
      'high',
      [ingress({ rules: [{ host: 'a.b.example.com' }], tls: [{ hosts: ['*.example.com'] }] })],
    ],
    ['a human who is cluster-admin', 'no-cluster-admins', 'critical', [binding('cluster-admin', alice)]],
    [
      'everybody with an account is cluster-admin',
      'no-anonymous-access',
      'critical',
      [binding('cluster-admin', group('system:authenticated'))],
    ],
    ['view for whoever asks', 'no-anonymous-access', 'critical', [binding('view', group('system:unauthenticated'))]],
    [
      'view for the anonymous user',
      'no-anonymous-access',
      'critical',
      [binding('view', { kind: 'User', name: 'system:anonymous' })],
    ],
    ['edit for all programs', 'no-anonymous-access', 'high', [binding('edit', group('system:serviceaccounts'))]],
    ['a role of stars', 'no-wildcard-roles', 'low', [role(everything)]],
    ['a role of stars that somebody has', 'no-wildcard-roles', 'critical', [role(everything), binding('r', alice)]],
    ['a role of stars in one namespace', 'no-wildcard-roles', 'medium', [role(everything), narrow('r', alice)]],
    ['escalate', 'no-escalating-roles', 'low', [role({ verbs: ['escalate'], apiGroups: ['*'], resources: ['*'] })]],
    [
      'bind, for a program',
      'no-escalating-roles',
      'high',
      [
        role({ verbs: ['bind'], apiGroups: [rbac.split('/')[0]], resources: ['clusterroles'] }),
        binding('r', { kind: 'ServiceAccount', name: 'ci', namespace: 'lake' }),
      ],
    ],
    ['the network of the node', 'no-host-namespaces', 'high', [workload({ hostNetwork: true })]],
    ['a port of the node', 'no-host-ports', 'medium', [workload({}, { ports: [{ hostPort: 80 }] })]],
    [
      'the disk of the node',
      'no-host-paths',
      'critical',
      [workload({ volumes: [{ name: 'v', hostPath: { path: '/' } }] })],
    ],
    [
      'the disk of the node by a detour',
      'no-host-paths',
      'critical',
      [workload({ volumes: [{ name: 'v', hostPath: { path: '/data/../etc' } }] })],
    ],
    [
      'a privileged container',
      'no-privileged-containers',
      'critical',
      [workload({}, { securityContext: { privileged: true } })],
    ],
    [
      'a privileged init container',
      'no-privileged-containers',
      'critical',
      [workload({ initContainers: [{ name: 'i', securityContext: { privileged: true } }] })],
    ],
    [
      'a privileged ephemeral container',
      'no-privileged-containers',
      'critical',
      [pod('x', {}, { ephemeralContainers: [{ name: 'e', securityContext: { privileged: true } }] })],
    ],
    [
      'kubectl edit',
      'no-manual-changes',
      'medium',
      [owned([fields('kubectl-edit', { 'f:spec': { 'f:replicas': {} } })])],
    ],
    [
      'a restart by hand',
      'no-manual-changes',
      'info',
      [
        owned([
          fields('kubectl-rollout', {
            'f:spec': {
              'f:template': {
                'f:metadata': { 'f:annotations': { '.': {}, 'f:kubectl.kubernetes.io/restartedAt': {} } },
              },
            },
          }),
        ]),
      ],
    ],
    [
      'unencrypted disks',
      'storage-encrypted',
      'medium',
      [
        {
          apiVersion: 'storage.k8s.io/v1',
          kind: 'StorageClass',
          metadata: { name: 'fast' },
          provisioner: 'ebs.csi.aws.com',
        },
      ],
    ],
    ['pods and no policy', 'pods-have-policies', 'medium', [namespace, pod('x')]],
    [
      'pods and a policy for the way out',
      'pods-have-policies',
      'medium',
      [namespace, pod('x'), policy({ policyTypes: ['Egress'] })],
    ],
    [
      'pods whose label the policy misspells',
      'pods-have-policies',
      'medium',
      [namespace, pod('x', { app: 'trino' }), policy({ podSelector: { matchLabels: { app: 'tirno' } } })],
    ],
    [
      'two policies that are the world together',
      'pods-have-policies',
      'high',
      [
        namespace,
        pod('x'),
        { ...from(block('0.0.0.0/1')), metadata: inLake('a') },
        { ...from(block('128.0.0.0/1')), metadata: inLake('b') },
      ],
    ],
    [
      'a policy that selects no pod',
      'network-policy-selects-pods',
      'low',
      [policy({ podSelector: { matchLabels: { app: 'tirno' } } }), pod('x', { app: 'trino' })],
    ],
    [
      'a role that gathers a dangerous one',
      'no-wildcard-roles',
      'critical',
      [
        {
          apiVersion: rbac,
          kind: 'ClusterRole',
          metadata: { name: 'all' },
          aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: 'all' } }] },
        },
        role(everything, { to: 'all' }),
        binding('all', alice),
      ],
    ],
  ])('%s: %s fails with severity %s', (_, rule, severity, objects) => {
    expect(severityOf(rule, objects)).toBe(severity);
  });
});

describe('closed Kubernetes objects that look open', () => {
  test.each<[string, string, readonly object[]]>([
    [
      'private ranges',
      'no-open-load-balancers',
      [service({ type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8'] })],
    ],
    [
      'an internal load balancer',
      'no-open-load-balancers',
      [service({ type: 'LoadBalancer' }, { 'networking.gke.io/load-balancer-type': 'Internal' })],
    ],
    [
      'ranges in the old annotation',
      'no-open-load-balancers',
      [service({ type: 'LoadBalancer' }, { 'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/8' })],
    ],
    ['a ClusterIP', 'no-open-load-balancers', [service({ type: 'ClusterIP' })]],
    ['default deny', 'network-policy-not-open', [policy({ policyTypes: ['Ingress'] })]],
    ['a private block with an exception', 'network-policy-not-open', [from(block('10.0.0.0/8', '10.9.0.0/16'))]],
    ['the same namespace', 'network-policy-not-open', [from({ podSelector: {} })]],
    [
      'some pods of every namespace',
      'network-policy-not-open',
      [from({ namespaceSelector: {}, podSelector: { matchLabels: { app: 'prometheus' } } })],
    ],
    ['a policy for the way out', 'network-policy-not-open', [policy({ policyTypes: ['Egress'], ingress: [{}] })]],
    [
      'TLS for the host',
      'ingress-tls',
      [ingress({ rules: [{ host: 'A.example.com' }], tls: [{ hosts: ['a.example.com'] }] })],
    ],
    [
      'TLS by a certificate of the cloud',
      'ingress-tls',
      [
        {
          ...ingress({ rules: [{ host: 'a.example.com' }] }),
          metadata: inLake('trino', { annotations: { 'alb.ingress.kubernetes.io/certificate-arn': 'arn' } }),
        },
      ],
    ],
    [
      'one namespace by its name',
      'network-policy-not-open',
      [from({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'jobs' } } })],
    ],
    [
      'the status by a controller',
      'no-manual-changes',
      [owned([fields('someone', { 'f:status': {} }, { subresource: 'status' })])],
    ],
    [
      'the scale by an autoscaler',
      'no-manual-changes',
      [owned([fields('keda', { 'f:spec': { 'f:replicas': {} } }, { subresource: 'scale' })])],
    ],
    [
      'encrypted disks',
      'storage-encrypted',
      [
        {
          apiVersion: 'storage.k8s.io/v1',
          kind: 'StorageClass',
          metadata: { name: 'fast' },
          provisioner: 'ebs.csi.aws.com',
          parameters: { encrypted: 'true' },
        },
      ],
    ],
    [
      'what comes with Kubernetes',
      'no-wildcard-roles',
      [
        {
          ...role(everything),
          metadata: { name: 'cluster-admin', labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } },
        },
      ],
    ],
    ['its own group of administrators', 'no-cluster-admins', [binding('cluster-admin', group('system:masters'))]],
    [
      'pods in the network of their node, which no policy keeps',
      'pods-have-policies',
      [namespace, pod('x', {}, { hostNetwork: true })],
    ],
    ['a role of stars on one thing by name', 'no-wildcard-roles', [role({ ...everything, resourceNames: ['one'] })]],
  ])('%s: %s passes', (_, rule, objects) => {
    expect(severityOf(rule, objects)).toBeUndefined();
  });

  test('a hardened Deployment passes every rule', () => {
    const withFields = {
      ...hardened,
      metadata: { ...hardened.metadata, managedFields: [fields('argocd-controller', { 'f:spec': {} })] },
    };
    expect(judge([withFields]).filter(({ status }) => status !== 'pass')).toEqual([]);
  });

  test('what a pod only repeats of its owner is told once', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'trino-1', controller: true };
    const copy = { ...pod('trino-1-x', { 'pod-template-hash': '1' }, { hostNetwork: true }) };
    const told = judge([{ ...copy, metadata: { ...copy.metadata, ownerReferences: [owner] } }]);
    expect(told.filter(({ rule, status }) => status === 'fail' && rule === 'kubernetes-no-host-namespaces')).toEqual(
      [],
    );
    const rollout = { ...copy.metadata, labels: { 'rollouts-pod-template-hash': '1' }, ownerReferences: [owner] };
    expect(severityOf('no-host-namespaces', [{ ...copy, metadata: rollout }])).toBe('high');
  });

  test('who changed an object is unknown where managedFields were taken away', () => {
    expect(severityOf('no-manual-changes', [owned([])])).toBe('unknown');
  });

  test('load balancers with ranges that nobody can read are unknown, unless they are open already', () => {
    const ranges = (...loadBalancerSourceRanges: string[]) => [
      service({ type: 'LoadBalancer', loadBalancerSourceRanges }),
    ];
    expect(severityOf('no-open-load-balancers', ranges('10.0.0.0/8', 'office'))).toBe('unknown');
    expect(severityOf('no-open-load-balancers', ranges('0.0.0.0/0', 'office'))).toBe('high');
  });

  test('no verdict shows a password', () => {
    const env = [{ name: 'DB_PASSWORD', value: 'hunter2' }];
    const args = ["--ServerApp.token=''", '--password=hunter2'];
    const data = { 'server.properties': 'allow.everyone.if.no.acl.found=true\npassword=hunter2' };
    const told = judge([
      workload({}, { env, args }),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: inLake('c'), data },
    ]);
    expect(told.some(({ rule, status }) => rule === 'kubernetes-no-secrets-in-env' && status === 'fail')).toBe(true);
    expect(JSON.stringify(told)).not.toContain('hunter2');
  });

  test.each([
    null,
    0,
    'text',
    [],
    {},
    [null],
    { template: null },
    { containers: [null] },
    { rules: [{ host: null }] },
    { ingress: 'all' },
  ])('a specification %j that is none is never fine: it passes nothing silently and breaks no other object', (spec) => {
    for (const kind of ['Service', 'Pod', 'ConfigMap', 'Namespace']) {
      const object = { apiVersion: 'v1', kind, metadata: inLake('x'), spec };
      const active = kubernetesRules.map((rule) => ({
        rule,
        parameters: rule.parameters?.parse({}) ?? {},
        severity: rule.severity,
      }));
      const evaluation = new Evaluation(active, { now: 0, ownerOf: () => undefined });
      const resource = normaliseObject(object, { cluster: 'main', scope: 's' });
      if (resource === undefined) throw new Error('no object');
      expect(() => [...evaluation.add(resource), ...evaluation.finish()]).not.toThrow();
    }
  });
});
