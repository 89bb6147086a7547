import { z } from 'zod';
import { defineRule } from '../../model/rule.ts';
import { groupOf, letIn, portOf } from './examples.ts';
import { type AttachedFirewall, firewallKinds, interfaces, scaleParameters } from './firewalls.ts';
import { judgeServices } from './open-ports.ts';
import { adminServices, serviceSchema } from './services.ts';

const parameters = z.strictObject({
  ...scaleParameters,
  services: z
    .array(serviceSchema)
    .default([...adminServices])
    .describe('services that give machines away, by their ports'),
});

/** Strangers cannot try passwords: admin ports are not open to the internet, by all rules of a firewall together. */
export const noOpenAdminPorts = defineRule<AttachedFirewall, typeof parameters>({
  id: 'network-no-open-admin-ports',
  version: 1,
  title: 'Strangers cannot reach ssh, RDP and the like',
  why: 'Ports that lead to a login are tried by robots within minutes, and one weak password or one hole in the server gives the machine away. All rules of the firewall count together: two halves of the internet are the internet.',
  area: 'network',
  severity: 'critical',
  kinds: firewallKinds,
  controls: { 'cis-aws-3.0': ['5.2', '5.3'] },
  remedy:
    'Let in only the addresses of a bastion or a VPN, or reach machines through a session service and close the port.',
  triggers: ['aws/ModifyManagedPrefixList'],
  needs: [interfaces],
  parameters,
  judge: (resource, look) => judgeServices(resource, look, 'critical'),
  examples: [
    {
      shows: 'the whole internet',
      given: groupOf(letIn(['0.0.0.0/0'], 22)),
      beside: [portOf('3.3.3.3')],
      status: 'fail',
    },
    {
      shows: 'two halves in two rules',
      given: groupOf(letIn(['0.0.0.0/1'], 22), letIn(['128.0.0.0/1'])),
      status: 'fail',
    },
    { shows: 'the internet of IPv6', given: groupOf(letIn(['2000::/3'], 3389)), status: 'fail' },
    {
      shows: 'a set that nobody could read',
      given: groupOf(letIn([], 22, { unresolved: ['pl-1'] })),
      status: 'unknown',
    },
    { shows: 'one address of a partner', given: groupOf(letIn(['8.8.8.8/32'], 22)), status: 'pass' },
    { shows: 'another port', given: groupOf(letIn(['0.0.0.0/0'], 443)), status: 'pass' },
    { shows: 'another protocol', given: groupOf(letIn(['0.0.0.0/0'], 22, { protocol: 'udp' })), status: 'pass' },
  ],
});
