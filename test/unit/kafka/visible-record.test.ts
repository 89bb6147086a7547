import { expect, test } from '@jest/globals';
import type { LogBatch } from '#shared/kafka/record-batch.ts';
import { lastOffset, recordsOf, visibleSpans } from '#shared/kafka/visible-record.ts';

interface Batch {
  readonly first: number;
  readonly offsets?: readonly number[];
  readonly producer?: number;
  readonly marker?: 'commit' | 'abort';
  readonly appendTime?: true;
}

/** A batch of the log; its records are one second apart, from the thousandth on. */
function batch({ first, offsets = [0], producer = -1, marker, appendTime }: Batch): LogBatch {
  const key = marker === undefined ? null : Buffer.from([0, 0, 0, marker === 'commit' ? 1 : 0]);
  return {
    firstOffset: BigInt(first),
    lastOffsetDelta: offsets.at(-1) ?? 0,
    attributes: (producer >= 0 ? 0x10 : 0) | (marker === undefined ? 0 : 0x20) | (appendTime ? 0x08 : 0),
    producerId: BigInt(producer),
    firstTimestamp: 1_000_000n,
    maxTimestamp: 9_000_000n,
    records: {
      length: offsets.length,
      offsetDelta: (index) => offsets[index] as number,
      size: () => 10,
      at: (index) => ({
        timestampDelta: BigInt((offsets[index] as number) * 1_000),
        key,
        value: null,
        headers: [[Buffer.alloc(0), Buffer.from([0xff])]],
      }),
    },
  };
}

const place = { topic: 'clicks', partition: 3 };
const visible = (
  batches: readonly Batch[],
  aborted: readonly (readonly [producer: number, first: number])[] = [],
  from = 0,
  to?: number,
) => {
  const transactions = aborted.map(([producer, first]) => ({
    producerId: BigInt(producer),
    firstOffset: BigInt(first),
  }));
  const end = to === undefined ? undefined : BigInt(to);
  return [...recordsOf(place, visibleSpans(batches.map(batch), transactions, BigInt(from), end))];
};
const offsets = (...of: Parameters<typeof visible>): bigint[] => visible(...of).map(({ offset }) => offset);

test('records from the offset on are seen, in a batch that began before it and has holes', () => {
  expect(visible([{ first: 10, offsets: [0, 3, 4] }], [], 14)).toEqual([
    {
      topic: 'clicks',
      partition: 3,
      offset: 14n,
      timestamp: 1_004_000n,
      timestampType: 'create',
      key: null,
      value: null,
      headers: [[Buffer.alloc(0), Buffer.from([0xff])]],
    },
  ]);
  expect(offsets([{ first: 10, offsets: [0, 3, 4] }], [], 11)).toEqual([13n, 14n]);
  expect(offsets([{ first: 10, offsets: [0, 3, 4] }], [], 15)).toEqual([]);
  expect(offsets([{ first: 10, offsets: [0, 3, 4] }, { first: 15 }], [], 10, 14)).toEqual([10n, 13n]);
});

test('where the broker stamps records, its time counts', () => {
  expect(visible([{ first: 0, offsets: [0, 1], appendTime: true }], [], 1)).toMatchObject([
    { offset: 1n, timestamp: 9_000_000n, timestampType: 'append' },
  ]);
});

test('markers are no records', () => {
  expect(offsets([{ first: 5, producer: 1, marker: 'commit' }])).toEqual([]);
});

test('a marker that compaction has emptied is nothing', () => {
  const log: Batch[] = [
    { first: 5, offsets: [], producer: 1, marker: 'abort' },
    { first: 6, producer: 1 },
  ];
  expect(offsets(log)).toEqual([6n]);
});

test('records of a transaction are seen unless it was aborted', () => {
  expect(offsets([{ first: 0, producer: 1 }])).toEqual([0n]);
  expect(offsets([{ first: 0, producer: 1 }], [[1, 0]])).toEqual([]);
  expect(offsets([{ first: 0, producer: 1 }], [[2, 0]])).toEqual([0n]);
  // Of another producer, in between, and without a transaction.
  expect(offsets([{ first: 0, producer: 1 }, { first: 1 }], [[1, 0]])).toEqual([1n]);
});

test('a producer that aborted one transaction after the other is seen when it commits one', () => {
  const log: Batch[] = [
    { first: 0, producer: 1 },
    { first: 1, producer: 1, marker: 'abort' },
    { first: 2, producer: 1 },
    { first: 3, producer: 1, marker: 'abort' },
    { first: 4, producer: 1 },
    { first: 5, producer: 1, marker: 'commit' },
  ];
  const aborted = [
    [1, 2],
    [1, 0],
  ] as const;
  expect(offsets(log, aborted)).toEqual([4n]);
  // The marker of the second one is in the next response only.
  expect(offsets(log.slice(0, 3), aborted)).toEqual([]);
});

test('a batch takes offsets up to its last one, also where compaction left none', () => {
  expect(lastOffset({ ...batch({ first: 10, offsets: [] }), lastOffsetDelta: 7 })).toBe(17n);
});
