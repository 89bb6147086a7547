import { describe, expect, test } from '@jest/globals';
import { KafkaStore } from '#functions/compliance-scan/state/kafka-store.ts';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { logBounds } from '#shared/kafka/log-bounds.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { opening, promiseStore } from '../support/store-promises.ts';

const kafka = await useKafka();
const { signal } = new AbortController();
const named = new Map<string, string>();
const topicOf = (name: string): string => {
  const topic = named.get(name) ?? kafka.name('scan-state-');
  named.set(name, topic);
  return topic;
};
const open = (topic: string, partitions = 2): KafkaStore =>
  new KafkaStore(new KafkaLink({ brokers: [kafka.broker], deadlineMs: 15_000 }), { topic, partitions });

describe('findings in Kafka', () => {
  promiseStore((name) => open(topicOf(name)));

  test('a change writes the findings that changed, and the listing, whatever else is open', async () => {
    const topic = kafka.name('scan-state-');
    const store = open(topic, 1);
    const known = { scope: 'test/large', kind: 'test.Thing' };
    const names = Array.from({ length: 10_000 }, (_, index) => `f${index}`);
    const end = async (): Promise<bigint> => (await logBounds(kafka.link, topic, [0])).get(0)?.end ?? 0n;
    const first = await store.commit(await store.load(known, signal), opening(...names), signal);
    const before = await end();
    expect(await store.commit(first!, opening('f7'), signal)).toBeDefined();
    // Two records, and the mark that ends their transaction.
    expect((await end()) - before).toBe(3n);
    await store.close();
    const other = open(topic, 1);
    expect((await other.load(known, signal)).state.findings.size).toBe(10_000);
    await other.close();
  });

  test('a topic that forgets, or has other partitions, is refused', async () => {
    const forgetful = await kafka.create(1);
    const store = open(forgetful, 1);
    await expect(store.load({ scope: 's', kind: 'k' }, signal)).rejects.toThrow('must have the cleanup.policy compact');
    const other = open(forgetful, 3);
    await expect(other.scopes(signal)).rejects.toThrow('has 1 partitions; the settings say 3');
    await Promise.all([store.close(), other.close()]);
  });
});
