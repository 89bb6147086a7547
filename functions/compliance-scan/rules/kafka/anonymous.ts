import { kafkaKinds, type KafkaTopicBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { describeGrant, severityOf } from './operations.ts';

const anonymous = 'User:ANONYMOUS';
const given = (principal: string) => ({
  body: { access: { rules: 1, grants: [{ principal, host: '*', operations: ['Read'] }] } },
});

/** No rule opens a topic to clients that do not say who they are. */
export const anonymousOnTopic = defineRule<KafkaTopicBody>({
  id: 'kafka-no-topic-for-anonymous',
  version: 1,
  title: 'No access rule gives a topic to clients without a name',
  why: `Whoever connects without TLS certificate or SASL is ${anonymous}. A rule for it is a rule for all who reach such a listener.`,
  area: 'identity',
  severity: 'critical',
  kinds: [kafkaKinds.topic],
  remedy: `Give the clients names (SASL or certificates), give those names rules, and delete the rules for ${anonymous}.`,
  triggers: ['kafka/acl'],
  judge({ name, body: { access } }) {
    if (access === undefined) return unknown(`the access rules for ${name} could not be read`);
    const open = access.grants.filter(({ principal }) => principal === anonymous);
    if (open.length === 0) return pass(`no access rule gives ${name} to clients without a name`);
    const severity = severityOf(open.flatMap(({ operations }) => operations));
    const evidence = { grants: open.map(describeGrant) };
    return fail(`access rules give ${name} to clients without a name`, evidence, { severity });
  },
  examples: [
    { shows: 'a client with a name', given: given('User:app'), status: 'pass' },
    { shows: 'a client without', given: given(anonymous), status: 'fail' },
  ],
});
