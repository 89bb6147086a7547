import { setTimeout as sleep } from 'node:timers/promises';
import { LakewardenError } from '../errors/error.ts';
import type { KafkaLink } from './kafka-link.ts';
import { logBounds } from './log-bounds.ts';
import type { KafkaRecord } from './record.ts';
import { RecordReader } from './record-reader.ts';
import type { TopicAdmin } from './topic-admin.ts';

/** A compacted topic that keeps a state of ours. */
export interface CompactedTopic {
  readonly topic: string;
  /** Never to be changed: keys would be looked for where they are not. */
  readonly partitions: number;
  readonly replicas?: number | undefined;
}

/** Another's transaction that is under way in the same log is over after this time, in milliseconds, or is given up. */
const patienceMs = 60_000;
const pauseMs = 20;

/**
 * Makes the topic when it is missing. @throws config.invalid for one that forgets: with another number of partitions states
 * would not be found, and without compaction, or with retention, they would be deleted
 */
export async function provideCompactedTopic(
  { topic, partitions, replicas }: CompactedTopic,
  admin: TopicAdmin,
): Promise<void> {
  const wanted = { partitions, settings: { 'cleanup.policy': 'compact' } };
  await admin.create(topic, replicas === undefined ? wanted : { ...wanted, replicas });
  const found = await admin.describe(topic);
  if (found?.partitions !== partitions)
    throw refusedTopic(topic, `has ${found?.partitions ?? 0} partitions; the settings say ${partitions}`);
  const { compacts, deletes } = await admin.limits(topic);
  if (!compacts || deletes) throw refusedTopic(topic, 'must have the cleanup.policy compact, and that alone');
}

/** The error for a topic that cannot keep a state. */
export function refusedTopic(topic: string, reason: string): LakewardenError {
  return new LakewardenError('config.invalid', `the state topic ${topic} ${reason}`);
}

/**
 * Reads a partition from an offset (or its beginning) to the end of its log, not only to what is decided: what we look for may
 * lie behind a transaction that is just ending. Answers where to go on. @throws busy when a transaction of others does not end
 */
export async function readToEnd(
  link: KafkaLink,
  { topic, partition, from = 0n }: { readonly topic: string; readonly partition: number; readonly from?: bigint },
  add: (record: KafkaRecord) => void,
  signal?: AbortSignal,
): Promise<bigint> {
  const bounds = await logBounds(link, topic, [partition], { signal });
  const { earliest = 0n, end = 0n } = bounds.get(partition) ?? {};
  const reader = new RecordReader(link);
  const options = signal === undefined ? {} : { signal };
  const until = performance.now() + patienceMs;
  let next = from > earliest ? from : earliest;
  while (next < end) {
    for await (const piece of reader.read(topic, partition, next, end, options)) {
      for (const record of piece.records) add(record);
      next = piece.next;
    }
    if (next >= end) break;
    if (performance.now() > until)
      throw new LakewardenError('busy', `Kafka: a transaction in ${topic}-${partition} does not end`);
    await sleep(pauseMs, undefined, options);
  }
  return next;
}
