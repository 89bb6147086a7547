import { z } from 'zod';
import { kafkaKinds, type KafkaTopicBody } from '../../inventory/kafka/kinds.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';

const parameters = z.strictObject({
  replicas: z.int().min(2).default(2).describe('fewest replicas of each partition'),
});

/** A topic outlives a broker. */
export const replicas = defineRule<KafkaTopicBody, typeof parameters>({
  id: 'kafka-topic-replicated',
  version: 1,
  title: 'Each partition of a topic has more than one replica',
  why: 'With one replica a broken disk is lost data, and each restart of a broker an outage.',
  area: 'durability',
  severity: 'high',
  kinds: [kafkaKinds.topic],
  remedy: 'Add replicas with kafka-reassign-partitions, and set default.replication.factor.',
  triggers: ['kafka/topic'],
  parameters,
  judge({ name, body: { internal, replicas: fewest, partitions } }, { parameters: { replicas: wanted } }) {
    if (internal) return [];
    const evidence = { replicas: fewest, partitions };
    return fewest >= wanted
      ? pass(`each partition of ${name} has at least ${wanted} replicas`)
      : fail(`${name} has a partition with ${fewest} of ${wanted} replicas`, evidence);
  },
  examples: [
    { shows: 'three', given: { body: { internal: false, replicas: 3, partitions: 6 } }, status: 'pass' },
    { shows: 'one', given: { body: { internal: false, replicas: 1, partitions: 6 } }, status: 'fail' },
  ],
});

/** The brokers' own topics outlive a broker. */
export const internalReplicas = defineRule<KafkaTopicBody, typeof parameters>({
  id: 'kafka-internal-topic-replicated',
  version: 1,
  title: "Each partition of the brokers' own topics has more than one replica",
  why: 'They hold positions of consumers and states of transactions. With one replica, a broken disk makes all consumers of a partition begin anew: records are read twice or not at all.',
  area: 'durability',
  severity: 'high',
  kinds: [kafkaKinds.topic],
  remedy:
    'Set offsets.topic.replication.factor and transaction.state.log.replication.factor to 3 before the cluster is made; later, add replicas with kafka-reassign-partitions.',
  triggers: ['kafka/topic'],
  parameters,
  judge({ name, body: { internal, replicas: fewest, partitions } }, { parameters: { replicas: wanted } }) {
    if (!internal) return [];
    const evidence = { replicas: fewest, partitions };
    return fewest >= wanted
      ? pass(`each partition of ${name} has at least ${wanted} replicas`)
      : fail(
          `${name}, which holds the brokers' own state, has a partition with ${fewest} of ${wanted} replicas`,
          evidence,
        );
  },
  examples: [
    { shows: 'three', given: { body: { internal: true, replicas: 3, partitions: 50 } }, status: 'pass' },
    { shows: 'one', given: { body: { internal: true, replicas: 1, partitions: 50 } }, status: 'fail' },
  ],
});
