import type { KafkaHeader, KafkaRecord } from './record.ts';

/** What is needed of a batch of a log to tell which records readers of committed records see in it. */
export interface LogBatch {
  readonly firstOffset: bigint;
  readonly lastOffsetDelta: number;
  readonly attributes: number;
  readonly producerId: bigint;
  readonly firstTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly records: readonly {
    readonly offsetDelta: number;
    readonly timestampDelta: bigint;
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly headers: readonly (readonly [name: Buffer | null, value: Buffer | null])[];
  }[];
}

/** A transaction that was aborted, as a fetch response names it. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

// Bits of a batch's attributes (Kafka protocol guide, record batch).
const isTransactional = 0x10;
const isControl = 0x20;
const isLogAppendTime = 0x08;

/**
 * The records from an offset on, among the batches of one fetch response in their order, that are no transaction markers and
 * of no aborted transaction. The client's own filter lets records of aborted transactions through.
 */
export function* visibleRecords(
  { topic, partition }: Pick<KafkaRecord, 'topic' | 'partition'>,
  batches: readonly LogBatch[],
  aborted: readonly AbortedTransaction[],
  from: bigint,
): Generator<KafkaRecord, void> {
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
      if (batch.records[0]?.key?.readInt16BE(2) === 0) open.delete(batch.producerId);
      continue;
    }
    if ((batch.attributes & isTransactional) !== 0 && open.has(batch.producerId)) continue;
    const appended = (batch.attributes & isLogAppendTime) !== 0;
    for (const { offsetDelta, timestampDelta, key, value, headers } of batch.records) {
      const offset = batch.firstOffset + BigInt(offsetDelta);
      if (offset < from) continue;
      yield {
        topic,
        partition,
        offset,
        timestamp: appended ? batch.maxTimestamp : batch.firstTimestamp + timestampDelta,
        timestampType: appended ? 'append' : 'create',
        key,
        value,
        // The format has no null names; what the client shows as null is none or empty.
        headers: headers.map(([name, content]): KafkaHeader => [name ?? noBytes, content]),
      };
    }
  }
}

const noBytes = new Uint8Array(0);

/** The last offset that a batch takes, whether or not a record is left there. */
export function lastOffset({ firstOffset, lastOffsetDelta }: LogBatch): bigint {
  return firstOffset + BigInt(lastOffsetDelta);
}
