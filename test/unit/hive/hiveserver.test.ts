import { afterEach, describe, expect, test } from '@jest/globals';

import { HiveServer } from '#shared/hive/hiveserver.ts';
import { readRows } from '#shared/hive/hiveserver-rows.ts';
import { startServer, type Behaviour } from './thrift-server.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function connect(behave: Behaviour): Promise<HiveServer> {
  const server = await startServer(behave);
  const hive = new HiveServer({ url: `hive2://127.0.0.1:${server.port}`, deadlineMs: 20_000 });
  closers.push(
    () => hive.close(),
    () => server.close(),
  );
  return hive;
}

describe('a statement', () => {
  test('ends at its deadline when the server never answers', async () => {
    const hive = await connect(() => {});
    await expect(hive.query('select 1', { deadlineMs: 50 })).rejects.toMatchObject({ code: 'deadline.exceeded' });
  });

  test('is hung up on at its deadline, so that the server cancels it', async () => {
    const hungUp = Promise.withResolvers<string>();
    const hive = await connect((socket) => socket.on('close', () => hungUp.resolve('closed')));
    await expect(hive.query('select 1', { deadlineMs: 50 })).rejects.toBeDefined();
    await expect(hungUp.promise).resolves.toBe('closed');
  });

  test('fails at once when the server drops the connection before it answers', async () => {
    const hive = await connect((socket) => socket.destroy());
    await expect(hive.execute('select 1')).rejects.toMatchObject({ code: 'hive.unavailable' });
  });

  test('fails at once when the server drops the connection after the login', async () => {
    let pieces = 0;
    const hive = await connect((socket, request) => {
      pieces += request.length;
      if (request.includes('OpenSession')) socket.destroy();
      else if (pieces > 10) socket.write(Buffer.of(5, 0, 0, 0, 0));
    });
    await expect(hive.execute('select 1')).rejects.toMatchObject({ code: 'hive.unavailable' });
  });

  test('is refused with the reason when the login is', async () => {
    const reason = Buffer.from('no such user');
    const hive = await connect((socket) => socket.write(Buffer.concat([Buffer.of(3, 0, 0, 0, reason.length), reason])));
    await expect(hive.execute('select 1')).rejects.toMatchObject({
      code: 'hive.failed',
      message: expect.stringContaining('no such user'),
    });
  });

  test('fails when nothing listens, and again after the client closed', async () => {
    const hive = new HiveServer({ url: 'hive2://127.0.0.1:1' });
    await expect(hive.execute('select 1')).rejects.toMatchObject({ code: 'hive.unavailable' });
    await hive.close();
    await expect(hive.execute('select 1')).rejects.toMatchObject({ code: 'hive.unavailable' });
  });
});

test('an address of another kind is refused', () => {
  expect(() => new HiveServer({ url: 'thrift://h:1' })).toThrow(expect.objectContaining({ code: 'config.invalid' }));
});

function int64(value: bigint): { buffer: Buffer; offset: number } {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(value);
  return { buffer, offset: 0 };
}

test('rows keep whole numbers of 64 bits, and nulls', () => {
  const values = Array.from({ length: 9 }, (_, row) => int64(2n ** 62n + BigInt(row)));
  const columns = ['name', 'id'].map((columnName, index) => ({
    columnName,
    position: 2 - index,
    typeDesc: { types: [] },
  }));
  const rows = readRows({ columns }, {
    columns: [
      { i64Val: { values, nulls: Buffer.of(0b10, 0b1) } },
      { stringVal: { values: Array.from('abcdefghi'), nulls: Buffer.of() } },
    ],
  } as unknown as Parameters<typeof readRows>[1]);
  expect(rows).toHaveLength(9);
  expect(rows[0]).toEqual({ id: 2n ** 62n, name: 'a' });
  expect(rows[1]).toEqual({ id: null, name: 'b' });
  expect(rows[7]).toEqual({ id: 2n ** 62n + 7n, name: 'h' });
  expect(rows[8]).toEqual({ id: null, name: 'i' });
});
