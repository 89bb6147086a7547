import type { KafkaRecord } from '#shared/kafka/record.ts';

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
 * Divides the letters of one Kafka partition into files by the hour of their timestamps, in UTC. Names follow from the
 * offsets alone, so the same letters go to the same files however often they are written. Timestamps before 1970 count as 1970.
 */
export function planFiles<Entry extends { readonly record: KafkaRecord }>(
  entries: readonly Entry[],
  format: QuarantineFormat,
): QuarantineFile<Entry>[] {
  const hours = Map.groupBy(entries, ({ record }) => hourFolder(record.timestamp));
  return [...hours].map(([hour, together]) => {
    const [first, last] = [together[0] as Entry, together.at(-1) as Entry];
    const { topic, partition, offset } = first.record;
    return {
      path: `${topic}/${hour}/part-${partition}-${offset}-${last.record.offset}.${endings[format]}`,
      entries: together,
    };
  });
}

function hourFolder(timestamp: bigint): string {
  const moment = timestamp < 0n ? 0n : timestamp > lastMoment ? lastMoment : timestamp;
  const text = new Date(Number(moment)).toISOString();
  return `dt=${text.slice(0, 10)}/hour=${text.slice(11, 13)}`;
}
