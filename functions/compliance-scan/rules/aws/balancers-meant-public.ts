import { z } from 'zod';
import { fitsPattern } from '#shared/lake/name-pattern.ts';
import type { LoadBalancerBody } from '../../inventory/aws/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { balancerOf } from './balancers.ts';

const parameters = z.strictObject({
  publicBalancers: z
    .array(z.string())
    .default([])
    .describe('names of load balancers that are meant for the internet; * stands for any text'),
});

/** A load balancer faces the internet only where somebody has said that it is meant to. */
export const balancersMeantPublic = defineRule<LoadBalancerBody, typeof parameters>({
  id: 'aws-balancers-meant-public',
  version: 1,
  title: 'Load balancers face the internet only on purpose',
  why: 'Internet-facing is the default when one is made by hand or by a Kubernetes Service, and all that is behind it gets a public door.',
  area: 'network',
  severity: 'medium',
  kinds: ['aws.LoadBalancer'],
  remedy: 'Make it anew with the scheme internal, or list its name in the parameter publicBalancers.',
  parameters,
  judge({ name, body: { isPublic, listeners, groups } }, look) {
    if (!isPublic) return pass(`${name} is internal`, { exposure: 'private' });
    if (look.parameters.publicBalancers.some((pattern) => fitsPattern(name, pattern)))
      return pass(`${name} is meant for the internet`);
    return fail(
      `${name} faces the internet${groups.length === 0 ? ' without a security group' : ''}`,
      { ports: listeners.map(({ port }) => port), groups: [...groups] },
      groups.length === 0 ? { severity: 'high' } : {},
    );
  },
  examples: [
    { shows: 'an internal one', given: balancerOf([{}], { isPublic: false }), status: 'pass' },
    { shows: 'one for the internet', given: balancerOf([{}]), status: 'fail' },
    {
      shows: 'one that is meant to be',
      given: balancerOf([{}]),
      parameters: { publicBalancers: ['we*'] },
      status: 'pass',
    },
  ],
});
