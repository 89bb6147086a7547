import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

// Stands for an API server with as many Deployments and Pods as it is told; prints its address. In a process of its own, so that its work is not counted.

const deployments = Number(process.argv[2] ?? 0);
const pods = Number(process.argv[3] ?? 0);

const labelsOf = (index: number) => ({
  'app.kubernetes.io/name': `app-${index % 500}`,
  'app.kubernetes.io/part-of': 'lake',
  ...(index % 3 === 0 ? {} : { owner: `team-${index % 20}` }),
});

function metadataOf(name: string, index: number) {
  const entry = {
    manager: 'argocd-controller',
    operation: 'Apply',
    apiVersion: 'apps/v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
  };
  const owned = {
    'f:metadata': { 'f:labels': { 'f:app.kubernetes.io/name': {}, 'f:owner': {} } },
    'f:spec': { 'f:replicas': {}, 'f:selector': {} },
  };
  return {
    name,
    namespace: `team-${index % 40}`,
    uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    resourceVersion: String(1_000_000 + index),
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: labelsOf(index),
    managedFields: [{ ...entry, fieldsV1: owned }],
  };
}

const containers = [
  {
    name: 'main',
    image: `registry.example.com/lake/service@sha256:${'a'.repeat(64)}`,
    args: ['--config', '/etc/service/config.yaml'],
    env: [
      { name: 'REGION', value: 'eu' },
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'service', key: 'password' } } },
    ],
    ports: [{ containerPort: 8080, protocol: 'TCP' }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  },
];
const podSpec = {
  containers,
  serviceAccountName: 'service',
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
};

function deploymentAt(index: number): object {
  const labels = { 'app.kubernetes.io/name': `app-${index % 500}` };
  const spec = { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec } };
  const conditions = [
    {
      type: 'Available',
      status: 'True',
      lastUpdateTime: '2026-01-01T00:00:00Z',
      reason: 'MinimumReplicasAvailable',
      message: 'Deployment has minimum availability.',
    },
  ];
  return { metadata: metadataOf(`app-${index}`, index), spec, status: { replicas: 2, readyReplicas: 2, conditions } };
}

function podAt(index: number): object {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `app-${index}`, uid: 'x', controller: true };
  const metadata = metadataOf(`app-${index}-x`, index);
  return {
    metadata: { ...metadata, labels: { ...metadata.labels, 'pod-template-hash': 'x' }, ownerReferences: [owner] },
    spec: podSpec,
    status: { phase: 'Running' },
  };
}

function answerList(
  response: ServerResponse,
  url: URL,
  kind: string,
  count: number,
  at: (index: number) => object,
): void {
  const from = Number(url.searchParams.get('continue') ?? 0);
  const to = Math.min(count, from + (Number(url.searchParams.get('limit')) || count));
  const items = Array.from({ length: to - from }, (_, index) => at(from + index));
  const metadata = { resourceVersion: '1', ...(to < count ? { continue: String(to) } : {}) };
  response.end(JSON.stringify({ kind, apiVersion: 'v1', metadata, items }));
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  response.setHeader('content-type', 'application/json');
  if (url.pathname === '/apis/apps/v1/deployments')
    answerList(response, url, 'DeploymentList', deployments, deploymentAt);
  else if (url.pathname === '/api/v1/pods') answerList(response, url, 'PodList', pods, podAt);
  else if (url.pathname.split('/').length > 3 && !url.pathname.includes('knative'))
    answerList(response, url, 'List', 0, podAt);
  else {
    response.statusCode = 404;
    response.end('{}');
  }
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
