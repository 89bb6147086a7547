import { beforeAll, describe, expect, test } from '@jest/globals';
import { hiveStatistics, statisticsRefusal } from '#shared/hive/column-statistics.ts';
import type { ColumnStatisticsObj, Partition } from '#shared/hive/metastore.ts';
import { parseUri } from '#shared/hive/metastore-options.ts';
import { ColumnStatisticsObj as Statistics, PartitionsStatsRequest } from '#shared/hive/statistics-structs.ts';
import { Client } from '#shared/hive/thrift/client.ts';
import { method, type Outcome } from '#shared/hive/thrift/message.ts';
import { list, struct, type Value } from '#shared/hive/thrift/types.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { parseHiveType } from '#shared/parquet/hive-type.ts';
import { fileStatistics, partitionStatistics } from '#shared/parquet/statistics.ts';
import { lake as addresses } from '../support/lake.ts';
import { bytesSource, type ColumnSpec, parquetBytes, type Rows } from '../support/parquet-file.ts';
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

async function put(topic: string, hour: string, contents: readonly Uint8Array[]): Promise<void> {
  for (const [index, bytes] of contents.entries()) {
    await lake.put(`${topic}/2019/09/01/${hour}/${index}.parquet`, bytes);
  }
}

async function columnsOf(table: string): Promise<{ name: string; type: ReturnType<typeof parseHiveType> }[]> {
  const body = await metastore.table(database, table);
  return (body?.sd?.cols ?? []).map(({ name, type }) => ({ name, type: parseHiveType(type) }));
}

/** Ours, from nothing but footers. */
async function fromFooters(table: string, contents: readonly Uint8Array[]): Promise<ColumnStatisticsObj[]> {
  const columns = await columnsOf(table);
  const read = contents.map(async (bytes) => fileStatistics(await readFooter(bytesSource(bytes))));
  const { columns: found } = partitionStatistics(await Promise.all(read), columns);
  return columns.flatMap((column) => {
    const statistics = found.get(column.name);
    return (statistics && hiveStatistics(column, statistics)) ?? [];
  });
}

type ByColumn = Readonly<Record<string, ColumnStatisticsObj['statsData']>>;

async function stored(table: string, name: string): Promise<ByColumn> {
  const columns = (await columnsOf(table)).map((column) => column.name);
  const objects = (await metastore.statistics(database, table, [name], columns)).get(name) ?? [];
  return Object.fromEntries(objects.map(({ colName, statsData }) => [colName, statsData]));
}

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
    await put('facts', '01', files);
    await put('facts', '02', files);
    await lake.apply();
    await metastore.setStatistics(database, 'facts', new Map([[mine, await fromFooters('facts', files)]]));
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
    const read = files.map(async (bytes) => fileStatistics(await readFooter(bytesSource(bytes))));
    const { rows } = partitionStatistics(await Promise.all(read), []);
    expect((await partition('facts', hives)).parameters?.get('numRows')).toBe(String(rows));
  });

  test('are marked as accurate by the metastore, and only they', async () => {
    const columns = Object.fromEntries(Object.keys(await stored('facts', mine)).map((name) => [name, 'true']));
    expect(await accurate('facts', mine)).toEqual({ BASIC_STATS: 'true', COLUMN_STATS: columns });
  });

  test('outlive the alters of the next syncs', async () => {
    const before = await stored('facts', mine);
    const marked = await accurate('facts', mine);
    await lake.put('facts/2019/09/01/01/2.parquet', parquetBytes({ whole: 'int', later: 'string' }, [{ whole: 7 }]));
    const outcome = await lake.apply();
    expect(outcome.tables).toMatchObject([{ evolved: 1, changed: 1 }]);
    expect(await stored('facts', mine)).toEqual(before);
    expect(await accurate('facts', mine)).toEqual(marked);
    expect(await lake.sql("SELECT count(*) AS n, max(whole) AS top FROM DB.facts WHERE hour = '01'")).toEqual([
      { n: 6n, top: 1000 },
    ]);
  });

  test('are renewed column by column; what is not known any more can be dropped', async () => {
    const fresh = [...files, parquetBytes({ whole: 'int', real: 'double' }, [{ whole: 5000, real: Number.NaN }])];
    const objects = await fromFooters('facts', fresh);
    await metastore.setStatistics(database, 'facts', new Map([[mine, objects]]));
    expect((await stored('facts', mine))['whole']).toMatchObject({ longStats: { highValue: 5000n } });
    expect(objects.map(({ colName }) => colName)).not.toContain('real');
    expect(Object.keys(await stored('facts', mine))).toContain('real');
    await metastore.dropStatistics(database, 'facts', mine, 'real');
    expect(Object.keys(await stored('facts', mine)).toSorted()).toEqual(
      objects.map(({ colName }) => colName).toSorted(),
    );
    await expect(metastore.dropStatistics(database, 'facts', mine, 'real')).resolves.toBeUndefined();
  });
});

describe('where engines read another value than the file holds', () => {
  test('a date before the Gregorian calendar is left out: Hive shifts it', async () => {
    const old = [parquetBytes({ born: 'date', whole: 'int' }, [{ born: -200_000, whole: 1 }])];
    await put('history', '01', old);
    await lake.apply();
    await analyze('history', '01');
    expect(await stored('history', mine)).toMatchObject({
      born: { dateStats: { lowValue: { daysSinceEpoch: -200_009n } } },
    });
    expect((await fromFooters('history', old)).map(({ colName }) => colName)).toEqual(['whole']);
  });

  test('a double column with NaN is left out, by Hive too', async () => {
    const odd = [parquetBytes({ real: 'double', whole: 'int' }, [{ real: Number.NaN, whole: 1 }, { real: 1 }])];
    await put('odd', '01', odd);
    await lake.apply();
    await analyze('odd', '01');
    expect(Object.keys(await stored('odd', mine))).toEqual(['whole']);
    expect((await fromFooters('odd', odd)).map(({ colName }) => colName)).toEqual(['whole']);
  });
});

describe('the server merges partitions', () => {
  const client = new Client({
    servers: [parseUri(addresses().metastore)],
    connections: 1,
    connectMs: 5_000,
    framed: false,
    tls: undefined,
    maxAnswerBytes: 1_000_000,
  });
  const AggrStats = struct('AggrStats', {
    colStats: [1, list(Statistics), 'required'],
    partsFound: [2, 'i64', 'required'],
  });
  const getAggregate = method(
    'reads',
    'get_aggr_stats_for',
    { request: [1, PartitionsStatsRequest] },
    AggrStats,
    'NoSuchObjectException',
    'MetaException',
  );
  const merged = (colNames: string[]): Promise<Outcome<Value<typeof AggrStats>>> => {
    const request = { dbName: database, tblName: 'many', colNames, partNames: [mine, hives], engine: 'hive' };
    return client.call(getAggregate, { request }, 10_000);
  };
  const set = (objects: ColumnStatisticsObj[]): Promise<void> =>
    metastore.setStatistics(database, 'many', new Map([mine, hives].map((name) => [name, objects])));
  const wide = [-(2n ** 63n), 2n ** 63n - 1n].map((big) => ({ whole: 3, big, real: big < 0n ? -1.7e308 : 1.7e308 }));

  beforeAll(async () => {
    await put('many', '01', [parquetBytes({ whole: 'int', big: 'bigint', real: 'double' }, wide)]);
    await put('many', '02', [parquetBytes({ whole: 'int', big: 'bigint', real: 'double' }, [{ whole: 8 }])]);
    await lake.apply();
  });

  test('of ours', async () => {
    const all = [
      await fromFooters('many', [parquetBytes({ whole: 'int' }, [{ whole: 3 }, { whole: 4 }])]),
      await fromFooters('many', [parquetBytes({ whole: 'int' }, [{ whole: 8 }])]),
    ] as const;
    await metastore.setStatistics(
      database,
      'many',
      new Map([
        [mine, all[0]],
        [hives, all[1]],
      ]),
    );
    const { colStats, partsFound } = valueOf(await merged(['whole', 'big', 'real']));
    expect(partsFound).toBe(2n);
    expect(colStats.find(({ colName }) => colName === 'whole')).toMatchObject({
      statsData: { longStats: { lowValue: 3n, highValue: 8n, numNulls: 0n } },
    });
    expect(colStats.find(({ colName }) => colName === 'big')?.statsData.longStats).toMatchObject({ numNulls: 3n });
  });

  test('and fails by 0 distinct values, and by bounds too far apart: ours have neither', async () => {
    const bounds = { numNulls: 0n, numDVs: 2n };
    const [low, high] = [-(2n ** 63n), 2n ** 63n - 1n];
    const big = { colName: 'big', colType: 'bigint' };
    const real = { colName: 'real', colType: 'double' };
    const poison: ColumnStatisticsObj[] = [
      { ...big, statsData: { longStats: { lowValue: 1n, highValue: 2n, numNulls: 0n, numDVs: 0n } } },
      { ...big, statsData: { longStats: { lowValue: low, highValue: high, ...bounds } } },
      { ...real, statsData: { doubleStats: { lowValue: -1.7e308, highValue: 1.7e308, ...bounds } } },
    ];
    for (const object of poison) {
      await set([object]);
      expect(await merged([object.colName])).toMatchObject({ exception: 'MetaException' });
    }
    const ours = await fromFooters('many', [parquetBytes({ whole: 'int', big: 'bigint', real: 'double' }, wide)]);
    expect(ours.map(({ colName }) => colName)).toEqual(['whole']);
    client.close();
  });
});

describe('a managed table', () => {
  test('is refused, and an external one is not', async () => {
    const external = await metastore.table(database, 'facts');
    expect(external && statisticsRefusal(external)).toBeUndefined();
    expect(statisticsRefusal({ ...external, tableType: 'MANAGED_TABLE' })).toContain('MANAGED_TABLE');
  });
});

function valueOf<R>(outcome: Outcome<R>): R {
  if ('exception' in outcome) throw new Error(outcome.message);
  return outcome.value;
}

/** Hive counts distinct values by a sketch, and takes the first of two zeros; all else must agree. */
function withoutDistinct(columns: ByColumn): unknown {
  const entries = Object.entries(columns).map(([name, data]) => {
    const [kind = '', values = {}] = Object.entries(data)[0] ?? [];
    const unsigned = Object.entries(values).map(([key, value]) => [key, value === 0 ? 0 : value] as const);
    return [name, { [kind]: { ...Object.fromEntries(unsigned), numDVs: undefined, bitVectors: undefined } }];
  });
  return Object.fromEntries(entries);
}

function distinctCounts(columns: ByColumn): Map<string, bigint> {
  const counts = Object.entries(columns).flatMap(([name, data]) => {
    const [values = {}] = Object.values(data) as { readonly numDVs?: bigint }[];
    return values.numDVs === undefined ? [] : [[name, values.numDVs] as const];
  });
  return new Map(counts);
}
