import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { labelOf, type Resource } from '../../model/resource.ts';
import { defineRule, type Need } from '../../model/rule.ts';
import { severities, type Judgement } from '../../model/verdict.ts';
import { nameResource } from './name-resource.ts';
import { judgeAdmitted, policyParameters } from './network-policy-not-open.ts';
import {
  admittedBy,
  isolatesIngress,
  selects,
  unite,
  type LabelSelector,
  type NetworkPolicy,
} from './network-policy.ts';
import { objectOf, podWith } from './pod-examples.ts';

/** A policy as far as it matters to pods. */
export interface PolicyFact {
  readonly name: string;
  readonly selector: LabelSelector;
  readonly policy: NetworkPolicy;
}

const namespaceOf = ({ place }: Resource): readonly string[] => [place['namespace'] ?? ''];

/** The policies of a namespace that keep anybody out. */
export const policiesNeeded: Need<PolicyFact> = {
  kind: 'kubernetes.NetworkPolicy',
  within: 'namespace',
  keys: namespaceOf,
  fact({ name, body }) {
    const { apiVersion, kind, spec } = body as NetworkPolicy;
    if (!isolatesIngress(body as NetworkPolicy)) return undefined;
    // Only what says whom it lets in, so that little is kept.
    const policy = { apiVersion, kind, metadata: { name }, spec: { ingress: spec?.ingress ?? [] } };
    return { name, selector: spec?.podSelector ?? {}, policy };
  },
};

/** Labels that differ between the copies of one pod. */
const ownLabels = new Set([
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'controller-revision-hash',
  'pod-template-generation',
]);

/** The labels of the pods of a namespace, as text; those in the network of their node are beyond all policies. */
export const podsNeeded: Need<string> = {
  kind: 'kubernetes.Pod',
  within: 'namespace',
  keys: namespaceOf,
  fact({ labels, body }) {
    const { hostNetwork } = ((body as KubernetesObject).spec ?? {}) as { hostNetwork?: boolean };
    return hostNetwork === true ? undefined : JSON.stringify(sharedLabels(labels ?? {}));
  },
};

function sharedLabels(labels: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(labels)
    .filter(([key]) => !ownLabels.has(key))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Every pod is kept by at least one policy, and all that keep it do not let in everybody together. */
export const podsHavePolicies = defineRule<KubernetesObject, typeof policyParameters>({
  id: 'kubernetes-pods-have-policies',
  version: 1,
  title: 'Every pod is kept by a NetworkPolicy',
  why: 'A pod that no policy selects can be reached from every other pod of the cluster, so one bad notebook reaches the metastore and Kafka.',
  area: 'network',
  severity: 'medium',
  kinds: ['kubernetes.Namespace'],
  controls: { 'cis-kubernetes-1.11': ['5.3.2'] },
  remedy:
    'Add a policy with an empty podSelector and policyTypes [Ingress] that lets nobody in, and one more for each way that is needed.',
  needs: [policiesNeeded, podsNeeded],
  parameters: policyParameters,
  trim: ({ body, ...resource }) => ({
    ...resource,
    body: { apiVersion: body.apiVersion, kind: body.kind, metadata: { name: resource.name } },
  }),
  judge(resource, look) {
    const policies = look.related(policiesNeeded, resource.name);
    const groups = [...new Set(look.related(podsNeeded, resource.name))].toSorted();
    const name = nameResource(resource);
    const bare: string[] = [];
    const open: Judgement[] = [];
    for (const group of groups) {
      const labels = Object.fromEntries(JSON.parse(group) as [string, string][]);
      const keeping = policies.filter(({ selector }) => selects(selector, labels));
      if (keeping.length === 0) bare.push(namePods(labels));
      if (keeping.length < 2) continue;
      const alone = keeping.map(({ policy }) => admittedBy(policy));
      const names = keeping.map((each) => each.name).toSorted();
      const says = `${name}: for ${namePods(labels)}, what ${names.join(' and ')} allow together`;
      const judged = judgeAdmitted(says, unite(...alone), look.parameters);
      // What one policy does alone is told of that policy.
      if (alone.every((one) => rankOf(judged) < rankOf(judgeAdmitted('', one, look.parameters)))) open.push(judged);
    }
    if (open[0] !== undefined) return worstOf(open);
    if (bare.length === 0) return { status: 'pass', reason: `${name}: every pod is kept by a policy` };
    const evidence = { pods: bare.toSorted().slice(0, 20), policies: policies.length };
    return {
      status: 'fail',
      reason: `${name}: no NetworkPolicy keeps ${bare.toSorted()[0] ?? ''}${more(bare.length)}`,
      evidence,
    };
  },
  examples: [
    {
      shows: 'a pod and no policy',
      given: objectOf('kubernetes.Namespace', 'lake', {}),
      beside: [podWith({})],
      status: 'fail',
    },
    {
      shows: 'a policy for the way out alone',
      given: objectOf('kubernetes.Namespace', 'lake', {}),
      beside: [
        podWith({}),
        objectOf('kubernetes.NetworkPolicy', 'out', { spec: { podSelector: {}, policyTypes: ['Egress'] } }, 'lake'),
      ],
      status: 'fail',
    },
    {
      shows: 'default deny',
      given: objectOf('kubernetes.Namespace', 'lake', {}),
      beside: [
        podWith({}),
        objectOf('kubernetes.NetworkPolicy', 'deny', { spec: { podSelector: {}, policyTypes: ['Ingress'] } }, 'lake'),
      ],
      status: 'pass',
    },
    { shows: 'no pods', given: objectOf('kubernetes.Namespace', 'lake', {}), status: 'pass' },
  ],
});

function worstOf(failures: readonly Judgement[]): Judgement {
  const [worst] = failures.toSorted((a, b) => rankOf(a) - rankOf(b));
  return { ...(worst as Judgement), severity: worst?.severity ?? 'high' };
}

/** Lower is worse; what is no failure comes last. */
function rankOf({ status, severity = 'high' }: Judgement): number {
  return status === 'fail' ? severities.indexOf(severity) : severities.length;
}

/** How people know pods: by the label that names their program. */
function namePods(labels: Readonly<Record<string, string>>): string {
  const resource = { labels } as unknown as Resource;
  const known = ['app.kubernetes.io/name', 'app', 'k8s-app']
    .map((key) => labelOf(resource, key))
    .find((text) => text !== undefined);
  return known === undefined ? 'pods without a name of their program' : `pods of ${known}`;
}

function more(count: number): string {
  return count < 2 ? '' : ` and ${count - 1} more`;
}
