import { describe, expect, test } from '@jest/globals';
import { type RunOutcome, statusOf } from '#functions/metastore-sync/run.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';

const plain = '{year}/{month}/{day}/{hour}';
const keyed = 'year={year}/month={month}/day={day}/hour={hour}';
const lake = useSyncLake({
  topics: {
    padded: { templates: ['dt={dt}/hour={hour:int}'] },
    hours: { templates: ['hour={hour:int}'] },
    texts: { templates: ['hour={hour}'] },
    mixed: { templates: [plain, keyed] },
    renewed: { templates: [keyed, plain] },
    escaped: { templates: ['region={region}'] },
    days: { templates: ['dt={dt}'] },
  },
});
const { root, database } = lake;
const row = (id: number): Uint8Array => parquet({ id: 'int' }, [{ id }]);
const put = (folder: string, id = 1, name = 'data.parquet'): Promise<void> => lake.put(`${folder}/${name}`, row(id));
const walk = (topic: string): Promise<RunOutcome> => lake.apply({ kind: 'full', topics: [topic] });
const named = (outcome: RunOutcome): string[] =>
  problemsOf(outcome).map(({ code, path }) => `${code} ${path?.slice(root.length + 1)}`);

describe('key=value folders with a number', () => {
  test('padded ones are registered as Hive stores numbers, and Hive compares them as numbers', async () => {
    for (const [index, hour] of ['01', '9', '10', '23'].entries())
      await put(`padded/dt=2019-09-01/hour=${hour}`, index);
    expect(problemsOf(await walk('padded'))).toEqual([]);
    const names = await lake.clients.metastore.partitionNames(database, 'padded');
    expect(new Set(names)).toEqual(new Set(['1', '9', '10', '23'].map((hour) => `dt=2019-09-01/hour=${hour}`)));
    expect(await lake.sorted("SELECT id, hour FROM DB.padded WHERE hour > 8 AND dt < '2019-09-02'", 'hour')).toEqual([
      { id: 1, hour: 9 },
      { id: 2, hour: 10 },
      { id: 3, hour: 23 },
    ]);
    expect(await lake.sql('SELECT id FROM DB.padded WHERE hour = 1')).toEqual([{ id: 0 }]);
    expect(statusOf(await walk('padded'))).toBe('nothing');
  });

  test('1 beside 01 is one partition of a number: one is used, the other is named in every run', async () => {
    await put('hours/hour=1', 1);
    await put('hours/hour=01', 2);
    expect(named(await walk('hours'))).toEqual(['partition.ambiguous hours/hour=1']);
    expect(await lake.sql('SELECT id, hour FROM DB.hours')).toEqual([{ id: 2, hour: 1 }]);
    expect(named(await lake.apply({ kind: 'recent', topics: ['hours'] }))).toEqual([
      'partition.elsewhere hours/hour=1',
    ]);
  });

  test('1 beside 01 are two partitions of a text', async () => {
    await put('texts/hour=1', 1);
    await put('texts/hour=01', 2);
    expect(problemsOf(await walk('texts'))).toEqual([]);
    expect(await lake.sorted('SELECT id, hour FROM DB.texts', 'id')).toEqual([
      { id: 1, hour: '1' },
      { id: 2, hour: '01' },
    ]);
  });
});

describe('an old and a new layout in one topic', () => {
  test('stand side by side in one table', async () => {
    await put('mixed/2019/09/01/22', 1);
    await put('mixed/year=2019/month=09/day=01/hour=23', 2);
    expect(problemsOf(await walk('mixed'))).toEqual([]);
    expect(await lake.sorted("SELECT id, hour FROM DB.mixed WHERE day = '01'", 'hour')).toEqual([
      { id: 1, hour: '22' },
      { id: 2, hour: '23' },
    ]);
  });

  test.each([
    ['mixed', '2019/09/02/00', 'year=2019/month=09/day=02/hour=00'],
    ['renewed', 'year=2019/month=09/day=02/hour=00', '2019/09/02/00'],
  ])('of %s that both hold a partition: the first layout is used, the other named', async (topic, used, other) => {
    await put(`${topic}/${other}`, 1);
    await put(`${topic}/${used}`, 2);
    const outcome = await walk(topic);
    expect(problemsOf(outcome)).toMatchObject([
      { code: 'partition.ambiguous', path: `${root}/${topic}/${other}`, message: expect.stringContaining(used) },
    ]);
    expect(statusOf(outcome)).toBe('partial');
    expect(await lake.sql(`SELECT id FROM DB.${topic} WHERE day = '02'`)).toEqual([{ id: 2 }]);
  });

  test('of which one is an empty folder: the full one is used', async () => {
    await lake.clients.hdfs.mkdirs(`${root}/mixed/2019/09/03/00`);
    await put('mixed/2019/09/03/00', 0, '_SUCCESS');
    await put('mixed/year=2019/month=09/day=03/hour=00', 3);
    expect(named(await walk('mixed')).filter((problem) => problem.includes('03/hour=00'))).toEqual([]);
    expect(await lake.sql("SELECT id FROM DB.mixed WHERE day = '03'")).toEqual([{ id: 3 }]);
  });
});

describe('values', () => {
  test('are unescaped as Hive does it, and found again', async () => {
    const folders = new Map([
      ['12%3A00', '12:00'],
      ['a b', 'a b'],
      ['ü', 'ü'],
      ['x=y', 'x=y'],
      ['p%3Dq', 'p=q'],
      ['100%25', '100%'],
      ['a%2Fb', 'a/b'],
      ['v%5Bx%5D%2A', 'v[x]*'],
      ['__HIVE_DEFAULT_PARTITION__', '__HIVE_DEFAULT_PARTITION__'],
    ]);
    for (const folder of folders.keys()) await put(`escaped/region=${folder}`);
    const outcome = await walk('escaped');
    expect(outcome.tables).toMatchObject([{ added: folders.size, problems: [] }]);
    const shown = await lake.sql('SELECT region FROM DB.escaped WHERE id = 1');
    expect(new Set(shown.map(({ region }) => region))).toEqual(new Set(folders.values()));
    expect(await lake.sql("SELECT region FROM DB.escaped WHERE region = '12:00'")).toEqual([{ region: '12:00' }]);

    expect(statusOf(await walk('escaped'))).toBe('nothing');
    const paths = [...folders.keys()].map((folder) => `${root}/escaped/region=${folder}/data.parquet`);
    expect(statusOf(await lake.apply({ kind: 'paths', paths }))).toBe('nothing');
  });

  test('that are no calendar dates are named and left aside, the last days of months are taken', async () => {
    const impossible = ['2019/00', '2019/13', '2019/02/29', '2019/04/31', '2019/09/01/24', '2019/09/01/7x', '19', 'x'];
    for (const folder of impossible) {
      const missing = ['2019', '09', '01', '00'].slice(folder.split('/').length);
      await put(['dates', folder, ...missing].join('/'));
    }
    for (const folder of ['2020/02/29/00', '2019/12/31/23', '2019/09/01/00']) await put(`dates/${folder}`);
    const outcome = await walk('dates');
    expect(new Set(named(outcome))).toEqual(new Set(impossible.map((folder) => `path.unexpected dates/${folder}`)));
    expect(await lake.ids('dates')).toHaveLength(3);
    for (const folder of ['dt=2019-02-30', 'dt=2019-02-28']) await put(`days/${folder}`);
    expect(named(await walk('days'))).toEqual(['path.unexpected days/dt=2019-02-30']);
  });
});

describe('what is not where it should be', () => {
  test('files above the partitions and folders inside them are named', async () => {
    await put('astray/2019/09/01/00');
    await put('astray', 1, 'top.parquet');
    await put('astray/2019/09', 1, 'month.parquet');
    await put('astray/2019/09/01/00/deeper', 2);
    expect(named(await walk('astray'))).toEqual([
      'folder.inside_partition astray/2019/09/01/00/deeper',
      'path.unexpected astray/2019/09/month.parquet',
      'path.unexpected astray/top.parquet',
    ]);
    const event = { kind: 'paths' as const, paths: [`${root}/astray/2019/09/month.parquet`] };
    expect(named(await lake.apply(event))).toEqual(['path.unexpected astray/2019/09/month.parquet']);
  });

  test('hidden and temporary names are no data: not registered, not counted, no topics', async () => {
    const hidden = [
      '_SUCCESS',
      '_temporary',
      '.hive-staging_hive_2019-09-01_00-00-00_000_1',
      '.part-0-0.inprogress.8d5b2a6c',
      'part-0-0.parquet.inprogress',
      '+tmp',
      'data.parquet.tmp',
      'data.parquet._COPYING_',
      '.data.parquet.crc',
    ];
    await put('hidden/2019/09/01/00');
    for (const name of hidden) {
      await lake.put(`hidden/2019/09/01/00/${name}`, new TextEncoder().encode('unfinished'));
      await lake.put(`hidden/2019/09/01/01/${name}`, row(2));
    }
    for (const folder of ['_temporary', '.hive-staging', '+tmp']) {
      await put(`hidden/${folder}/2019/09/01/02`);
      await put(`hidden/2019/09/01/00/${folder === '+tmp' ? '_x' : folder}0`);
      await put(`${folder}/2019/09/01/00`);
    }
    expect(named(await walk('hidden'))).toEqual(['partition.empty hidden/2019/09/01/01']);
    const partitions = await lake.clients.metastore.partitionsByNames(database, 'hidden', [
      'year=2019/month=09/day=01/hour=00',
      'year=2019/month=09/day=01/hour=01',
    ]);
    expect(partitions.map(({ parameters }) => parameters?.get('numFiles'))).toEqual(['1']);
    const outcome = await lake.apply({ kind: 'recent' });
    expect(outcome.tables.map(({ topic }) => topic).filter((topic) => /^[_.+]/.test(topic))).toEqual([]);
    const paths = hidden.map((name) => `${root}/hidden/2019/09/01/01/${name}`);
    expect(statusOf(await lake.apply({ kind: 'paths', paths }))).toBe('nothing');
    expect(await lake.clients.metastore.partitionNames(database, 'hidden')).toHaveLength(1);
  });

  test("Kafka Connect's names with + are files like any other", async () => {
    const path = 'connect/2019/09/01/00/connect+0+0000000000+0000000099.snappy.parquet';
    await lake.put(path, row(7));
    expect((await lake.apply({ kind: 'paths', paths: [`${root}/${path}`] })).tables).toMatchObject([{ added: 1 }]);
    expect(await lake.sql('SELECT id FROM DB.connect')).toEqual([{ id: 7 }]);
  });
});
