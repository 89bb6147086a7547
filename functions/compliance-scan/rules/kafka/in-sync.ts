import { z } from 'zod';
import { kafkaKinds, type KafkaTopicBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';

const setting = 'min.insync.replicas';
const parameters = z.strictObject({
  inSync: z.int().min(1).default(2).describe('replicas that must have a record before it counts as written'),
});
const given = (replicas: number, value?: string) => ({
  body: { internal: false, replicas, ...(value === undefined ? {} : { settings: { [setting]: value } }) },
});

/** A record that counts as written is on more than one broker. */
export const inSync = defineRule<KafkaTopicBody, typeof parameters>({
  id: 'kafka-topic-min-insync',
  version: 1,
  title: 'A record counts as written when two brokers have it, and one may be away',
  why: `With ${setting} of 1, acks=all promises no more than one copy. With as many as there are replicas, nobody can write while one broker restarts.`,
  area: 'durability',
  severity: 'medium',
  kinds: [kafkaKinds.topic],
  remedy: `Set ${setting} to 2 for topics with three replicas.`,
  triggers: ['kafka/topic', 'kafka/config'],
  parameters,
  judge({ name, body: { settings, replicas } }, { parameters: { inSync: wanted } }) {
    // One replica is another rule's affair.
    if (replicas < 2) return [];
    const value = Number(settings?.[setting]);
    if (!Number.isInteger(value)) return unknown(`${setting} of ${name} could not be read`);
    const evidence = { [setting]: value, replicas };
    if (value < wanted)
      return fail(`records of ${name} count as written with ${value} of ${replicas} replicas`, evidence);
    if (value >= replicas)
      return fail(`nobody can write to ${name} while one of its ${replicas} brokers is away`, evidence, {
        severity: 'low',
      });
    return pass(`records of ${name} count as written with ${value} of ${replicas} replicas`);
  },
  examples: [
    { shows: 'two of three', given: given(3, '2'), status: 'pass' },
    { shows: 'one of three', given: given(3, '1'), status: 'fail' },
    { shows: 'two of two', given: given(2, '2'), status: 'fail' },
    { shows: 'settings that may not be read', given: given(3), status: 'unknown' },
  ],
});
