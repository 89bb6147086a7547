import type { Firewall } from '../../address/firewall.ts';
import { exposureOf } from '../../address/exposure.ts';
import { readAddresses } from '../../address/address-set.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { groupOf, letIn } from './examples.ts';
import { cut } from './open-ports.ts';
import { firewallKinds } from './firewalls.ts';

const notDescriptions = /^(?:|-|n\/?a|none|todo|tbd|temp(?:orary)?|test(?:ing)?|xxx?)$/iu;

/** Rules that let public addresses in say why. */
export const rulesDescribed = defineRule<Firewall>({
  id: 'network-rules-described',
  version: 1,
  title: 'Rules that let public addresses in say why',
  why: 'A rule without a reason is never removed: nobody dares to. Words such as "temp" are no reason.',
  area: 'network',
  severity: 'info',
  kinds: firewallKinds,
  remedy: 'Write into the description who needs the rule and for what, or remove it.',
  judge({ name, body: { rules } }) {
    const silent = rules.filter(
      ({ direction, action, addresses, description = '' }) =>
        direction === 'ingress' &&
        action === 'allow' &&
        notDescriptions.test(description.trim()) &&
        ['world', 'wide', 'partner'].includes(exposureOf(readAddresses(addresses).set)),
    );
    if (silent.length === 0) return pass(`rules of ${name} that let public addresses in say why`);
    const addresses = cut(silent.flatMap((rule) => rule.addresses));
    return fail(`${name} does not say why it lets in ${addresses.join(', ')}`, { rules: silent.length, addresses });
  },
  examples: [
    {
      shows: 'a reason',
      given: groupOf(letIn(['8.8.8.8/32'], 443, { description: 'the office in Bonn' })),
      status: 'pass',
    },
    { shows: 'a private network', given: groupOf(letIn(['10.0.0.0/8'])), status: 'pass' },
    { shows: 'nothing', given: groupOf(letIn(['8.8.8.8/32'], 443)), status: 'fail' },
    {
      shows: 'something temporary',
      given: groupOf(letIn(['0.0.0.0/0'], 443, { description: ' Temp ' })),
      status: 'fail',
    },
  ],
});
