import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Followed, followNotifications } from '#functions/metastore-sync/notifications/follow-notifications.ts';
import { applyRun, type RunOutcome } from '#functions/metastore-sync/run.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { Metastore, type Partition, type Table } from '#shared/hive/metastore.ts';
import { parquetBytes as parquet } from './parquet-file.ts';
import type { SyncLake } from './sync-lake.ts';

const file = parquet({ id: 'int', name: 'string' }, [{ id: 1, name: 'a' }]);

/** Follows the log of a lake's metastore, with the cursor on a folder of its own. */
export class Follower {
  readonly told: CloudEventOut[] = [];
  readonly folder: string;
  readonly #lake: SyncLake;
  /** Ends a run when it is about to send an event of this kind, or to move the cursor. */
  dieAt: string | undefined;
  /** A table that the metastore does not give to this one. */
  withheld: string | undefined;

  constructor(lake: SyncLake, name: string) {
    this.#lake = lake;
    this.folder = `${lake.root}/../${name}`.replace('/golden/..', '');
  }

  async follow(more: { hasTime?: () => boolean; metastore?: Metastore } = {}): Promise<Followed> {
    const { clients, settings } = this.#lake;
    const die = (at: string): void => {
      if (this.dieAt === at) throw new LakewardenError('sink.unavailable', 'killed');
    };
    const hdfs = new Proxy(clients.hdfs, {
      get: (target, key) => {
        if (key === 'setXattr') die('cursor');
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const metastore = new Proxy(more.metastore ?? clients.metastore, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]): Promise<unknown> => {
          if (key === 'table' && args[1] === this.withheld)
            throw new LakewardenError('metastore.invalid', 'it is withheld');
          return (await value.apply(target, args)) as unknown;
        };
      },
    });
    return await followNotifications(this.folder, {
      clients: { metastore, hdfs },
      settings,
      instance: 'test',
      emit: async (event) => {
        die(event.type.replace('dev.lakewarden.', ''));
        this.told.push(event);
        await Promise.resolve();
      },
      hasTime: more.hasTime ?? (() => true),
    });
  }

  /** Follows, and gives what was told by this run: type and data. */
  async tell(): Promise<[string, Record<string, unknown>][]> {
    this.told.length = 0;
    await this.follow();
    return this.told.map(({ type, data }) => [type.replace('dev.lakewarden.', ''), data as Record<string, unknown>]);
  }
}

/** Tests of the log of notifications, on a lake whose metastore keeps one. */
export function testNotifications(lake: SyncLake): void {
  const { database, root, clients } = lake;
  const { metastore, hdfs } = clients;
  const follower = new Follower(lake, 'cursor');
  const table = async (name: string): Promise<Table> => (await metastore.table(database, name)) as Table;
  const day = 'year=2019/month=09/day=01';

  async function prepare(topic: string, hours = 2): Promise<string> {
    for (let hour = 0; hour < hours; hour += 1) await lake.put(`${topic}/2019/09/01/0${hour}/a.parquet`, file);
    await lake.apply({ kind: 'full', topics: [topic] });
    return `${database}.${topic}`;
  }

  async function alterTable(name: string, change: (now: Table) => Partial<Table>): Promise<void> {
    const now = await table(name);
    await metastore.alterTable(database, name, { ...now, ...change(now) });
  }

  const withParameter = (parameters: Table['parameters'], name: string, value: string): Map<string, string> =>
    new Map([...(parameters ?? []), [name, value]]);

  beforeEach(async () => {
    follower.dieAt = undefined;
    await follower.follow();
    follower.told.length = 0;
  });

  describe("the metastore's log of notifications", () => {
    test('tells nothing of a sync: tables made and evolved, partitions added, changed and dropped', async () => {
      await prepare('own', 4);
      await lake.put('own/2019/09/01/01/b.parquet', parquet({ id: 'bigint', more: 'int' }, [{ id: 2n, more: 1 }]));
      await hdfs.remove(`${root}/own/2019/09/01/03`, { recursive: true });
      const outcome = await lake.apply({ kind: 'full', topics: ['own'] });
      expect(outcome.tables).toMatchObject([{ evolved: 2, changed: 1, dropped: 1 }]);
      const { read, drifted, losses } = await follower.follow();
      expect([read.foreign, drifted, losses, follower.told]).toEqual([0, [], [], []]);
      expect(read.ours).toBeGreaterThanOrEqual(6);
      const [before, calls] = [await clients.hdfs.getXattrs(follower.folder), metastore.calls];
      expect(await follower.follow()).toMatchObject({ read: { foreign: 0, ours: 0, other: 0 } });
      expect(metastore.calls - calls).toBe(4);
      expect(await clients.hdfs.getXattrs(follower.folder)).toEqual(before);
    });

    test('tells nothing of a sync that writes statistics of columns', async () => {
      const sync = (): Promise<RunOutcome> =>
        applyRun(
          { scope: { kind: 'full', topics: ['measured'] }, dryRun: false, problems: [] },
          lake.tools({ settings: { ...lake.settings, statistics: 'columns' } }),
        );
      const put = (path: string, bytes: Uint8Array): Promise<void> => lake.put(`measured/2019/09/01/${path}`, bytes);
      for (const hour of ['00', '01']) await put(`${hour}/a.parquet`, file);
      await sync();
      await put('01/b.parquet', parquet({ id: 'bigint', more: 'int' }, [{ id: 2n, more: 1 }]));
      expect((await sync()).tables).toMatchObject([{ evolved: 2, changed: 1, statistics: 1 }]);
      const { read, losses } = await follower.follow();
      expect([read.foreign, losses, follower.told]).toEqual([0, [], []]);
    });

    test('tells what others do to a table, and by a comparison of this table what that broke', async () => {
      const name = await prepare('altered');
      await alterTable('altered', ({ sd, parameters }) => ({
        sd: { ...sd, cols: [{ name: 'id', type: 'int' }] },
        parameters: new Map([
          ...withParameter(parameters, 'discover.partitions', 'true'),
          ['secret.password', 'hush'],
          ['last_modified_by', 'alice'],
          ['last_modified_time', '1567300000'],
        ]),
      }));
      const told = await follower.tell();
      expect(told.map(([type]) => type)).toEqual(['metastore.changed', 'table.drifted']);
      expect(told[0]?.[1]).toMatchObject({
        change: 'ALTER_TABLE',
        database,
        table: name,
        topic: 'altered',
        by: 'alice',
        changes: expect.arrayContaining([
          { what: 'column name', before: 'string' },
          { what: 'parameter discover.partitions', before: 'false', after: 'true' },
          { what: 'parameter secret.password', after: '***' },
        ]),
      });
      expect(told[1]?.[1]).toMatchObject({
        topic: 'altered',
        table: name,
        findings: expect.arrayContaining([
          expect.objectContaining({ code: 'column.removed', about: 'name' }),
          expect.objectContaining({ code: 'table.discovered_by_hive' }),
        ]),
        since: { events: [told[0]?.[1]['event']] },
      });
    });

    test('tells what others do to partitions, and which folders and partitions do not fit any more', async () => {
      const name = await prepare('parted', 4);
      const names = [0, 1, 2, 3].map((hour) => `${day}/hour=0${hour}`);
      const bodies = await metastore.partitionsByNames(database, 'parted', names);
      const body = (hour: number): Partition => bodies.find(({ values }) => values[3] === `0${hour}`) as Partition;
      await metastore.dropPartitions(database, 'parted', [names[0] ?? '']);
      const elsewhere = `${lake.settings.hdfs.defaultFs}/tmp/attic`;
      await metastore.alterPartitions(database, 'parted', [{ ...body(1), sd: { ...body(1).sd, location: elsewhere } }]);
      await lake.put('parted/2019/09/01/09/a.parquet', file);
      const { parameters: _, ...bare } = body(2);
      const location = `${lake.settings.hdfs.defaultFs}${root}/parted/2019/09/01/09`;
      await metastore.addPartitions(database, 'parted', [
        { ...bare, values: ['2019', '09', '01', '09'], sd: { ...bare.sd, location } },
      ]);
      // Somebody moves one by dropping it and adding it again as it was, with our parameters.
      await metastore.dropPartitions(database, 'parted', [names[3] ?? '']);
      const old = withParameter(body(3).parameters, 'transient_lastDdlTime', '1567300000');
      await metastore.addPartitions(database, 'parted', [{ ...body(3), parameters: old }]);

      const told = await follower.tell();
      const changes = told.filter(([type]) => type === 'metastore.changed').map(([, data]) => data);
      expect(changes.map(({ change, partitions }) => [change, partitions])).toEqual([
        ['DROP_PARTITION', [names[0]]],
        ['ALTER_PARTITION', [names[1]]],
        ['ADD_PARTITION', [`${day}/hour=09`]],
        ['DROP_PARTITION', [names[3]]],
        ['ADD_PARTITION', [names[3]]],
      ]);
      expect(changes[1]).toMatchObject({ changes: [{ what: 'location', after: elsewhere }] });
      const [, drift] = told.at(-1) as [string, { findings: { code: string; example: string }[] }];
      expect([told.length, drift]).toMatchObject([6, { table: name }]);
      expect(drift.findings.map(({ code, example }) => [code, example])).toEqual([
        ['folder.unregistered', `${root}/parted/2019/09/01/00`],
        ['partition.by_others', `${day}/hour=09`],
        ['partition.elsewhere', `${names[1]} at ${elsewhere}`],
      ]);
    });

    test('tells of tables made, renamed and dropped by others, also of one that is no topic; not of other databases', async () => {
      const name = await prepare('gone');
      await metastore.createDatabase({ name: `${database}_x` });
      const made = await table('gone');
      const sd = { ...made.sd, location: `${lake.settings.hdfs.defaultFs}/tmp/${database}` };
      await metastore.createTable({ ...made, dbName: `${database}_x`, sd });
      await metastore.createTable({ ...made, tableName: 'foreign', sd });
      await metastore.dropTable(`${database}_x`, 'gone');
      await metastore.dropDatabase(`${database}_x`);
      await metastore.dropTable(database, 'foreign');
      await metastore.dropTable(database, 'gone');
      const told = await follower.tell();
      expect(told.map(([type, data]) => [type.split('.')[1], data['change'], data['table']])).toEqual([
        ['changed', 'CREATE_TABLE', `${database}.foreign`],
        ['changed', 'DROP_TABLE', `${database}.foreign`],
        ['changed', 'DROP_TABLE', name],
        ['drifted', undefined, name],
      ]);
      expect(told.at(-1)?.[1]).toMatchObject({ findings: [{ code: 'table.missing' }] });
    });

    test('a table that cannot be compared is told as such, and holds up no other', async () => {
      const names = [await prepare('denied'), await prepare('other')];
      for (const name of ['denied', 'other'])
        await alterTable(name, ({ parameters }) => ({
          parameters: withParameter(parameters, 'external.table.purge', 'true'),
        }));
      follower.withheld = 'denied';
      const told = await follower.tell();
      follower.withheld = undefined;
      expect(told.slice(2).map(([, { table: name, findings }]) => [name, findings])).toEqual([
        [names[0], [expect.objectContaining({ code: 'table.not_compared', message: 'it is withheld' })]],
        [names[1], [expect.objectContaining({ code: 'table.property' })]],
      ]);
    });

    test('tells nothing of a sync of a table that somebody else made and a topic adopts', async () => {
      await prepare('model');
      const model = await table('model');
      const parameters = new Map([...(model.parameters ?? [])].filter(([name]) => !name.startsWith('lakewarden.')));
      const sd = { ...model.sd, location: `${lake.settings.hdfs.defaultFs}${root}/adopted` };
      await metastore.createTable({ ...model, tableName: 'adopted', parameters, sd });
      expect((await follower.tell()).map(([, { change }]) => change)).toEqual(['CREATE_TABLE']);
      await lake.put('adopted/2019/09/01/00/b.parquet', parquet({ id: 'bigint' }, [{ id: 1n }]));
      await prepare('adopted');
      await lake.put('adopted/2019/09/01/00/c.parquet', file);
      expect((await lake.apply({ kind: 'full', topics: ['adopted'] })).tables).toMatchObject([{ changed: 1 }]);
      const { read } = await follower.follow();
      expect([read.foreign, read.ours >= 4]).toEqual([0, true]);
    });

    test('what a killed run told is told again under the same ids, and nothing is skipped', async () => {
      await prepare('killed');
      for (const value of ['1', '2', '3'])
        await alterTable('killed', ({ parameters }) => ({ parameters: withParameter(parameters, 'a', value) }));
      await alterTable('killed', ({ parameters }) => ({ parameters: withParameter(parameters, 'EXTERNAL', 'FALSE') }));
      const runs: string[][] = [];
      for (const step of ['table.drifted', 'cursor', undefined]) {
        follower.dieAt = step;
        follower.told.length = 0;
        await (step === undefined ? follower.follow() : expect(follower.follow()).rejects.toThrow('killed'));
        runs.push(follower.told.filter(({ type }) => type.endsWith('changed')).map(({ id }) => id));
      }
      expect(runs[0]).toHaveLength(4);
      expect(new Set(runs[0]).size).toBe(4);
      expect(runs).toEqual([runs[0], runs[0], runs[0]]);
      expect(await follower.tell()).toEqual([]);
    });

    test('a run without time stops between pages, and the next one goes on from there', async () => {
      await prepare('much', 1);
      const [body] = (await metastore.partitionsByNames(database, 'much', [`${day}/hour=00`])) as [Partition];
      for (let number = 0; number < 60; number += 1) {
        const parameters = withParameter(body.parameters, 'n', String(number));
        await metastore.alterPartitions(database, 'much', [{ ...body, parameters }]);
      }
      let pages = 0;
      const first = await follower.follow({ hasTime: () => (pages += 1) <= 1 });
      // Twenty of them are more than this client takes in one answer.
      const narrow = new Metastore({ uris: lake.settings.metastore.uris, user: 'root', maxAnswerBytes: 15_000 });
      const second = await follower.follow({ metastore: narrow });
      await narrow.close();
      expect([first.left, second.left, first.read.foreign + second.read.foreign]).toEqual([true, false, 60]);
      expect([first.losses, second.losses]).toEqual([[], []]);
      expect(Math.min(first.read.foreign, second.read.foreign)).toBeGreaterThan(0);
    });
  });
}
