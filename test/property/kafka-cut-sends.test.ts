import fc from 'fast-check';
import { expect, test } from '@jest/globals';
import { cutSends, type NewRecord } from '#shared/kafka/cut-sends.ts';

const bytes = fc.option(fc.nat(400).map((length) => Buffer.alloc(length)));
const record: fc.Arbitrary<NewRecord> = fc.record({
  topic: fc.constantFrom('a', 'b'),
  partition: fc.nat(2),
  timestamp: fc.bigInt({ min: -1n, max: 2n ** 33n }),
  key: bytes,
  value: bytes,
  headers: fc.array(fc.tuple(fc.constant(Buffer.from('name')), bytes), { maxLength: 3 }),
});
const limits = { maxBytes: 1_000, maxRecords: 7 };
const length = ({ key, value, headers }: NewRecord): number =>
  [key, value, ...headers.flat()].reduce((sum, part) => sum + (part?.length ?? 0), 0);

test('records keep their order, none is lost, and no request holds more than it may', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 60 }), (records) => {
      const sends = cutSends(records, limits);
      expect(sends.flat()).toEqual(records);
      for (const send of sends) {
        expect(send.length).toBeGreaterThan(0);
        expect(send.length).toBeLessThanOrEqual(limits.maxRecords);
        if (send.length > 1) expect(send.reduce((sum, each) => sum + length(each), 0)).toBeLessThan(limits.maxBytes);
        for (const batch of Map.groupBy(send, ({ topic, partition }) => `${topic}-${partition}`).values())
          for (const { timestamp } of batch) {
            const delta = timestamp - (batch[0]?.timestamp ?? 0n);
            expect(delta < 2n ** 31n && delta > -(2n ** 31n)).toBe(true);
          }
      }
    }),
  );
});

test('what fits goes together', () => {
  const fits = (timestamp: bigint, partition = 0): NewRecord => ({
    topic: 'a',
    partition,
    timestamp,
    key: null,
    value: Buffer.alloc(100),
    headers: [],
  });
  const far = 2n ** 31n;
  const sizes = (records: NewRecord[]): number[] => cutSends(records, limits).map(({ length: count }) => count);
  expect(sizes([fits(far - 1n), fits(0n), fits(2n * far - 2n)])).toEqual([3]);
  expect(sizes([fits(0n), fits(far)])).toEqual([1, 1]);
  // Another partition is another batch.
  expect(sizes([fits(0n), fits(far, 1), fits(1n)])).toEqual([3]);
  expect(sizes([{ ...fits(0n), value: Buffer.alloc(5_000) }, fits(0n)])).toEqual([1, 1]);
  expect(sizes([])).toEqual([]);
});
