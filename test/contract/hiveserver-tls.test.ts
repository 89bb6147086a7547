import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { HiveServer } from '#shared/hive/hiveserver.ts';
import { Authority, type Identity } from '../support/certificates.ts';
import { lake } from '../support/lake.ts';

let authority: Authority;
let stranger: Authority;
let server: Server | undefined;
const sockets = new Set<TLSSocket>();
const sessions: HiveServer[] = [];

beforeAll(() => {
  authority = new Authority();
  stranger = new Authority();
});
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
  for (const socket of sockets) socket.destroy();
  server?.close();
});
afterAll(() => {
  authority.remove();
  stranger.remove();
});

/** The lake's HiveServer2 behind TLS. */
async function behindTls(identity: Identity, tls: { readonly ca?: string } | undefined): Promise<HiveServer> {
  const { hostname, port } = new URL(lake().hiveserver.replace('hive2:', 'tcp:'));
  server = createServer(identity, (client) => {
    sockets.add(client);
    const service = connect(Number(port), hostname);
    pipeline(client, service, client, () => {});
  }).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => {});
  await once(server, 'listening');
  const url = `hive2://localhost:${(server.address() as AddressInfo).port}`;
  const session = new HiveServer({ url, user: 'hive', tls, deadlineMs: 60_000 });
  sessions.push(session);
  return session;
}

test('statements go over TLS to a server whose authority is trusted', async () => {
  const hive = await behindTls(authority.sign('hive'), { ca: authority.cert });
  await expect(hive.query('select 1 one')).resolves.toEqual([{ one: 1 }]);
  expect(sockets.size).toBe(1);
});

describe('no password goes to a server', () => {
  test.each([
    ['of an unknown authority', () => stranger.sign('hive'), /unable to (?:verify|get)/],
    ['of another name', () => authority.sign('other', { host: 'DNS:elsewhere' }), /altnames/],
    ['whose certificate has run out', () => authority.sign('old', { expired: true }), /expired/],
  ])('%s, and the reason is told', async (_name, identity, reason) => {
    const hive = await behindTls(identity(), { ca: authority.cert });
    const asked = hive.query('select 1 one');
    await expect(asked).rejects.toMatchObject({ code: 'hive.unavailable' });
    await expect(asked).rejects.toThrow(/^the connection to HiveServer2/);
    await expect(asked).rejects.toThrow(reason);
  });

  test('that is trusted by nobody, when no authority is named', async () => {
    const hive = await behindTls(authority.sign('hive'), {});
    await expect(hive.query('select 1 one')).rejects.toMatchObject({ code: 'hive.unavailable' });
  });
});
