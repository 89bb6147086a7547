import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule, type Need } from '../../model/rule.ts';
import { nameResource } from './name-resource.ts';
import { objectOf } from './pod-examples.ts';

interface Delivered extends KubernetesObject {
  readonly spec?: { readonly broker?: string; readonly delivery?: { readonly deadLetterSink?: unknown } };
}

const brokers: Need<true> = {
  kind: 'kubernetes.Broker.eventing.knative.dev',
  within: 'namespace',
  keys: ({ name, place }) => [`${place['namespace'] ?? ''}/${name}`],
  fact: ({ body }) => ((body as Delivered).spec?.delivery?.deadLetterSink ? true : undefined),
};

/** An event that a function refuses is kept somewhere. */
export const triggersKeepFailures = defineRule<KubernetesObject>({
  id: 'kubernetes-triggers-keep-failures',
  version: 1,
  title: "Every Trigger has a dead letter sink, its own or its Broker's",
  why: 'Knative drops an event that was refused with a 4xx, or that failed at every retry, without a word.',
  area: 'durability',
  severity: 'medium',
  kinds: ['kubernetes.Trigger.eventing.knative.dev'],
  remedy: 'Set spec.delivery.deadLetterSink of the Trigger or of its Broker.',
  needs: [brokers],
  judge(resource, look) {
    const { spec } = resource.body as Delivered;
    const name = nameResource(resource);
    if (spec?.delivery?.deadLetterSink) return { status: 'pass', reason: `${name} has a dead letter sink` };
    const broker = spec?.broker ?? 'default';
    if (look.related(brokers, `${resource.place['namespace'] ?? ''}/${broker}`).length > 0)
      return { status: 'pass', reason: `${name} has the dead letter sink of Broker ${broker}` };
    return { status: 'fail', reason: `${name} drops events that are refused`, evidence: { broker } };
  },
  examples: [
    { shows: 'a sink', given: triggerOf({ delivery: { deadLetterSink: { uri: 'http://sink' } } }), status: 'pass' },
    { shows: 'none', given: triggerOf({}), status: 'fail' },
    {
      shows: "its Broker's sink",
      given: triggerOf({}),
      beside: [
        objectOf(
          'kubernetes.Broker.eventing.knative.dev',
          'lake',
          { spec: { delivery: { deadLetterSink: { uri: 'http://sink' } } } },
          'lake',
        ),
      ],
      status: 'pass',
    },
  ],
});

function triggerOf(spec: object) {
  return objectOf('kubernetes.Trigger.eventing.knative.dev', 'triage', { spec: { broker: 'lake', ...spec } }, 'lake');
}
