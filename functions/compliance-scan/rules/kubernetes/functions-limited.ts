import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { nameResource } from './name-resource.ts';
import { objectOf } from './pod-examples.ts';

interface KnativeService extends KubernetesObject {
  readonly spec?: {
    readonly template?: { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } };
  };
}

/** A function cannot grow without end. */
export const functionsLimited = defineRule<KubernetesObject>({
  id: 'kubernetes-functions-limited',
  version: 1,
  title: 'Knative Services have a largest scale',
  why: 'A storm of events makes as many pods as the cluster takes, and as many connections to the metastore and Kafka.',
  area: 'durability',
  severity: 'low',
  kinds: ['kubernetes.Service.serving.knative.dev'],
  remedy: 'Set the annotation autoscaling.knative.dev/max-scale of spec.template to a number above 0.',
  judge(resource) {
    const annotations = (resource.body as KnativeService).spec?.template?.metadata?.annotations ?? {};
    const said = annotations['autoscaling.knative.dev/max-scale'] ?? annotations['autoscaling.knative.dev/maxScale'];
    const name = nameResource(resource);
    // 0 means no limit: knative.dev/serving, docs of autoscaling.
    if (Number(said ?? 0) > 0) return { status: 'pass', reason: `${name} grows to ${Number(said)} pods at most` };
    return { status: 'fail', reason: `${name} grows without a limit` };
  },
  examples: [
    { shows: 'ten pods', given: serviceOf('10'), status: 'pass' },
    { shows: 'no limit', given: serviceOf('0'), status: 'fail' },
    { shows: 'nothing said', given: serviceOf(), status: 'fail' },
  ],
});

function serviceOf(scale?: string) {
  const annotations = scale === undefined ? {} : { 'autoscaling.knative.dev/max-scale': scale };
  return objectOf(
    'kubernetes.Service.serving.knative.dev',
    'triage',
    { spec: { template: { metadata: { annotations } } } },
    'lake',
  );
}
