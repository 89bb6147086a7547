import { describe, expect, test } from '@jest/globals';
import { hiveStatistics, statisticsRefusal } from '#shared/hive/column-statistics.ts';
import type { ColumnStatisticsData } from '#shared/hive/metastore.ts';
import { type ColumnStatistics, nullStatistics, unknownStatistics } from '#shared/parquet/column-statistics.ts';
import { parseHiveType } from '#shared/parquet/hive-type.ts';

const known: ColumnStatistics = { ...unknownStatistics(10n), nulls: 1n, distinct: { least: 1n, most: 9n } };

function dataOf(type: string, statistics: ColumnStatistics, options = {}): ColumnStatisticsData | undefined {
  return hiveStatistics({ name: 'c', type: parseHiveType(type) }, statistics, options)?.statsData;
}

function bounds(type: string, low: bigint | number, high: bigint | number): unknown {
  const data = dataOf(type, { ...known, range: { low, high } });
  const [values] = Object.values(data ?? {}) as { readonly lowValue?: unknown; readonly highValue?: unknown }[];
  return values && [values.lowValue, values.highValue];
}

const decimal = (hex: string, scale: number): unknown => ({ unscaled: Buffer.from(hex, 'hex'), scale });
const counts = { numNulls: 1n, numDVs: 2n };

describe('the statistics of a column in the metastore', () => {
  test.each<[string, bigint | number, bigint | number, unknown, unknown]>([
    ['tinyint', -3n, 3n, -3n, 3n],
    ['bigint', -(2n ** 63n), -1n, -(2n ** 63n), -1n],
    ['float', -0.5, 2, -0.5, 2],
    ['date', -1n, 1n, { daysSinceEpoch: -1n }, { daysSinceEpoch: 1n }],
    ['timestamp', -1n, 1_999_999_999n, { secondsSinceEpoch: -1n }, { secondsSinceEpoch: 1n }],
    ['timestamp', -(10n ** 9n), 0n, { secondsSinceEpoch: -1n }, { secondsSinceEpoch: 0n }],
    ['decimal(9,2)', -105n, 250n, decimal('97', 2), decimal('19', 1)],
    ['decimal(9,2)', -12_800n, 12_700n, decimal('80', 0), decimal('7f', 0)],
    ['decimal(9,2)', 0n, 12_800n, decimal('00', 0), decimal('0080', 0)],
    ['decimal(9,0)', -129n, 1000n, decimal('ff7f', 0), decimal('03e8', 0)],
  ])('%s from %s to %s', (type, low, high, first, last) => {
    expect(bounds(type, low, high)).toEqual([first, last]);
  });

  test('name the column and its type', () => {
    const type = parseHiveType('decimal(9,2)');
    expect(hiveStatistics({ name: 'price', type }, nullStatistics(3n))).toEqual({
      colName: 'price',
      colType: 'decimal(9,2)',
      statsData: { decimalStats: { numNulls: 3n, numDVs: 1n } },
    });
  });

  test('say the number of distinct values that is proven, at least 1', () => {
    const range = { low: 1n, high: 2n };
    const distinct = { least: 5n, most: 9n };
    expect(dataOf('int', { ...known, range })?.longStats?.numDVs).toBe(2n);
    expect(dataOf('int', { ...known, range, distinct })?.longStats?.numDVs).toBe(5n);
    expect(dataOf('int', { ...known, range: { low: 1n, high: 1n } })?.longStats?.numDVs).toBe(1n);
    expect(dataOf('int', nullStatistics(0n))?.longStats?.numDVs).toBe(1n);
  });

  test('keep the timestamps of old metastores as long', () => {
    const moment = { ...known, range: { low: -1n, high: 10n ** 9n } };
    const longStats = { lowValue: -1n, highValue: 1n, ...counts };
    expect(dataOf('timestamp', moment, { timestampsAsLong: true })).toEqual({ longStats });
  });

  test('have lengths over all rows, nulls too, and booleans by count', () => {
    const lengths = { ...known, length: { total: 25n, longest: 7n } };
    const told = { maxColLen: 7n, avgColLen: 2.5, numNulls: 1n };
    expect(dataOf('string', lengths)).toEqual({ stringStats: { ...told, numDVs: 1n } });
    expect(dataOf('binary', lengths)).toEqual({ binaryStats: told });
    expect(dataOf('string', nullStatistics(0n))?.stringStats).toMatchObject({ avgColLen: 0 });
    expect(dataOf('boolean', { ...known, trues: 4n })).toEqual({
      booleanStats: { numTrues: 4n, numFalses: 5n, numNulls: 1n },
    });
  });

  test.each(['int', 'double', 'decimal(9,2)', 'date', 'timestamp', 'boolean', 'string', 'binary'])(
    '%s is left out when something is not known',
    (type) => {
      expect(dataOf(type, known)).toBeUndefined();
      expect(dataOf(type, unknownStatistics(1n))).toBeUndefined();
      const nothing = { ...nullStatistics(1n), nulls: undefined };
      expect(dataOf(type, { ...nothing, range: { low: 1n, high: 1n } })).toBeUndefined();
    },
  );

  test.each<[string, bigint | number, bigint | number]>([
    ['bigint', -1n, 2n ** 63n - 1n],
    ['double', -1e308, 1e308],
    ['double', 1, Number.POSITIVE_INFINITY],
    ['float', Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    ['array<int>', 1n, 2n],
    ['varchar(5)', 1n, 2n],
  ])('%s from %s to %s is left out', (type, low, high) => {
    expect(bounds(type, low, high)).toBeUndefined();
  });
});

describe('a table takes statistics', () => {
  const parameters = (...pairs: [string, string][]): Map<string, string> => new Map(pairs);

  test('when it is external', () => {
    expect(
      statisticsRefusal({ tableType: 'EXTERNAL_TABLE', parameters: parameters(['EXTERNAL', 'TRUE']) }),
    ).toBeUndefined();
    expect(statisticsRefusal({ tableType: 'EXTERNAL_TABLE' })).toBeUndefined();
  });

  test('and is refused them when it is managed, transactional, a view or of no type', () => {
    expect(statisticsRefusal({ tableType: 'MANAGED_TABLE' })).toContain('MANAGED_TABLE');
    expect(statisticsRefusal({ tableType: 'VIRTUAL_VIEW' })).toContain('VIRTUAL_VIEW');
    expect(statisticsRefusal({})).toContain('unknown type');
    const external = { tableType: 'EXTERNAL_TABLE' };
    expect(statisticsRefusal({ ...external, parameters: parameters(['EXTERNAL', 'FALSE']) })).toBeDefined();
    expect(statisticsRefusal({ ...external, parameters: parameters(['transactional', 'TRUE']) })).toMatch(/ACID/);
  });
});
