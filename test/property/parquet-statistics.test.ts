import { describe, expect, test } from '@jest/globals';
import {
  array,
  assert,
  asyncProperty,
  bigInt,
  boolean,
  constant,
  constantFrom,
  date,
  double,
  float,
  integer,
  oneof,
  option,
  property,
  record,
  string,
  tuple,
} from 'fast-check';
import { hiveStatistics } from '#shared/hive/column-statistics.ts';
import {
  type ColumnStatistics,
  mergeStatistics,
  nullStatistics,
  unknownStatistics,
} from '#shared/parquet/column-statistics.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { parseHiveType } from '#shared/parquet/hive-type.ts';
import { fileStatistics, mergePartitions, partitionStatistics } from '#shared/parquet/statistics.ts';
import { bytesSource, parquetBytes } from '../support/parquet-file.ts';

const count = bigInt({ min: 1n, max: 5n });
const maybe = <T>(of: T) => oneof(constant(of), constant(undefined));
/** Statistics of some rows, each part of them known or not. */
const statistics = oneof(
  count.map(nullStatistics),
  constant(nullStatistics(0n)),
  count.map(unknownStatistics),
  tuple(count, bigInt({ min: 0n, max: 5n }), bigInt(), bigInt({ min: 0n })).chain(([values, nulls, low, width]) =>
    record({
      rows: constant(values + nulls),
      nulls: maybe(nulls),
      range: maybe({ low, high: low + width }),
      trues: maybe(values),
      bytes: maybe(width),
      length: maybe({ total: width * values, longest: width }),
      distinct: constant({ least: 1n, most: values }),
    }),
  ),
);

describe('merging statistics', () => {
  test('is associative and commutative, and no rows change nothing', () => {
    assert(
      property(statistics, statistics, statistics, (a, b, c) => {
        const merge = mergeStatistics;
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(a, nullStatistics(0n))).toEqual(a);
      }),
      { numRuns: 1000 },
    );
  });

  test('knows nothing that a part does not know, and keeps what nulls do not change', () => {
    assert(
      property(statistics, count, (a, rows) => {
        const blind = mergeStatistics(a, unknownStatistics(rows));
        expect([blind.nulls, blind.trues, blind.bytes, blind.length]).toEqual(Array.from({ length: 4 }));
        expect(blind.range).toBeUndefined();
        const wider = mergeStatistics(a, nullStatistics(rows));
        expect(wider).toEqual({ ...a, rows: a.rows + rows, nulls: a.nulls === undefined ? undefined : a.nulls + rows });
      }),
    );
  });
});

type Values = readonly unknown[];
const values = (of: Parameters<typeof option>[0]) => array(option(of, { freq: 3 }), { minLength: 1, maxLength: 12 });
const day = date({ min: new Date('1582-10-15T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true });
/** Values of a type, as test files take them. */
const columns = oneof(
  tuple(constant('int'), values(integer())),
  tuple(constant('bigint'), values(bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))),
  tuple(constant('float'), values(float())),
  tuple(constant('double'), values(double())),
  tuple(constant('decimal(9,2)'), values(bigInt({ min: -999_999_999n, max: 999_999_999n }))),
  tuple(constant('decimal(38,4)'), values(bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }))),
  tuple(constant('date'), values(day.map((moment) => Math.floor(moment.getTime() / 86_400_000)))),
  tuple(constant('timestamp'), values(day.map((moment) => BigInt(moment.getTime()) * 1000n))),
  tuple(constant('boolean'), values(boolean())),
  tuple(constant('string'), values(oneof(constantFrom('', 'ä', '😀'), string({ unit: 'binary' })))),
);

describe('the footers of a partition say', () => {
  test('what reading all values says, or nothing, however the rows are cut into files and row groups', async () => {
    await assert(
      asyncProperty(columns, integer({ min: 1, max: 4 }), integer({ min: 0, max: 12 }), async (column, size, cut) => {
        const [type, all] = column as [string, Values];
        const files = [all.slice(0, cut), all.slice(cut)].map(async (part) => {
          const rows = part.map((value) => ({ c: value }));
          const bytes = parquetBytes({ c: type }, rows, { rowGroupSize: size });
          return fileStatistics(await readFooter(bytesSource(bytes)));
        });
        const declared = { name: 'c', type: parseHiveType(type) };
        const [first, second] = (await Promise.all(files)).map((file) => partitionStatistics([file], [declared]));
        const whole = partitionStatistics(await Promise.all(files), [declared]);
        expect(first && second && mergePartitions(second, first)).toEqual(whole);
        const found = whole.columns.get('c') as ColumnStatistics;
        expectTrue(found, type, all);
        const kept = hiveStatistics(declared, found)?.statsData ?? {};
        for (const data of Object.values(kept)) expect(data).toMatchObject({ numNulls: found.nulls });
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});

/** Compares with the values themselves; only NaN and texts may leave something unknown. */
function expectTrue(found: ColumnStatistics, type: string, all: Values): void {
  const present = all.filter((value) => value !== null) as (number | bigint | boolean)[];
  expect([found.rows, found.nulls]).toEqual([BigInt(all.length), BigInt(all.length - present.length)]);
  const distinct = BigInt(new Set(present).size);
  expect(found.distinct.least <= distinct && distinct <= found.distinct.most).toBe(true);
  if (type === 'string') {
    const lengths = present.map((text) => Array.from(String(text).toWellFormed()).length);
    const total = BigInt(lengths.reduce((sum, length) => sum + length, 0));
    if (found.length !== undefined) expect(found.length).toEqual({ total, longest: BigInt(Math.max(0, ...lengths)) });
    if (new Set(present).size <= 1 && (present[0]?.toString().length ?? 0) < 5) expect(found.length).toBeDefined();
    return;
  }
  if (type === 'boolean' && found.trues !== undefined) {
    expect(found.trues).toBe(BigInt(present.filter((value) => value === true).length));
  }
  if (present.some((value) => Number.isNaN(value))) {
    expect(found.range).toBeUndefined();
    return;
  }
  const scale = type === 'timestamp' ? 1000n : 1n;
  const numbers = present.map((value) => {
    if (type === 'float' || type === 'double') return (value as number) + 0;
    return BigInt(value) * scale;
  });
  const [low, ...others] = numbers.toSorted((a, b) => (a < b ? -1 : Number(a > b)));
  expect(found.range).toEqual(low === undefined ? undefined : { low, high: others.at(-1) ?? low });
}
