import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { labelOf } from '../../model/resource.ts';
import { defineRule } from '../../model/rule.ts';
import { nameResource } from './name-resource.ts';
import { objectOf } from './pod-examples.ts';

const visibility = 'networking.knative.dev/visibility';

/** Functions that only events wake are reached from inside the cluster alone. */
export const functionsClusterLocal = defineRule<KubernetesObject>({
  id: 'kubernetes-functions-cluster-local',
  version: 1,
  title: 'Knative Services are reached from inside the cluster only',
  why: 'Without the label Knative gives every Service an address at the public gateway; whoever reaches it sends events to a function that works on the lake.',
  area: 'network',
  severity: 'medium',
  kinds: ['kubernetes.Service.serving.knative.dev'],
  remedy: `Label the Service ${visibility}=cluster-local, or waive the rule for what must be public.`,
  judge(resource) {
    const name = nameResource(resource);
    if (labelOf(resource, visibility) === 'cluster-local')
      return { status: 'pass', reason: `${name} is reached from inside the cluster only` };
    return { status: 'fail', reason: `${name} gets an address at the public gateway` };
  },
  examples: [
    { shows: 'the label', given: serviceOf({ [visibility]: 'cluster-local' }), status: 'pass' },
    { shows: 'no label', given: serviceOf({}), status: 'fail' },
  ],
});

function serviceOf(labels: Record<string, string>) {
  return objectOf('kubernetes.Service.serving.knative.dev', 'triage', { metadata: { labels } }, 'lake');
}
