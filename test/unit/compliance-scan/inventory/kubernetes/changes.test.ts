import { describe, expect, test } from '@jest/globals';
import { readChanges } from '#functions/compliance-scan/inventory/kubernetes/changes.ts';
import type { CloudEventIn } from '#shared/host/cloud-event.ts';

// Shaped as Knative's ApiServerSource 1.23 really sent them.
const namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: 'probe1',
    uid: '24c01d43',
    resourceVersion: '519',
    labels: { 'kubernetes.io/metadata.name': 'probe1' },
  },
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Active' },
};
const policy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'open', namespace: 'default', uid: 'p1', resourceVersion: '600' },
  spec: { ingress: [{}] },
};
const target = { cluster: 'main' };

function eventOf(type: string, data: unknown, extensions: Record<string, string> = {}): CloudEventIn {
  const source = 'https://10.96.0.1:443';
  return {
    id: crypto.randomUUID(),
    source,
    type: `dev.knative.apiserver.${type}`,
    specversion: '1.0',
    extensions,
    data,
  };
}

describe('events of the ApiServerSource', () => {
  test('carry the object as a listing shows it, also with the empty namespace of cluster-scoped objects', () => {
    const [change] =
      readChanges(eventOf('resource.add', namespace, { namespace: '', name: 'probe1', kind: 'Namespace' }), target) ??
      [];
    expect(change).toMatchObject({
      reference: {
        kind: 'kubernetes.Namespace',
        scope: 'kubernetes/main/*/Namespace',
        name: 'probe1',
        place: { cluster: 'main' },
      },
      deleted: false,
      happening: 'kubernetes/add',
    });
    expect(change?.resource).toMatchObject({ uid: 'kubernetes/main/Namespace/24c01d43', version: '519' });
    expect(change?.resource?.body).not.toHaveProperty('status');
  });

  test('twice say the same thing twice', () => {
    const first = readChanges(eventOf('resource.update', policy), target);
    expect(readChanges(eventOf('resource.update', policy), target)).toEqual(first);
  });

  test('name what is gone by its uid', () => {
    const [change] = readChanges(eventOf('resource.delete', policy), target) ?? [];
    expect(change).toMatchObject({ deleted: true, reference: { uid: 'kubernetes/main/NetworkPolicy/p1' } });
    expect(change).not.toHaveProperty('resource');
  });

  test('of references name the object, which is then read', () => {
    const data = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', name: 'open', namespace: 'default' };
    expect(readChanges(eventOf('ref.update', data), target)).toEqual([
      {
        reference: {
          kind: 'kubernetes.NetworkPolicy',
          scope: 'kubernetes/main/*/NetworkPolicy',
          name: 'open',
          place: { cluster: 'main', namespace: 'default' },
        },
        deleted: false,
        happening: 'kubernetes/update',
      },
    ]);
  });

  test('of Secrets lose their data', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'lake', uid: '1' },
      data: { password: 'hunter2' },
    };
    expect(JSON.stringify(readChanges(eventOf('resource.update', secret), target))).not.toContain('hunter2');
  });

  test('of another version are read again, and of another kind of the same name are not mixed up', () => {
    const old = {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h', namespace: 'lake', uid: '1' },
    };
    expect(readChanges(eventOf('resource.update', old), target)?.[0]).not.toHaveProperty('resource');
    const knative = {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Service',
      metadata: { name: 'f', namespace: 'lake', uid: '1' },
    };
    expect(readChanges(eventOf('resource.add', knative), target)?.[0]?.reference.kind).toBe(
      'kubernetes.Service.serving.knative.dev',
    );
  });

  test('of leases and events of the cluster change nothing', () => {
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'node-1', namespace: 'kube-node-lease' },
    };
    expect(readChanges(eventOf('resource.update', lease), target)).toEqual([]);
    expect(
      readChanges(eventOf('ref.update', { apiVersion: 'v1', kind: 'Event', name: 'e', namespace: 'lake' }), target),
    ).toEqual([]);
  });

  test('of other clusters, other namespaces and other types are left alone', () => {
    expect(
      readChanges(eventOf('resource.add', policy), { ...target, eventSource: 'https://elsewhere' }),
    ).toBeUndefined();
    expect(readChanges(eventOf('resource.add', policy), { ...target, namespaces: ['lake'] })).toEqual([]);
    expect(
      readChanges({ ...eventOf('resource.add', policy), type: 'dev.knative.sources.ping' }, target),
    ).toBeUndefined();
  });

  test.each([
    undefined,
    null,
    'text',
    7,
    [],
    {},
    { metadata: null },
    { kind: 1, apiVersion: [], metadata: { name: {} } },
  ])('with broken data %j change nothing, and throw nothing', (data) => {
    expect(readChanges(eventOf('resource.add', data), target)).toEqual([]);
  });

  test('in a namespace that is listed by itself belong to its listing', () => {
    const [change] = readChanges(eventOf('resource.add', policy), { ...target, namespaces: ['default'] }) ?? [];
    expect(change?.reference.scope).toBe('kubernetes/main/default/NetworkPolicy');
  });
});
