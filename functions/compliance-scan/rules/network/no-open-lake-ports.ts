import { z } from 'zod';
import { defineRule } from '../../model/rule.ts';
import { groupOf, letIn } from './examples.ts';
import { type AttachedFirewall, firewallKinds, interfaces, scaleParameters } from './firewalls.ts';
import { judgeServices } from './open-ports.ts';
import { lakeServices, serviceSchema } from './services.ts';

const parameters = z.strictObject({
  ...scaleParameters,
  services: z
    .array(serviceSchema)
    .default([...lakeServices])
    .describe('services of the lake, by their ports'),
});

/** The lake's own services are not open to the internet, by all rules of a firewall together. */
export const noOpenLakePorts = defineRule<AttachedFirewall, typeof parameters>({
  id: 'network-no-open-lake-ports',
  version: 1,
  title: 'Strangers cannot reach the services of the lake',
  why: 'Brokers, name nodes, metastores, query engines and notebooks were made for a trusted network; many ask nobody who they are. Whoever reaches such a port reads the data, and often runs code.',
  area: 'network',
  severity: 'critical',
  kinds: firewallKinds,
  remedy:
    'Let in only the networks of the lake and of its users; publish web pages through a gateway that knows its users.',
  triggers: ['aws/ModifyManagedPrefixList'],
  needs: [interfaces],
  parameters,
  judge: (resource, look) => judgeServices(resource, look, 'critical'),
  examples: [
    { shows: 'a broker for everybody', given: groupOf(letIn(['0.0.0.0/0'], 9092)), status: 'fail' },
    { shows: 'all ports for half of the internet', given: groupOf(letIn(['0.0.0.0/1'])), status: 'fail' },
    {
      shows: 'a name node for the own network',
      given: groupOf(letIn(['10.0.0.0/8', 'fc00::/7'], 8020)),
      status: 'pass',
    },
    { shows: 'another group', given: groupOf(letIn([], 9083, { groups: ['sg-2', 'self'] })), status: 'pass' },
  ],
});
