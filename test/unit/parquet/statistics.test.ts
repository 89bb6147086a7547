import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { ChunkStatistics, ColumnChunk } from '#shared/parquet/bounds.ts';
import { type ColumnStatistics, nullStatistics, unknownStatistics } from '#shared/parquet/column-statistics.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import type { FileMetaDataFields } from '#shared/parquet/footer-codec/file-metadata.ts';
import { parseHiveType } from '#shared/parquet/hive-type.ts';
import { fileStatistics, partitionStatistics } from '#shared/parquet/statistics.ts';
import { bytesSource, type ColumnSpec, type FileOptions, parquetBytes } from '../../support/parquet-file.ts';

type Change = (metadata: FileMetaDataFields) => FileMetaDataFields;

/** Statistics of a column `c` of one file, whose footer may be changed before it is read. */
async function statisticsOf(
  spec: ColumnSpec,
  values: readonly unknown[],
  change: Change = (metadata) => metadata,
  options: FileOptions = {},
): Promise<ColumnStatistics> {
  const bytes = parquetBytes(
    { c: spec },
    values.map((c) => ({ c })),
    options,
  );
  const { metadata } = await readFooter(bytesSource(bytes));
  const found = fileStatistics({ metadata: change(metadata) }).columns.get('c');
  if (found === undefined) throw new Error('the file has no column c');
  return found.statistics;
}

const withChunk =
  (change: (data: NonNullable<ColumnChunk['meta_data']>) => NonNullable<ColumnChunk['meta_data']>): Change =>
  (metadata) => ({
    ...metadata,
    row_groups: metadata.row_groups.map((group) => ({
      ...group,
      columns: group.columns.map((chunk) => ({
        ...chunk,
        ...(chunk.meta_data && { meta_data: change(chunk.meta_data) }),
      })),
    })),
  });
const withStatistics = (change: (statistics: ChunkStatistics) => ChunkStatistics): Change =>
  withChunk((data) => ({ ...data, ...(data.statistics && { statistics: change(data.statistics) }) }));
const without = (...names: (keyof ChunkStatistics)[]): Change =>
  withStatistics((statistics) => omit(statistics, ...names));
const withoutOrders: Change = (metadata) => omit(metadata, 'column_orders');
function omit<T extends object>(from: T, ...names: (keyof T)[]): T {
  const left = Object.entries(from).filter(([name]) => !names.includes(name as keyof T));
  return Object.fromEntries(left) as T;
}

/** The bounds as writers wrote them before they had an order. */
const deprecated: Change = (metadata) =>
  withStatistics(({ min_value: min, max_value: max, null_count: nulls }) => ({
    ...(min && { min }),
    ...(max && { max }),
    ...(nulls !== undefined && { null_count: nulls }),
  }))(withoutOrders(metadata));
const int32 = (value: number): Uint8Array => new Uint8Array(Int32Array.of(value).buffer);

describe('bounds that a footer tells', () => {
  const uint = (bits: 8 | 32): ColumnSpec => ({ type: 'INT32', converted_type: `UINT_${bits}` });
  const bytesDecimal: ColumnSpec = { type: 'BYTE_ARRAY', converted_type: 'DECIMAL', precision: 20, scale: 2 };
  const nanos: ColumnSpec = {
    type: 'INT64',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'NANOS' },
  };
  test.each<[string, ColumnSpec, unknown[], bigint | number, bigint | number]>([
    ['smallint', 'smallint', [3, null, -4], -4n, 3n],
    ['int', 'int', [2 ** 31 - 1, -(2 ** 31)], -(2n ** 31n), 2n ** 31n - 1n],
    ['bigint', 'bigint', [2n ** 63n - 1n, -(2n ** 63n)], -(2n ** 63n), 2n ** 63n - 1n],
    ['unsigned byte', uint(8), [255, 0], 0n, 255n],
    ['unsigned int', uint(32), [2 ** 31 - 1, 0], 0n, 2n ** 31n - 1n],
    ['float', 'float', [0.1, -1], -1, Math.fround(0.1)],
    ['double', 'double', [0.1, -1e300], -1e300, 0.1],
    ['infinite double', 'double', [1, Number.POSITIVE_INFINITY], 1, Number.POSITIVE_INFINITY],
    ['zeros', 'double', [-0, 0, -0], 0, 0],
    ['decimal in 32 bits', 'decimal(9,2)', [-999_999_999n, 5n], -999_999_999n, 5n],
    ['decimal in 64 bits', 'decimal(18,2)', [-(10n ** 17n), 5n], -(10n ** 17n), 5n],
    ['decimal of fixed length', 'decimal(38,2)', [-(10n ** 38n) + 1n, 5n], -(10n ** 38n) + 1n, 5n],
    ['decimal of any length', bytesDecimal, [-(10n ** 19n), 128n], -(10n ** 19n), 128n],
    ['date', 'date', [-3, 18_000], -3n, 18_000n],
    ['timestamp in microseconds', 'timestamp', [-1n, 5n], -1_000n, 5_000n],
    ['timestamp in nanoseconds', nanos, [-1n, 5n], -1n, 5n],
    ['boolean', 'boolean', [true, null, false], 0n, 1n],
  ])('%s', async (_, spec, values, low, high) => {
    const statistics = await statisticsOf(spec, values);
    const nulls = values.filter((value) => value === null).length;
    expect(statistics).toMatchObject({ rows: BigInt(values.length), nulls: BigInt(nulls), range: { low, high } });
    expect(Object.is(statistics.range?.low, low) && Object.is(statistics.range?.high, high)).toBe(true);
    expect(statistics.distinct).toEqual({ least: low === high ? 1n : 2n, most: BigInt(values.length - nulls) });
  });

  test('span all row groups, also those that hold only nulls', async () => {
    const statistics = await statisticsOf('int', [5, 1, null, null, 9, null], undefined, { rowGroupSize: 2 });
    expect(statistics).toMatchObject({ rows: 6n, nulls: 3n, range: { low: 1n, high: 9n } });
    expect(statistics.distinct).toEqual({ least: 2n, most: 3n });
  });

  test('of signed integers may be the deprecated ones', async () => {
    expect((await statisticsOf('int', [3, -4], deprecated)).range).toEqual({ low: -4n, high: 3n });
    expect((await statisticsOf('date', [3, -4], deprecated)).range).toEqual({ low: -4n, high: 3n });
    expect((await statisticsOf('decimal(18,2)', [3n, -4n], deprecated)).range).toEqual({ low: -4n, high: 3n });
  });

  test('of floats may be ordered as IEEE 754 says', async () => {
    const total: Change = (metadata) => ({ ...metadata, column_orders: [{ IEEE_754_TOTAL_ORDER: {} }] });
    expect((await statisticsOf('double', [3, -4], total)).range).toEqual({ low: -4, high: 3 });
  });
});

describe('bounds that a footer does not tell for certain are not known:', () => {
  const uint32: ColumnSpec = { type: 'INT32', converted_type: 'UINT_32' };
  const uint64: ColumnSpec = { type: 'INT64', converted_type: 'UINT_64' };
  const byteArray: ColumnSpec = { type: 'BYTE_ARRAY', converted_type: 'DECIMAL', precision: 9, scale: 0 };
  const setBounds = (min: Uint8Array, max: Uint8Array): Change =>
    withStatistics((statistics) => ({ ...statistics, min_value: min, max_value: max }));
  const inexact = (name: 'is_min_value_exact' | 'is_max_value_exact'): Change =>
    withStatistics((statistics) => ({ ...statistics, [name]: false }));
  const asInt96: Change = (metadata) => {
    const bounds = { min_value: new Uint8Array(12), max_value: new Uint8Array(12), null_count: 0n };
    const schema = metadata.schema.map((element) => ({ ...element, ...(element.type && { type: 'INT96' as const }) }));
    return withChunk((data) => ({ ...data, type: 'INT96', statistics: bounds }))({ ...metadata, schema });
  };
  const inSecondGroup =
    (change: Change): Change =>
    (metadata) => ({
      ...metadata,
      row_groups: metadata.row_groups.map((group, index) =>
        index === 1 ? (change(metadata).row_groups[1] as typeof group) : group,
      ),
    });
  test.each<[string, ColumnSpec, unknown[], Change?]>([
    ['no order of columns', 'int', [1, 2], withoutOrders],
    ['an order that is not known', 'int', [1, 2], (metadata) => ({ ...metadata, column_orders: [{}] })],
    ['no bounds', 'int', [1, 2], without('min_value', 'max_value')],
    ['only one bound', 'int', [1, 2], without('max_value')],
    ['a bound missing in one row group', 'int', [1, 2, 3, 4], inSecondGroup(without('min_value'))],
    [
      'no statistics in one row group',
      'int',
      [1, 2, 3, 4],
      inSecondGroup(withChunk((data) => omit(data, 'statistics'))),
    ],
    ['a least value cut off', byteArray, [1n, 2n], inexact('is_min_value_exact')],
    ['a greatest value cut off', byteArray, [1n, 2n], inexact('is_max_value_exact')],
    ['a bound longer than its type', 'int', [1, 2], setBounds(new Uint8Array(8), int32(2))],
    [
      'a decimal shorter than its fixed length',
      'decimal(30,2)',
      [1n, 2n],
      setBounds(new Uint8Array(3), new Uint8Array(3)),
    ],
    ['a decimal without bytes', byteArray, [1n, 2n], setBounds(new Uint8Array(), new Uint8Array([1]))],
    ['a decimal with more digits than its type', byteArray, [10n ** 9n, 1n]],
    ['an integer wider than its type', { type: 'INT32', converted_type: 'INT_8' }, [128, 1]],
    ['an integer below its type', { type: 'INT32', converted_type: 'INT_8' }, [-129, 1]],
    ['bounds the wrong way round', 'int', [1, 2], setBounds(int32(2), int32(1))],
    ['a boolean that is neither', 'boolean', [true], setBounds(new Uint8Array([0]), new Uint8Array([2]))],
    ['an unsigned int past 31 bits', uint32, [1, 2 ** 31]],
    ['unsigned ints all past 31 bits', uint32, [2 ** 31, 2 ** 31 + 1]],
    ['an unsigned bigint past 63 bits', uint64, [1n, 2n ** 63n]],
    ['deprecated bounds of an unsigned int', uint32, [1, 2], deprecated],
    ['deprecated bounds of a double', 'double', [1, 2], deprecated],
    ['deprecated bounds of a decimal in bytes', 'decimal(30,2)', [1n, 2n], deprecated],
    ['NaN that is counted', 'double', [1, Number.NaN, 2]],
    ['nothing but NaN', 'double', [Number.NaN], without('nan_count')],
    ['a bound that is NaN', 'float', [1], setBounds(int32(0x7fc00000), int32(0x7fc00000))],
    ['a day that was Julian', 'date', [-141_428, 1]],
    ['a moment that was Julian', 'timestamp', [-141_428n * 86_400_000_000n, 1n]],
    ['INT96', 'bigint', [1n, 2n], asInt96],
    ['text', 'string', ['a', 'b']],
  ])('%s', async (_, spec, values, ...[change]) => {
    const { range, rows, nulls } = await statisticsOf(spec, values, change, { rowGroupSize: 2 });
    expect([range, rows > (nulls ?? 0n)]).toEqual([undefined, true]);
  });

  test('the first day that was not Julian is one', async () => {
    expect((await statisticsOf('date', [-141_427, 1])).range).toEqual({ low: -141_427n, high: 1n });
  });
});

describe('nulls', () => {
  test('are not known when a row group does not count them, or counts them wrongly', async () => {
    expect((await statisticsOf('int', [1, null], without('null_count'))).nulls).toBeUndefined();
    const wrong = (count: bigint): Change => withStatistics((statistics) => ({ ...statistics, null_count: count }));
    expect((await statisticsOf('int', [1, null], wrong(3n))).nulls).toBeUndefined();
    expect((await statisticsOf('int', [1, null], wrong(-1n))).nulls).toBeUndefined();
  });

  test('are none in a required column, whatever its footer counts', async () => {
    const required: ColumnSpec = { type: 'INT32', repetition_type: 'REQUIRED' };
    expect((await statisticsOf(required, [1, 2], without('null_count'))).nulls).toBe(0n);
  });

  test('fill a column of unknown type, and a row group without rows changes nothing', async () => {
    const always: ColumnSpec = { type: 'INT32', logical_type: { type: 'NULL' } };
    expect(await statisticsOf(always, [null, null])).toEqual(nullStatistics(2n));
    expect(await statisticsOf('int', [])).toEqual(nullStatistics(0n));
  });

  test('make the rest certain', async () => {
    expect(await statisticsOf('string', [null, null])).toEqual(nullStatistics(2n));
  });

  test('are not known when the chunk is encrypted, of another type, or has another number of values', async () => {
    const encrypted: Change = (metadata) => ({
      ...metadata,
      row_groups: metadata.row_groups.map((group) => ({ ...group, columns: [{ file_offset: 4n }] })),
    });
    const more = withChunk((data) => ({ ...data, num_values: 3n }));
    const other = withChunk((data) => ({ ...data, type: 'INT64' as const }));
    for (const change of [encrypted, more, other]) {
      expect(await statisticsOf('int', [1, 2], change)).toEqual(unknownStatistics(2n));
    }
  });
});

describe('lengths', () => {
  test('of a text are known when all values are one, in characters', async () => {
    expect((await statisticsOf('string', ['a😀ä', null, 'a😀ä'])).length).toEqual({ total: 6n, longest: 3n });
    expect((await statisticsOf('string', ['', ''])).length).toEqual({ total: 0n, longest: 0n });
    const lengths = await statisticsOf('string', ['ab', 'ab', 'xyz', null], undefined, { rowGroupSize: 2 });
    expect(lengths).toMatchObject({ length: { total: 7n, longest: 3n }, distinct: { least: 1n, most: 3n } });
  });

  test('of a text are not known when values differ, bounds are cut off, have no order, or are no text', async () => {
    const cut = withStatistics((statistics) => ({ ...statistics, is_min_value_exact: false }));
    const broken = withStatistics((statistics) => {
      return { ...statistics, min_value: new Uint8Array([0xff]), max_value: new Uint8Array([0xff]) };
    });
    expect((await statisticsOf('string', ['a', 'b'])).length).toBeUndefined();
    for (const change of [cut, withoutOrders, broken, without('null_count')]) {
      expect((await statisticsOf('string', ['a', 'a'], change)).length).toBeUndefined();
    }
    const long = 'x'.repeat(100);
    expect((await statisticsOf('string', [long, `${long}y`])).length).toBeUndefined();
  });

  test('of a binary of fixed length are always known', async () => {
    const fixed: ColumnSpec = { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 2 };
    const values = [new Uint8Array([1, 2]), null, new Uint8Array([0, 9])];
    expect((await statisticsOf(fixed, values)).length).toEqual({ total: 4n, longest: 2n });
    expect((await statisticsOf('binary', values)).length).toBeUndefined();
  });

  test('in bytes add up to what the writer counted', async () => {
    const sized = withChunk((data) => ({ ...data, size_statistics: { unencoded_byte_array_data_bytes: 5n } }));
    expect((await statisticsOf('string', ['ab', 'xyz', 'a', 'bcde'], sized, { rowGroupSize: 2 })).bytes).toBe(10n);
    expect((await statisticsOf('string', ['ab', 'xyz'])).bytes).toBeUndefined();
  });
});

test('booleans are counted when all of a row group are one', async () => {
  expect((await statisticsOf('boolean', [true, null, false, false], undefined, { rowGroupSize: 2 })).trues).toBe(1n);
  expect((await statisticsOf('boolean', [true, false])).trues).toBeUndefined();
});

describe('a partition', () => {
  const file = async (columns: Readonly<Record<string, ColumnSpec>>, rows: readonly Record<string, unknown>[]) =>
    fileStatistics(await readFooter(bytesSource(parquetBytes(columns, rows))));
  const columns = (types: Readonly<Record<string, string>>) =>
    Object.entries(types).map(([name, type]) => ({ name, type: parseHiveType(type) }));

  test('has nulls where a file lacks a column, and no nested columns', async () => {
    const files = [
      await file({ A: 'int', s: 'struct<x:int>', b: 'bigint' }, [{ A: 1, s: { x: 1 }, b: 5n }]),
      await file({ a: 'int' }, [{ a: 7 }, { a: 8 }]),
    ];
    const {
      rows,
      columns: found,
      uncompressedBytes,
    } = partitionStatistics(files, columns({ a: 'int', b: 'bigint', s: 'struct<x:int>', c: 'date' }));
    expect(rows).toBe(3n);
    expect(uncompressedBytes).toBe(files.reduce((sum, of) => sum + of.uncompressedBytes, 0n));
    expect([...found.keys()]).toEqual(['a', 'b', 'c']);
    expect(found.get('a')).toMatchObject({ nulls: 0n, range: { low: 1n, high: 8n } });
    expect(found.get('b')).toMatchObject({ nulls: 2n, range: { low: 5n, high: 5n } });
    expect(found.get('c')).toEqual(nullStatistics(3n));
  });

  test.each<[ColumnSpec, unknown, string, bigint | number]>([
    ['smallint', -7, 'bigint', -7n],
    ['int', 7, 'double', 7],
    ['float', 0.1, 'double', Math.fround(0.1)],
    ['decimal(9,2)', 150n, 'decimal(18,2)', 150n],
    ['decimal(9,2)', 150n, 'decimal(18,4)', 15_000n],
    ['int', 7, 'decimal(12,2)', 700n],
  ])('reads %s %s as %s', async (from, value, to, low) => {
    const { columns: found } = partitionStatistics([await file({ c: from }, [{ c: value }])], columns({ c: to }));
    expect(found.get('c')).toMatchObject({ nulls: 0n, range: { low, high: low } });
  });

  test.each<[ColumnSpec, unknown, string]>([
    ['bigint', 7n, 'int'],
    ['bigint', 7n, 'double'],
    ['double', 7, 'float'],
    ['decimal(18,4)', 150n, 'decimal(18,2)'],
    ['decimal(9,2)', 150n, 'decimal(9,4)'],
    ['int', 7, 'string'],
    ['string', 'x', 'varchar(5)'],
    ['date', 1, 'timestamp'],
    ['struct<x:int>', { x: 1 }, 'int'],
  ])('does not know %s %s as %s, nulls aside', async (from, value, to) => {
    const { columns: found } = partitionStatistics([await file({ c: from }, [{ c: value }])], columns({ c: to }));
    expect(found.get('c')).toEqual(unknownStatistics(1n));
  });

  test('does not know columns that differ in nothing but letter case', async () => {
    const { columns: found } = partitionStatistics(
      [await file({ c: 'int', C: 'int' }, [{ c: 1, C: 2 }])],
      columns({ c: 'int' }),
    );
    expect(found.get('c')).toEqual(unknownStatistics(1n));
  });

  test('finds the chunk of a column behind nested ones', async () => {
    const rows = [{ s: { x: 1, y: [1, 2] }, c: 'de' }];
    const { columns: found } = partitionStatistics(
      [await file({ s: 'struct<x:int,y:array<int>>', c: 'string' }, rows)],
      columns({ c: 'string' }),
    );
    expect(found.get('c')).toMatchObject({ nulls: 0n, length: { total: 2n, longest: 2n } });
  });
});

describe('files of real writers', () => {
  const folder = new URL('../../fixtures/parquet/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.parquet'));
  test.each(names)('%s: rows and nulls add up, bounds are in order', async (name) => {
    const { metadata, rows } = await readFooter(bytesSource(new Uint8Array(readFileSync(new URL(name, folder)))));
    const found = fileStatistics({ metadata });
    expect(found.rows).toBe(rows);
    for (const { statistics } of found.columns.values()) {
      expect(statistics.rows).toBe(rows);
      expect((statistics.nulls ?? 0n) <= rows).toBe(true);
      if (statistics.range !== undefined) expect(statistics.range.low <= statistics.range.high).toBe(true);
    }
  });
});
