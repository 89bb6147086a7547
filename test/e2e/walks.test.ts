import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type RunOutcome, statusOf } from '#functions/metastore-sync/run.ts';
import { lakewarden } from '../support/cli.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake();
const { root, database } = lake;
const row = (id: number): Uint8Array => parquet({ id: 'int' }, [{ id }]);
const put = (folder: string, id = 1, name = 'data.parquet'): Promise<void> => lake.put(`${folder}/${name}`, row(id));
const walk = (topic: string): Promise<RunOutcome> => lake.apply({ kind: 'full', topics: [topic] });

describe('time', () => {
  test('has no zone: the hours that a zone skips are partitions, the same in every zone', async () => {
    const hours = ['01', '02', '03', '04'];
    for (const hour of hours) await put(`zones/2019/03/10/${hour}`);
    const folder = mkdtempSync(join(tmpdir(), 'lakewarden-zones-'));
    const { hdfs, metastore } = lake.settings;
    writeFileSync(join(folder, 'sync.json'), JSON.stringify({ root, database, hdfs, metastore }));
    try {
      const plans = await Promise.all(
        ['UTC', 'America/New_York', 'Australia/Lord_Howe'].map((zone) => {
          const args = ['sync', 'plan', '--json', '--full', '--topic', 'zones', '--config', 'sync.json'];
          return lakewarden(args, { cwd: folder, env: { TZ: zone } });
        }),
      );
      expect(plans.map(({ code, err }) => `${code} ${err}`)).toEqual(['0 ', '0 ', '0 ']);
      const { tables } = JSON.parse(plans[0]?.out ?? '') as { tables: { add: { name: string }[] }[] };
      expect(tables[0]?.add.map(({ name }) => name)).toEqual(
        hours.map((hour) => `year=2019/month=03/day=10/hour=${hour}`),
      );
      expect(new Set(plans.map(({ out }) => out)).size).toBe(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a folder of the future does not hide the present from a recent run', async () => {
    for (const folder of ['2019/09/01/00', '2019/09/01/01', '2019/09/01/02', '9999/12/31/23', '9998/01/01/00'])
      await put(`ahead/${folder}`);
    await lake.apply({ kind: 'recent', topics: ['ahead'], partitions: 2 });
    const names = await lake.clients.metastore.partitionNames(database, 'ahead');
    expect(new Set(names)).toEqual(
      new Set([
        'year=2019/month=09/day=01/hour=01',
        'year=2019/month=09/day=01/hour=02',
        'year=9998/month=01/day=01/hour=00',
        'year=9999/month=12/day=31/hour=23',
      ]),
    );
  });

  test('a recent run makes few calls however much there is, and a whole walk finds what it left', async () => {
    const folders = ['2017', '2018'].flatMap((year) =>
      ['01', '02', '03'].flatMap((month) =>
        ['01', '02', '03'].flatMap((day) => ['00', '01', '02'].map((hour) => `${year}/${month}/${day}/${hour}`)),
      ),
    );
    for (const folder of folders) await put(`deep/${folder}`);
    const recent = await lake.apply({ kind: 'recent', topics: ['deep'], partitions: 3 });
    expect(recent.tables).toMatchObject([{ created: true, added: 3 }]);
    expect(await lake.sorted('SELECT year, month, day, hour FROM DB.deep', 'hour')).toEqual(
      ['00', '01', '02'].map((hour) => ({ year: '2018', month: '03', day: '03', hour })),
    );
    const { calls } = await lake.apply({ kind: 'recent', topics: ['deep'], partitions: 3 });
    // The root, the topic and three levels, three partitions; the table, the bodies of three partitions.
    expect(calls).toEqual({ hdfs: 1 + 4 + 3, metastore: 2 });
    const whole = await walk('deep');
    expect(whole.tables).toMatchObject([{ added: folders.length - 3, problems: [] }]);
  });
});

describe('a registered partition', () => {
  const numFiles = async (topic: string, hour = '00'): Promise<string | undefined> => {
    const name = `year=2019/month=09/day=01/hour=${hour}`;
    const [partition] = await lake.clients.metastore.partitionsByNames(database, topic, [name]);
    return partition?.parameters?.get('numFiles');
  };
  const folder = (topic: string, hour = '00'): string => `${topic}/2019/09/01/${hour}`;
  const anHourAgo = Date.now() - 3_600_000;
  const setAge = (path: string, secondsLater = 0): Promise<void> =>
    lake.clients.hdfs.setTimes(`${root}/${path}`, { modificationTime: anHourAgo + secondsLater * 1_000 });

  test('is brought up to date when files come, go or are replaced; emptied it stays, and that is told', async () => {
    const { hdfs } = lake.clients;
    const here = folder('restless');
    await put(here, 1, 'a.parquet');
    await put(here, 2, 'b.parquet');
    await walk('restless');
    const steps: [() => Promise<unknown>, string, number[]][] = [
      [() => put(here, 3, 'c.parquet'), '3', [1, 2, 3]],
      [() => hdfs.remove(`${root}/${here}/a.parquet`), '2', [2, 3]],
      [() => put(here, 4, 'b.parquet'), '2', [3, 4]],
      [() => hdfs.rename(`${root}/${here}/c.parquet`, `${root}/${here}/d.parquet`, 'none'), '2', [3, 4]],
    ];
    for (const [change, files, ids] of steps) {
      await change();
      expect((await walk('restless')).tables).toMatchObject([{ added: 0, changed: 1, problems: [] }]);
      expect(await numFiles('restless')).toBe(files);
      expect(await lake.ids('restless')).toEqual(ids);
      expect(statusOf(await walk('restless'))).toBe('nothing');
    }
    for (const name of ['b', 'd']) await hdfs.remove(`${root}/${here}/${name}.parquet`);
    expect(problemsOf(await walk('restless'))).toMatchObject([{ code: 'partition.empty', path: `${root}/${here}` }]);
    expect(await lake.clients.metastore.partitionNames(database, 'restless')).toHaveLength(1);
    expect(await lake.ids('restless')).toEqual([]);
  });

  test('is not listed again by a whole walk while its folder keeps its time', async () => {
    const hours = ['00', '01', '02', '03', '04', '05', '06', '07'];
    for (const hour of hours) {
      await put(folder('settled', hour));
      await setAge(folder('settled', hour));
    }
    expect((await walk('settled')).tables).toMatchObject([{ added: hours.length }]);
    const still = await walk('settled');
    // The root, its time, the topic and the three levels above the hours; the table and its names.
    expect(still.calls).toEqual({ hdfs: 2 + 4, metastore: 2 });
    await put(folder('settled', '03'), 2, 'late.parquet');
    expect((await walk('settled')).tables).toMatchObject([{ added: 0, changed: 1 }]);
    expect(await lake.ids("settled WHERE hour = '03'")).toEqual([1, 2]);
  });

  test('that three files of an event are in costs 15 calls at most, whether it is new or not', async () => {
    const look = (files: readonly string[]): Promise<RunOutcome> =>
      lake.apply({ kind: 'paths', paths: files.map((file) => `${root}/${file}`) });
    await put(folder('thrifty'));
    await walk('thrifty');
    const hours = ['01', '02', '03'].map((hour) => folder('thrifty', hour));
    for (const hour of hours) await put(hour);
    const added = await look(hours.map((hour) => `${hour}/data.parquet`));
    expect(added.tables).toMatchObject([{ added: 3, changed: 0 }]);
    // Each folder, each file at the NameNode and a DataNode, all folders once more; the table and the partitions, the table
    // before and after the call that adds them.
    expect(added.calls).toEqual({ hdfs: 3 + 3 * 2 + 1, metastore: 5 });
    const names = ['x.parquet', 'y.parquet', 'z.parquet'];
    for (const name of names) await put(folder('thrifty'), 2, name);
    const changed = await look(names.map((name) => `${folder('thrifty')}/${name}`));
    expect(changed.tables).toMatchObject([{ added: 0, changed: 1 }]);
    // The table and the partition, both once more, the change, and the lock and its end.
    expect(changed.calls).toEqual({ hdfs: 1 + 3 * 2, metastore: 7 });
  });

  test('that changes in the second after a whole walk is found by the next one', async () => {
    await put(folder('hasty'));
    await walk('hasty');
    for (const id of [2, 3, 4]) {
      await put(folder('hasty'), id, `${id}.parquet`);
      expect((await walk('hasty')).tables).toMatchObject([{ changed: 1 }]);
      expect(await numFiles('hasty')).toBe(String(id));
    }
  });

  test('that changes during a whole walk is found by the next one', async () => {
    for (const hour of ['00', '01']) {
      await put(folder('racing', hour));
      await setAge(folder('racing', hour));
    }
    await walk('racing');
    await put(folder('racing', '02'));
    // Both changes come when the walk has passed: one in a folder it has looked into, one in a folder that it only saw.
    const walked = lake.clients.hdfs.list.bind(lake.clients.hdfs);
    lake.clients.hdfs.list = async function* (path: string) {
      yield* walked(path);
      if (!path.endsWith('/02')) return;
      for (const hour of ['01', '02']) await put(folder('racing', hour), 2, 'meanwhile.parquet');
    };
    try {
      expect((await walk('racing')).tables).toMatchObject([{ added: 1 }]);
    } finally {
      lake.clients.hdfs.list = walked;
    }
    expect((await walk('racing')).tables).toMatchObject([{ added: 0, changed: 2 }]);
    for (const hour of ['01', '02']) expect(await numFiles('racing', hour)).toBe('2');
    expect(statusOf(await walk('racing'))).toBe('nothing');
  });
});
