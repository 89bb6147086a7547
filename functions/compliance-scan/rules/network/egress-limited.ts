import { z } from 'zod';
import { exposureOf, isOpen } from '../../address/exposure.ts';
import { type Firewall, reachOf } from '../../address/firewall.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { groupOf, letIn } from './examples.ts';
import { firewallKinds, nameExposure, scaleOf, scaleParameters } from './firewalls.ts';

const parameters = z.strictObject(scaleParameters);

/** What is behind a firewall cannot send data anywhere by any protocol. */
export const egressLimited = defineRule<Firewall, typeof parameters>({
  id: 'network-egress-limited',
  version: 1,
  title: 'Data cannot leave for anywhere by all protocols',
  why: 'Whoever gets into a machine of the lake wants to carry data out. A firewall that lets out what is needed makes that hard and visible.',
  area: 'network',
  severity: 'info',
  kinds: firewallKinds,
  remedy: 'Let out only the ports and networks that are needed, such as 443 and the lake itself.',
  triggers: ['aws/ModifyManagedPrefixList'],
  parameters,
  judge({ name, body }, look) {
    const exposure = exposureOf(reachOf(body, 'egress', 'any').least, scaleOf(look.parameters));
    return isOpen(exposure)
      ? fail(`${name} lets all protocols out to ${nameExposure(exposure)}`, { protocol: 'any' }, { exposure })
      : pass(`${name} limits what goes out`);
  },
  examples: [
    {
      shows: 'what AWS gives a new group',
      given: groupOf(letIn(['0.0.0.0/0'], undefined, { direction: 'egress', protocol: 'any' })),
      status: 'fail',
    },
    { shows: 'HTTPS only', given: groupOf(letIn(['0.0.0.0/0'], 443, { direction: 'egress' })), status: 'pass' },
  ],
});
