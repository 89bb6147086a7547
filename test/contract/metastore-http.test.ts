import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { applyRun } from '#functions/metastore-sync/run.ts';
import { Metastore, type MetastoreOptions, type Table } from '#shared/hive/metastore.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { startOwnLake } from '../support/own-lake.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { newPartition, newTable, startProxy } from './metastore-support.ts';

// Two servers of one metastore: one speaks Thrift over TCP, the other over HTTP and asks for a token.
const own = await startOwnLake(['metastoreHttp']);
const {
  webhdfs = '',
  defaultFs = '',
  metastore: overTcp = '',
  metastoreHttp = '',
  metastoreToken = '',
} = own.addresses;
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-token-'));
const tokenFile = join(folder, 'token');
const good = readFileSync(metastoreToken, 'utf8');
writeFileSync(tokenFile, good);
const over = { uris: [metastoreHttp], user: 'root', tokenFile };
const lake = useSyncLake({ metastore: over }, { webhdfs, defaultFs, metastore: metastoreHttp });
const { database } = lake;
const { metastore } = lake.clients;
const deadAddress = 'thrift://127.0.0.1:1';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  writeFileSync(tokenFile, good);
  for (const close of closers.splice(0)) await close();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await own.stop();
});

function connect(uris: string[], options: Partial<MetastoreOptions> = {}): Metastore {
  const client = new Metastore({ uris, user: 'root', token: () => good, ...options });
  closers.push(() => client.close());
  return client;
}

function tableOf(name: string): Table {
  const table = newTable(name);
  return { ...table, dbName: database, sd: { ...table.sd, location: `${defaultFs}/tmp/${name}` } };
}

describe('Thrift over HTTP', () => {
  test('carries tables and partitions as TCP does', async () => {
    await metastore.createTable(tableOf('carried'));
    const before = (await metastore.table(database, 'carried')) as Table;
    await metastore.addPartitions(database, 'carried', [newPartition(before, '2019', 'Zürich')]);
    const parameters = new Map([...(before.parameters ?? []), ['version', '2'], ['note', 'Σ 東京 🌊']]);
    const expected = { key: 'version', value: '1' };
    await metastore.alterTable(database, 'carried', { ...before, parameters }, { expected });
    const again = metastore.alterTable(database, 'carried', { ...before, parameters }, { expected });
    await expect(again).rejects.toMatchObject({ code: 'metastore.modified' });

    const tcp = connect([overTcp]);
    await expect(tcp.table(database, 'carried')).resolves.toEqual(await metastore.table(database, 'carried'));
    expect((await tcp.table(database, 'carried'))?.parameters?.get('note')).toBe('Σ 東京 🌊');
    const names = await metastore.partitionNames(database, 'carried');
    await expect(tcp.partitionsByNames(database, 'carried', names)).resolves.toEqual(
      await metastore.partitionsByNames(database, 'carried', names),
    );
    await expect(metastore.table(database, 'nothing')).resolves.toBeUndefined();
  });

  test('answers many calls at once', async () => {
    const all = await Promise.all(Array.from({ length: 40 }, () => metastore.databases()));
    expect(all.every((names) => names.includes(database))).toBe(true);
  });

  test('is refused without a token and with a wrong one, which is told without the token', async () => {
    for (const token of [undefined, () => `${good.slice(0, -8)}AAAAAAAA`, () => 'no.token']) {
      const error: unknown = await connect([metastoreHttp], { token })
        .version()
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'metastore.unauthenticated', disposition: 'retry' });
      expect(String(error)).not.toContain(good.slice(0, 20));
    }
  });

  test('takes a token that was renewed in its file', async () => {
    const clients = createClients(lake.settings);
    closers.push(() => clients.metastore.close());
    writeFileSync(tokenFile, 'outdated');
    await expect(clients.metastore.version()).rejects.toMatchObject({ code: 'metastore.unauthenticated' });
    writeFileSync(tokenFile, `${good}\n`);
    await expect(clients.metastore.version()).resolves.toBe('4.0.1');
    rmSync(tokenFile);
    await expect(clients.metastore.version()).rejects.toMatchObject({ code: 'metastore.unauthenticated' });
  });

  test('serves a whole sync', async () => {
    await lake.put('events/2019/09/01/01/data.parquet', parquet({ id: 'int' }, [{ id: 1 }]));
    expect((await lake.apply()).tables).toMatchObject([{ created: true, added: 1, problems: [] }]);
    await lake.put('events/2019/09/01/02/data.parquet', parquet({ id: 'bigint', more: 'string' }, [{ id: 1n }]));
    expect((await lake.apply()).tables).toMatchObject([{ created: false, evolved: 2, added: 1, problems: [] }]);
    expect((await lake.apply()).tables).toMatchObject([{ evolved: 0, added: 0, changed: 0, problems: [] }]);
  });
});

describe('several addresses of one metastore', () => {
  test('a first one that is dead is passed over', async () => {
    for (const uris of [
      [deadAddress, overTcp],
      [deadAddress, metastoreHttp],
      ['http://127.0.0.1:1/metastore', deadAddress, overTcp],
    ]) {
      await expect(connect(uris).databases()).resolves.toContain(database);
    }
    await expect(connect([deadAddress, deadAddress]).databases()).rejects.toMatchObject({
      code: 'metastore.unavailable',
    });
  });

  test('one that dies between calls is left for the next one, reading and writing', async () => {
    const first = await startProxy(overTcp);
    const client = connect([`thrift://127.0.0.1:${first.port}`, metastoreHttp]);
    await client.createTable(tableOf('before'));
    await Promise.all(Array.from({ length: 4 }, () => client.databases()));
    await first.close();
    await expect(client.databases()).resolves.toContain(database);
    await client.createTable(tableOf('after'));
    await expect(client.tables(database, 'before|after')).resolves.toHaveLength(2);
  });

  test('one that dies during a read is left for the next one, and during a write says that it may have happened', async () => {
    const first = await startProxy(overTcp);
    closers.push(() => first.close());
    const client = connect([`thrift://127.0.0.1:${first.port}`, metastoreHttp]);
    first.cutAt('get_all_databases');
    await expect(client.databases()).resolves.toContain(database);
    const writer = connect([`thrift://127.0.0.1:${first.port}`, metastoreHttp]);
    first.cutAt('create_table_with');
    await expect(writer.createTable(tableOf('cut'))).rejects.toMatchObject({
      code: 'metastore.unavailable',
      details: { ambiguous: true },
    });
    await expect(writer.tables(database, 'cut')).resolves.toEqual(['cut']);
  });

  test('a sync goes on when the first address dies in the middle of it', async () => {
    await lake.put('failover/2019/09/01/01/data.parquet', parquet({ id: 'int' }, [{ id: 1 }]));
    const first = await startProxy(overTcp);
    const uris = [`thrift://127.0.0.1:${first.port}`, metastoreHttp];
    const clients = createClients({ ...lake.settings, metastore: { ...lake.settings.metastore, uris } });
    closers.push(() => clients.metastore.close());
    const scope = { kind: 'full', topics: ['failover'] } as const;
    await clients.metastore.databases();
    await first.close();
    const outcome = await applyRun({ scope, dryRun: false, problems: [] }, lake.tools({ clients }));
    expect(outcome.tables).toMatchObject([{ created: true, added: 1, problems: [] }]);
  });
});
