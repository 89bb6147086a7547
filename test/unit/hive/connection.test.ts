import { afterEach, describe, expect, test } from '@jest/globals';

import { Metastore, type MetastoreOptions } from '#shared/hive/metastore.ts';
import { answer, startServer, textResult, type Behaviour, type TestServer } from './thrift-server.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(behave: Behaviour): Promise<TestServer> {
  const server = await startServer(behave);
  closers.push(() => server.close());
  return server;
}

function connect(uris: string[], options: Partial<MetastoreOptions> = {}): Metastore {
  const metastore = new Metastore({ uris, deadlineMs: 20_000, ...options });
  closers.push(() => metastore.close());
  return metastore;
}

const table = { dbName: 'd', tableName: 't' };
const asVersion: Behaviour = (socket, request) => socket.write(answer(request, textResult('4.0.1')));
function list(count: number): Buffer {
  const bytes = Buffer.of(15, 0, 0, 12, 0, 0, 0, 0);
  bytes.writeInt32BE(count, 4);
  return bytes;
}

const closedPort = 'thrift://127.0.0.1:1';

describe('a call', () => {
  test('is answered, also in pieces of one byte', async () => {
    const server = await serve((socket, request) => {
      const bytes = answer(request, textResult('4.0.1'));
      socket.setNoDelay(true);
      let sent = 0;
      const timer = setInterval(() => {
        socket.write(bytes.subarray(sent, ++sent));
        if (sent === bytes.length) clearInterval(timer);
      }, 1);
    });
    await expect(connect([server.uri]).version()).resolves.toBe('4.0.1');
  });

  test('goes through the framed transport', async () => {
    const server = await serve((socket, request) => {
      const message = request.readInt32BE(0) === request.length - 4 ? request.subarray(4) : undefined;
      if (message === undefined) return;
      const bytes = answer(message, textResult('3.1.3'));
      const length = Buffer.alloc(4);
      length.writeInt32BE(bytes.length);
      socket.write(Buffer.concat([length, bytes]));
    });
    await expect(connect([server.uri], { framed: true }).version()).resolves.toBe('3.1.3');
  });

  test('reuses one connection for calls that follow each other', async () => {
    const server = await serve(asVersion);
    const metastore = connect([server.uri]);
    for (let call = 0; call < 5; call++) await metastore.version();
    expect(server.connections()).toBe(1);
    expect(metastore.calls).toBe(5);
  });

  test('waits for a free connection when all are busy', async () => {
    const server = await serve((socket, request) => {
      setImmediate(() => socket.write(answer(request, textResult('x'))));
    });
    const metastore = connect([server.uri], { connections: 2 });
    await expect(Promise.all(Array.from({ length: 20 }, () => metastore.version()))).resolves.toHaveLength(20);
    expect(server.connections()).toBe(2);
  });

  test('goes to the next address when the first does not accept', async () => {
    const server = await serve(asVersion);
    await expect(connect([closedPort, server.uri]).version()).resolves.toBe('4.0.1');
  });

  test('makes itself known as a user on each new connection', async () => {
    const names: string[] = [];
    const server = await serve((socket, request) => {
      const name = request.toString('utf8', 8, 8 + request.readInt32BE(4));
      names.push(name);
      const groups = Buffer.of(15, 0, 0, 11, 0, 0, 0, 0, 0);
      socket.write(answer(request, name === 'set_ugi' ? groups : textResult('x')));
    });
    const metastore = connect([server.uri], { user: 'lake' });
    await metastore.version();
    await metastore.version();
    expect(names).toEqual(['set_ugi', 'getVersion', 'getVersion']);
  });
});

describe('a call that gets no answer', () => {
  test('ends at its deadline, and its connection is not used again', async () => {
    const server = await serve((socket, request, connection) => {
      if (connection > 1) socket.write(answer(request, textResult('late')));
    });
    const metastore = connect([server.uri]);
    await expect(metastore.version({ deadlineMs: 50 })).rejects.toMatchObject({
      code: 'deadline.exceeded',
      details: { method: 'getVersion' },
    });
    await expect(metastore.version()).resolves.toBe('late');
  });

  test('says that a write may have happened', async () => {
    const server = await serve(() => {});
    await expect(connect([server.uri]).createTable(table, { deadlineMs: 50 })).rejects.toMatchObject({
      code: 'deadline.exceeded',
      details: { method: 'create_table_with_environment_context', ambiguous: true },
    });
  });

  test('ends at its deadline while it waits for a connection', async () => {
    const server = await serve(() => {});
    const metastore = connect([server.uri], { connections: 1 });
    const results = await Promise.allSettled([
      metastore.version({ deadlineMs: 200 }),
      metastore.version({ deadlineMs: 20 }),
    ]);
    expect(results).toMatchObject([
      { status: 'rejected', reason: { code: 'deadline.exceeded' } },
      { status: 'rejected', reason: { code: 'deadline.exceeded' } },
    ]);
    expect(metastore.calls).toBe(1);
  });

  test('leaves its place to others when it gave up waiting', async () => {
    const server = await serve((socket, request) => {
      setTimeout(() => socket.write(answer(request, textResult('x'))), 100);
    });
    const metastore = connect([server.uri], { connections: 1 });
    const calls = [metastore.version(), metastore.version({ deadlineMs: 20 }), metastore.version()];
    const [first, second, third] = await Promise.allSettled(calls);
    expect([first?.status, second?.status, third?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(metastore.version()).resolves.toBe('x');
  });

  test('is hung up on at its deadline', async () => {
    const hungUp = Promise.withResolvers<string>();
    const server = await serve((socket) => socket.on('close', () => hungUp.resolve('closed')));
    await expect(connect([server.uri]).version({ deadlineMs: 50 })).rejects.toBeDefined();
    await expect(hungUp.promise).resolves.toBe('closed');
  });

  test('is rejected when the client closes', async () => {
    const server = await serve(() => {});
    const metastore = connect([server.uri], { connections: 1 });
    const calls = [metastore.version(), metastore.version()];
    setTimeout(() => void metastore.close(), 20);
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'metastore.unavailable' } });
    }
    await expect(metastore.version()).rejects.toMatchObject({ code: 'metastore.unavailable' });
  });
});

describe('a connection that breaks', () => {
  test('in a read: the read is repeated once', async () => {
    const server = await serve((socket, request, connection) => {
      if (connection === 1) socket.destroy();
      else socket.write(answer(request, textResult('again')));
    });
    const metastore = connect([server.uri]);
    await expect(metastore.version()).resolves.toBe('again');
    expect(metastore.calls).toBe(2);
  });

  test('in a read twice: the read fails', async () => {
    const server = await serve((socket) => socket.destroy());
    const metastore = connect([server.uri]);
    await expect(metastore.version()).rejects.toMatchObject({ code: 'metastore.unavailable' });
    expect(metastore.calls).toBe(2);
  });

  test('in a write: the write is not repeated, and may have happened', async () => {
    const server = await serve((socket) => socket.destroy());
    const metastore = connect([server.uri]);
    await expect(metastore.createTable(table)).rejects.toMatchObject({
      code: 'metastore.unavailable',
      details: { ambiguous: true },
    });
    expect(metastore.calls).toBe(1);
  });

  test('before a write is sent: the write did not happen', async () => {
    const failure = connect([closedPort]).createTable(table);
    await expect(failure).rejects.toMatchObject({ code: 'metastore.unavailable' });
    await expect(failure).rejects.not.toHaveProperty('details.ambiguous');
  });

  test('while it is idle: the next call opens another', async () => {
    const server = await serve((socket, request) => socket.end(answer(request, textResult('bye'))));
    const metastore = connect([server.uri]);
    await metastore.version();
    await new Promise((resolve) => {
      setTimeout(resolve, 30);
    });
    await expect(metastore.createTable(table)).rejects.toMatchObject({ code: 'metastore.protocol' });
    expect(server.connections()).toBe(2);
  });
});

describe('an answer that is none', () => {
  const deep = Buffer.concat(Array.from({ length: 200 }, () => Buffer.of(12, 0, 9)));
  const cases: Record<string, (request: Buffer) => Buffer> = {
    HTTP: () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
    'random bytes': () => Buffer.from('9b1c0be0c0ffee00ffffffffffffff', 'hex'),
    'the answer to another call': (request) => answer(request, textResult('x'), { sequence: 999 }),
    'the answer of another method': (request) => answer(request, textResult('x'), { name: 'get_table' }),
    'a call': (request) => answer(request, textResult('x'), { kind: 1 }),
    'a text of negative length': (request) => answer(request, Buffer.of(11, 0, 0, 255, 255, 255, 255)),
    'a text longer than the limit': (request) => answer(request, Buffer.of(11, 0, 0, 127, 255, 255, 255)),
    'a list of two billion structs': (request) => answer(request, list(2 ** 31 - 1)),
    'a list of negative length': (request) => answer(request, list(-1)),
    'a struct in a struct, 200 deep': (request) => answer(request, deep),
    'a field of a type that does not exist': (request) => answer(request, Buffer.of(7, 0, 0, 0)),
    'a result of another type': (request) => answer(request, Buffer.of(8, 0, 0, 0, 0, 0, 1, 0)),
    'nothing at all': (request) => answer(request, Buffer.of(0)),
    'more than one answer': (request) => answer(request, Buffer.concat([textResult('x'), Buffer.of(0)])),
  };
  test.each(Object.keys(cases))('%s is refused, and the connection closed', async (name) => {
    const server = await serve((socket, request) => socket.write(cases[name]?.(request) as Buffer));
    const metastore = connect([server.uri], { maxAnswerBytes: 1024 * 1024 });
    await expect(metastore.version()).rejects.toMatchObject({ code: 'metastore.protocol' });
    await expect(metastore.version()).rejects.toMatchObject({ code: 'metastore.protocol' });
    expect(server.connections()).toBe(2);
  });

  test('a frame longer than the limit is refused', async () => {
    const server = await serve((socket) => socket.write(Buffer.of(0, 16, 0, 1)));
    const metastore = connect([server.uri], { framed: true, maxAnswerBytes: 1024 * 1024 });
    await expect(metastore.version()).rejects.toMatchObject({ code: 'metastore.protocol' });
  });

  test('a void answer with an exception that we do not know is no success', async () => {
    const unknown = Buffer.of(12, 0, 9, 0, 0);
    const server = await serve((socket, request) => socket.write(answer(request, unknown)));
    await expect(connect([server.uri]).createTable(table)).rejects.toMatchObject({ code: 'metastore.protocol' });
  });
});

test.each([
  'ftp://h:1',
  'thrift://h:1/path',
  'http://user@h:1/metastore',
  'http://h:1/m?q=1',
  'thrift://',
  'thrift://user@h:1',
  'h:9083',
  'thrift://h:port',
])('%s is no address', (uri) => {
  expect(() => new Metastore({ uris: [uri] })).toThrow(expect.objectContaining({ code: 'config.invalid' }));
});
