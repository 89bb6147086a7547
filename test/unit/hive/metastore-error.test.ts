import { afterEach, describe, expect, test } from '@jest/globals';

import { Metastore } from '#shared/hive/metastore.ts';
import { answer, exceptionResult, startServer } from './thrift-server.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function refusing(body: Buffer, kind = 2): Promise<Metastore> {
  const server = await startServer((socket, request) => socket.write(answer(request, body, { kind })));
  const metastore = new Metastore({ uris: [server.uri] });
  closers.push(
    () => metastore.close(),
    () => server.close(),
  );
  return metastore;
}

/** A TApplicationException: a message, and its kind. */
function applicationException(message: string, kind: number): Buffer {
  const text = Buffer.from(message);
  return Buffer.concat([Buffer.of(11, 0, 1, 0, 0, 0, text.length), text, Buffer.of(8, 0, 2, 0, 0, 0, kind, 0)]);
}

describe('an exception of the metastore', () => {
  const table = { dbName: 'd', tableName: 't' };
  test.each([
    [1, 'metastore.exists', 'AlreadyExistsException'],
    [2, 'metastore.invalid', 'InvalidObjectException'],
    [3, 'metastore.invalid', 'MetaException'],
    [4, 'metastore.not_found', 'NoSuchObjectException'],
  ])('with id %i of create_table is %s', async (id, code, exception) => {
    const metastore = await refusing(exceptionResult(id, 'Because.\n\tat org.apache.hadoop.hive.metastore'));
    await expect(metastore.createTable(table)).rejects.toMatchObject({
      code,
      message: 'the metastore refused to create d.t: Because.',
      details: { exception },
    });
  });

  test('about a table that was modified is metastore.modified', async () => {
    const message = "The table has been modified. The parameter value for key 'v' is different";
    const metastore = await refusing(exceptionResult(2, message));
    await expect(metastore.alterTable('d', 't', table)).rejects.toMatchObject({
      code: 'metastore.modified',
      disposition: 'retry',
    });
  });

  test('is cut when it is long', async () => {
    const metastore = await refusing(exceptionResult(3, 'x'.repeat(100_000)));
    await metastore.createTable(table).then(
      () => expect('refused').toBe('created'),
      (error: Error) => expect(error.message.length).toBeLessThan(600),
    );
  });

  test.each([
    [1, 'metastore.unsupported'],
    [6, 'metastore.unavailable'],
    [7, 'metastore.protocol'],
  ])('of the Thrift runtime with kind %i is %s', async (kind, code) => {
    const metastore = await refusing(applicationException("Invalid method name: 'getVersion'", kind), 3);
    await expect(metastore.version()).rejects.toMatchObject({ code, message: expect.stringContaining('getVersion') });
  });

  test('that says there is no such table makes table() undefined', async () => {
    const metastore = await refusing(exceptionResult(2, 'd.t table not found'));
    await expect(metastore.table('d', 't')).resolves.toBeUndefined();
  });
});

test('what cannot be encoded is refused before anything is sent', async () => {
  const metastore = await refusing(Buffer.of(0));
  const table = { dbName: 'd', tableName: 't' };
  await expect(metastore.createTable({ ...table, createTime: 2 ** 31 })).rejects.toMatchObject({
    code: 'metastore.invalid',
    message: expect.stringContaining('Table.createTime'),
  });
  await expect(metastore.createTable({ ...table, owner: '\ud800' })).rejects.toMatchObject({
    code: 'metastore.invalid',
  });
  await expect(metastore.createTable({ dbName: 'd' } as typeof table)).rejects.toMatchObject({
    code: 'metastore.invalid',
  });
  expect(metastore.calls).toBe(0);
});
