import type { CallLimits, KafkaLink } from './kafka-link.ts';

/** What a partition's log holds: offsets from `earliest` on and below `end`. */
export interface LogBounds {
  readonly earliest: bigint;
  readonly end: bigint;
}

/** A time of a log, in milliseconds since the epoch, or one of its bounds; below `stable` all is committed or aborted. */
export type LogTime = bigint | keyof typeof bounds;

// Kafka protocol guide, ListOffsets; the end depends on the isolation level.
const bounds = {
  earliest: { timestamp: -2n, isolationLevel: 0 },
  end: { timestamp: -1n, isolationLevel: 0 },
  stable: { timestamp: -1n, isolationLevel: 1 },
} as const;

/** For each partition, the offset of its first record at or after a time; none where there is no such record. */
export async function listOffsets(
  link: KafkaLink,
  topic: string,
  partitions: readonly number[],
  time: LogTime,
  limits: CallLimits = {},
): Promise<Map<number, bigint>> {
  const admin = await link.admin();
  const { timestamp, isolationLevel } =
    typeof time === 'bigint' ? { timestamp: time, isolationLevel: 0 as const } : bounds[time];
  const wanted = partitions.map((partitionIndex) => ({ partitionIndex, timestamp }));
  const listed = await link.call(
    () => admin.listOffsets({ topics: [{ name: topic, partitions: wanted }], isolationLevel }),
    'asking for offsets',
    limits,
  );
  const found = listed.find(({ name }) => name === topic)?.partitions ?? [];
  // -1 tells that no record is that young.
  return new Map(
    found.filter(({ offset }) => offset >= 0n).map(({ partitionIndex, offset }) => [partitionIndex, offset]),
  );
}

/** The bounds of partitions' logs, by their numbers. */
export async function logBounds(
  link: KafkaLink,
  topic: string,
  partitions: readonly number[],
  limits: CallLimits = {},
): Promise<Map<number, LogBounds>> {
  const earliest = await listOffsets(link, topic, partitions, 'earliest', limits);
  const ends = await listOffsets(link, topic, partitions, 'end', limits);
  return new Map(
    partitions.map((partition) => [
      partition,
      { earliest: earliest.get(partition) ?? 0n, end: ends.get(partition) ?? 0n },
    ]),
  );
}
