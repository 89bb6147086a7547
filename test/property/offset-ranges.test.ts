import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseOffsetName } from '#shared/lake/offset-name.ts';
import {
  countOffsets,
  formatRanges,
  gapsBetween,
  intersectRanges,
  type OffsetRange,
  type OffsetRanges,
  parseRanges,
  subtractRanges,
  uniteRanges,
} from '#shared/lake/offset-ranges.ts';

const limit = 40;
const range = fc
  .tuple(fc.integer({ min: 0, max: limit }), fc.integer({ min: 0, max: 6 }))
  .map(([first, more]): OffsetRange => ({ first: BigInt(first), last: BigInt(first + more) }));
const files = fc.array(range, { maxLength: 12 });

/** The offsets of ranges, one by one: what the arithmetic must agree with. */
function offsets(ranges: readonly OffsetRange[]): Set<number> {
  return new Set(
    ranges.flatMap(({ first, last }) => Array.from({ length: Number(last - first) + 1 }, (_, i) => Number(first) + i)),
  );
}

function expectSet(ranges: OffsetRanges, wanted: ReadonlySet<number>): void {
  expect(offsets(ranges)).toEqual(wanted);
  // In order, apart, and so the only way to write this set.
  expect(uniteRanges(ranges)).toEqual(ranges);
  expect(countOffsets(ranges)).toBe(BigInt(wanted.size));
  expect(parseRanges(formatRanges(ranges))).toEqual(ranges);
}

test('union, difference, intersection and gaps are those of the sets of offsets', () => {
  fc.assert(
    fc.property(files, files, (left, right) => {
      const [a, b] = [uniteRanges(left), uniteRanges(right)];
      const [setA, setB] = [offsets(left), offsets(right)];
      expectSet(uniteRanges(left, right), setA.union(setB));
      expectSet(subtractRanges(a, b), setA.difference(setB));
      expectSet(intersectRanges(a, b), setA.intersection(setB));
      const hull = a.length === 0 ? [] : [{ first: a[0]!.first, last: a.at(-1)!.last }];
      expectSet(gapsBetween(a), offsets(hull).difference(setA));
    }),
  );
});

test('in whatever order files arrive, the same offsets are there', () => {
  fc.assert(
    fc.property(
      files.chain((some) => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length }))),
      ([some, shuffled]) => {
        let added: OffsetRanges = [];
        for (const file of shuffled) added = uniteRanges(added, [file]);
        expect(added).toEqual(uniteRanges(some));
      },
    ),
  );
});

test('any topic, partition and offsets go to a name and come back', () => {
  const offset = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, unit: 'grapheme' }),
      fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      offset,
      offset,
      (topic, partition, one, other) => {
        const [first, last] = one < other ? [one, other] : [other, one];
        const name = `${topic}+${partition}+${String(first).padStart(10, '0')}+${String(last).padStart(10, '0')}`;
        for (const extension of ['.parquet', '.snappy.parquet'])
          expect(parseOffsetName(name + extension)).toEqual({ topic, partition, first, last });
      },
    ),
  );
});

test('no text makes the parsers fail', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a+\d.-]{0,40}$/), (any, near) => {
      for (const text of [any, near]) {
        parseOffsetName(text);
        parseRanges(text);
      }
    }),
  );
});
