import { describe, expect, test } from '@jest/globals';
import type { Settings } from '#functions/metastore-sync/config.ts';
import { applyRun, planRun, type RunOutcome } from '#functions/metastore-sync/run.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import type { Partition } from '#shared/hive/metastore.ts';
import { type ByColumn, putHour, storedStatistics, withoutDistinct } from '../support/footer-statistics.ts';
import { type ColumnSpec, parquetBytes, type Rows } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake({ statistics: 'columns' });
const { root, database } = lake;
const { hdfs, metastore } = lake.clients;

function name(hour: string): string {
  return `year=2019/month=09/day=01/hour=${hour}`;
}

async function partition(topic: string, hour = '00'): Promise<Partition> {
  const [body] = await metastore.partitionsByNames(database, topic, [name(hour)]);
  if (body === undefined) throw new Error(`${topic} has no partition ${hour}`);
  return body;
}

const stored = (topic: string, hour = '00'): Promise<ByColumn> => storedStatistics(lake, topic, name(hour));

/** What the partition is marked with, and that it names just the columns that have statistics. */
async function expectMarked(topic: string, hour = '00'): Promise<void> {
  const columns = Object.keys(await stored(topic, hour)).map((column) => [column, 'true']);
  const mark = (await partition(topic, hour)).parameters?.get('COLUMN_STATS_ACCURATE') ?? '{}';
  expect(JSON.parse(mark)).toEqual({
    BASIC_STATS: 'true',
    ...(columns.length > 0 && { COLUMN_STATS: Object.fromEntries(columns) }),
  });
}

const sync = (topic: string, more: Partial<Settings> = {}): Promise<RunOutcome> =>
  applyRun(
    { scope: { kind: 'full', topics: [topic] }, dryRun: false, problems: [] },
    lake.tools({ settings: { ...lake.settings, ...more } }),
  );
const put = (topic: string, file: string, columns: Record<string, ColumnSpec>, rows: Rows): Promise<void> =>
  lake.put(`${topic}/2019/09/01/00/${file}.parquet`, parquetBytes(columns, rows));
/** A run that is disturbed before calls of the metastore. */
const syncDisturbed = (
  topic: string,
  disturb: (call: string | symbol, args: readonly unknown[]) => Promise<void>,
): Promise<RunOutcome> => {
  const client = new Proxy(metastore, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]): Promise<unknown> => {
        await disturb(property, args);
        return Reflect.apply(value, target, args);
      };
    },
  });
  return applyRun(
    { scope: { kind: 'full', topics: [topic] }, dryRun: false, problems: [] },
    lake.tools({ clients: { ...lake.clients, metastore: client } }),
  );
};
const remove = (topic: string, file: string): Promise<unknown> =>
  hdfs.remove(`${root}/${topic}/2019/09/01/00/${file}.parquet`);
const analyze = (topic: string, hour = '00'): Promise<unknown> =>
  lake.sql(
    `ANALYZE TABLE DB.${topic} PARTITION (year='2019', month='09', day='01', hour='${hour}') COMPUTE STATISTICS FOR COLUMNS`,
  );
const bounds = (low: bigint, high: bigint, nulls = 0n): object => ({
  longStats: expect.objectContaining({ lowValue: low, highValue: high, numNulls: nulls }),
});

describe('statistics of columns', () => {
  const types: Record<string, ColumnSpec> = {
    whole: 'int',
    big: 'bigint',
    real: 'double',
    price: 'decimal(9,2)',
    born: 'date',
    seen: 'timestamp',
    yes: 'boolean',
    country: 'string',
    hash: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 3 },
    url: 'string',
    either: 'boolean',
    nested: 'struct<a:int>',
  };
  const row = { yes: true, country: 'de', hash: new Uint8Array(3), nested: { a: 1 } };
  const files = [
    parquetBytes(types, [
      { ...row, whole: -5, big: 2n ** 53n, real: -2.25, price: -105n, born: -3, seen: -1n, url: '/a', either: true },
      { ...row, whole: 7, big: 3n, real: 1e300, price: 250n, born: 18_000, seen: 5n, url: '/bc', either: false },
    ]),
    parquetBytes({ whole: 'int', big: 'bigint' }, [{ whole: 1_000, big: -1n }, {}]),
  ];

  test("of a new partition equal those of Hive's ANALYZE wherever both have them", async () => {
    await putHour(lake, 'ours', '00', files);
    await putHour(lake, 'twin', '00', files);
    expect((await sync('ours')).tables).toMatchObject([{ added: 1, statistics: 1, problems: [] }]);
    expect((await sync('twin', { statistics: 'none' })).tables).toMatchObject([{ added: 1, statistics: 0 }]);
    expect(await stored('twin')).toEqual({});
    await analyze('twin');
    const [ours, theirs] = [await stored('ours'), await stored('twin')];
    const { url: _length, either: _trues, ...both } = theirs;
    expect(Object.keys(ours)).toHaveLength(9);
    expect(withoutDistinct(ours)).toEqual(withoutDistinct(both));
    await expectMarked('ours');
    const [mine, twin] = [await partition('ours'), await partition('twin')];
    expect(mine.parameters?.get('numRows')).toBe(twin.parameters?.get('numRows'));
    expect((await sync('ours')).tables).toMatchObject([{ added: 0, changed: 0, statistics: 0 }]);
    expect(await partition('ours')).toEqual(mine);
  });

  test('are kept by Hive and the metastore over queries', async () => {
    const before = await stored('ours');
    expect(await lake.sql('SELECT max(whole) AS top, count(*) AS n FROM DB.ours')).toEqual([{ top: 1_000, n: 4n }]);
    const shown = await lake.sql(
      "DESCRIBE FORMATTED DB.ours PARTITION (year='2019', month='09', day='01', hour='00') whole",
    );
    expect(JSON.stringify(shown.map((one) => Object.values(one)))).toMatch(/"max *","1000 *"/);
    expect(await stored('ours')).toEqual(before);
    await expectMarked('ours');
  });

  test('tell distinct values when asked', async () => {
    const rows = Array.from({ length: 400 }, (_, index) => ({ whole: index % 40 }));
    for (const topic of ['distinct', 'indistinct'])
      await putHour(lake, topic, '00', [parquetBytes({ whole: 'int' }, rows)]);
    await sync('distinct', { distinctValues: true });
    await sync('indistinct');
    expect(await stored('distinct')).toMatchObject({ whole: { longStats: { numDVs: 40n } } });
    expect(await stored('indistinct')).toMatchObject({ whole: { longStats: { numDVs: 2n } } });
  });
});

describe('when files change', () => {
  test('statistics are those of the files that are there: added, replaced, removed, swapped for one', async () => {
    await put('life', 'a', { id: 'int' }, [{ id: 1 }, { id: 5 }]);
    await sync('life');
    expect(await stored('life')).toEqual({ id: bounds(1n, 5n) });
    await put('life', 'b', { id: 'int' }, [{ id: 70 }, {}]);
    expect((await sync('life')).tables).toMatchObject([{ changed: 1, statistics: 1 }]);
    expect(await stored('life')).toEqual({ id: bounds(1n, 70n, 1n) });
    await put('life', 'a', { id: 'int' }, [{ id: 30 }]);
    await sync('life');
    expect(await stored('life')).toEqual({ id: bounds(30n, 70n, 1n) });
    await remove('life', 'b');
    await sync('life');
    expect(await stored('life')).toEqual({ id: bounds(30n, 30n) });
    await put('life', 'merged', { id: 'int' }, [{ id: 29 }, { id: 31 }]);
    await remove('life', 'a');
    await sync('life');
    expect(await stored('life')).toEqual({ id: bounds(29n, 31n) });
    await expectMarked('life');
    expect((await partition('life')).parameters?.get('numRows')).toBe('2');
  });

  test('what is not known any more goes, whoever wrote it', async () => {
    await put('vague', 'a', { id: 'int', real: 'double', url: 'string' }, [{ id: 1, real: 1, url: '/a' }]);
    await sync('vague');
    await analyze('vague');
    expect(Object.keys(await stored('vague')).toSorted()).toEqual(['id', 'real', 'url']);
    await put('vague', 'b', { id: 'int', real: 'double', url: 'string' }, [
      { id: 2, real: Number.NaN, url: '/bcd' },
      { url: '/longer' },
    ]);
    await sync('vague');
    expect(await stored('vague')).toEqual({ id: bounds(1n, 2n, 1n) });
    await expectMarked('vague');
  });

  test('another writer of files and of marks does not mislead', async () => {
    await put('shared', 'a', { id: 'int', real: 'double' }, [{ id: 1, real: 1 }]);
    await sync('shared');
    const body = await partition('shared');
    const parameters = new Map([...(body.parameters ?? []), ['numRows', '77']]);
    parameters.delete('COLUMN_STATS_ACCURATE');
    await metastore.alterPartitions(database, 'shared', [{ ...body, parameters }]);
    await put('shared', 'b', { id: 'int', real: 'double' }, [{ id: 2, real: Number.NaN }]);
    await sync('shared');
    expect(await stored('shared')).toEqual({ id: bounds(1n, 2n) });
    expect((await partition('shared')).parameters?.get('numRows')).toBe('2');
  });

  test('a file that is refused leaves no statistics of columns, and mending it brings them', async () => {
    await put('spoilt', 'a', { id: 'int' }, [{ id: 1 }]);
    await sync('spoilt');
    await put('spoilt', 'b', { id: 'int' }, [{ id: 9 }]);
    await put('spoilt', 'c', { id: 'string' }, [{ id: 'x' }]);
    expect((await sync('spoilt')).tables).toMatchObject([{ changed: 1, statistics: 0 }]);
    expect(await stored('spoilt')).toEqual({});
    await put('spoilt', 'c', { id: 'int' }, [{ id: 4 }]);
    await sync('spoilt');
    expect(await stored('spoilt')).toEqual({ id: bounds(1n, 9n) });
  });

  test.each(['basic', 'none'] as const)('with the setting back at %s they are dropped', async (statistics) => {
    const topic = `back_${statistics}`;
    await put(topic, 'a', { id: 'int' }, [{ id: 1 }]);
    await sync(topic);
    expect((await sync(topic, { statistics })).tables).toMatchObject([{ changed: 0 }]);
    expect(await stored(topic)).toEqual({ id: bounds(1n, 1n) });
    await put(topic, 'b', { id: 'int' }, [{ id: 2 }]);
    await sync(topic, { statistics });
    expect(await stored(topic)).toEqual({});
    expect((await partition(topic)).parameters?.get('numRows')).toBe(statistics === 'basic' ? '2' : undefined);
  });
});

describe('when columns change', () => {
  test('bounds are those of the wider type, old partitions have none that is wrong', async () => {
    await put('wider', 'a', { id: 'int', price: 'decimal(5,2)', gone: 'int' }, [{ id: -7, price: 150n, gone: 3 }]);
    await lake.put('wider/2019/09/01/01/a.parquet', parquetBytes({ id: 'int' }, [{ id: 1 }]));
    await sync('wider');
    await put('wider', 'b', { id: 'bigint', price: 'decimal(12,2)', later: 'int' }, [
      { id: 5_000_000_000n, price: 10_000_000_000n, later: 4 },
    ]);
    expect((await sync('wider')).tables).toMatchObject([{ evolved: 3, changed: 1, statistics: 1, problems: [] }]);
    expect(await stored('wider')).toEqual({
      id: bounds(-7n, 5_000_000_000n),
      price: {
        decimalStats: expect.objectContaining({
          lowValue: { unscaled: Buffer.from('0f', 'hex'), scale: 1 },
          highValue: { unscaled: Buffer.from('05f5e100', 'hex'), scale: 0 },
        }),
      },
      gone: bounds(3n, 3n, 1n),
      later: bounds(4n, 4n, 1n),
    });
    await expectMarked('wider');
    // The metastore drops those of retyped columns where nothing else changed.
    expect(Object.keys(await stored('wider', '01')).toSorted()).toEqual(['gone']);
    expect(await lake.sql("SELECT id FROM DB.wider WHERE hour = '01' AND id < 2")).toEqual([{ id: 1n }]);
  });

  test('a column that was appended by another partition is all null where files lack it', async () => {
    await put('appended', 'a', { id: 'int' }, [{ id: 1 }]);
    await sync('appended');
    await lake.put('appended/2019/09/01/01/a.parquet', parquetBytes({ id: 'int', more: 'int' }, [{ id: 1, more: 2 }]));
    await sync('appended');
    await put('appended', 'b', { id: 'int' }, [{ id: 2 }]);
    expect((await sync('appended')).tables).toMatchObject([{ changed: 1, statistics: 1, problems: [] }]);
    expect(await stored('appended')).toEqual({
      id: bounds(1n, 2n),
      more: { longStats: expect.objectContaining({ numNulls: 2n }) },
    });
  });
});

describe('a plan with statistics', () => {
  test('is plain data, says which ones, and holds none', async () => {
    await put('plain', 'a', { id: 'int' }, [{ id: 1 }]);
    const request = { scope: { kind: 'full' as const, topics: ['plain'] }, dryRun: true, problems: [] };
    const { tables } = await planRun(request, lake.tools());
    expect(tables).toMatchObject([{ columnStatistics: { distinctValues: false }, add: [{ numRows: 1 }] }]);
    expect(JSON.parse(JSON.stringify(tables))).toEqual(tables);
  });

  test('whose files are not the same any more writes none, and the next run makes up for it', async () => {
    await put('late', 'a', { id: 'int' }, [{ id: 1 }]);
    await sync('late');
    await put('late', 'b', { id: 'int' }, [{ id: 2 }]);
    await syncDisturbed('late', async (call) => {
      // All is read and planned.
      if (call === 'version') await put('late', 'c', { id: 'int' }, [{ id: 3 }]);
    });
    expect(await stored('late')).toEqual({});
    await sync('late');
    expect(await stored('late')).toEqual({ id: bounds(1n, 3n) });
  });
});

test('many columns go in several calls, of partitions as a whole', async () => {
  const count = 300;
  const names = Array.from({ length: count }, (_, index) => `c${index}`);
  const types = Object.fromEntries(names.map((column) => [column, 'int']));
  const hours = Array.from({ length: 18 }, (_, hour) => String(hour).padStart(2, '0'));
  for (const hour of hours) {
    const row = Object.fromEntries(names.map((column) => [column, Number(hour)]));
    await putHour(lake, 'wide', hour, [parquetBytes(types, [row])]);
  }
  expect((await sync('wide')).tables).toMatchObject([{ added: 18, statistics: 18, problems: [] }]);
  for (const hour of hours) {
    const columns = await stored('wide', hour);
    expect(Object.keys(columns)).toHaveLength(count);
    expect(columns['c299']).toEqual(bounds(BigInt(hour), BigInt(hour)));
  }
  await expectMarked('wide', '17');
});

test('statistics that the metastore refuses hold up nothing: the partition has none, and is done', async () => {
  await put('refused', 'a', { id: 'int' }, [{ id: 1 }]);
  await lake.put('refused/2019/09/01/01/a.parquet', parquetBytes({ id: 'int' }, [{ id: 1 }]));
  await sync('refused');
  await put('refused', 'b', { id: 'int' }, [{ id: 3 }]);
  await lake.put('refused/2019/09/01/01/b.parquet', parquetBytes({ id: 'int' }, [{ id: 3 }]));
  const { tables } = await syncDisturbed('refused', async (call, [, , partitions]) => {
    const refused = call === 'setStatistics' && (partitions as ReadonlyMap<string, unknown>).has(name('00'));
    if (refused) throw new LakewardenError('metastore.invalid', 'no room for them');
  });
  expect(tables).toMatchObject([{ changed: 2, statistics: 1, problems: [{ code: 'statistics.refused' }] }]);
  expect(await stored('refused')).toEqual({});
  expect(await stored('refused', '01')).toEqual({ id: bounds(1n, 3n) });
  expect((await partition('refused')).parameters?.get('numRows')).toBe('2');
  await expectMarked('refused');
  expect((await sync('refused')).tables).toMatchObject([{ changed: 0 }]);
});

test('a new partition costs three metastore calls more than with basic, however many there are', async () => {
  const calls = new Map<string, number>();
  for (const [topic, statistics] of [
    ['calls_columns', 'columns'],
    ['calls_basic', 'basic'],
  ] as const) {
    for (const hour of ['00', '01', '02'])
      await putHour(lake, topic, hour, [parquetBytes({ id: 'int' }, [{ id: Number(hour) }])]);
    const { tables } = await sync(topic, { statistics });
    calls.set(statistics, tables[0]?.calls.metastore ?? 0);
  }
  // The version, the statistics, and the digest.
  expect((calls.get('columns') ?? 0) - (calls.get('basic') ?? 0)).toBe(3);
});
