import { z } from 'zod';
import { kafkaKinds, type KafkaTopicBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';
import { isPerson, people, services } from '../principals.ts';
import { describeGrant, writes } from './operations.ts';

const parameters = z.strictObject({ people, services });
const given = (principal: string, ...operations: string[]) => ({
  body: { access: { rules: 1, grants: [{ principal, host: '*', operations }] } },
});

/** Programs write, people do not. */
export const humanWriters = defineRule<KafkaTopicBody, typeof parameters>({
  id: 'kafka-no-people-write',
  version: 1,
  title: 'People have no right to change topics',
  why: 'What a person writes into a topic by hand passes no test and no review, and cannot be told from what the program writes.',
  area: 'identity',
  severity: 'medium',
  kinds: [kafkaKinds.topic],
  remedy: 'Delete the rules of people; let a pipeline with a name of its own write what has to be written.',
  triggers: ['kafka/acl'],
  parameters,
  judge({ name, body: { access } }, { parameters: lists }) {
    if (access === undefined) return unknown(`the access rules for ${name} could not be read`);
    const wrong = access.grants
      .filter(({ principal, operations }) => isPerson(principal, lists) && operations.some(writes))
      .map((grant) => ({ ...grant, operations: grant.operations.filter(writes) }));
    if (wrong.length === 0) return pass(`no person may change ${name}`);
    const who = wrong.map(({ principal }) => principal).join(', ');
    return fail(`${who} may change ${name}`, { grants: wrong.map(describeGrant) });
  },
  examples: [
    { shows: 'a program writes', given: given('User:svc-orders', 'Write'), status: 'pass' },
    { shows: 'a person reads', given: given('User:ann@example.org', 'Read'), status: 'pass' },
    { shows: 'a person writes', given: given('User:ann@example.org', 'Write'), status: 'fail' },
  ],
});
