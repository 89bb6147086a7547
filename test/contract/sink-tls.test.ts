import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { Authority, type Identity } from '../support/certificates.ts';
import { eventHeaders, startFunction, type FunctionProcess, type Received } from '../support/function-process.ts';

const entry = join(import.meta.dirname, '../fixtures/functions/echo/index.ts');
let authority: Authority;
let stranger: Authority;
let server: Server | undefined;
let echo: FunctionProcess | undefined;
const received: IncomingHttpHeaders[] = [];

beforeAll(() => {
  authority = new Authority();
  stranger = new Authority();
});
afterEach(async () => {
  await echo?.end();
  server?.closeAllConnections();
  server?.close();
  received.length = 0;
});
afterAll(() => {
  authority.remove();
  stranger.remove();
});

/** A sink behind TLS, and echo that sends it one event. */
async function emitTo(
  identity: Identity,
  env: Record<string, string>,
  judge: (headers: IncomingHttpHeaders) => number = () => 202,
): Promise<Received> {
  server = createServer(identity, (request, response) => {
    received.push(request.headers);
    response.writeHead(judge(request.headers)).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  echo = await startFunction({ entry, env: { K_SINK: `https://localhost:${port}/`, ...env } });
  return echo.send({ headers: eventHeaders('test.emit', { 'content-type': 'application/json' }), body: '{}' });
}

test('an event goes to a sink whose authority Knative hands over in K_CA_CERTS', async () => {
  const answer = await emitTo(authority.sign('sink'), { K_CA_CERTS: authority.cert });
  expect([answer.status, received.length]).toEqual([204, 1]);
});

test('an event goes to a sink whose authority the settings name', async () => {
  const env = { LAKEWARDEN_HOST__SINK__CA_FILES: JSON.stringify([authority.certFile]) };
  const answer = await emitTo(authority.sign('sink'), env);
  expect([answer.status, received.length]).toEqual([204, 1]);
});

test.each([
  ['alone', (): Record<string, string> => ({})],
  ['beside those of Knative', () => ({ K_CA_CERTS: stranger.cert })],
])('an authority in NODE_EXTRA_CA_CERTS counts, %s', async (_name, more) => {
  const answer = await emitTo(authority.sign('sink'), { NODE_EXTRA_CA_CERTS: authority.certFile, ...more() });
  expect([answer.status, received.length]).toEqual([204, 1]);
});

describe('no event goes to a sink', () => {
  test.each([
    ['of an unknown authority', () => stranger.sign('sink'), /unable to (?:verify|get)/],
    ['of another name', () => authority.sign('other', { host: 'DNS:elsewhere' }), /altnames/],
    ['whose certificate has run out', () => authority.sign('old', { expired: true }), /expired/],
  ])('%s, and the reason is told', async (_name, identity, reason) => {
    const answer = await emitTo(identity(), { K_CA_CERTS: authority.cert });
    const { error } = JSON.parse(answer.body) as { error: { code: string; message: string } };
    expect([answer.status, error.code]).toEqual([503, 'sink.unavailable']);
    expect(error.message).toMatch(/^the event sink gave no answer/);
    expect(error.message).toMatch(reason);
    expect(received).toEqual([]);
  });
});

test('the token for the sink is read anew for each attempt, and is in no log', async () => {
  const tokenFile = join(authority.folder, 'token');
  writeFileSync(tokenFile, 'stale-hunter2');
  const env = { K_CA_CERTS: authority.cert, LAKEWARDEN_HOST__SINK__TOKEN_FILE: tokenFile };
  const answer = await emitTo(authority.sign('sink'), env, ({ authorization }) => {
    // The kubelet puts a new one in its place.
    writeFileSync(tokenFile, 'fresh-hunter2\n');
    return authorization === 'Bearer fresh-hunter2' ? 202 : 401;
  });
  expect(answer.status).toBe(204);
  expect(received.map(({ authorization }) => authorization)).toEqual(['Bearer stale-hunter2', 'Bearer fresh-hunter2']);
  expect(echo?.output()).not.toContain('hunter2');
});
