import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Metastore, type MetastoreOptions } from '#shared/hive/metastore.ts';
import { answer, textResult } from './thrift-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'lakewarden-https-'));
const [keyFile, certFile] = ['key.pem', 'cert.pem'].map((name) => join(folder, name)) as [string, string];
const closers: (() => unknown)[] = [];

beforeAll(() => {
  const subject = ['-subj', '/CN=metastore.test', '-addext', 'subjectAltName=DNS:metastore.test'];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' });
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Seen {
  readonly uri: string;
  readonly requests: IncomingMessage[];
  connections: number;
}

type Behaviour = (response: ServerResponse, body: Buffer, request: IncomingMessage) => void;

const asVersion: Behaviour = (response, body) => response.end(answer(body, textResult('4.0.1')));

async function serve(behave: Behaviour, secure = false): Promise<Seen> {
  const requests: IncomingMessage[] = [];
  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests.push(request);
    behave(response, await buffer(request), request);
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => void listener(request, response);
  const server = secure
    ? createTlsServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) }, onRequest)
    : createServer(onRequest);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const uri = `${secure ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}/metastore`;
  const seen: Seen = { uri, requests, connections: 0 };
  server.on('connection', () => seen.connections++);
  return seen;
}

function connect(uris: string[], options: Partial<MetastoreOptions> = {}): Metastore {
  const metastore = new Metastore({ uris, deadlineMs: 20_000, ...options });
  closers.unshift(() => metastore.close());
  return metastore;
}

describe('a call over HTTP', () => {
  test('is posted to the path as Thrift, all over one connection, in the name of the user', async () => {
    const server = await serve(asVersion);
    const metastore = connect([server.uri], { user: 'lake' });
    for (let call = 0; call < 3; call++) await expect(metastore.version()).resolves.toBe('4.0.1');
    expect([server.connections, metastore.calls]).toEqual([1, 3]);
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(Array(3).fill('POST /metastore'));
    expect(server.requests[0]?.headers).toMatchObject({
      'content-type': 'application/x-thrift',
      'x-actor-username': 'lake',
    });
  });

  test('carries the token as it is at that time, and then no name', async () => {
    const server = await serve(asVersion);
    const tokens = ['old', 'new'];
    const metastore = connect([server.uri], { user: 'lake', token: () => tokens.shift() ?? '' });
    await metastore.version();
    await metastore.version();
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
    expect(server.requests[0]?.headers).not.toHaveProperty('x-actor-username');
  });

  test('goes to the next address, be it HTTP or not, when the first does not accept', async () => {
    const server = await serve(asVersion);
    const metastore = connect(['thrift://127.0.0.1:1', 'http://127.0.0.1:1/metastore', server.uri]);
    await expect(metastore.version()).resolves.toBe('4.0.1');
  });

  test('is made anew when an idle connection was closed', async () => {
    const server = await serve((response, body) => {
      response.setHeader('connection', 'close');
      response.end(answer(body, textResult('4.0.1')));
    });
    const metastore = connect([server.uri]);
    await metastore.version();
    await expect(metastore.version()).resolves.toBe('4.0.1');
    expect(server.connections).toBe(2);
  });

  test('ends at its deadline', async () => {
    const server = await serve(() => {});
    const metastore = connect([server.uri]);
    await expect(metastore.createDatabase({ name: 'd' }, { deadlineMs: 200 })).rejects.toMatchObject({
      code: 'deadline.exceeded',
      details: { ambiguous: true, method: 'create_database' },
    });
  });

  test('whose connection breaks is made again when it reads, and not when it writes', async () => {
    const server = await serve((response, body) => {
      if (server.requests.length === 1 || body.includes('create_database')) response.destroy();
      else asVersion(response, body, response.req);
    });
    const metastore = connect([server.uri]);
    await expect(metastore.version()).resolves.toBe('4.0.1');
    expect(server.requests).toHaveLength(2);
    const write = metastore.createDatabase({ name: 'd' });
    await expect(write).rejects.toMatchObject({ code: 'metastore.unavailable', details: { ambiguous: true } });
    expect(server.requests).toHaveLength(3);
  });

  test.each([
    [401, 'metastore.unauthenticated'],
    [403, 'metastore.unauthenticated'],
    [404, 'metastore.protocol'],
    [500, 'metastore.unavailable'],
    [503, 'metastore.unavailable'],
  ])('that is answered by %i is %s, and tells no token', async (status, code) => {
    const server = await serve((response) => response.writeHead(status).end('<html>secret</html>'));
    const asked = connect([server.uri], { token: () => 'secret' }).version();
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, details: { status } });
    expect(String(error)).not.toContain('secret');
  });

  test('whose answer is no Thrift, or too long, is a broken one', async () => {
    const server = await serve((response) => response.end('<html></html>'));
    await expect(connect([server.uri]).version()).rejects.toMatchObject({ code: 'metastore.protocol' });
    const endless = await serve((response, body) => response.end(answer(body, textResult('x'.repeat(5_000)))));
    await expect(connect([endless.uri], { maxAnswerBytes: 1024 }).version()).rejects.toMatchObject({
      code: 'metastore.protocol',
    });
  });

  test('under way when the client is closed is rejected', async () => {
    const server = await serve(() => void metastore.close());
    const metastore: Metastore = connect([server.uri]);
    await expect(metastore.version()).rejects.toMatchObject({ code: 'metastore.unavailable' });
  });
});

describe('HTTPS', () => {
  test('is spoken when the certificate is trusted and bears the name', async () => {
    const { uri } = await serve(asVersion, true);
    const ca = readFileSync(certFile, 'utf8');
    await expect(connect([uri], { tls: { ca, servername: 'metastore.test' } }).version()).resolves.toBe('4.0.1');
    for (const tls of [undefined, { ca }, { servername: 'metastore.test' }]) {
      await expect(connect([uri], { tls }).version()).rejects.toMatchObject({ code: 'metastore.unavailable' });
    }
  });
});
