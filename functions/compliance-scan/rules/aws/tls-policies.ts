import { z } from 'zod';
import { fitsPattern } from '#shared/lake/name-pattern.ts';
import type { LoadBalancerBody } from '../../inventory/aws/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { balancerOf, isEncrypted } from './balancers.ts';

const parameters = z.strictObject({
  // Those of AWS whose oldest version is TLS 1.2: the last number of `TLS13-1-2`, and the older names without `1-0` and `1-1`.
  tlsPolicies: z
    .array(z.string())
    .default([
      'ELBSecurityPolicy-TLS13-1-2-*',
      'ELBSecurityPolicy-TLS13-1-3-*',
      'ELBSecurityPolicy-TLS-1-2-*',
      'ELBSecurityPolicy-FS-1-2-*',
    ])
    .describe('names of TLS policies that will do; * stands for any text'),
});

/** Load balancers accept no TLS older than 1.2. */
export const tlsPolicies = defineRule<LoadBalancerBody, typeof parameters>({
  id: 'aws-tls-policies',
  version: 1,
  title: 'Load balancers accept no TLS older than 1.2',
  why: 'TLS 1.0 and 1.1 are retired (RFC 8996). Policies that still offer them are the default of some tools.',
  area: 'encryption',
  severity: 'medium',
  kinds: ['aws.LoadBalancer'],
  remedy: 'Choose the policy ELBSecurityPolicy-TLS13-1-2-2021-06 or a newer one.',
  parameters,
  judge({ name, body: { listeners } }, look) {
    const old = listeners.filter(
      (listener) =>
        isEncrypted(listener) &&
        !look.parameters.tlsPolicies.some((pattern) => fitsPattern(listener.policy ?? '', pattern)),
    );
    if (old.length === 0) return pass(`${name} accepts no old TLS`);
    const policies = [...new Set(old.map(({ policy = 'none' }) => policy))].toSorted();
    return fail(`${name} may accept old TLS by ${policies.join(', ')}`, {
      ports: old.map(({ port }) => port),
      policies,
    });
  },
  examples: [
    {
      shows: 'a policy of today',
      given: balancerOf([{ policy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' }]),
      status: 'pass',
    },
    { shows: 'the policy of 2016', given: balancerOf([{ policy: 'ELBSecurityPolicy-2016-08' }]), status: 'fail' },
    {
      shows: 'TLS 1.3 down to 1.0',
      given: balancerOf([{ policy: 'ELBSecurityPolicy-TLS13-1-0-2021-06' }]),
      status: 'fail',
    },
    { shows: 'no TLS at all', given: balancerOf([{ port: 80, protocol: 'HTTP' }]), status: 'pass' },
  ],
});
