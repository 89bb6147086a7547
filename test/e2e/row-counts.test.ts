import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Settings } from '#functions/metastore-sync/config.ts';
import { applyRun, type RunOutcome } from '#functions/metastore-sync/run.ts';
import type { Partition } from '#shared/hive/metastore.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake();
const { root, database } = lake;
const { hdfs, metastore } = lake.clients;
const basic = '{"BASIC_STATS":"true"}';

/** A file with so many rows. */
function rows(count: number): Uint8Array {
  return parquetBytes(
    { id: 'int' },
    Array.from({ length: count }, (_, id) => ({ id })),
  );
}

function name(hour: string): string {
  return `year=2019/month=09/day=01/hour=${hour}`;
}

async function partition(topic: string, hour = '00'): Promise<Partition> {
  const [body] = await metastore.partitionsByNames(database, topic, [name(hour)]);
  if (body === undefined) throw new Error(`${topic} has no partition ${hour}`);
  return body;
}

async function told(topic: string, hour = '00'): Promise<Record<string, string | undefined>> {
  const { parameters } = await partition(topic, hour);
  const names = ['numFiles', 'numRows', 'lakewarden.rows', 'rawDataSize', 'COLUMN_STATS_ACCURATE'];
  return Object.fromEntries(names.map((key) => [key, parameters?.get(key)]));
}

function counted(files: number, count: number): Record<string, string | undefined> {
  const numRows = String(count);
  return {
    numFiles: String(files),
    numRows,
    'lakewarden.rows': numRows,
    rawDataSize: undefined,
    COLUMN_STATS_ACCURATE: basic,
  };
}

async function alter(topic: string, more: Record<string, string>, hour = '00'): Promise<void> {
  const body = await partition(topic, hour);
  const parameters = new Map([...(body.parameters ?? []), ...Object.entries(more)]);
  await metastore.alterPartitions(database, topic, [{ ...body, parameters }]);
}

async function without(topic: string, parameter: string): Promise<void> {
  const body = await partition(topic);
  const parameters = new Map(body.parameters);
  parameters.delete(parameter);
  await metastore.alterPartitions(database, topic, [{ ...body, parameters }]);
}

const put = (topic: string, file: string, count: number): Promise<void> =>
  lake.put(`${topic}/2019/09/01/00/${file}.parquet`, rows(count));
const remove = (topic: string, file: string): Promise<unknown> =>
  hdfs.remove(`${root}/${topic}/2019/09/01/00/${file}.parquet`);
const sync = (topic: string): Promise<RunOutcome> => lake.apply({ kind: 'full', topics: [topic] });
const syncWith = (topic: string, more: Partial<Settings>): Promise<RunOutcome> =>
  applyRun(
    { scope: { kind: 'recent', topics: [topic] }, dryRun: false, problems: [] },
    lake.tools({ settings: { ...lake.settings, ...more } }),
  );

async function expectCounted(topic: string, files: number): Promise<void> {
  // A count would be answered from what is to be proved.
  const { length } = await lake.ids(`${topic} WHERE hour = '00'`);
  expect(await told(topic)).toEqual(counted(files, length));
}

describe('numRows is the number of rows', () => {
  beforeAll(async () => {
    await put('life', 'a', 3);
    await put('life', 'b', 4);
    await sync('life');
  });

  test('of a new partition', async () => {
    expect(await told('life')).toEqual(counted(2, 7));
    await expectCounted('life', 2);
  });

  test('after files were added, without reading the others again', async () => {
    await put('life', 'c', 5);
    const readings = await lake.plan();
    expect(readings.tables).toMatchObject([{ change: [{ rows: 5, numRows: 12 }] }]);
    await sync('life');
    await expectCounted('life', 3);
  });

  test('after a file was replaced by one of other length', async () => {
    await put('life', 'b', 40);
    await sync('life');
    await expectCounted('life', 3);
    expect((await told('life'))['numRows']).toBe('48');
  });

  test('after a file was removed', async () => {
    await remove('life', 'a');
    await sync('life');
    await expectCounted('life', 2);
  });

  test('after all files were swapped for one that holds their rows', async () => {
    await put('life', 'merged', 45);
    for (const file of ['b', 'c']) await remove('life', file);
    await sync('life');
    await expectCounted('life', 1);
    expect((await told('life'))['numRows']).toBe('45');
  });

  test('and a further run has nothing to do', async () => {
    const before = await partition('life');
    expect((await sync('life')).tables).toMatchObject([{ changed: 0, problems: [] }]);
    expect(await partition('life')).toEqual(before);
  });
});

describe('what others wrote', () => {
  test('is replaced once the files change: numRows, rawDataSize and the marks of columns', async () => {
    await put('others', 'a', 3);
    await sync('others');
    await lake.sql(
      "ANALYZE TABLE DB.others PARTITION (year='2019', month='09', day='01', hour='00') COMPUTE STATISTICS",
    );
    expect(Number((await told('others'))['rawDataSize'])).toBeGreaterThan(0);
    await alter('others', { numRows: '1000' });
    await put('others', 'b', 4);
    await sync('others');
    await expectCounted('others', 2);
  });

  test('does not mislead when our own count is missing or is none: all footers are read', async () => {
    await put('lost', 'a', 3);
    await sync('lost');
    for (const damage of [() => without('lost', 'lakewarden.rows'), () => alter('lost', { 'lakewarden.rows': '-3' })]) {
      await damage();
      await put('lost', `b${Math.random()}`, 4);
      await sync('lost');
    }
    await expectCounted('lost', 3);
  });

  test('is not ours to mend while the files are the same', async () => {
    await put('same', 'a', 3);
    await sync('same');
    await alter('same', { numRows: '1000' });
    expect((await sync('same')).tables).toMatchObject([{ changed: 0 }]);
    expect((await told('same'))['numRows']).toBe('1000');
  });
});

test('a file that nobody can read safely is not counted, and the count is not called accurate', async () => {
  await put('spoilt', 'a', 3);
  await sync('spoilt');
  await put('spoilt', 'b', 4);
  await lake.put('spoilt/2019/09/01/00/c.parquet', parquetBytes({ id: 'string' }, [{ id: 'x' }]));
  expect((await sync('spoilt')).tables).toMatchObject([{ changed: 1, problems: [{ code: 'file.conflict' }] }]);
  expect(await told('spoilt')).toEqual({ ...counted(2, 7), COLUMN_STATS_ACCURATE: undefined });
});

test('the count of a partition with a folder inside is not called accurate: Hive counts what is in that, too', async () => {
  await put('nested', 'a', 3);
  await lake.put('nested/2019/09/01/00/inside/b.parquet', rows(4));
  expect((await sync('nested')).tables).toMatchObject([{ added: 1, problems: [{ code: 'folder.inside_partition' }] }]);
  expect(await told('nested')).toEqual({ ...counted(1, 3), COLUMN_STATS_ACCURATE: undefined });
});

test('statistics of columns by Hive go when the files change, and stay as long as they do not', async () => {
  const columns = async (): Promise<number> =>
    (await metastore.statistics(database, 'analyzed', [name('00')], ['id'])).get(name('00'))?.length ?? 0;
  await put('analyzed', 'a', 3);
  await sync('analyzed');
  await lake.sql(
    "ANALYZE TABLE DB.analyzed PARTITION (year='2019', month='09', day='01', hour='00') COMPUTE STATISTICS FOR COLUMNS",
  );
  await sync('analyzed');
  expect(await columns()).toBe(1);
  await put('analyzed', 'b', 4);
  await sync('analyzed');
  expect(await columns()).toBe(0);
  await expectCounted('analyzed', 2);
});

describe('Hive and the metastore', () => {
  test('keep the count over queries, and show it', async () => {
    await put('kept', 'a', 3);
    await sync('kept');
    await lake.sql('SELECT count(*) AS n, max(id) AS top FROM DB.kept');
    const shown = await lake.sql("DESCRIBE FORMATTED DB.kept PARTITION (year='2019', month='09', day='01', hour='00')");
    expect(JSON.stringify(shown.map((row) => Object.values(row)))).toMatch(/"numRows *","3 *"/);
    expect(await told('kept')).toEqual(counted(1, 3));
  });

  test('take a plan for the rows that were counted', async () => {
    await put('planned', 'a', 321);
    await sync('planned');
    const plan = await lake.sql('EXPLAIN SELECT id, count(*) FROM DB.planned GROUP BY id');
    expect(JSON.stringify(plan.map((row) => Object.values(row)))).toContain('rows=321 ');
  });
});

describe('the setting statistics', () => {
  test('none writes no count, and takes away what is not true any more', async () => {
    await put('silent', 'a', 3);
    await sync('silent');
    await put('silent', 'b', 4);
    expect((await syncWith('silent', { statistics: 'none' })).tables).toMatchObject([{ changed: 1 }]);
    const nothing = { numRows: undefined, 'lakewarden.rows': undefined, COLUMN_STATS_ACCURATE: undefined };
    expect(await told('silent')).toEqual({ ...counted(2, 7), ...nothing });
    await put('silent', 'c', 5);
    await sync('silent');
    await expectCounted('silent', 3);
  });

  test('holds for one topic, too', async () => {
    await put('quiet', 'a', 3);
    await syncWith('quiet', { topics: { quiet: { adopt: false, allow: [], statistics: 'none' } } });
    expect((await told('quiet'))['numRows']).toBeUndefined();
  });

  test('basic costs no call more than none', async () => {
    const calls: unknown[] = [];
    for (const [topic, statistics] of [
      ['dear', 'basic'],
      ['cheap', 'none'],
    ] as const) {
      await put(topic, 'a', 3);
      const first = await syncWith(topic, { statistics });
      await put(topic, 'b', 3);
      const second = await syncWith(topic, { statistics });
      calls.push([first, second].map(({ tables: [table] }) => table?.calls));
    }
    expect(calls[0]).toEqual(calls[1]);
  });
});
