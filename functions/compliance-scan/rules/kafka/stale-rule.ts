import { kafkaKinds, type KafkaAclBody } from '../../inventory/kafka/kinds.ts';
import { defineRule, type Need } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';

const topics: Need<string> = {
  kind: kafkaKinds.topic,
  keys: ({ name }) => [name, '*'],
  fact: ({ name }) => name,
};
const rule = {
  target: 'topic',
  principal: 'User:a',
  host: '*',
  operation: 'Read',
  permission: 'allow',
  denied: false,
} as const;

/** A rule does not wait for a topic of an old name. */
export const staleRule = defineRule<KafkaAclBody>({
  id: 'kafka-no-rule-without-topic',
  version: 1,
  title: 'Access rules speak of topics that are there',
  why: 'A rule outlives its topic. Whoever makes a topic of that name again, perhaps with other data, opens it to those whom the old one was for.',
  area: 'identity',
  severity: 'low',
  kinds: [kafkaKinds.acl],
  remedy:
    'Delete the rules for the topic together with it. Make topics that are only planned before their rules, or waive the finding until then.',
  triggers: ['kafka/acl', 'kafka/topic'],
  needs: [topics],
  judge({ body: { target, name, pattern, principal, permission } }, look) {
    // A denial of what is not there hurts nobody.
    if (target !== 'topic' || name === '*' || permission === 'deny') return [];
    if (pattern === 'literal')
      return look.related(topics, name).length > 0
        ? pass(`topic ${name} is there`)
        : fail(`there is no topic ${name}, but a rule gives it to ${principal}`, { principal, topic: name });
    return look.related(topics, '*').some((topic) => topic.startsWith(name))
      ? pass(`there are topics that begin with ${name}`)
      : fail(`no topic begins with ${name}, but a rule gives those to ${principal}`, { principal, prefix: name });
  },
  examples: [
    {
      shows: 'a topic',
      given: { body: { ...rule, name: 'raw', pattern: 'literal' } },
      beside: [{ name: 'raw' }],
      status: 'pass',
    },
    { shows: 'a topic that is gone', given: { body: { ...rule, name: 'raw', pattern: 'literal' } }, status: 'fail' },
    {
      shows: 'a beginning',
      given: { body: { ...rule, name: 'raw', pattern: 'prefixed' } },
      beside: [{ name: 'raw-clicks' }],
      status: 'pass',
    },
    {
      shows: 'an unused beginning',
      given: { body: { ...rule, name: 'raw', pattern: 'prefixed' } },
      beside: [{ name: 'golden' }],
      status: 'fail',
    },
  ],
});
