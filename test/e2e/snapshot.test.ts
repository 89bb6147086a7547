import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createClients } from '#functions/metastore-sync/clients.ts';
import type { Settings } from '#functions/metastore-sync/config.ts';
import { applyRun, type RunOutcome, statusOf } from '#functions/metastore-sync/run.ts';
import { parseTemplate } from '#shared/lake/path-template.ts';
import { lakewarden } from '../support/cli.ts';
import { row, useSnapshotLake } from '../support/snapshot-lake.ts';
import { problemsOf } from '../support/sync-lake.ts';

const snapshotLake = useSnapshotLake();
const { lake, put, snapshots, forget, look, cursor, numFiles, settle, allow } = snapshotLake;
const { root, database } = lake;
const { hdfs, metastore } = lake.clients;
const partition = (day: string, hour: string): string => `year=2019/month=09/day=${day}/hour=${hour}`;
const hoursOf = async (topic: string): Promise<string[]> =>
  (await metastore.partitionNames(database, topic)).map((name) => name.replaceAll(/\w+=/g, '')).toSorted();

describe('a run that asks for changes', () => {
  test('walks the first time and remembers where it was', async () => {
    await put('first/2019/09/01/00/a.parquet');
    await allow('first');
    const [plan] = (await lake.plan({ kind: 'changes', topics: ['first'] })).tables;
    expect(plan).toMatchObject({ way: 'walk', add: [{ name: partition('01', '00') }] });
    expect(await snapshots('first')).toEqual([]);
    const outcome = await look('first');
    const [name] = await snapshots('first');
    expect(outcome.tables).toMatchObject([{ created: true, added: 1, way: 'walk' }]);
    expect(JSON.parse((await cursor('first')) ?? '')).toMatchObject({ snapshot: name, again: [] });
  });

  test('writes nothing when nothing happened, at three calls', async () => {
    const before = [await metastore.table(database, 'first'), await snapshots('first')];
    const outcome = await look('first');
    expect(statusOf(outcome)).toBe('nothing');
    // The folders of topics and the difference; the table.
    expect(outcome).toMatchObject({ calls: { hdfs: 2, metastore: 1 }, tables: [{ way: 'snapshot' }] });
    expect([await metastore.table(database, 'first'), await snapshots('first')]).toEqual(before);
  });

  test('of three new files makes 16 calls, one more where a partition changes, however many partitions there are', async () => {
    const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));
    for (const topic of ['large', 'grown']) await settle(topic, hours.slice(0, 23));
    for (const name of ['x', 'y', 'z']) await put(`large/2019/09/01/23/${name}.parquet`);
    const fresh = await look('large');
    expect(fresh.tables).toMatchObject([{ added: 1, changed: 0, way: 'snapshot', problems: [] }]);
    for (const name of ['x', 'y', 'z']) await put(`grown/2019/09/01/07/${name}.parquet`);
    const grown = await look('grown');
    expect(grown.tables).toMatchObject([{ added: 0, changed: 1, way: 'snapshot', problems: [] }]);
    expect(await numFiles('grown', '07')).toBe('4');
    // The folders of topics, the difference, the partition, and each file at the NameNode and a DataNode; the table, the
    // partition, and both again right before they are written; the table's lock and its end.
    expect(grown.calls).toEqual({ hdfs: 3 + 3 * 2, metastore: 2 + 4 + 2 });
    // Without a lock; the new partition is looked at again before it is registered, and the table after it.
    expect(fresh.calls).toEqual({ hdfs: 3 + 3 * 2 + 1, metastore: 2 + 4 });
    expect(await lake.ids('large')).toHaveLength(26);
    expect(statusOf(await look('large'))).toBe('nothing');
  });

  test.each(['changes', 'full', 'recent'] as const)(
    'brings a partition of an int key up to date that another writer spelled in another way: %s',
    async (kind) => {
      const topic = `spelled_${kind}`;
      const templates = [parseTemplate('dt={dt}/hour={hour:int}')];
      const settings = { ...lake.settings, topics: { [topic]: { adopt: false, allow: [], templates } } };
      const run = (): ReturnType<typeof applyRun> =>
        applyRun({ scope: { kind, topics: [topic] }, dryRun: false, problems: [] }, lake.tools({ settings }));
      await put(`${topic}/dt=2019-09-01/hour=02/a.parquet`);
      await allow(topic);
      await run();
      const [body] = await metastore.partitionsByNames(database, topic, ['dt=2019-09-01/hour=2']);
      await metastore.dropPartitions(database, topic, ['dt=2019-09-01/hour=2']);
      await metastore.addPartitions(database, topic, [{ ...body!, values: ['2019-09-01', '02'] }]);
      await put(`${topic}/dt=2019-09-01/hour=02/b.parquet`);
      const outcome = await run();
      expect(outcome.tables).toMatchObject([{ added: 0, changed: 1, problems: [] }]);
      expect(await metastore.partitionNames(database, topic)).toEqual(['dt=2019-09-01/hour=02']);
      const [now] = await metastore.partitionsByNames(database, topic, ['dt=2019-09-01/hour=02']);
      expect(now?.parameters?.get('numFiles')).toBe('2');
      expect(statusOf(await run())).toBe('nothing');
    },
  );

  test('brings partitions up to date whose files come, are replaced, renamed and removed', async () => {
    await settle('restless');
    const here = 'restless/2019/09/01/00';
    const steps: [() => Promise<unknown>, string][] = [
      [() => put(`${here}/b.parquet`, 2), '2'],
      [() => put(`${here}/b.parquet`, 3), '2'],
      [() => hdfs.rename(`${root}/${here}/b.parquet`, `${root}/${here}/c.parquet`, 'none'), '2'],
      [() => hdfs.rename(`${root}/${here}/c.parquet`, `${root}/restless/2019/09/01/01/c.parquet`, 'none'), '1'],
      [() => put(`${here}/d.parquet`, 4), '2'],
      [() => hdfs.remove(`${root}/${here}/a.parquet`), '1'],
    ];
    for (const [change, files] of steps) {
      await change();
      expect(statusOf(await look('restless'))).toBe('done');
      expect(await numFiles('restless', '00')).toBe(files);
      expect(statusOf(await look('restless'))).toBe('nothing');
    }
    expect(await lake.ids('restless')).toEqual([1, 3, 4]);
    // Whatever was deleted is kept on disk by no snapshot.
    expect(await snapshots('restless')).toEqual([JSON.parse((await cursor('restless')) ?? '').snapshot]);
  });

  test('walks new folders only, and leaves aside what is no data', async () => {
    await settle('spread');
    for (const path of ['2020/01/01/00', '2020/01/01/01', '2020/02/01/00', '2019/10/01/00'])
      await put(`spread/${path}/a.parquet`);
    await put('spread/_temporary/0/part.parquet');
    await put('spread/2019/09/01/00/.half.inprogress.1');
    await put('spread/2019/README.parquet');
    await put('spread/notes/2019/a.parquet');
    const outcome = await look('spread');
    expect(outcome.tables).toMatchObject([{ added: 4, changed: 0, way: 'snapshot' }]);
    expect(problemsOf(outcome).map(({ code, path }) => `${code} ${path}`)).toEqual([
      `path.unexpected ${root}/spread/2019/README.parquet`,
      `path.unexpected ${root}/spread/notes`,
    ]);
  });

  test('follows a renamed month, and tells of what vanished without dropping it', async () => {
    await settle('moved');
    await hdfs.rename(`${root}/moved/2019/09`, `${root}/moved/2019/10`, 'none');
    await put('moved/2019/10/01/00/b.parquet', 2);
    const outcome = await look('moved');
    expect(outcome.tables).toMatchObject([{ added: 2, changed: 0, way: 'snapshot' }]);
    expect(problemsOf(outcome).map(({ code, message }) => `${code} ${message}`)).toEqual(
      ['00', '01'].map((hour) => expect.stringMatching(`^partition.vanished .*month=09/day=01/hour=${hour} `)),
    );
    await hdfs.remove(`${root}/moved/2019/10/01/01`, { recursive: true });
    expect(problemsOf(await look('moved')).map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/month=10.day=01.hour=01 has no folder/),
    );
    expect(await hoursOf('moved')).toEqual(['2019/09/01/00', '2019/09/01/01', '2019/10/01/00', '2019/10/01/01']);
    expect(await lake.ids("moved WHERE month = '10' AND hour = '00'")).toHaveLength(2);
  });

  describe('drops what vanished when asked', () => {
    const drop = (topic: string, more: Partial<Settings> = {}): Promise<RunOutcome> => {
      const settings = { ...lake.settings, vanished: 'drop' as const, maxDropShare: 0.5, ...more };
      return applyRun(
        { scope: { kind: 'changes', topics: [topic] }, dryRun: false, problems: [] },
        lake.tools({ settings }),
      );
    };
    const remove = (path: string): Promise<boolean> => hdfs.remove(`${root}/${path}`, { recursive: true });

    test('single hours, a whole day, an emptied hour; and what came back stays', async () => {
      await settle('dropped', ['00', '01', '02', '03']);
      for (const hour of ['00', '01', '02']) await put(`dropped/2019/09/02/${hour}/a.parquet`);
      await look('dropped');
      await remove('dropped/2019/09/01/00');
      await remove('dropped/2019/09/01/01/a.parquet');
      await remove('dropped/2019/09/02');
      await put('dropped/2019/09/02/01/a.parquet', 2);
      const outcome = await drop('dropped', { maxDropShare: 0.6 });
      expect(outcome.tables).toMatchObject([{ way: 'snapshot', added: 0, changed: 1, dropped: 4, problems: [] }]);
      expect(await hoursOf('dropped')).toEqual(['2019/09/01/02', '2019/09/01/03', '2019/09/02/01']);
      expect(statusOf(await drop('dropped'))).toBe('nothing');
    });

    test('within the limits, and never all', async () => {
      await settle('storm', ['00', '01', '02', '03']);
      await remove('storm/2019/09/01/00');
      await remove('storm/2019/09/01/01');
      await remove('storm/2019/09/01/02');
      const refused = await drop('storm');
      expect(refused.tables).toMatchObject([{ dropped: 0, way: 'snapshot' }]);
      expect(problemsOf(refused)).toContainEqual(expect.objectContaining({ code: 'partition.drop_refused' }));
      await remove('storm/2019');
      expect(problemsOf(await drop('storm', { maxDropShare: 1 }))).toContainEqual(
        expect.objectContaining({ message: expect.stringContaining('no registered partition would be left') }),
      );
      expect(await hoursOf('storm')).toHaveLength(4);
    });
  });

  test('takes a younger snapshot after many changes, and keeps one', async () => {
    await settle('many');
    const before = await snapshots('many');
    for (let hour = 2; hour < 7; hour += 1) await put(`many/2019/09/01/${String(hour).padStart(2, '0')}/a.parquet`);
    expect((await look('many')).tables).toMatchObject([{ added: 5 }]);
    expect(await snapshots('many')).toEqual(before);
    for (let hour = 12; hour < 22; hour += 1) await put(`many/2019/09/01/${hour}/a.parquet`);
    expect((await look('many')).tables).toMatchObject([{ added: 10 }]);
    const after = await snapshots('many');
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
    expect(statusOf(await look('many'))).toBe('nothing');
    expect(await snapshots('many')).toEqual(after);
  });
});

test('a file that is open while the snapshot is taken is not forgotten', async () => {
  await settle('slow');
  const bytes = row(7);
  let finish = (): void => {};
  const wait = new Promise<void>((resolve) => (finish = resolve));
  const writing = hdfs.create(
    `${root}/slow/2019/09/01/00/open.parquet`,
    (async function* () {
      yield bytes.subarray(0, 8);
      await wait;
      yield bytes.subarray(8);
    })(),
  );
  while ((await hdfs.statusIfExists(`${root}/slow/2019/09/01/00/open.parquet`)) === undefined);
  // Something is deleted, so that the cursor moves.
  await put('slow/2019/09/01/01/b.parquet');
  await look('slow');
  await hdfs.remove(`${root}/slow/2019/09/01/01/a.parquet`);
  const before = await snapshots('slow');
  await look('slow');
  expect(await snapshots('slow')).not.toEqual(before);
  expect(JSON.parse((await cursor('slow')) ?? '')).toMatchObject({ again: ['2019/09/01/00'] });
  finish();
  await writing;
  expect((await look('slow')).tables).toMatchObject([{ changed: 1, way: 'snapshot', problems: [] }]);
  expect(await lake.ids('slow')).toEqual([1, 1, 7]);
});

test('a file that another kind of run took in, and that goes again, leaves no trace', async () => {
  await settle('fickle');
  await put('fickle/2019/09/01/00/b.parquet');
  await lake.apply({ kind: 'paths', paths: [`${root}/fickle/2019/09/01/00/b.parquet`] });
  expect(await numFiles('fickle', '00')).toBe('2');
  await hdfs.remove(`${root}/fickle/2019/09/01/00/b.parquet`);
  expect((await look('fickle')).tables).toMatchObject([{ changed: 1, way: 'snapshot' }]);
  expect(await numFiles('fickle', '00')).toBe('1');
});

test('what comes between the question and the snapshot is found', async () => {
  await settle('racing');
  await hdfs.remove(`${root}/racing/2019/09/01/01/a.parquet`);
  await put('racing/2019/09/01/01/b.parquet');
  const clients = createClients(lake.settings);
  const ask = clients.hdfs.snapshotDiff.bind(clients.hdfs);
  let asked = 0;
  clients.hdfs.snapshotDiff = async (...question) => {
    const answer = await ask(...question);
    asked += 1;
    if (asked === 1) await put('racing/2019/09/01/05/a.parquet', 5);
    else await put('racing/2019/09/01/06/a.parquet', 6);
    return answer;
  };
  try {
    const request = { scope: { kind: 'changes' as const, topics: ['racing'] }, dryRun: false, problems: [] };
    expect((await applyRun(request, lake.tools({ clients }))).tables).toMatchObject([{ added: 1, changed: 1 }]);
  } finally {
    await clients.metastore.close();
    clients.hdfs.close();
  }
  expect((await look('racing')).tables).toMatchObject([{ added: 1, way: 'snapshot' }]);
  expect(await lake.ids('racing')).toHaveLength(4);
});

describe('where snapshots cannot tell, a walk does:', () => {
  const walked = async (topic: string, files: string): Promise<void> => {
    await put(`${topic}/2019/09/01/00/late.parquet`, 2);
    expect((await look(topic)).tables).toMatchObject([{ changed: 1, way: 'walk' }]);
    expect(await numFiles(topic, '00')).toBe(files);
  };

  test('the snapshot is gone', async () => {
    await settle('gone');
    for (const name of await snapshots('gone')) await forget('gone', name);
    await walked('gone', '2');
    expect((await look('gone')).tables).toMatchObject([{ way: 'snapshot' }]);
  });

  test('the cursor was copied from another table, or is no cursor', async () => {
    await settle('copied');
    for (const text of ['{', '7', (await cursor('copied'))?.replace(/"table":\d+/, '"table":1') ?? '']) {
      const table = await metastore.table(database, 'copied');
      const parameters = new Map([...(table?.parameters ?? []), ['lakewarden.snapshot', text]]);
      await metastore.alterTable(database, 'copied', { ...table!, parameters });
      expect((await look('copied')).tables).toMatchObject([{ way: 'walk' }]);
      expect(await snapshots('copied')).toHaveLength(1);
    }
  });

  test('nobody allowed snapshots', async () => {
    await put('plain/2019/09/01/00/a.parquet');
    const outcome = await look('plain');
    expect(outcome.tables).toMatchObject([{ added: 1, way: 'walk' }]);
    expect(problemsOf(outcome)).toMatchObject([{ code: 'snapshot.unavailable', path: `${root}/plain` }]);
    expect(statusOf(outcome)).toBe('done');
    await walked('plain', '2');
    expect(await cursor('plain')).toBeUndefined();
  });

  test('the folder belongs to somebody else', async () => {
    await settle('foreign');
    const before = await snapshots('foreign');
    await hdfs.setPermission(`${root}/foreign`, '755');
    const settings = { ...lake.settings, hdfs: { ...lake.settings.hdfs, user: 'nobody-special' } };
    const clients = createClients(settings);
    const request = { scope: { kind: 'changes' as const, topics: ['foreign'] }, dryRun: false, problems: [] };
    try {
      await put('foreign/2019/09/01/02/a.parquet');
      await hdfs.remove(`${root}/foreign/2019/09/01/01/a.parquet`);
      const outcome = await applyRun(request, lake.tools({ settings, clients }));
      // It may ask for the changes all the same; only the cursor stays.
      expect(outcome.tables).toMatchObject([{ added: 1, way: 'snapshot' }]);
      expect(problemsOf(outcome)).toContainEqual(expect.objectContaining({ code: 'snapshot.unavailable' }));
      expect(await snapshots('foreign')).toEqual(before);
    } finally {
      await clients.metastore.close();
      clients.hdfs.close();
    }
  });
});

test('sync prepare says what is to be done, does it when asked, and then --changes tells the way', async () => {
  await put('prepared/2019/09/01/00/a.parquet');
  snapshotLake.clean('prepared');
  const cwd = mkdtempSync(join(tmpdir(), 'lakewarden-prepare-'));
  writeFileSync(
    join(cwd, 'sync.json'),
    JSON.stringify({ root, database, hdfs: lake.settings.hdfs, metastore: lake.settings.metastore }),
  );
  const sync = (...args: string[]): ReturnType<typeof lakewarden> =>
    lakewarden(['sync', ...args, '--topic', 'prepared', '--config', 'sync.json'], { cwd });
  try {
    const told = await sync('prepare');
    expect([told.code, told.out]).toEqual([
      3,
      expect.stringContaining(`hdfs dfsadmin -allowSnapshot ${root}/prepared\n`),
    ]);
    expect((await hdfs.status(`${root}/prepared`)).snapshotEnabled).toBe(false);
    const done = await sync('prepare', '--allow');
    expect([done.code, done.out]).toEqual([0, expect.stringContaining('prepared  snapshots allowed now, owner')]);
    expect(JSON.parse((await sync('prepare', '--json')).out)).toMatchObject({
      topics: [{ topic: 'prepared', snapshots: 'allowed', owned: true }],
    });
    for (const way of ['walk', 'snapshot']) {
      const { code, out } = await sync('apply', '--changes');
      expect([code, out]).toEqual([0, expect.stringMatching(new RegExp(`prepared  .*, by a ${way}: \\d+ HDFS call`))]);
    }
  } finally {
    rmSync(cwd, { recursive: true });
  }
});

test('ten at once end in one state and one snapshot', async () => {
  await settle('crowd');
  for (const hour of ['02', '03', '04']) await put(`crowd/2019/09/01/${hour}/a.parquet`);
  await put('crowd/2019/09/01/00/b.parquet');
  await hdfs.remove(`${root}/crowd/2019/09/01/00/a.parquet`);
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => look('crowd')));
  expect(outcomes.flatMap(problemsOf).filter(({ code }) => code !== 'snapshot.unavailable')).toEqual([]);
  expect(await lake.ids('crowd')).toHaveLength(5);
  await put('crowd/2019/09/01/01/b.parquet');
  await look('crowd');
  await hdfs.remove(`${root}/crowd/2019/09/01/01/a.parquet`);
  expect((await look('crowd')).tables).toMatchObject([{ changed: 1, problems: [] }]);
  expect(await snapshots('crowd')).toEqual([JSON.parse((await cursor('crowd')) ?? '').snapshot]);
});
