import { afterAll, describe, expect, test } from '@jest/globals';
import { bisect } from '#functions/metastore-sync/partition/bisect.ts';
import type { Settings } from '#functions/metastore-sync/config.ts';
import { versionProperty } from '#functions/metastore-sync/properties.ts';
import { applyRun, type RunOutcome, statusOf } from '#functions/metastore-sync/run.ts';
import { swapTable } from '#functions/metastore-sync/table/swap-table.ts';
import { changedTable } from '#functions/metastore-sync/table/table-body.ts';
import type { Partition, Table } from '#shared/hive/metastore.ts';
import { carried } from '#shared/hive/thrift/types.ts';
import { putHour, statisticsOf, storedStatistics } from '../support/footer-statistics.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { testLocks } from '../support/locks.ts';
import { testNotifications } from '../support/notifications.ts';
import { testRivals } from '../support/rivals.ts';
import { startOwnLake } from '../support/own-lake.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { testWriters } from '../support/writers.ts';
import { newPartition, newTable } from './metastore-support.ts';

// The same client and the same function against Hive 3.1.3, with its own listener.
const own = await startOwnLake(['metastore31'], undefined, {
  metastoreSettings: {
    'metastore.transactional.event.listeners': 'org.apache.hive.hcatalog.listener.DbNotificationListener',
  },
});
const { webhdfs = '', defaultFs = '', metastore31 = '' } = own.addresses;
const lake = useSyncLake({}, { webhdfs, defaultFs, metastore: metastore31 });
const { database } = lake;
const { metastore } = lake.clients;
afterAll(() => own.stop());

async function create(name: string, more: Partial<Table> = {}): Promise<Table> {
  const table = newTable(name);
  const location = `${defaultFs}/tmp/${name}`;
  await metastore.createTable({ ...table, dbName: database, ...more, sd: { ...table.sd, location, ...more.sd } });
  return await read(name);
}

async function read(name: string): Promise<Table> {
  const table = await metastore.table(database, name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}

function withParameter(table: Table, name: string, value: string): Table {
  return { ...table, parameters: new Map([...(table.parameters ?? []), [name, value]]) };
}

function settled(table: Table): object {
  const { parameters } = withParameter(table, 'transient_lastDdlTime', '');
  return { ...table, parameters };
}

describe('tables of Hive 3.1', () => {
  test('the server is one that ignores compare-and-swap', async () => {
    await expect(metastore.version()).resolves.toMatch(/^3\./);
    await expect(metastore.guard()).resolves.toBe('lock');
    const table = await create('ignored');
    const ignored = { expected: { key: 'version', value: 'another' } };
    await metastore.alterTable(database, 'ignored', withParameter(table, 'version', '2'), ignored);
    expect((await read('ignored')).parameters?.get('version')).toBe('2');
  });

  test('several tables come in one answer, and all privileges in another', async () => {
    const select = { privilege: 'SELECT', createTime: 1, grantor: 'lake', grantorType: 1, grantOption: false };
    await create('shared', { privileges: { rolePrivileges: new Map([['public', [select]]]) } });
    const tables = await metastore.tablesByNames(database, ['shared', 'not_there']);
    expect(tables.map(({ tableName }) => tableName)).toEqual(['shared']);
    const of = { database, name: 'shared' };
    for (const privileges of [await metastore.privileges(of), await metastore.privileges()])
      expect(privileges).toContainEqual(
        expect.objectContaining({
          hiveObject: expect.objectContaining({ objectType: 3, objectName: 'shared' }),
          principalName: 'public',
          principalType: 2,
        }),
      );
  });

  test('an alter keeps everything that it does not change, and takes fields that are not invented yet', async () => {
    const before = await create('kept', {
      ownerType: 2,
      rewriteEnabled: true,
      retention: 5,
      sd: { skewedInfo: { skewedColNames: ['id'], skewedColValues: [['1'], ['2']] }, storedAsSubDirectories: true },
    });
    expect(before).toMatchObject({ ownerType: 2, rewriteEnabled: true, sd: { storedAsSubDirectories: true } });
    const bytes = Buffer.from([11, 0, 99, 0, 0, 0, 3, 0x6e, 0x65, 0x77]);
    const future = { ...withParameter(before, 'version', '2'), [carried]: [{ id: 99, bytes }] };
    await metastore.alterTable(database, 'kept', future);
    expect(settled(await read('kept'))).toEqual(settled(withParameter(before, 'version', '2')));
  });

  test('what does not exist is undefined, or refused by its name', async () => {
    await expect(metastore.table(database, 'nothing')).resolves.toBeUndefined();
    await expect(metastore.database('nothing')).resolves.toBeUndefined();
    await expect(metastore.partitionNames(database, 'nothing')).rejects.toMatchObject({
      code: 'metastore.not_found',
    });
    await create('twice');
    await expect(create('twice')).rejects.toMatchObject({ code: 'metastore.exists' });
  });
});

describe('partitions of Hive 3.1', () => {
  test('are added but for those that it refuses, altered and dropped', async () => {
    const table = await create('parts');
    const cities = ['Rome', 'Oslo', 'Bern', 'Nice'].map((city) => newPartition(table, '2019', city));
    const wrong = newPartition(table, '2019');
    const refused: Partition[] = [];
    const add = (batch: readonly Partition[]): Promise<readonly Partition[]> =>
      metastore.addPartitions(database, 'parts', batch);
    const added = await bisect([...cities.slice(0, 3), wrong, ...cities.slice(3)], add, (each) => refused.push(each));
    expect(new Set(added.flat().map(({ values }) => values[1]))).toEqual(new Set(['Rome', 'Oslo', 'Bern', 'Nice']));
    expect(refused).toEqual([wrong]);
    await expect(add(cities)).resolves.toEqual([]);

    const names = await metastore.partitionNames(database, 'parts');
    const bodies = await metastore.partitionsByNames(database, 'parts', names);
    const changed = bodies.map((body) => ({
      ...body,
      parameters: new Map([...(body.parameters ?? []), ['numFiles', '3']]),
    }));
    await metastore.alterPartitions(database, 'parts', changed);
    const after = await metastore.partitionsByNames(database, 'parts', names);
    expect(after.map(({ parameters }) => parameters?.get('numFiles'))).toEqual(['3', '3', '3', '3']);
    expect(after.map(({ sd }) => sd)).toEqual(bodies.map(({ sd }) => sd));

    await metastore.dropPartitions(database, 'parts', ['year=2019/city=Rome', 'year=1/city=none']);
    await expect(metastore.partitionNames(database, 'parts')).resolves.toHaveLength(3);
  });
});

describe('metastore-sync on Hive 3.1', () => {
  test('creates a table, evolves it with its partitions, and then has nothing to do', async () => {
    const rows = [{ id: 1, name: 'a' }];
    await lake.put('orders/2019/09/01/01/data.parquet', parquet({ id: 'int', name: 'string' }, rows));
    const first = await lake.apply();
    expect(first.tables).toMatchObject([{ created: true, evolved: 0, added: 1, problems: [] }]);

    const wider = { id: 'bigint', name: 'string', price: 'decimal(9,2)' };
    await lake.put('orders/2019/09/01/02/data.parquet', parquet(wider, [{ id: 5_000_000_000n, name: 'b', price: 1 }]));
    const second = await lake.apply();
    expect(second.tables).toMatchObject([{ created: false, evolved: 2, added: 1, problems: [] }]);
    const columns = Object.entries(wider).map(([name, type]) => ({ name, type }));
    const names = await metastore.partitionNames(database, 'orders');
    expect(names).toHaveLength(2);
    for (const { sd } of [await read('orders'), ...(await metastore.partitionsByNames(database, 'orders', names))]) {
      expect(sd?.cols).toMatchObject(columns);
    }

    const before = await read('orders');
    const third = await lake.apply();
    expect([statusOf(third), third.calls.metastore]).toEqual(['nothing', expect.any(Number)]);
    expect(await read('orders')).toEqual(before);
    expect(lake.events.map(({ type }) => type.replace('dev.lakewarden.', ''))).toEqual([
      'table.created',
      'partitions.added',
      'table.evolved',
      'partitions.added',
    ]);
  });

  test('sees that a stranger wrote over its alter', async () => {
    const before = await create('overwritten', { parameters: new Map([[versionProperty, '1']]) });
    let reads = 0;
    const swap = {
      read: async (): Promise<Table> => {
        reads += 1;
        // The last look: by now we have written, and a stranger who had read before us writes, too.
        if (reads === 3) await metastore.alterTable(database, 'overwritten', withParameter(before, 'stranger', '1'));
        return await read('overwritten');
      },
      change: (table: Table): Table => changedTable(table, undefined, {}),
      cascade: false,
    };
    await expect(swapTable(metastore, swap)).rejects.toMatchObject({ code: 'metastore.modified' });
    await swapTable(metastore, swap);
    const { parameters } = await read('overwritten');
    expect([parameters?.get('stranger'), parameters?.get(versionProperty)]).toEqual(['1', '2']);
  });

  test('waits for its turn no longer than its deadline', async () => {
    await metastore.exclusively('turn', async () => {
      const second = metastore.exclusively('turn', () => Promise.resolve(), { deadlineMs: 400 });
      await expect(second).rejects.toMatchObject({ code: 'deadline.exceeded' });
      await metastore.exclusively('another', () => Promise.resolve());
    });
    await expect(metastore.exclusively('turn', () => Promise.resolve('mine'))).resolves.toBe('mine');
  });

  testWriters(lake);
  testRivals(lake);
});

describe('locks of Hive 3.1', () => testLocks(metastore31));

describe('statistics in Hive 3.1', () => {
  const hour = 'year=2019/month=09/day=01/hour=01';
  const sync = (statistics: Settings['statistics']): Promise<RunOutcome> =>
    applyRun(
      { scope: { kind: 'full', topics: ['facts'] }, dryRun: false, problems: [] },
      lake.tools({ settings: { ...lake.settings, statistics } }),
    );

  test('are written with timestamps as long, renewed and dropped', async () => {
    const columns = {
      id: 'int',
      real: 'double',
      price: 'decimal(9,2)',
      born: 'date',
      seen: 'timestamp',
      yes: 'boolean',
    };
    const rows = [{ id: 1, real: -0.5, price: -105n, born: 18_000, seen: -1n, yes: true }, { id: 7 }];
    const files = [parquetBytes({ ...columns, country: 'string', none: 'binary' }, rows)];
    const expectStored = async (names: readonly string[]): Promise<void> => {
      const ours = await statisticsOf(lake, 'facts', files, { timestampsAsLong: true });
      const kept = ours.filter(({ colName }) => names.includes(colName));
      expect(await storedStatistics(lake, 'facts', hour)).toEqual(
        Object.fromEntries(kept.map(({ colName, statsData }) => [colName, statsData])),
      );
      const [body] = await metastore.partitionsByNames(database, 'facts', [hour]);
      const marks = Object.fromEntries(names.toSorted().map((name) => [name, 'true']));
      expect(JSON.parse(body?.parameters?.get('COLUMN_STATS_ACCURATE') ?? '{}')).toEqual({
        BASIC_STATS: 'true',
        ...(names.length > 0 && { COLUMN_STATS: marks }),
      });
    };
    const all = [...Object.keys(columns), 'country', 'none'];
    await putHour(lake, 'facts', '01', files);
    expect((await sync('columns')).tables).toMatchObject([{ added: 1, statistics: 1, problems: [] }]);
    await expectStored(all);

    files.push(parquetBytes({ id: 'bigint', real: 'double', later: 'int' }, [{ id: 8n, real: Number.NaN, later: 1 }]));
    await putHour(lake, 'facts', '01', files);
    expect((await sync('columns')).tables).toMatchObject([{ evolved: 2, changed: 1, statistics: 1, problems: [] }]);
    await expectStored([...all.filter((name) => name !== 'real'), 'later']);

    files.push(parquetBytes({ id: 'int' }, [{ id: 9 }]));
    await putHour(lake, 'facts', '01', files);
    expect((await sync('basic')).tables).toMatchObject([{ changed: 1, statistics: 0, problems: [] }]);
    await expectStored([]);
    const [body] = await metastore.partitionsByNames(database, 'facts', [hour]);
    expect(body?.parameters?.get('numRows')).toBe('4');
  });

  test('of one column are dropped alone', async () => {
    const files = [parquetBytes({ id: 'int', other: 'int' }, [{ id: 1, other: 2 }])];
    await putHour(lake, 'single', '01', files);
    await lake.apply({ kind: 'full', topics: ['single'] });
    await metastore.setStatistics(database, 'single', new Map([[hour, await statisticsOf(lake, 'single', files)]]));
    for (let time = 0; time < 2; time += 1) await metastore.dropStatistics(database, 'single', hour, 'id');
    expect(Object.keys(await storedStatistics(lake, 'single', hour))).toEqual(['other']);
  });
});

describe('of Hive 3.1', () => {
  const followed = {
    vanished: 'drop',
    maxDropShare: 1,
    statistics: 'columns',
    notifications: { cursor: '/cursor' },
    topics: { adopted: { adopt: true } },
  };
  testNotifications(useSyncLake(followed, { webhdfs, defaultFs, metastore: metastore31 }));
});
