/** What is needed of a batch of a log to tell whether readers of committed records see it. */
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
  }[];
}

/** A transaction that was aborted, as a fetch response names it. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/** A record that readers of committed records see. */
export interface VisibleRecord {
  readonly offset: bigint;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

// Bits of a batch's attributes (Kafka protocol guide, record batch).
const isTransactional = 0x10;
const isControl = 0x20;
const isLogAppendTime = 0x08;

/**
 * The first record from an offset on, among the batches of one fetch response in their order, that is no transaction marker
 * and of no aborted transaction. The client's own filter lets records of aborted transactions through.
 */
export function firstVisible(
  batches: readonly LogBatch[],
  aborted: readonly AbortedTransaction[],
  from: bigint,
): VisibleRecord | undefined {
  const pending = aborted.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  const open = new Set<bigint>();
  for (const batch of batches) {
    const last = lastOffset(batch);
    while (pending[0] !== undefined && pending[0].firstOffset <= last)
      open.add((pending.shift() as AbortedTransaction).producerId);
    if ((batch.attributes & isControl) !== 0) {
      // The key of a marker is a version and a type, of two bytes each; type 0 aborts.
      if (batch.records[0]?.key?.readInt16BE(2) === 0) open.delete(batch.producerId);
      continue;
    }
    if ((batch.attributes & isTransactional) !== 0 && open.has(batch.producerId)) continue;
    for (const { offsetDelta, timestampDelta } of batch.records) {
      const offset = batch.firstOffset + BigInt(offsetDelta);
      if (offset < from) continue;
      const appended = (batch.attributes & isLogAppendTime) !== 0;
      return { offset, timestamp: Number(appended ? batch.maxTimestamp : batch.firstTimestamp + timestampDelta) };
    }
  }
  return undefined;
}

/** The last offset that a batch takes, whether or not a record is left there. */
export function lastOffset({ firstOffset, lastOffsetDelta }: LogBatch): bigint {
  return firstOffset + BigInt(lastOffsetDelta);
}
