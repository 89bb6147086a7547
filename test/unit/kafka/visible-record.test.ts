import { expect, test } from '@jest/globals';
import { firstVisible, lastOffset, type LogBatch } from '#shared/kafka/visible-record.ts';

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
    records: offsets.map((offsetDelta) => ({ offsetDelta, timestampDelta: BigInt(offsetDelta * 1_000), key })),
  };
}

const visible = (batches: readonly Batch[], aborted: readonly [producer: number, first: number][] = [], from = 0) =>
  firstVisible(
    batches.map(batch),
    aborted.map(([producer, first]) => ({ producerId: BigInt(producer), firstOffset: BigInt(first) })),
    BigInt(from),
  );

test('the first record from the offset on is found, in a batch that began before it and has holes', () => {
  expect(visible([{ first: 10, offsets: [0, 3, 4] }], [], 11)).toEqual({ offset: 13n, timestamp: 1_003_000 });
  expect(visible([{ first: 10, offsets: [0, 3, 4] }], [], 15)).toBeUndefined();
});

test('where the broker stamps records, its time counts', () => {
  expect(visible([{ first: 0, offsets: [0, 1], appendTime: true }], [], 1)).toEqual({
    offset: 1n,
    timestamp: 9_000_000,
  });
});

test('markers are no records', () => {
  expect(visible([{ first: 5, producer: 1, marker: 'commit' }])).toBeUndefined();
});

test('records of a transaction are seen unless it was aborted', () => {
  expect(visible([{ first: 0, producer: 1 }])?.offset).toBe(0n);
  expect(visible([{ first: 0, producer: 1 }], [[1, 0]])).toBeUndefined();
  expect(visible([{ first: 0, producer: 1 }], [[2, 0]])?.offset).toBe(0n);
  // Of another producer, in between, and without a transaction.
  expect(visible([{ first: 0, producer: 1 }, { first: 1 }], [[1, 0]])?.offset).toBe(1n);
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
  expect(
    visible(log, [
      [1, 2],
      [1, 0],
    ])?.offset,
  ).toBe(4n);
  // The marker of the second one is in the next response only.
  expect(
    visible(log.slice(0, 3), [
      [1, 0],
      [1, 2],
    ]),
  ).toBeUndefined();
});

test('a batch takes offsets up to its last one, also where compaction left none', () => {
  expect(lastOffset({ ...batch({ first: 10, offsets: [] }), lastOffsetDelta: 7 })).toBe(17n);
});
