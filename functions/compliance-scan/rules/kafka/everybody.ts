import { kafkaKinds, type KafkaTopicBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { describeGrant, severityOf } from './operations.ts';

const grant = (host: string, ...operations: string[]) => ({ principal: 'User:*', host, operations });

/** No rule opens a topic to everybody. */
export const everybodyOnTopic = defineRule<KafkaTopicBody>({
  id: 'kafka-no-topic-for-everybody',
  version: 1,
  title: 'No access rule gives a topic to everybody',
  why: 'A rule for User:* lets in each client that can connect, also one that does not say who it is. A rule for one host trusts everybody on that host. Denials win, so a topic that is denied to User:* is closed.',
  area: 'identity',
  severity: 'critical',
  kinds: [kafkaKinds.topic],
  remedy:
    'Delete the rules for User:* that fit the topic, those for beginnings of its name and for * too, and give rules to the clients that need it.',
  triggers: ['kafka/acl'],
  judge({ name, body: { access } }) {
    if (access === undefined) return unknown(`the access rules for ${name} could not be read`);
    const open = access.grants.filter(({ principal }) => principal === 'User:*');
    if (open.length === 0) return pass(`no access rule gives ${name} to everybody`);
    const all = open.filter(({ host }) => host === '*');
    const severity = all.length === 0 ? 'medium' : severityOf(all.flatMap(({ operations }) => operations));
    const from = all.length === 0 ? `everybody on ${open.map(({ host }) => host).join(', ')}` : 'everybody';
    return fail(`access rules give ${name} to ${from}`, { grants: open.map(describeGrant) }, { severity });
  },
  examples: [
    {
      shows: 'a rule for one client',
      given: { body: { access: { rules: 1, grants: [{ principal: 'User:app', host: '*', operations: ['Read'] }] } } },
      status: 'pass',
    },
    { shows: 'rules that deny all', given: { body: { access: { rules: 2, grants: [] } } }, status: 'pass' },
    {
      shows: 'everybody reads',
      given: { body: { access: { rules: 1, grants: [grant('*', 'Read')] } } },
      status: 'fail',
    },
    {
      shows: 'everybody on one host writes',
      given: { body: { access: { rules: 1, grants: [grant('10.0.0.9', 'Write')] } } },
      status: 'fail',
    },
  ],
});
