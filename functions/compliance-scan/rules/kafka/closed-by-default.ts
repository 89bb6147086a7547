import { kafkaKinds, type KafkaBrokerBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';

const setting = 'allow.everyone.if.no.acl.found';

/** A topic of which no access rule speaks is closed. */
export const closedByDefault = defineRule<KafkaBrokerBody>({
  id: 'kafka-closed-by-default',
  version: 1,
  title: 'What no access rule speaks of is closed',
  why: `With ${setting} a new topic is open to everybody until somebody writes a rule for it, and becomes open again when its last rule is deleted.`,
  area: 'identity',
  severity: 'high',
  kinds: [kafkaKinds.broker],
  remedy: `Remove ${setting} from the settings of every broker; give rules to the clients that then miss some.`,
  triggers: ['kafka/config'],
  judge({ name, body: { authorizer, allowsEveryone } }) {
    // Without an authorizer the setting means nothing, and another rule speaks.
    if (authorizer === '') return [];
    if (allowsEveryone === undefined)
      return unknown(`${name} has ${setting} in its settings and hides its value; state it in the scan's settings`);
    return allowsEveryone
      ? fail(`${name} lets everybody use what no access rule speaks of`, { [setting]: true })
      : pass(`${name} closes what no access rule speaks of`);
  },
  examples: [
    { shows: 'the default', given: { body: { authorizer: 'A', allowsEveryone: false } }, status: 'pass' },
    { shows: 'an open door', given: { body: { authorizer: 'A', allowsEveryone: true } }, status: 'fail' },
    { shows: 'a hidden value', given: { body: { authorizer: 'A' } }, status: 'unknown' },
  ],
});
