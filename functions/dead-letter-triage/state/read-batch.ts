import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { listOffsets, logBounds, type LogBounds } from '#shared/kafka/log-bounds.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import type { OffsetRange } from '#shared/lake/offset-ranges.ts';
import type { LogPlace } from './state-record.ts';

/** Letters that are worked on together. */
export interface Batch extends OffsetRange {
  readonly records: readonly KafkaRecord[];
  /** Offsets whose records retention deleted before anybody read them. */
  readonly lost: bigint;
}

/** How large a batch may be; one record alone may be larger. */
export interface BatchLimits {
  readonly records: number;
  readonly bytes: number;
}

/** What reading needs. */
export interface Reading {
  readonly link: KafkaLink;
  readonly limits: BatchLimits;
  readonly signal?: AbortSignal | undefined;
}

/** The bounds of a partition's log. */
export async function boundsOf({ topic, partition }: LogPlace, { link, signal }: Reading): Promise<LogBounds> {
  const bounds = await logBounds(link, topic, [partition], { signal });
  return bounds.get(partition) ?? { earliest: 0n, end: 0n };
}

/** The offset below which all of a partition is decided: committed or aborted. */
export async function stableEndOf({ topic, partition }: LogPlace, { link, signal }: Reading): Promise<bigint> {
  const ends = await listOffsets(link, topic, [partition], 'stable', { signal });
  return ends.get(partition) ?? 0n;
}

/**
 * The batch that somebody has begun, if it is one of this log: it begins at the position, which is committed with it, or without one yet
 * where the log began. Any other was begun in a log that is gone: whoever deletes a topic deletes its positions, but not our state.
 */
export function begunBatch(
  batch: OffsetRange | undefined,
  position: bigint | undefined,
  { earliest, end }: LogBounds,
): OffsetRange | undefined {
  if (batch === undefined || batch.last >= end) return undefined;
  const isOfLog = position === undefined ? batch.first <= earliest : batch.first === position;
  return isOfLog ? batch : undefined;
}

/** Reads a range, or as much of its beginning as a batch may hold; undefined when nothing can be read yet. */
export async function readBatch(
  { topic, partition }: LogPlace,
  { first, last }: OffsetRange,
  isOpen: boolean,
  { link, limits, signal }: Reading,
): Promise<Batch | undefined> {
  const records: KafkaRecord[] = [];
  let [next, lost, bytes] = [first, 0n, 0];
  if (first > last) return undefined;
  const maxBytes = Math.min(limits.bytes, 1 << 20);
  const options = signal === undefined ? { maxBytes } : { maxBytes, signal };
  for await (const piece of new RecordReader(link).read(topic, partition, first, last + 1n, options)) {
    if (piece.gap !== undefined) lost += piece.gap.last - piece.gap.first + 1n;
    next = piece.next;
    for (const record of piece.records) {
      // What is left of this piece is read again with the next batch.
      if (isOpen && records.length > 0 && (records.length >= limits.records || bytes >= limits.bytes)) {
        return { first, last: record.offset - 1n, records, lost };
      }
      records.push(record);
      bytes += sizeOf(record);
    }
  }
  return next > first ? { first, last: isOpen ? next - 1n : last, records, lost } : undefined;
}

function sizeOf({ key, value, headers }: KafkaRecord): number {
  const bytes = headers.reduce((sum, [name, content]) => sum + name.length + (content?.length ?? 0), 0);
  return bytes + (key?.length ?? 0) + (value?.length ?? 0);
}
