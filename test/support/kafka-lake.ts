import { randomUUID } from 'node:crypto';
import { afterAll } from '@jest/globals';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { type JavaClient, useJavaClient } from './java-client.ts';
import { KafkaTopics } from './kafka-topics.ts';
import { lake } from './lake.ts';

/** The lake's Kafka for one test file, which is left as it was. */
export interface KafkaLake {
  readonly broker: string;
  readonly topics: KafkaTopics;
  readonly java: JavaClient;
  /** Connections of ours. */
  readonly link: KafkaLink;
  /** Makes a topic that keeps records of any time, and long ones. */
  create(partitions?: number, settings?: Readonly<Record<string, string>>, prefix?: string): Promise<string>;
  /** A name for a topic that the test makes. */
  name(prefix?: string): string;
}

/** Connects to a Kafka, the lake's unless said; what was made is removed when the tests end. */
export async function useKafka(broker = lake().kafka): Promise<KafkaLake> {
  if (broker === undefined) throw new Error('the lake has no Kafka');
  const topics = new KafkaTopics(broker);
  const java = useJavaClient(broker);
  const link = new KafkaLink({ brokers: [broker], deadlineMs: 15_000 });
  const made: string[] = [];
  afterAll(async () => {
    await Promise.all([java.close(), link.close()]);
    await topics.delete(...made);
    await topics.close();
  });
  const name = (prefix = 'test-'): string => {
    made.push(`${prefix}${randomUUID()}`);
    return made.at(-1) ?? '';
  };
  return {
    broker,
    topics,
    java,
    link,
    name,
    async create(partitions = 1, settings = {}, prefix = 'test-') {
      const topic = name(prefix);
      await topics.create(topic, partitions, { 'retention.ms': '-1', 'max.message.bytes': '10000000', ...settings });
      return topic;
    },
  };
}
