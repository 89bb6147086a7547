import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { eventHeaders, startFunction, type FunctionProcess, type Received } from '../support/function-process.ts';

const entry = join(import.meta.dirname, '../fixtures/functions/echo/index.ts');
let started: FunctionProcess | undefined;
afterEach(() => started?.end());

async function startEcho(env: Record<string, string> = {}, ready = true): Promise<FunctionProcess> {
  started = await startFunction({ entry, env, ready });
  return started;
}

function wait(echo: FunctionProcess, ms: number): Promise<Received> {
  const headers = eventHeaders('test.wait', { 'content-type': 'application/json' });
  return echo.send({ headers, body: JSON.stringify({ ms }) });
}

function codeOf({ body }: Received): string {
  return (JSON.parse(body) as { error: { code: string } }).error.code;
}

describe('SIGTERM', () => {
  test('requests in flight are answered, new ones are sent away, and the process ends with 0', async () => {
    const echo = await startEcho();
    const inFlight = Array.from({ length: 30 }, () => wait(echo, 1500));
    await echo.logged({ msg: 'waiting' }, 30);
    echo.signal('SIGTERM');
    await echo.logged({ msg: 'ending: no more events are taken' });
    const late = await echo.send({ headers: eventHeaders() });
    expect([late.status, codeOf(late)]).toEqual([503, 'draining']);
    expect(await echo.send({ method: 'GET', path: '/health/readiness' })).toMatchObject({ status: 503 });
    expect(await echo.send({ method: 'GET', path: '/health/liveness' })).toMatchObject({ status: 200 });
    const statuses = (await Promise.all(inFlight)).map(({ status }) => status);
    expect(statuses).toEqual(Array.from({ length: 30 }, () => 204));
    expect(await echo.exited).toBe(0);
  });

  test('what outlasts the drain limit is aborted and answered for another try', async () => {
    const echo = await startEcho({ LAKEWARDEN_HOST__DRAIN_SECONDS: '0.3', LAKEWARDEN_HOST__GRACE_SECONDS: '0.3' });
    const obedient = wait(echo, 3_600_000);
    const deaf = echo.send({ headers: eventHeaders('test.hang') });
    await echo.logged({ msg: 'waiting' });
    echo.signal('SIGTERM');
    for (const answer of await Promise.all([obedient, deaf])) {
      expect([answer.status, codeOf(answer)]).toEqual([503, 'draining']);
    }
    expect(await echo.exited).toBe(0);
  });
});

describe('limits', () => {
  test('a call past its deadline answers 503, whether or not it heeds its signal', async () => {
    const echo = await startEcho({ LAKEWARDEN_HOST__DEADLINE_SECONDS: '0.2', LAKEWARDEN_HOST__GRACE_SECONDS: '0.2' });
    const answers = await Promise.all([wait(echo, 3_600_000), echo.send({ headers: eventHeaders('test.hang') })]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    expect(answers.map(codeOf)).toEqual(['deadline.exceeded', 'deadline.exceeded']);
  });

  test('more calls at once than allowed answer 503', async () => {
    const echo = await startEcho({ LAKEWARDEN_HOST__CONCURRENCY: '1' });
    const first = wait(echo, 1500);
    await echo.logged({ msg: 'waiting' });
    const second = await wait(echo, 1);
    expect([second.status, codeOf(second), second.headers['retry-after']]).toEqual([503, 'busy', '10']);
    expect((await first).status).toBe(204);
    expect((await wait(echo, 1)).status).toBe(204);
  });
});

describe('crashes', () => {
  test.each([
    ['an uncaught exception', 'test.crash', 'crashed on purpose'],
    ['an unhandled rejection', 'test.float', 'rejected on purpose'],
  ])('%s is logged and ends the process with 1', async (_name, type, message) => {
    const echo = await startEcho();
    await expect(echo.send({ headers: eventHeaders(type) })).rejects.toThrow(/hang up|ECONNRESET/);
    expect(await echo.exited).toBe(1);
    expect(echo.log().filter(({ level }) => level === 'fatal')).toMatchObject([{ err: { message } }]);
  });

  test('faulty settings are all named before the first request, and end the process with 1', async () => {
    const env = {
      LAKEWARDEN_GREETNG: 'hi',
      LAKEWARDEN_HOST__DRAIN_SECONDS: 'hunter2',
      LAKEWARDEN_PASSWORD_FILE: '/nowhere',
    };
    const echo = await startEcho(env, false);
    expect(await echo.exited).toBe(1);
    const [fatal] = echo.log().filter(({ level }) => level === 'fatal');
    const { code, message } = (fatal as { err: { code: string; message: string } }).err;
    expect(code).toBe('config.invalid');
    expect(message).toContain('variable LAKEWARDEN_GREETNG: unknown key GREETNG; did you mean GREETING?');
    expect(message).toContain('host.drainSeconds (variable LAKEWARDEN_HOST__DRAIN_SECONDS)');
    expect(message).toContain('password (variable LAKEWARDEN_PASSWORD_FILE)');
    expect(echo.output()).not.toContain('hunter2');
  });
});

describe('events to the sink', () => {
  test('an event goes to K_SINK with the overrides, the trace, and the same id each time', async () => {
    const received: { headers: IncomingHttpHeaders; body: string }[] = [];
    const sink = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        received.push({ headers: request.headers, body });
        // The first attempt of all meets a busy sink.
        response.writeHead(received.length === 1 ? 503 : 202).end();
      });
    }).listen(0, '127.0.0.1');
    await once(sink, 'listening');
    try {
      const { port } = sink.address() as AddressInfo;
      const echo = await startEcho({
        K_SINK: `http://127.0.0.1:${port}/`,
        K_CE_OVERRIDES: '{"extensions":{"lakezone":"gölden"}}',
        K_SERVICE: 'echo-east',
      });
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const headers = eventHeaders('test.emit', { 'content-type': 'application/json', 'ce-traceparent': traceparent });
      for (let time = 0; time < 2; time++) {
        expect(await echo.send({ headers, body: '{"a":1}' })).toMatchObject({ status: 204 });
      }
      expect(received).toHaveLength(3);
      expect(new Set(received.map((one) => one.headers['ce-id'])).size).toBe(1);
      expect(received[2]).toMatchObject({
        body: '{"a":1}',
        headers: {
          'content-type': 'application/json',
          'ce-type': 'dev.lakewarden.echo.done',
          'ce-source': '/lakewarden/echo/echo-east',
          'ce-id': expect.stringMatching(/^echo\.done-[0-9a-f]{32}$/),
          'ce-lakezone': 'g%C3%B6lden',
          'ce-traceparent': traceparent,
        },
      });
    } finally {
      sink.close();
    }
  });

  test('a sink that is down makes the call answer 503', async () => {
    const echo = await startEcho({ K_SINK: 'http://127.0.0.1:1/' });
    const answer = await echo.send({ headers: eventHeaders('test.emit') });
    expect([answer.status, codeOf(answer)]).toEqual([503, 'sink.unavailable']);
  });
});
