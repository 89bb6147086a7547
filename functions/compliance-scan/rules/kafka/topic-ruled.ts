import { kafkaKinds, type KafkaBrokerBody, type KafkaTopicBody } from '../../inventory/kafka/kinds.ts';
import { defineRule, type Need } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';

type Openness = 'open' | 'closed' | 'hidden' | 'unchecked';

const brokers: Need<Openness> = {
  kind: kafkaKinds.broker,
  keys: () => ['*'],
  fact(resource) {
    const { authorizer, allowsEveryone } = resource.body as KafkaBrokerBody;
    if (authorizer === '') return 'unchecked';
    if (allowsEveryone === undefined) return 'hidden';
    return allowsEveryone ? 'open' : 'closed';
  },
};

const withoutRules = { replicas: 3, internal: false, access: { rules: 0, grants: [] } };
const broker = (allowsEveryone?: boolean, authorizer = 'A') => ({
  name: `broker ${allowsEveryone}`,
  body: { authorizer, ...(allowsEveryone === undefined ? {} : { allowsEveryone }) },
});

/** No topic is open because nobody wrote a rule. */
export const topicRuled = defineRule<KafkaTopicBody>({
  id: 'kafka-topic-has-access-rules',
  version: 1,
  title: 'No topic is open for want of access rules',
  why: 'Rules for the name, for beginnings of it and for * count together. Where none fits, brokers that allow everyone let all clients read, write and delete the topic.',
  area: 'identity',
  severity: 'critical',
  kinds: [kafkaKinds.topic],
  remedy: 'Give the topic rules for its writers and readers, or close what has none for the whole cluster.',
  triggers: ['kafka/acl', 'kafka/config'],
  needs: [brokers],
  trim: ({ body: { internal, access, partitions, replicas, lagging, leaderless }, ...rest }) => ({
    ...rest,
    body: {
      internal,
      partitions,
      replicas,
      lagging,
      leaderless,
      ...(access === undefined ? {} : { access: { rules: access.rules, grants: [] } }),
    },
  }),
  judge({ name, body: { internal, access } }, look) {
    const states = new Set(look.related(brokers, '*'));
    if (states.has('unchecked'))
      return fail(`${name} is open: brokers check no access`, { 'authorizer.class.name': '' });
    if (access === undefined) return unknown(`the access rules for ${name} could not be read`);
    if (access.rules > 0) return pass(`${access.rules} access rules speak of ${name}`);
    if (internal) return pass(`${name} belongs to the brokers, which keep clients out of it`);
    const evidence = { rules: 0, 'allow.everyone.if.no.acl.found': true };
    if (states.has('open')) return fail(`no access rule speaks of ${name}, so everybody may use it`, evidence);
    if (states.has('hidden') || states.size === 0)
      return unknown(`no access rule speaks of ${name}, and brokers do not tell whether that opens or closes it`);
    return pass(`no access rule speaks of ${name}, so only super users may use it`);
  },
  examples: [
    { shows: 'a topic with rules', given: { body: { access: { rules: 2, grants: [] } } }, status: 'pass' },
    { shows: 'none, which opens', given: { body: withoutRules }, beside: [broker(true)], status: 'fail' },
    { shows: 'none, which closes', given: { body: withoutRules }, beside: [broker(false)], status: 'pass' },
    {
      shows: 'one broker of two open',
      given: { body: withoutRules },
      beside: [broker(false), broker(true)],
      status: 'fail',
    },
    { shows: 'nobody knows', given: { body: withoutRules }, beside: [broker()], status: 'unknown' },
    { shows: 'no authorizer', given: { body: { internal: false } }, beside: [broker(false, '')], status: 'fail' },
    { shows: 'rules that may not be read', given: { body: { internal: false } }, status: 'unknown' },
  ],
});
