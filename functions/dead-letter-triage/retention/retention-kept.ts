import { RecordReader } from '#shared/kafka/record-reader.ts';
import type { TopicLimits } from '#shared/kafka/topic-limits.ts';
import type { Clients } from '../clients.ts';
import type { RetentionFacts } from './retention.ts';
import type { LogPlace } from '../state/state-record.ts';

/** How long letters of a partition are kept. A limit by size without `logBytes` is one of which nothing can be said. */
export type Kept = Pick<
  RetentionFacts,
  'retentionMs' | 'retentionBytes' | 'logBytes' | 'oldestTimestamp' | 'isCompacted'
>;

/** How long letters of a partition are kept: by its topic's limits, and by its log where a limit of bytes makes that matter. */
export async function readKept(
  place: LogPlace,
  earliest: bigint,
  { compacts, deletes, retentionMs, retentionBytes }: TopicLimits,
  clients: Pick<Clients, 'link' | 'admin'>,
  signal?: AbortSignal,
): Promise<Kept> {
  if (!deletes) return { isCompacted: compacts };
  const byTime = {
    isCompacted: compacts,
    ...(retentionMs === undefined ? {} : { retentionMs: Number(retentionMs) }),
  };
  if (retentionBytes === undefined) return byTime;
  const logBytes = await clients.admin.logBytes(place.topic, place.partition, { signal });
  const oldestTimestamp = await readOldest(place, earliest, clients, signal);
  return {
    ...byTime,
    retentionBytes: Number(retentionBytes),
    ...(logBytes === undefined ? {} : { logBytes }),
    ...(oldestTimestamp === undefined ? {} : { oldestTimestamp }),
  };
}

/** Since when the log grows; undefined when it is empty. */
async function readOldest(
  { topic, partition }: LogPlace,
  earliest: bigint,
  { link }: Pick<Clients, 'link'>,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const reading = new RecordReader(link).read(topic, partition, earliest, undefined, signal ? { signal } : {});
  for await (const { records } of reading) if (records[0] !== undefined) return Number(records[0].timestamp);
  return undefined;
}
