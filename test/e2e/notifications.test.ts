import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { followNotifications } from '#functions/metastore-sync/notifications/follow-notifications.ts';
import { Metastore, type Table } from '#shared/hive/metastore.ts';
import { querySql } from '#lake-in-a-box/postgres-client.ts';
import { packageFunction } from '../../tools/package.ts';
import { lakewarden } from '../support/cli.ts';
import { EventReceiver } from '../support/event-receiver.ts';
import type { FunctionProcess } from '../support/function-process.ts';
import { lake as sharedLake } from '../support/lake.ts';
import { Follower, testNotifications } from '../support/notifications.ts';
import { startOwnLake } from '../support/own-lake.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { ring, startSync, writeSettings, writtenSettings } from '../support/sync-process.ts';

const own = await startOwnLake(['metastore', 'hiveserver'], undefined, {
  metastoreSettings: {
    'metastore.transactional.event.listeners': 'LogNotifications',
  },
});
const { webhdfs = '', defaultFs = '', metastore = '', postgres = '', hiveserver = '' } = own.addresses;
const lake = useSyncLake(
  {
    vanished: 'drop',
    maxDropShare: 1,
    statistics: 'columns',
    notifications: { cursor: '/cursor' },
    topics: { adopted: { adopt: true } },
  },
  { webhdfs, defaultFs, metastore, hiveserver },
);
const { database, clients } = lake;
afterAll(() => own.stop());

testNotifications(lake);

const ping = 'dev.knative.sources.ping';
const file = parquet({ id: 'int' }, [{ id: 1 }]);
const sql = (text: string): Promise<unknown> => querySql(Number(new URL(postgres).port), 'metastore', text);

async function prepare(topic: string): Promise<void> {
  await lake.put(`${topic}/2019/09/01/00/a.parquet`, file);
  await lake.apply({ kind: 'full', topics: [topic] });
}

async function touch(topic: string, name = 'touched'): Promise<void> {
  const table = (await clients.metastore.table(database, topic)) as Table;
  const parameters = new Map([...(table.parameters ?? []), [name, 'true']]);
  await clients.metastore.alterTable(database, topic, { ...table, parameters });
}

test('SQL by hand is told with the name of who wrote it, as far as Hive notes it down', async () => {
  const follower = new Follower(lake, 'sql');
  await prepare('sql_made');
  await lake.put('sql_made/2019/09/01/01/a.parquet', file);
  await lake.apply({ kind: 'full', topics: ['sql_made'] });
  await follower.follow();
  await lake.sql('ALTER TABLE DB.sql_made ADD COLUMNS (extra string)');
  await lake.sql(`ALTER TABLE DB.sql_made DROP PARTITION (hour = '00')`);
  await lake.sql(
    `ALTER TABLE DB.sql_made ADD PARTITION (year = '2019', month = '09', day = '01', hour = '00') LOCATION '${lake.root}/sql_made/2019/09/01/00'`,
  );
  // Hive notes the second of an alter: of two in the same one nobody can tell whether the name is the second's.
  await sleep(1_100);
  await lake.sql(`ALTER TABLE DB.sql_made SET TBLPROPERTIES ('external.table.purge' = 'true')`);
  const told = await follower.tell();
  const day = 'year=2019/month=09/day=01';
  expect(told.map(([type, { change, partitions, changes, by }]) => [type, change, partitions ?? changes, by])).toEqual([
    ['metastore.changed', 'ALTER_TABLE', [{ what: 'column extra', after: 'string' }], 'root'],
    ['metastore.changed', 'DROP_PARTITION', [`${day}/hour=00`], undefined],
    ['metastore.changed', 'ADD_PARTITION', [`${day}/hour=00`], undefined],
    [
      'metastore.changed',
      'ALTER_TABLE',
      [{ what: 'parameter external.table.purge', before: 'false', after: 'true' }],
      'root',
    ],
    ['table.drifted', undefined, undefined, undefined],
  ]);
  const [, { findings }] = told.at(-1) as [string, { findings: { code: string; about: string }[] }];
  expect(findings.map(({ code, about }) => `${code} ${about}`)).toEqual([
    'partition.by_others ',
    'table.property external.table.purge',
  ]);
});

describe('notifications that are lost', () => {
  const follower = new Follower(lake, 'lost');
  beforeAll(() => prepare('lost'));
  beforeEach(async () => void (await follower.follow()));

  const lost = (reason: string): unknown[] => [
    ['notifications.lost', expect.objectContaining({ reason })],
    ['metastore-sync.resumed', { scope: 'drift' }],
  ];

  test('are told with their ids when the metastore cleaned them away, all or some', async () => {
    const { until } = await follower.follow();
    await touch('lost', 'a');
    await touch('lost', 'b');
    await touch('lost', 'c');
    await sql(`DELETE FROM "NOTIFICATION_LOG" WHERE "EVENT_ID" = ${until + 2n}`);
    const some = await follower.tell();
    expect(some.map(([type]) => type)).toEqual([
      'notifications.lost',
      'metastore-sync.resumed',
      'metastore.changed',
      'metastore.changed',
    ]);
    expect(some[0]?.[1]).toMatchObject({ reason: 'cleaned', from: until + 2n, to: until + 2n });
    await touch('lost', 'd');
    await sql('DELETE FROM "NOTIFICATION_LOG"');
    expect(await follower.tell()).toEqual(lost('cleaned'));
    expect(await follower.tell()).toEqual([]);
    await touch('lost', 'e');
    expect((await follower.tell()).map(([type]) => type)).toEqual(['metastore.changed']);
  });

  test('are told when the metastore was restored from a copy, also when its ids went on', async () => {
    await touch('lost', 'f');
    await follower.follow();
    await sql(`UPDATE "NOTIFICATION_LOG" SET "EVENT_TIME" = "EVENT_TIME" - 100`);
    await touch('lost', 'g');
    expect(await follower.tell()).toEqual(lost('rewritten'));
    await sql('DELETE FROM "NOTIFICATION_LOG"; UPDATE "NOTIFICATION_SEQUENCE" SET "NEXT_EVENT_ID" = 3');
    expect(await follower.tell()).toEqual(lost('reset'));
    expect(await follower.tell()).toEqual([]);
  });

  test('are told when it is another metastore', async () => {
    const value = { metastore: 'another', event: '1', mark: '' };
    await clients.hdfs.setXattr(follower.folder, 'user.lakewarden.notifications', Buffer.from(JSON.stringify(value)));
    expect(await follower.tell()).toEqual(lost('replaced'));
    expect(await follower.tell()).toEqual([]);
  });

  test('a cursor that is none stops the run and names its place', async () => {
    const broken = new Follower(lake, 'broken');
    await clients.hdfs.mkdirs(broken.folder);
    await clients.hdfs.setXattr(broken.folder, 'user.lakewarden.notifications', Buffer.from('{"event":-1}'));
    await expect(broken.follow()).rejects.toMatchObject({
      code: 'hdfs.invalid',
      message: expect.stringContaining(broken.folder),
    });
  });
});

test('a metastore without a listener that writes its log is named so, and no cursor is made', async () => {
  const silent = new Metastore({ uris: [sharedLake().metastore], user: 'root' });
  const follow = followNotifications('/silent', {
    clients: { ...clients, metastore: silent },
    settings: lake.settings,
    instance: 'test',
    emit: () => Promise.resolve(),
    hasTime: () => true,
  });
  await expect(follow).rejects.toMatchObject({
    code: 'metastore.unsupported',
    message: expect.stringContaining('metastore.transactional.event.listeners'),
  });
  await silent.close();
  expect(await clients.hdfs.statusIfExists('/silent')).toBeUndefined();
});

describe('the function', () => {
  const receiver = new EventReceiver();
  const cursor = `/${database}/function`;
  let temp: string;
  let bundle: string;
  let sink: string;
  beforeAll(async () => {
    temp = mkdtempSync(join(tmpdir(), 'lakewarden-notifications-'));
    ({ folder: bundle } = await packageFunction('functions/metastore-sync', join(temp, 'metastore-sync')));
    sink = await receiver.start();
  });
  afterAll(() => {
    receiver.stop();
    rmSync(temp, { recursive: true });
  });
  afterEach(() => {
    receiver.judge = () => 202;
    expect(receiver.faults).toEqual([]);
  });

  const settings = (more: object = { notifications: { cursor } }): string =>
    writeSettings(temp, 'settings', writtenSettings(lake, { ...more }));

  async function withSync<T>(work: (sync: FunctionProcess) => Promise<T>, more?: object): Promise<T> {
    const sync = await startSync(bundle, settings(more), sink);
    try {
      return await work(sync);
    } finally {
      await sync.end();
    }
  }
  const read = (sync: FunctionProcess) => ring(sync, ping, { scope: 'notifications' });
  const taken = (): string[][] =>
    receiver.take().map(({ event: { type, id } }) => [type.split('.').slice(-2).join('.'), id]);

  test('refuses to read them when the settings do not say where to remember', async () => {
    await withSync(async (sync) => {
      const answer = await read(sync);
      expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
        422,
        { error: { message: expect.stringContaining('notifications.cursor') } },
      ]);
    }, {});
  });

  test('tells them when a PingSource asks, counts them, and goes on after kill -9 where nothing was lost', async () => {
    await prepare('ours');
    await withSync(async (sync) => {
      expect(JSON.parse((await read(sync)).body)).toMatchObject({ status: 'nothing', result: { started: true } });
    });
    await touch('ours', 'discover.partitions');
    const first = await withSync(async (sync) => {
      const held = Promise.withResolvers<void>();
      const never = Promise.withResolvers<number>();
      receiver.judge = async (type) => {
        if (!type.endsWith('drifted')) return 202;
        held.resolve();
        return await never.promise;
      };
      const answer = read(sync).catch((error: unknown) => error);
      await held.promise;
      await sync.end();
      await answer;
      never.resolve(0);
      return taken();
    });
    receiver.judge = () => 202;
    await withSync(async (sync) => {
      const answer = JSON.parse((await read(sync)).body) as { result: object };
      expect(answer).toMatchObject({ status: 'done', result: { read: { foreign: 1 }, drifted: [`${database}.ours`] } });
      const second = taken();
      expect(first.map(([type]) => type)).toEqual(['metastore.changed']);
      expect(second.map(([type]) => type)).toEqual(['metastore.changed', 'table.drifted']);
      expect(second[0]).toEqual(first[0]);
      expect(JSON.parse((await read(sync)).body)).toMatchObject({ status: 'nothing', result: { read: { ours: 0 } } });
      const { body } = await sync.send({ method: 'GET', path: '/metrics/lakewarden' });
      expect(body).toMatch(/lakewarden_notifications_total\{concern="foreign"[^}]*\} 1\n/);
    });
  });

  test('does not pass what the sink does not take', async () => {
    await touch('ours', 'another');
    await withSync(async (sync) => {
      receiver.judge = () => 400;
      expect((await read(sync)).status).toBe(500);
      receiver.judge = () => 202;
      expect((await read(sync)).status).toBe(200);
    });
    expect(taken().map(([type]) => type)).toEqual(['metastore.changed', 'table.drifted']);
  });

  test('a dry run and the command line show what would be told, and move nothing', async () => {
    await touch('ours', 'shown');
    const [config, cwd] = [settings(), temp];
    const { code, out } = await lakewarden(['sync', 'notifications', '--config', config], { cwd });
    expect([code, out]).toEqual([3, expect.stringMatching(/ALTER_TABLE +\S+\.ours +parameter shown added: true/)]);
    const json = await lakewarden(['sync', 'notifications', '--config', config, '--json'], { cwd });
    expect(JSON.parse(json.out)).toMatchObject({
      changes: [{ data: { change: 'ALTER_TABLE', table: `${database}.ours` } }],
    });
    await withSync(async (sync) => {
      const answer = await ring(sync, ping, { scope: 'notifications', dryRun: true });
      expect(JSON.parse(answer.body)).toMatchObject({ status: 'planned', result: { changes: [{}] } });
      expect(taken()).toEqual([]);
      expect(JSON.parse((await read(sync)).body)).toMatchObject({ result: { read: { foreign: 1 } } });
    });
    taken();
    expect(await lakewarden(['sync', 'notifications', '--config', config], { cwd })).toMatchObject({ code: 0 });
    const all = await lakewarden(['sync', 'notifications', '--config', config, '--since', '0'], { cwd });
    expect(all).toMatchObject({ code: 3, out: expect.stringContaining('shown') });
  });

  test('compares everything when it is asked to, as after a loss', async () => {
    await prepare('tidy');
    await withSync(async (sync) => {
      const answer = await ring(sync, 'dev.lakewarden.metastore-sync.resumed', {
        scope: 'drift',
        topics: ['ours', 'tidy'],
      });
      expect(JSON.parse(answer.body)).toMatchObject({ status: 'done', result: { drifted: [`${database}.ours`] } });
    });
    expect(receiver.take().map(({ event }) => [event.type, event.data])).toMatchObject([
      ['dev.lakewarden.table.drifted', { topic: 'ours', findings: [{ code: 'table.discovered_by_hive' }, {}] }],
    ]);
  });
});
