import { z } from 'zod';
import { readAddresses } from '../../address/address-set.ts';
import { exposureOf, isOpen } from '../../address/exposure.ts';
import type { KubernetesObject } from '../../inventory/kubernetes/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import type { Judgement } from '../../model/verdict.ts';
import { nameResource } from './name-resource.ts';
import { objectOf } from './pod-examples.ts';
import { portsOf, type Service } from './service.ts';

const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** What clouds read to give a load balancer an address of the inner network only: reference, networking, internal load balancer. */
const internal: readonly (readonly [string, RegExp])[] = [
  ['service.beta.kubernetes.io/aws-load-balancer-scheme', /^internal$/i],
  ['service.beta.kubernetes.io/aws-load-balancer-internal', /^(?:true|0\.0\.0\.0\/0)$/i],
  ['service.beta.kubernetes.io/azure-load-balancer-internal', /^true$/i],
  ['networking.gke.io/load-balancer-type', /^internal$/i],
  ['cloud.google.com/load-balancer-type', /^internal$/i],
  ['service.beta.kubernetes.io/openstack-internal-load-balancer', /^true$/i],
  ['service.beta.kubernetes.io/oci-load-balancer-internal', /^true$/i],
  ['service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type', /^private$/i],
  ['service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type', /^intranet$/i],
];

const parameters = z.strictObject({
  partners: z.array(z.string()).default([]).describe('address blocks of partners, whose access opens nothing'),
  widePrefix: z
    .int()
    .min(0)
    .max(32)
    .default(8)
    .describe('more public addresses than one block of this prefix length are an open load balancer'),
});

/** Load balancers let in known addresses only: the union of their ranges is judged, not each by itself. */
export const noOpenLoadBalancers = defineRule<KubernetesObject, typeof parameters>({
  id: 'kubernetes-no-open-load-balancers',
  version: 1,
  title: 'Load balancers let in known addresses only',
  why: 'A Service of type LoadBalancer gets a public address at most clouds, and without ranges the whole internet may speak to what is behind it.',
  area: 'network',
  severity: 'high',
  kinds: ['kubernetes.Service'],
  remedy:
    'List the addresses that may come in spec.loadBalancerSourceRanges, or ask the cloud for an internal load balancer by its annotation.',
  parameters,
  judge(resource, look) {
    const { spec, metadata } = resource.body as Service;
    const name = nameResource(resource);
    if (spec?.type !== 'LoadBalancer')
      return { status: 'pass', exposure: 'none', reason: `${name} is no load balancer` };
    const annotations = metadata.annotations ?? {};
    const inner = internal.find(([key, wanted]) => wanted.test(annotations[key] ?? ''));
    if (inner !== undefined)
      return { status: 'pass', exposure: 'private', reason: `${name} is an internal load balancer` };
    const listed = spec.loadBalancerSourceRanges ?? [];
    // Kubernetes looks at the annotation only where the field is empty.
    const ranges =
      listed.length > 0
        ? listed
        : (annotations[rangesAnnotation] ?? '').split(',').filter((text) => text.trim() !== '');
    return judgeRanges(name, ranges, portsOf(spec), look.parameters);
  },
  examples: [
    { shows: 'no ranges', given: serviceOf({ type: 'LoadBalancer', ports: [{ port: 8080 }] }), status: 'fail' },
    {
      shows: 'two halves of the world',
      given: serviceOf({ type: 'LoadBalancer', loadBalancerSourceRanges: ['0.0.0.0/1', '128.0.0.0/1'] }),
      status: 'fail',
    },
    {
      shows: 'a private range',
      given: serviceOf({ type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8'] }),
      status: 'pass',
    },
    {
      shows: 'an internal load balancer',
      given: serviceOf({ type: 'LoadBalancer' }, { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internal' }),
      status: 'pass',
    },
    {
      shows: 'a private range in the old annotation',
      given: serviceOf({ type: 'LoadBalancer' }, { [rangesAnnotation]: '10.0.0.0/8, 192.168.0.0/16' }),
      status: 'pass',
    },
  ],
});

function judgeRanges(
  name: string,
  ranges: readonly string[],
  ports: string,
  given: z.output<typeof parameters>,
): Judgement {
  const path = [`LoadBalancer ${name.replace('Service ', '')}`, name];
  if (ranges.length === 0)
    return {
      status: 'fail',
      exposure: 'world',
      reason: `${name} lets in the whole internet, since it lists no source ranges`,
      evidence: { ports, path },
    };
  const { set, unread } = readAddresses(ranges);
  const exposure = exposureOf(set, { partners: readAddresses(given.partners).set, widePrefix: given.widePrefix });
  const evidence = { ports, ranges: ranges.toSorted(), path };
  if (exposure === 'world')
    return { status: 'fail', exposure, reason: `${name} lets in the whole internet by its source ranges`, evidence };
  if (unread.length > 0)
    return {
      status: 'unknown',
      exposure: 'unknown',
      reason: `${name} has source ranges that are no addresses: ${unread.toSorted().join(', ')}`,
      evidence,
    };
  if (isOpen(exposure))
    return {
      status: 'fail',
      severity: 'medium',
      exposure,
      reason: `${name} lets in a wide part of the internet by its source ranges`,
      evidence,
    };
  return { status: 'pass', exposure, reason: `${name} lets in known addresses only`, evidence };
}

function serviceOf(spec: object, annotations: Record<string, string> = {}) {
  return objectOf('kubernetes.Service', 'trino', { metadata: { annotations }, spec }, 'lake');
}
