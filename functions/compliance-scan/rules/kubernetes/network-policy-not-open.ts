import { z } from 'zod';
import { readAddresses } from '../../address/address-set.ts';
import { exposureOf, isOpen } from '../../address/exposure.ts';
import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import type { Judgement } from '../../model/verdict.ts';
import { nameResource } from './name-resource.ts';
import { admittedBy, isolatesIngress, type Admitted, type NetworkPolicy } from './network-policy.ts';
import { objectOf } from './pod-examples.ts';

/** Parameters of rules about whom policies let in. */
export const policyParameters = z.strictObject({
  partners: z.array(z.string()).default([]).describe('address blocks of partners, whose access opens nothing'),
  widePrefix: z
    .int()
    .min(0)
    .max(32)
    .default(8)
    .describe('more public addresses than one block of this prefix length are open'),
});

/** No NetworkPolicy lets in everybody: all its rules are taken together. */
export const networkPolicyNotOpen = defineRule<KubernetesObject, typeof policyParameters>({
  id: 'kubernetes-network-policy-not-open',
  version: 1,
  title: 'No NetworkPolicy lets in everybody',
  why: 'Policies only ever add: one that lets in everybody undoes all others for the pods that it selects, and looks like protection.',
  area: 'network',
  severity: 'high',
  kinds: ['kubernetes.NetworkPolicy'],
  controls: { 'cis-kubernetes-1.11': ['5.3.2'] },
  remedy: 'Name in spec.ingress.from the pods, namespaces and addresses that need to come in.',
  parameters: policyParameters,
  judge(resource, look) {
    const policy = resource.body as NetworkPolicy;
    const name = nameResource(resource);
    if (!isolatesIngress(policy))
      return { status: 'pass', exposure: 'none', reason: `${name} lets nobody in; it is about the way out only` };
    return judgeAdmitted(name, admittedBy(policy), look.parameters);
  },
  examples: [
    { shows: 'default deny', given: policyOf([]), status: 'pass' },
    { shows: 'pods of the same namespace', given: policyOf([{ from: [{ podSelector: {} }] }]), status: 'pass' },
    {
      shows: 'a private block but a part',
      given: policyOf([{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }]),
      status: 'pass',
    },
    { shows: 'a rule that names nobody', given: policyOf([{}]), status: 'fail' },
    { shows: 'an empty list of peers', given: policyOf([{ from: [] }]), status: 'fail' },
    {
      shows: 'two halves of the world',
      given: policyOf([
        { from: [{ ipBlock: { cidr: '0.0.0.0/1' } }] },
        { from: [{ ipBlock: { cidr: '128.0.0.0/1' } }] },
      ]),
      status: 'fail',
    },
    { shows: 'pods of every namespace', given: policyOf([{ from: [{ namespaceSelector: {} }] }]), status: 'fail' },
  ],
});

/** What is to be said of whom policies let in; `name` begins the sentence. */
export function judgeAdmitted(name: string, admitted: Admitted, given: z.output<typeof policyParameters>): Judgement {
  if (admitted.anybody)
    return { status: 'fail', exposure: 'world', reason: `${name} lets in everybody by a rule that names nobody` };
  const exposure = exposureOf(admitted.addresses, {
    partners: readAddresses(given.partners).set,
    widePrefix: given.widePrefix,
  });
  if (exposure === 'world')
    return { status: 'fail', exposure, reason: `${name} lets in all addresses of the internet` };
  if (admitted.unread.length > 0)
    return {
      status: 'unknown',
      exposure: 'unknown',
      reason: `${name} names blocks that are no addresses: ${admitted.unread.toSorted().join(', ')}`,
    };
  if (isOpen(exposure))
    return { status: 'fail', severity: 'medium', exposure, reason: `${name} lets in a wide part of the internet` };
  if (admitted.allNamespaces)
    return {
      status: 'fail',
      severity: 'medium',
      exposure,
      reason: `${name} lets in the pods of every namespace, or nearly`,
    };
  return { status: 'pass', exposure, reason: `${name} lets in nobody that it does not name` };
}

function policyOf(ingress: readonly unknown[]) {
  return objectOf(
    'kubernetes.NetworkPolicy',
    'trino',
    { spec: { podSelector: {}, policyTypes: ['Ingress'], ingress } },
    'lake',
  );
}
