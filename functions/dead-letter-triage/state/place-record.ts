import { javaPartition } from '#shared/kafka/java-partition.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import type { LogPlace } from './state-record.ts';

/** A topic of ours that keeps something about places of other topics, all of one place in one partition. */
export interface PlaceTopic {
  readonly name: string;
  readonly partitions: number;
}

/** The partition that keeps what is known of a place. Never another one: what was written before would not be found. */
export function partitionOf({ topic, partition }: LogPlace, { partitions }: PlaceTopic): number {
  return javaPartition(Buffer.from(`${topic}-${partition}`), partitions);
}

/** Records about a place, to be sent in a transaction. `now` in milliseconds since 1970. */
export function placeRecords(
  place: LogPlace,
  written: readonly Pick<NewRecord, 'key' | 'value'>[],
  to: PlaceTopic,
  now: number,
): NewRecord[] {
  const partition = partitionOf(place, to);
  return written.map((one) => ({ ...one, topic: to.name, partition, timestamp: BigInt(now), headers: [] }));
}
