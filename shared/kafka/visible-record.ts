import type { KafkaRecord } from './record.ts';
import type { LogBatch } from './record-batch.ts';

/** A transaction that was aborted, as a fetch response names it. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

// Bits of a batch's attributes (Kafka protocol guide, record batch).
const isTransactional = 0x10;
const isControl = 0x20;
const isLogAppendTime = 0x08;

/** Records of a batch that follow one another, by their numbers in it; `end` is behind the last one. */
export interface RecordSpan {
  readonly batch: LogBatch;
  readonly start: number;
  readonly end: number;
}

/**
 * Where the records from an offset on are, and below `to`, among the batches of one fetch response in their order: without
 * transaction markers and aborted transactions. The client's own filter lets records of aborted transactions through.
 */
export function visibleSpans(
  batches: readonly LogBatch[],
  aborted: readonly AbortedTransaction[],
  from: bigint,
  to?: bigint,
): RecordSpan[] {
  const spans: RecordSpan[] = [];
  const starts = aborted.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  let started = 0;
  const open = new Set<bigint>();
  for (const batch of batches) {
    const last = lastOffset(batch);
    for (let start = starts[started]; start !== undefined && start.firstOffset <= last; start = starts[started]) {
      open.add(start.producerId);
      started += 1;
    }
    if ((batch.attributes & isControl) !== 0) {
      // The key of a marker is a version and a type, of two bytes each; type 0 aborts.
      if (batch.records.length > 0 && batch.records.at(0).key?.readInt16BE(2) === 0) open.delete(batch.producerId);
      continue;
    }
    if ((batch.attributes & isTransactional) !== 0 && open.has(batch.producerId)) continue;
    const start = firstFrom(batch, from);
    const end = to === undefined ? batch.records.length : firstFrom(batch, to);
    if (end > start) spans.push({ batch, start, end });
  }
  return spans;
}

/** The number of the first record at or behind an offset. */
function firstFrom(batch: LogBatch, offset: bigint): number {
  let index = 0;
  while (index < batch.records.length && offsetOf(batch, index) < offset) index += 1;
  return index;
}

/** The offset of a record of a batch. */
export function offsetOf({ firstOffset, records }: LogBatch, index: number): bigint {
  return firstOffset + BigInt(records.offsetDelta(index));
}

/** The records of spans, each read when its turn comes. */
export function* recordsOf(
  { topic, partition }: Pick<KafkaRecord, 'topic' | 'partition'>,
  spans: readonly RecordSpan[],
): Generator<KafkaRecord, void> {
  for (const { batch, start, end } of spans) {
    const isAppended = (batch.attributes & isLogAppendTime) !== 0;
    for (let index = start; index < end; index += 1) {
      const { timestampDelta, key, value, headers } = batch.records.at(index);
      yield {
        topic,
        partition,
        offset: offsetOf(batch, index),
        timestamp: isAppended ? batch.maxTimestamp : batch.firstTimestamp + timestampDelta,
        timestampType: isAppended ? 'append' : 'create',
        key,
        value,
        headers,
      };
    }
  }
}

/** The last offset that a batch takes, whether or not a record is left there. */
export function lastOffset({ firstOffset, lastOffsetDelta }: LogBatch): bigint {
  return firstOffset + BigInt(lastOffsetDelta);
}
