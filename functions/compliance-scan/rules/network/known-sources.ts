import { readAddresses } from '../../address/address-set.ts';
import type { Firewall } from '../../address/firewall.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { groupOf, letIn } from './examples.ts';
import { firewallKinds } from './firewalls.ts';
import { cut } from './open-ports.ts';

/** Rules of a firewall name nothing that is gone or that nobody here can read. */
export const knownSources = defineRule<Firewall>({
  id: 'network-known-sources',
  version: 1,
  title: 'All that a firewall names can be resolved to addresses',
  why: 'A prefix list that was deleted, belongs to others, or is misspelt may hold any address. Nobody can say who comes in.',
  area: 'network',
  severity: 'low',
  kinds: firewallKinds,
  remedy:
    'Remove the rule, or let the scan read what it names (for prefix lists of AWS: ec2:GetManagedPrefixListEntries).',
  triggers: ['aws/ModifyManagedPrefixList'],
  judge({ name, body: { rules } }) {
    const unread = cut(rules.flatMap((rule) => [...(rule.unresolved ?? []), ...readAddresses(rule.addresses).unread]));
    return unread.length > 0
      ? fail(`${name} names what could not be resolved: ${unread.join(', ')}`, { unresolved: unread })
      : pass(`all that ${name} names is known`);
  },
  examples: [
    { shows: 'blocks of addresses', given: groupOf(letIn(['10.0.0.0/8'], 22)), status: 'pass' },
    { shows: 'a prefix list that is gone', given: groupOf(letIn([], 22, { unresolved: ['pl-1'] })), status: 'fail' },
    { shows: 'a text that is no address', given: groupOf(letIn(['10.0.0/8'], 22)), status: 'fail' },
  ],
});
