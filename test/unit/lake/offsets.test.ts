import { describe, expect, test } from '@jest/globals';
import { parseOffsetName } from '#shared/lake/offset-name.ts';
import { countOffsets, gapsBetween, parseRanges } from '#shared/lake/offset-ranges.ts';

describe('the offsets in a name', () => {
  test.each([
    ['clicks+0+0000000000+0000000099.parquet', 'clicks', 0, 0n, 99n],
    ['clicks+12+0000000100+0000000100.snappy.parquet', 'clicks', 12, 100n, 100n],
    ['a.b_c-d+0+9223372036854775806+9223372036854775807.parquet', 'a.b_c-d', 0, 2n ** 63n - 2n, 2n ** 63n - 1n],
    ['a+1+2+3+4+5.parquet', 'a+1+2', 3, 4n, 5n],
    ['clicks+0+1+2', 'clicks', 0, 1n, 2n],
  ])('%s', (name, topic, partition, first, last) => {
    expect(parseOffsetName(name)).toEqual({ topic, partition, first, last });
  });

  test.each([
    'data.snappy.parquet',
    'clicks+0+0.parquet',
    '+0+0+1.parquet',
    'clicks+0+5+4.parquet',
    'clicks+2147483648+0+1.parquet',
    'clicks+0+0+9223372036854775808.parquet',
    'clicks+0+0+99999999999999999999999.parquet',
    'clicks+-1+0+1.parquet',
    'clicks+0+0+1x.parquet',
    'clicks+0+ 0+1.parquet',
    'clicks+0+٠+1.parquet',
  ])('%s tells none', (name) => {
    expect(parseOffsetName(name)).toBeUndefined();
  });
});

describe('sets of offsets', () => {
  test('have gaps between their ranges, and a number of offsets', () => {
    const ranges = parseRanges('0-99,105,110-200') ?? [];
    expect(gapsBetween(ranges)).toEqual(parseRanges('100-104,106-109'));
    expect(countOffsets(ranges)).toBe(192n);
  });

  test.each(['-', '1-', '2-1', '0-5,6', '5,1', '0-1,', 'x', '1e3', `${10n ** 19n}`])('%s is none', (text) => {
    expect(parseRanges(text)).toBeUndefined();
  });
});
