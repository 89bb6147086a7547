import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFunction } from '../../tools/package.ts';
import { eventHeaders, startFunction, type FunctionProcess } from '../support/function-process.ts';

const source = join(import.meta.dirname, '../fixtures/functions/echo');
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-storm-'));
let entry: string;
let echo: FunctionProcess | undefined;

beforeAll(async () => {
  const { folder: made } = await packageFunction(source, join(folder, 'echo'));
  entry = join(made, 'index.cjs');
});
afterEach(() => echo?.end());
afterAll(() => rmSync(folder, { recursive: true }));

async function start(env: Record<string, string>): Promise<FunctionProcess> {
  echo = await startFunction({ entry, command: [process.execPath, entry], env });
  return echo;
}

test('events by the thousand, larger than the memory, are answered 204 or 503, and the process lives on', async () => {
  // 64 MiB for objects; each event becomes about a mebibyte when it is read, and 120 come at once.
  const storming = await start({ NODE_OPTIONS: '--max-old-space-size=64', LAKEWARDEN_HOST__MEMORY_MEBIBYTES: '256' });
  const body = JSON.stringify({ ms: 300, rows: Array.from({ length: 12_000 }, (_, id) => ({ id, x: 1 })) });
  const headers = eventHeaders('test.wait', { 'content-type': 'application/json' });
  const counts = new Map<number, number>();
  let retryAfter = 0;
  let left = 250;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const answer = await storming.send({ headers, body });
      counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
      if (answer.headers['retry-after'] !== undefined) retryAfter += 1;
    }
  };
  await Promise.all(Array.from({ length: 120 }, worker));
  expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([204, 503]);
  expect(retryAfter).toBe(counts.get(503));
  expect(await storming.send({ headers: eventHeaders() })).toMatchObject({ status: 204 });
  storming.signal('SIGTERM');
  expect(await storming.exited).toBe(0);
});

test('who is turned away is answered before its body has come, and others are not held up', async () => {
  const storming = await start({ LAKEWARDEN_HOST__MEMORY_MEBIBYTES: '32', FUNC_BODY_LIMIT: '4194304' });
  // One that announces the whole room and sends nothing.
  const idle = connect(storming.port, '127.0.0.1');
  const head = ['POST / HTTP/1.1', 'host: x', 'content-length: 4194304', '', ''].join('\r\n');
  idle.write(head);
  await expectSoon(async () => (await storming.send({ headers: eventHeaders(), body: 'x' })).status === 503);
  const answer = await storming.send({ headers: eventHeaders(), body: 'x' });
  expect(JSON.parse(answer.body)).toMatchObject({
    error: { code: 'busy', message: '1 requests fill the room for bodies' },
  });
  // Health and metrics are no events.
  expect(await storming.send({ method: 'GET', path: '/health/liveness' })).toMatchObject({ status: 200 });
  expect(await storming.send({ method: 'GET', path: '/metrics/lakewarden' })).toMatchObject({ status: 200 });
  idle.destroy();
  await expectSoon(async () => (await storming.send({ headers: eventHeaders(), body: 'x' })).status === 204);
});

test('senders who break off, with requests behind one another or half of a body, leave no room taken', async () => {
  const storming = await start({ LAKEWARDEN_HOST__MEMORY_MEBIBYTES: '32', FUNC_BODY_LIMIT: '4194304' });
  const waiting = { ...eventHeaders('test.wait', { 'content-type': 'application/json' }), host: 'x' };
  const head = (length: number): string =>
    [
      'POST / HTTP/1.1',
      ...Object.entries(waiting).map(([name, value]) => `${name}: ${value}`),
      `content-length: ${length}`,
    ]
      .join('\r\n')
      .concat('\r\n\r\n');
  const whole = `${head(10)}{"ms": 50}`;
  for (const words of [whole + whole + whole, `${whole}${head(1_000_000)}{`, `${head(1_000_000)}{`]) {
    const socket = connect(storming.port, '127.0.0.1');
    await new Promise((resolve) => socket.write(words, resolve));
    socket.destroy();
  }
  // Takes the whole room, so that whatever were left of the others would turn it away.
  const large = { headers: eventHeaders(), body: ' '.repeat(4_000_000) };
  await expectSoon(async () => {
    const answers = await Promise.all([storming.send({ headers: eventHeaders(), body: 'x' }), storming.send(large)]);
    return answers.every(({ status }) => status === 204);
  });
});

async function expectSoon(isTrue: () => Promise<boolean>): Promise<void> {
  for (let count = 0; count < 200; count += 1) if (await isTrue()) return;
  throw new Error('it did not come true');
}
