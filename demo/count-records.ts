import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';

/** What a topic holds for readers of committed records. */
export interface Content {
  readonly records: number;
  /** Different keys. */
  readonly keys: number;
}

/** Counts the committed records of a topic, and their keys. */
export async function countRecords(link: KafkaLink, topic: string, partitions: number): Promise<Content> {
  const reader = new RecordReader(link);
  const keys = new Set<string>();
  let records = 0;
  for (let partition = 0; partition < partitions; partition += 1)
    for await (const piece of reader.read(topic, partition, 0n)) {
      records += piece.records.length;
      for (const { key } of piece.records) keys.add(Buffer.from(key ?? []).toString());
    }
  return { records, keys: keys.size };
}
