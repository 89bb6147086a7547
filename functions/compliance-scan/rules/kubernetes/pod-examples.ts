import type { ExampleResource } from '../../model/rule.ts';
import type { Container, PodSpec } from './pod.ts';

/** A Deployment for examples, of one container and whatever else of a pod. */
export function deploymentOf(container: Partial<Container>, spec: PodSpec = {}): ExampleResource {
  const containers = [{ name: 'main', ...container }];
  return {
    kind: 'kubernetes.Deployment',
    name: 'trino',
    place: { cluster: 'main', namespace: 'lake' },
    body: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'trino', namespace: 'lake' },
      spec: { template: { spec: { containers, ...spec } } },
    },
  };
}

/** A pod for examples, with an owner or without. */
export function podWith(spec: PodSpec, metadata: object = {}): ExampleResource {
  return {
    kind: 'kubernetes.Pod',
    name: 'trino-0',
    place: { cluster: 'main', namespace: 'lake' },
    body: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'trino-0', namespace: 'lake', ...metadata },
      spec: { containers: [{ name: 'main' }], ...spec },
    },
  };
}

/** Any object for examples. */
export function objectOf(kind: string, name: string, body: object, namespace?: string): ExampleResource {
  const inside = namespace === undefined ? {} : { namespace };
  const [, word = kind] = kind.split('.');
  const { metadata = {}, ...rest } = body as { metadata?: object };
  return {
    kind,
    name,
    place: { cluster: 'main', ...inside },
    labels: (metadata as { labels?: Record<string, string> }).labels ?? {},
    body: { apiVersion: 'v1', kind: word, metadata: { name, ...inside, ...metadata }, ...rest },
  };
}
