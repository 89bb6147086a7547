import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEvent } from '#shared/events/event.ts';
import { createHttpSink, createLogSink, type HttpSinkOptions } from '#shared/events/sink.ts';

const event = createEvent({ function: 'f', instance: 'i', type: 'dev.lakewarden.x.done', idParts: [1], data: {} });
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A real sink that answers its requests in turn, the last way for ever after. */
async function serve(
  answers: ((response: ServerResponse, request: IncomingMessage) => void)[],
): Promise<{ options: HttpSinkOptions; requests: () => number }> {
  let count = 0;
  server = createServer((request, response) => {
    request.resume();
    answers[Math.min(count++, answers.length - 1)]?.(response, request);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { options: { url, attempts: 3, timeout: 2_000, pause: 1 }, requests: () => count };
}

const answer =
  (status: number, headers = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end('{}');
const drop = (_response: ServerResponse, request: IncomingMessage) => void request.socket.destroy();
const hang = () => {};

describe('passing trouble is tried again', () => {
  test.each([
    ['503', answer(503)],
    ['429 with a time to wait', answer(429, { 'retry-after': '0' })],
    ['404 of a broker that is not there yet', answer(404)],
    ['a dropped connection', drop],
    ['silence', hang],
  ])('%s', async (_name, trouble) => {
    const { options, requests } = await serve([trouble, answer(202)]);
    await createHttpSink(options).send(event);
    expect(requests()).toBe(2);
  });

  test('but not for ever', async () => {
    const { options, requests } = await serve([answer(500)]);
    await expect(createHttpSink(options).send(event)).rejects.toMatchObject({
      code: 'sink.unavailable',
      details: { status: 500 },
    });
    expect(requests()).toBe(3);
  });
});

test.each([400, 401, 301])('%i is final', async (status) => {
  const { options, requests } = await serve([answer(status, { location: '/x' })]);
  await expect(createHttpSink(options).send(event)).rejects.toMatchObject({ code: 'sink.refused' });
  expect(requests()).toBe(1);
});

test.each([
  ['an attempt', hang, 60_000],
  ['a pause', answer(503, { 'retry-after': '4' }), 300],
])('an aborted signal ends %s with its reason', async (_name, trouble, timeout) => {
  const { options, requests } = await serve([trouble]);
  const controller = new AbortController();
  const sending = createHttpSink({ ...options, timeout }).send(event, { signal: controller.signal });
  const outcome = expect(sending).rejects.toThrow('deadline');
  while (requests() === 0) await new Promise((resolve) => setImmediate(resolve));
  controller.abort(new Error('deadline'));
  await outcome;
  expect(requests()).toBe(1);
});

test('without a sink the event is in the log', async () => {
  const lines: unknown[] = [];
  await createLogSink({ info: (line: unknown) => void lines.push(line) }).send(event);
  expect(lines).toEqual([{ emitted: event }]);
});
