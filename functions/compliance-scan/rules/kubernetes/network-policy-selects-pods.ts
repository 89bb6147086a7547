import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { nameResource } from './name-resource.ts';
import { isEmpty, selects, type NetworkPolicy } from './network-policy.ts';
import { podsNeeded } from './pods-have-policies.ts';
import { objectOf, podWith } from './pod-examples.ts';

/** A NetworkPolicy selects some pod: one with a misspelt label protects nothing. */
export const networkPolicySelectsPods = defineRule<KubernetesObject>({
  id: 'kubernetes-network-policy-selects-pods',
  version: 1,
  title: 'Every NetworkPolicy selects some pod',
  why: 'A policy whose labels fit no pod protects nothing, while its author believes that it does.',
  area: 'network',
  severity: 'low',
  kinds: ['kubernetes.NetworkPolicy'],
  remedy: 'Correct spec.podSelector to the labels of the pods, or remove the policy.',
  needs: [podsNeeded],
  trim: ({ body, ...resource }) => ({
    ...resource,
    body: {
      apiVersion: body.apiVersion,
      kind: body.kind,
      metadata: { name: resource.name },
      spec: { podSelector: (body as NetworkPolicy).spec?.podSelector },
    },
  }),
  judge(resource, look) {
    const selector = (resource.body as NetworkPolicy).spec?.podSelector ?? {};
    const name = nameResource(resource);
    if (isEmpty(selector)) return { status: 'pass', reason: `${name} selects all pods of its namespace` };
    const groups = new Set(look.related(podsNeeded, resource.place['namespace'] ?? ''));
    for (const group of groups) {
      const labels = Object.fromEntries(JSON.parse(group) as [string, string][]);
      if (selects(selector, labels)) return { status: 'pass', reason: `${name} selects pods` };
    }
    return { status: 'fail', reason: `${name} selects no pod` };
  },
  examples: [
    { shows: 'labels of a pod', given: policyOf({ app: 'trino' }), beside: [trinoPod()], status: 'pass' },
    { shows: 'labels of no pod', given: policyOf({ app: 'tirno' }), beside: [trinoPod()], status: 'fail' },
  ],
});

function policyOf(matchLabels: Record<string, string>) {
  return objectOf(
    'kubernetes.NetworkPolicy',
    'trino',
    { spec: { podSelector: { matchLabels }, policyTypes: ['Ingress'] } },
    'lake',
  );
}

function trinoPod() {
  return { ...podWith({}), labels: { app: 'trino' } };
}
