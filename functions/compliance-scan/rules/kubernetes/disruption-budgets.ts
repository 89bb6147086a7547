import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule, type Need } from '../../model/rule.ts';
import { nameResource } from './name-resource.ts';
import { selects, type LabelSelector } from './network-policy.ts';
import { objectOf } from './pod-examples.ts';

interface StatefulSet extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } };
  };
}

const budgets: Need<LabelSelector> = {
  kind: 'kubernetes.PodDisruptionBudget',
  within: 'namespace',
  keys: ({ place }) => [place['namespace'] ?? ''],
  fact: ({ body }) => ((body as KubernetesObject).spec as { selector?: LabelSelector } | undefined)?.selector,
};

/** The maintenance of nodes cannot take all brokers, DataNodes or the like at once. */
export const disruptionBudgets = defineRule<KubernetesObject>({
  id: 'kubernetes-disruption-budgets',
  version: 1,
  title: 'Every StatefulSet of several pods has a disruption budget',
  why: 'Draining nodes for an update may stop all copies of a partition at the same time; a budget makes it wait.',
  area: 'durability',
  severity: 'low',
  kinds: ['kubernetes.StatefulSet'],
  remedy: 'Make a PodDisruptionBudget with maxUnavailable 1 that selects the pods.',
  needs: [budgets],
  trim: ({ body, ...resource }) => ({ ...resource, body: trimSet(body as StatefulSet) }),
  judge(resource, look) {
    const { spec } = resource.body as StatefulSet;
    const name = nameResource(resource);
    if ((spec?.replicas ?? 1) < 2) return { status: 'pass', reason: `${name} has one pod, which no budget can keep` };
    const labels = spec?.template?.metadata?.labels ?? {};
    const kept = look.related(budgets, resource.place['namespace'] ?? '').some((selector) => selects(selector, labels));
    return kept
      ? { status: 'pass', reason: `${name} has a disruption budget` }
      : { status: 'fail', reason: `${name} has no disruption budget` };
  },
  examples: [
    { shows: 'one pod', given: setOf(1), status: 'pass' },
    { shows: 'three pods', given: setOf(3), status: 'fail' },
    {
      shows: 'three pods with a budget',
      given: setOf(3),
      beside: [
        objectOf(
          'kubernetes.PodDisruptionBudget',
          'kafka',
          { spec: { selector: { matchLabels: { app: 'kafka' } } } },
          'lake',
        ),
      ],
      status: 'pass',
    },
  ],
});

function trimSet({ apiVersion, kind, metadata, spec }: StatefulSet): StatefulSet {
  const labels = spec?.template?.metadata?.labels ?? {};
  return {
    apiVersion,
    kind,
    metadata: { name: metadata.name },
    spec: { replicas: spec?.replicas ?? 1, template: { metadata: { labels } } },
  };
}

function setOf(replicas: number) {
  return objectOf(
    'kubernetes.StatefulSet',
    'kafka',
    { spec: { replicas, template: { metadata: { labels: { app: 'kafka' } } } } },
    'lake',
  );
}
