import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { methods } from '#shared/hive/metastore-methods.ts';
import { Metastore, type Table } from '#shared/hive/metastore.ts';
import { decodeStruct } from '#shared/hive/thrift/decode.ts';
import { encodeStruct } from '#shared/hive/thrift/encode.ts';
import { method } from '#shared/hive/thrift/message.ts';
import { Client } from '#shared/hive/thrift/client.ts';
import { carried } from '#shared/hive/thrift/types.ts';
import { lake } from '../support/lake.ts';
import { database, newTable, openMetastore, root, startProxy } from './metastore-support.ts';

let metastore: Metastore;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ metastore, close } = await openMetastore());
});
afterAll(() => close());

async function create(table: Table): Promise<Table> {
  await metastore.createTable(table);
  return read(table.tableName);
}

async function read(name: string): Promise<Table> {
  const table = await metastore.table(database, name);
  if (table === undefined) throw new Error(`no table ${name}`);
  return table;
}

/** The table without what the server itself writes at each change. */
function settled(table: Table): object {
  const parameters = new Map(table.parameters);
  parameters.delete('transient_lastDdlTime');
  return { ...table, parameters };
}

describe('databases and tables', () => {
  test('the server says its version and databases', async () => {
    await expect(metastore.version()).resolves.toMatch(/^\d/);
    await expect(metastore.databases()).resolves.toEqual(expect.arrayContaining(['default', database]));
    await expect(metastore.database(database)).resolves.toMatchObject({ name: database, locationUri: root });
  });

  test('what does not exist is undefined', async () => {
    await expect(metastore.database('no_such_database')).resolves.toBeUndefined();
    await expect(metastore.table(database, 'no_such_table')).resolves.toBeUndefined();
    await expect(metastore.table('no_such_database', 't')).resolves.toBeUndefined();
  });

  test('a table comes back as it was created, and is listed by pattern', async () => {
    const table = newTable('created');
    const created = await create(table);
    expect(created).toMatchObject({ tableName: 'created', owner: 'lake', tableType: 'EXTERNAL_TABLE' });
    expect(created.sd?.cols).toEqual([
      { name: 'id', type: 'int', comment: 'who' },
      { name: 'price', type: 'decimal(9,2)' },
    ]);
    expect(created.partitionKeys).toEqual(table.partitionKeys);
    expect(created.parameters?.get('version')).toBe('1');
    await expect(metastore.tables(database, 'creat*')).resolves.toEqual(['created']);
    await expect(metastore.tables(database, 'other*')).resolves.toEqual([]);
  });

  test('creating what exists, or in no database, is refused by name', async () => {
    await create(newTable('twice'));
    await expect(metastore.createTable(newTable('twice'))).rejects.toMatchObject({ code: 'metastore.exists' });
    await expect(metastore.createDatabase({ name: database })).rejects.toMatchObject({ code: 'metastore.exists' });
    const nowhere = { ...newTable('t'), dbName: 'no_such_database' };
    await expect(metastore.createTable(nowhere)).rejects.toMatchObject({ disposition: 'reject' });
  });

  test('dropping what does not exist is refused unless that is fine', async () => {
    await create(newTable('dropped'));
    await metastore.dropTable(database, 'dropped');
    await expect(metastore.dropTable(database, 'dropped')).rejects.toMatchObject({ code: 'metastore.not_found' });
    await metastore.dropTable(database, 'dropped', { ifExists: true });
  });

  test('texts of any script survive', async () => {
    const text = 'Müller – Σ – 東京 – 🌊 – a=b/c%d';
    const table = newTable('scripts');
    const created = await create({
      ...table,
      sd: { ...table.sd, cols: [{ name: 'straße', type: 'string', comment: text }] },
      parameters: new Map([...(table.parameters ?? []), ['note', text]]),
    });
    expect(created.sd?.cols).toEqual([{ name: 'straße', type: 'string', comment: text }]);
    expect(created.parameters?.get('note')).toBe(text);
  });
});

describe('an alter', () => {
  test('keeps everything that it does not change', async () => {
    const table = newTable('kept');
    const before = await create({
      ...table,
      ownerType: 2,
      rewriteEnabled: true,
      retention: 5,
      sd: {
        ...table.sd,
        skewedInfo: { skewedColNames: ['id'], skewedColValues: [['1'], ['2']] },
        storedAsSubDirectories: true,
        serdeInfo: { ...table.sd?.serdeInfo, description: 'made by hand' },
      },
    });
    expect(before).toMatchObject({ ownerType: 2, rewriteEnabled: true, sd: { storedAsSubDirectories: true } });
    expect(before.createTime).toBeGreaterThan(0);

    const parameters = new Map([...(before.parameters ?? []), ['version', '2']]);
    await metastore.alterTable(database, 'kept', { ...before, parameters });
    expect(settled(await read('kept'))).toEqual(settled({ ...before, parameters }));
  });

  test('is accepted with fields that are not invented yet', async () => {
    const before = await create(newTable('future'));
    const bytes = Buffer.from([11, 0, 99, 0, 0, 0, 3, 0x6e, 0x65, 0x77]);
    const future = { ...before, owner: 'changed', [carried]: [{ id: 99, bytes }] };
    expect(encodeStruct(methods.alterTable.args, { new_tbl: future }).includes(bytes)).toBe(true);
    await metastore.alterTable(database, 'future', future);
    expect(settled(await read('future'))).toEqual(settled({ ...before, owner: 'changed' }));
  });

  test('gives what the server sent byte for byte', async () => {
    await create(newTable('bytes'));
    const proxy = await startProxy(lake().metastore);
    const through = new Metastore({ uris: [`thrift://127.0.0.1:${proxy.port}`] });
    try {
      await through.table(database, 'bytes');
      const answer = proxy.takeAnswers();
      const body = 8 + answer.readInt32BE(4) + 4;
      const { value, end } = decodeStruct(methods.getTable.answer, answer, body);
      expect(end).toBe(answer.length);
      expect(encodeStruct(methods.getTable.answer, value).equals(answer.subarray(body))).toBe(true);
    } finally {
      await through.close();
      await proxy.close();
    }
  });

  test('with an expected parameter happens only when the parameter has that value', async () => {
    const table = await create(newTable('swapped'));
    const to = (version: string): Table => ({
      ...table,
      parameters: new Map([...(table.parameters ?? []), ['version', version]]),
    });
    await metastore.alterTable(database, 'swapped', to('2'), { expected: { key: 'version', value: '1' } });
    const stale = metastore.alterTable(database, 'swapped', to('3'), { expected: { key: 'version', value: '1' } });
    await expect(stale).rejects.toMatchObject({ code: 'metastore.modified', disposition: 'retry' });
    const added = { ...table, parameters: new Map([...(table.parameters ?? []), ['added', '1']]) };
    const absent = metastore.alterTable(database, 'swapped', added, { expected: { key: 'added', value: '' } });
    await expect(absent).rejects.toMatchObject({ code: 'metastore.modified' });
    const removed = metastore.alterTable(database, 'swapped', table, { expected: { key: 'added', value: '' } });
    await expect(removed).rejects.toMatchObject({ code: 'metastore.invalid' });
    expect((await read('swapped')).parameters?.get('version')).toBe('2');
  });

  test('with an expected parameter loses no update of several writers', async () => {
    await create(newTable('counted'));
    const write = async (): Promise<void> => {
      for (let done = 0; done < 5;) {
        const table = await read('counted');
        const value = table.parameters?.get('version') ?? '';
        const parameters = new Map([...(table.parameters ?? []), ['version', String(Number(value) + 1)]]);
        done += await metastore
          .alterTable(database, 'counted', { ...table, parameters }, { expected: { key: 'version', value } })
          .then(
            () => 1,
            (error: { code?: string }) => {
              if (error.code !== 'metastore.modified') throw error;
              return 0;
            },
          );
      }
    };
    await Promise.all([write(), write(), write(), write()]);
    expect((await read('counted')).parameters?.get('version')).toBe('21');
  });

  test('of what does not exist, or to what Hive does not allow, is refused', async () => {
    const table = await create(newTable('guarded'));
    await expect(metastore.alterTable(database, 'missing', table)).rejects.toMatchObject({ disposition: 'reject' });
    const narrowed = { ...table, sd: { ...table.sd, cols: [{ name: 'id', type: 'date' }] } };
    await expect(metastore.alterTable(database, 'guarded', narrowed)).rejects.toMatchObject({
      code: 'metastore.invalid',
      details: { exception: 'InvalidOperationException' },
    });
  });
});

test('a method that the server does not have is metastore.unsupported', async () => {
  const { hostname, port } = new URL(lake().metastore.replace('thrift:', 'tcp:'));
  const client = new Client({
    servers: [{ host: hostname, port: Number(port) }],
    connections: 1,
    connectMs: 10_000,
    framed: false,
    maxAnswerBytes: 1024,
  });
  await expect(client.call(method('reads', 'get_no_such_thing', {}, 'string'), {}, 10_000)).resolves.toEqual({
    exception: 'TApplicationException.1',
    message: expect.stringContaining('get_no_such_thing'),
  });
  client.close();
});

test('a write whose connection is cut before the answer says that it may have happened, as it did', async () => {
  const proxy = await startProxy(lake().metastore);
  const through = new Metastore({ uris: [`thrift://127.0.0.1:${proxy.port}`] });
  try {
    proxy.cutAt('create_table_with');
    await expect(through.createTable(newTable('cut'))).rejects.toMatchObject({
      code: 'metastore.unavailable',
      details: { ambiguous: true },
    });
    proxy.cutAt(undefined);
    await expect(through.tables(database, 'cut')).resolves.toEqual(['cut']);
  } finally {
    await through.close();
    await proxy.close();
  }
});
