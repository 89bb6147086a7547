import type { KafkaRecord } from '#shared/kafka/record.ts';
import type { OffsetRange } from '#shared/lake/offset-ranges.ts';

/** How letters that are set aside are stored. */
export type QuarantineFormat = 'parquet' | 'jsonl';

const endings = { parquet: 'snappy.parquet', jsonl: 'jsonl.gz' } as const;

/** The last moment that a folder can be named after: the end of the year 9999. */
const lastMoment = 253_402_300_799_999n;

/** Letters of one hour that lie in one file. */
export interface QuarantineFile<Entry> {
  /** Below the quarantine's folder: `<topic>/dt=2026-11-21/hour=07/part-<partition>-<first>-<last>.<ending>`. */
  readonly path: string;
  readonly entries: readonly Entry[];
}

/**
 * Divides the letters of a batch, all of one Kafka partition, into files by the hour of their timestamps, in UTC. Names follow
 * from the bounds of the batch alone, so that it goes to the same files however often it is done, also when retention deleted
 * some of its letters meanwhile. Timestamps before 1970 count as 1970.
 */
export function planFiles<Entry extends { readonly record: KafkaRecord }>(
  entries: readonly Entry[],
  { first, last }: OffsetRange,
  format: QuarantineFormat,
): QuarantineFile<Entry>[] {
  const hours = Map.groupBy(entries, ({ record }) => hourFolder(record.timestamp));
  return [...hours].map(([hour, together]) => {
    const { topic, partition } = (together[0] as Entry).record;
    return {
      path: `${topic}/${hour}/part-${partition}-${first}-${last}.${endings[format]}`,
      entries: together,
    };
  });
}

function hourFolder(timestamp: bigint): string {
  const moment = timestamp < 0n ? 0n : timestamp > lastMoment ? lastMoment : timestamp;
  const text = new Date(Number(moment)).toISOString();
  return `dt=${text.slice(0, 10)}/hour=${text.slice(11, 13)}`;
}
