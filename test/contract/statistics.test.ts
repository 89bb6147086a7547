import { beforeAll, describe, expect, test } from '@jest/globals';
import { statisticsRefusal } from '#shared/hive/column-statistics.ts';
import type { Partition } from '#shared/hive/metastore.ts';
import { partitionStatistics } from '#shared/parquet/statistics.ts';
import {
  type ByColumn,
  putHour,
  readStatistics,
  statisticsOf,
  storedStatistics,
  withoutDistinct,
} from '../support/footer-statistics.ts';
import { type ColumnSpec, parquetBytes, type Rows } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake();
const { database } = lake;
const { metastore } = lake.clients;

const types: Readonly<Record<string, ColumnSpec>> = {
  narrow: 'smallint',
  whole: 'int',
  big: 'bigint',
  unsigned: { type: 'INT32', converted_type: 'UINT_32' },
  single: 'float',
  real: 'double',
  endless: 'double',
  zero: 'double',
  price: 'decimal(9,2)',
  rate: 'decimal(18,4)',
  mass: 'decimal(30,3)',
  bytes_price: { type: 'BYTE_ARRAY', converted_type: 'DECIMAL', precision: 9, scale: 2 },
  born: 'date',
  seen: 'timestamp',
  seen_millis: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
  yes: 'boolean',
  either: 'boolean',
  country: 'string',
  smile: 'string',
  url: 'string',
  hash: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 3 },
  blob: 'binary',
  no_number: 'int',
  no_real: 'double',
  no_price: 'decimal(9,2)',
  no_date: 'date',
  no_moment: 'timestamp',
  no_text: 'string',
  no_blob: 'binary',
  no_answer: 'boolean',
  nested: 'struct<a:int>',
};
/** What no footer tells: the lengths of texts that differ, and how many of both are true. */
const unknown = ['either', 'url', 'blob'];
/** What neither keeps: Hive has no bounds without end, and no statistics of nested columns. */
const nobodys = ['endless', 'nested'];

const first: Rows = [
  {
    narrow: -3,
    whole: -5,
    big: -5n,
    unsigned: 3,
    single: -0.1,
    real: -2.25,
    endless: Number.POSITIVE_INFINITY,
    zero: -0,
    price: -105n,
    rate: 12_345n,
    mass: -7n,
    bytes_price: 1_250n,
    born: -3,
    seen: -1_500_000n,
    seen_millis: -1n,
    yes: true,
    either: true,
    country: 'de',
    smile: 'a😀ä',
    url: '/a',
    hash: new Uint8Array([1, 2, 3]),
    blob: new Uint8Array([1]),
    nested: { a: 1 },
  },
];
const second: Rows = [
  {
    narrow: 9,
    whole: 7,
    big: 9_007_199_254_740_993n,
    unsigned: 2 ** 31 - 1,
    single: 1.5,
    real: 1e300,
    endless: 1,
    zero: 0,
    price: 250n,
    rate: -99n,
    mass: 10n ** 20n,
    bytes_price: -128n,
    born: 18_000,
    seen: 1_567_296_000_678_901n,
    seen_millis: 1_567_296_000_678n,
    yes: true,
    either: false,
    country: 'de',
    smile: 'a😀ä',
    url: '/long/er',
    hash: new Uint8Array([0, 0, 0]),
    blob: new Uint8Array([1, 2, 3]),
    nested: { a: 2 },
  },
  { whole: 7 },
  { whole: 6 },
];
const files = [
  // Two row groups, and what a file does not have.
  parquetBytes(types, [...first, ...second], { rowGroupSize: 2 }),
  parquetBytes({ whole: 'int', zero: 'double' }, [{ whole: 1000, zero: 0 }]),
];
const mine = 'year=2019/month=09/day=01/hour=01';
const hives = 'year=2019/month=09/day=01/hour=02';

const stored = (table: string, name: string): Promise<ByColumn> => storedStatistics(lake, table, name);

async function partition(table: string, name: string): Promise<Partition> {
  const [body] = await metastore.partitionsByNames(database, table, [name]);
  if (body === undefined) throw new Error(`${table} has no partition ${name}`);
  return body;
}

async function accurate(table: string, name: string): Promise<unknown> {
  return JSON.parse((await partition(table, name)).parameters?.get('COLUMN_STATS_ACCURATE') ?? '{}');
}

function analyze(table: string, hour: string): Promise<unknown> {
  return lake.sql(
    `ANALYZE TABLE DB.${table} PARTITION (year='2019', month='09', day='01', hour='${hour}') COMPUTE STATISTICS FOR COLUMNS`,
  );
}

describe('statistics out of footers', () => {
  beforeAll(async () => {
    await putHour(lake, 'facts', '01', files);
    await putHour(lake, 'facts', '02', files);
    await lake.apply();
    await metastore.setStatistics(database, 'facts', new Map([[mine, await statisticsOf(lake, 'facts', files)]]));
    await analyze('facts', '02');
  });

  test("equal those of Hive's ANALYZE, down to the bytes", async () => {
    const [ours, theirs] = [await stored('facts', mine), await stored('facts', hives)];
    expect(Object.keys(theirs)).toEqual(expect.arrayContaining(unknown));
    const comparable = Object.entries(theirs).filter(([name]) => !unknown.includes(name));
    expect(withoutDistinct(ours)).toEqual(withoutDistinct(Object.fromEntries(comparable)));
    expect(Object.keys(types)).toHaveLength(Object.keys(ours).length + unknown.length + nobodys.length);
    expect(nobodys.filter((name) => name in ours || name in theirs)).toEqual([]);
  });

  test('never say more distinct values than Hive finds, and always one at least', async () => {
    const [ours, theirs] = [await stored('facts', mine), await stored('facts', hives)];
    for (const [name, count] of distinctCounts(ours)) {
      expect([name, count >= 1n && count <= (distinctCounts(theirs).get(name) as bigint)]).toEqual([name, true]);
    }
    expect(distinctCounts(ours)).toEqual(
      new Map([...distinctCounts(ours)].map(([name, count]) => [name, count === 1n ? 1n : 2n])),
    );
  });

  test('count the rows that Hive counts', async () => {
    const { rows } = partitionStatistics(await readStatistics(files), []);
    expect((await partition('facts', hives)).parameters?.get('numRows')).toBe(String(rows));
  });

  test('are marked as accurate by the metastore, and only they', async () => {
    const columns = Object.fromEntries(Object.keys(await stored('facts', mine)).map((name) => [name, 'true']));
    expect(await accurate('facts', mine)).toEqual({ BASIC_STATS: 'true', COLUMN_STATS: columns });
  });

  test('outlive an alter of their partition, and of their table', async () => {
    const before = await stored('facts', mine);
    const marked = await accurate('facts', mine);
    await metastore.alterPartitions(database, 'facts', [await partition('facts', mine)]);
    await lake.put('facts/2019/09/01/03/0.parquet', parquetBytes({ whole: 'int', later: 'string' }, [{ whole: 7 }]));
    expect((await lake.apply()).tables).toMatchObject([{ evolved: 1, added: 1, changed: 0 }]);
    expect(await stored('facts', mine)).toEqual(before);
    expect(await accurate('facts', mine)).toEqual(marked);
    expect(await lake.sql("SELECT count(*) AS n, max(whole) AS top FROM DB.facts WHERE hour = '01'")).toEqual([
      { n: 5n, top: 1000 },
    ]);
  });

  test('stay for a column that is not known any more, unless they are dropped', async () => {
    const fresh = [...files, parquetBytes({ whole: 'int', real: 'double' }, [{ whole: 5000, real: Number.NaN }])];
    const objects = await statisticsOf(lake, 'facts', fresh);
    const names = objects.map(({ colName }) => colName).toSorted();
    expect(names).not.toContain('real');
    await metastore.setStatistics(database, 'facts', new Map([[mine, objects]]));
    expect((await stored('facts', mine))['whole']).toMatchObject({ longStats: { highValue: 5000n } });
    expect(Object.keys(await stored('facts', mine)).toSorted()).toEqual([...names, 'real'].toSorted());

    // An alter takes the mark as it is given, dropping leaves it as it was, and setting adds to it.
    const body = await partition('facts', mine);
    const told = { numRows: '6', COLUMN_STATS_ACCURATE: '{"BASIC_STATS":"true"}' };
    const parameters = new Map([...(body.parameters ?? []), ...Object.entries(told)]);
    await metastore.alterPartitions(database, 'facts', [{ ...body, parameters }]);
    await metastore.dropStatistics(database, 'facts', mine, 'real');
    await metastore.dropStatistics(database, 'facts', mine, 'real');
    await metastore.setStatistics(database, 'facts', new Map([[mine, objects]]));
    const columns = Object.fromEntries(names.map((name) => [name, 'true']));
    expect(await accurate('facts', mine)).toEqual({ BASIC_STATS: 'true', COLUMN_STATS: columns });
    expect(Object.keys(await stored('facts', mine)).toSorted()).toEqual(names);
    expect((await partition('facts', mine)).parameters?.get('numRows')).toBe('6');
  });
});

describe('where engines read another value than the file holds', () => {
  test('a date before the Gregorian calendar is left out: Hive shifts it', async () => {
    const old = [parquetBytes({ born: 'date', whole: 'int' }, [{ born: -200_000, whole: 1 }])];
    await putHour(lake, 'history', '01', old);
    await lake.apply();
    await analyze('history', '01');
    expect(await stored('history', mine)).toMatchObject({
      born: { dateStats: { lowValue: { daysSinceEpoch: -200_009n } } },
    });
    expect((await statisticsOf(lake, 'history', old)).map(({ colName }) => colName)).toEqual(['whole']);
  });

  test('a double column with NaN is left out, by Hive too', async () => {
    const odd = [parquetBytes({ real: 'double', whole: 'int' }, [{ real: Number.NaN, whole: 1 }, { real: 1 }])];
    await putHour(lake, 'odd', '01', odd);
    await lake.apply();
    await analyze('odd', '01');
    expect(Object.keys(await stored('odd', mine))).toEqual(['whole']);
    expect((await statisticsOf(lake, 'odd', odd)).map(({ colName }) => colName)).toEqual(['whole']);
  });
});

describe('with the sizes of dictionaries', () => {
  test('distinct values are as many as Hive finds', async () => {
    const columns = { whole: 'int', big: 'bigint', price: 'decimal(9,2)', born: 'date', seen: 'timestamp' };
    const rows = Array.from({ length: 400 }, (_, index) => ({
      whole: index % 40,
      big: BigInt(index % 7) * 10n ** 15n,
      price: index % 5 === 0 ? null : BigInt(index % 90),
      born: 18_000 + (index % 31),
      seen: BigInt(index % 3) * 1_000_000n,
    }));
    const bytes = parquetBytes(columns, rows);
    await putHour(lake, 'repeated', '01', [bytes]);
    await lake.apply();
    await analyze('repeated', '01');
    const ours = await statisticsOf(lake, 'repeated', [bytes], { dictionaries: true });
    const theirs = await stored('repeated', mine);
    expect(Object.fromEntries(ours.map(({ colName, statsData }) => [colName, statsData]))).toEqual(
      Object.fromEntries(Object.keys(columns).map((name) => [name, theirs[name]])),
    );
  });
});

describe('a managed table', () => {
  test('is refused, and an external one is not', async () => {
    const external = await metastore.table(database, 'facts');
    expect(external && statisticsRefusal(external)).toBeUndefined();
    expect(statisticsRefusal({ ...external, tableType: 'MANAGED_TABLE' })).toContain('MANAGED_TABLE');
  });
});

function distinctCounts(columns: ByColumn): Map<string, bigint> {
  const counts = Object.entries(columns).flatMap(([name, data]) => {
    const [values = {}] = Object.values(data) as { readonly numDVs?: bigint }[];
    return values.numDVs === undefined ? [] : [[name, values.numDVs] as const];
  });
  return new Map(counts);
}
