import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { LakewardenError } from '#shared/errors/error.ts';
import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import { type ActionOptions, openwhiskMain } from '#shared/host/openwhisk.ts';

process.env['LAKEWARDEN_LOG_LEVEL'] = 'silent';

const settings = z.strictObject({ greeting: z.string() });
const lakewarden = { greeting: 'hello' };

function makeMain(seen: CloudEventIn[] = [], options: ActionOptions = {}): ReturnType<typeof openwhiskMain> {
  return openwhiskMain(
    {
      name: 'echo',
      settings,
      start: (values) =>
        Promise.resolve({
          async handle({ event, signal }) {
            seen.push(event);
            const { fail, large, slow } = (event.data ?? {}) as { fail?: boolean; large?: number; slow?: true };
            if (fail) throw new LakewardenError('limit.exceeded', 'too much');
            if (slow) await once(signal, 'abort').then(() => signal.throwIfAborted());
            if (large) return { status: 'done' as const, body: { rows: Array<string>(large).fill('x'), name: 'kept' } };
            return { status: 'done' as const, body: values.greeting };
          },
        }),
    },
    options,
  );
}

const event = (id: string, more: object = {}): object => ({ specversion: '1.0', id, source: '/s', type: 't', ...more });

test('a tick of the alarms feed is Knative’s tick, without OpenWhisk’s own parameters', async () => {
  const seen: CloudEventIn[] = [];
  const params = { zone: 'golden', lakewarden, __ow_user: 'x' };
  expect(await makeMain(seen)(params)).toEqual({ function: 'echo', status: 'done', result: 'hello' });
  expect(seen).toMatchObject([
    { type: 'dev.knative.sources.ping', source: '/openwhisk/echo', data: { zone: 'golden' } },
  ]);
  expect(seen[0]?.data).toEqual({ zone: 'golden' });
});

test('a tick that names its trigger has the same name whenever it is delivered in its minute', async () => {
  const seen: CloudEventIn[] = [];
  const main = makeMain(seen);
  const now = Date.now;
  try {
    for (const [seconds, ms] of [
      [60, 1_000],
      [60, 59_999],
      [60, 60_000],
      [1, 60_000],
      [1, 61_000],
    ] as const) {
      Date.now = () => ms;
      await main({ a: 1, lakewarden, lakewardenTick: { trigger: 'often', seconds } });
    }
  } finally {
    Date.now = now;
  }
  expect(seen.map(({ id }) => id)).toEqual([
    'often/1970-01-01T00:00:00.000Z',
    'often/1970-01-01T00:00:00.000Z',
    'often/1970-01-01T00:01:00.000Z',
    'often/1970-01-01T00:01:00.000Z',
    'often/1970-01-01T00:01:01.000Z',
  ]);
  expect(seen[0]).toMatchObject({ time: '1970-01-01T00:00:00.000Z', data: { a: 1 } });
  for (const lakewardenTick of [
    7,
    null,
    [],
    { trigger: 7, seconds: 60 },
    { trigger: 'a\n', seconds: 60 },
    { trigger: 'a' },
  ])
    expect(await main({ lakewarden, lakewardenTick })).toMatchObject({ error: { code: 'event.invalid' } });
});

test('messages of the Kafka feed are one event, with the same id when they come again', async () => {
  const seen: CloudEventIn[] = [];
  const main = makeMain(seen);
  const messages = [{ topic: 'raw', partition: 0, offset: 7, value: 'x' }];
  await main({ messages, lakewarden });
  await main({ messages, lakewarden });
  await main({ messages: [{ ...messages[0], offset: 8 }], lakewarden });
  expect(new Set(seen.map(({ id }) => id)).size).toBe(2);
  expect(seen[0]).toMatchObject({ type: 'org.apache.openwhisk.kafka.messages', data: messages });
});

describe('messages of the Kafka feed that are events', () => {
  const message = (value: unknown, offset = 0): object => ({ topic: 'raw', partition: 0, offset, key: null, value });

  test('are taken one by one, as objects and as text', async () => {
    const seen: CloudEventIn[] = [];
    const messages = [message(event('a', { data: 1 })), message(JSON.stringify(event('b', { data: 2 })), 1)];
    const answer = await makeMain(seen, { messages: 'events' })({ messages, lakewarden });
    expect(seen.map(({ id, data }) => [id, data])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(answer).toMatchObject({ function: 'echo', status: 'done', result: { messages: 2, failed: 0 } });
  });

  test('fail by name, and do not hold back the others', async () => {
    const seen: CloudEventIn[] = [];
    const values = [
      event('a'),
      'no event',
      event('b', { data: { fail: true } }),
      event('c', { data_base64: '!' }),
      null,
    ];
    const messages = [...values.map(message), 'not even a message'];
    const answer = await makeMain(seen, { messages: 'events' })({ messages, lakewarden });
    expect(seen.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(answer).toMatchObject({
      error: {
        messages: 6,
        failed: 5,
        failures: [
          { at: 1, code: 'event.invalid' },
          { at: 2, code: 'limit.exceeded' },
          { at: 3, code: 'event.invalid' },
          { at: 4, code: 'event.invalid' },
          { at: 5, code: 'event.invalid' },
        ],
      },
    });
  });

  test.each([[[]], [7], [null], [{}]])('are refused when the batch is %j', async (messages) => {
    const answer = await makeMain([], { messages: 'events' })({ messages, lakewarden });
    expect(answer).toMatchObject({ error: { code: 'event.invalid' } });
  });
});

test('a structured CloudEvent stays one', async () => {
  const seen: CloudEventIn[] = [];
  await makeMain(seen)({ specversion: '1.0', id: '7', source: '/s', type: 't', data: { a: 1 }, lakewarden });
  expect(seen).toEqual([{ specversion: '1.0', id: '7', source: '/s', type: 't', extensions: {}, data: { a: 1 } }]);
});

describe('a raw web action', () => {
  const file = join(import.meta.dirname, '../../fixtures/events/pingsource.json');
  const { headers, body } = JSON.parse(readFileSync(file, 'utf8')) as { headers: Record<string, string>; body: string };
  const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const web = { __ow_method: 'post', __ow_headers: lowerCase, __ow_path: '', __ow_query: '', lakewarden };

  test('is read as the request that it was', async () => {
    const seen: CloudEventIn[] = [];
    const answer = await makeMain(seen)({ ...web, __ow_body: Buffer.from(body).toString('base64') });
    expect(answer).toMatchObject({ statusCode: 204, body: '' });
    expect(seen).toMatchObject([{ data: { zone: 'golden' }, extensions: { lakezone: 'golden' } }]);
  });

  test('is refused like any request', async () => {
    const main = makeMain();
    expect(await main({ ...web, __ow_body: btoa('{"a":') })).toMatchObject({ statusCode: 400 });
    expect(await main({ ...web, __ow_query: 'a=1' })).toMatchObject({ statusCode: 400 });
    expect(await main({ ...web, __ow_method: 'get' })).toMatchObject({ statusCode: 405 });
  });

  test('with a body that is no base64, or headers that are none, is refused', async () => {
    const main = makeMain();
    for (const bad of ['!', 'abc', 7, {}, ['YQ==']])
      expect(await main({ ...web, __ow_body: bad })).toMatchObject({ statusCode: 400 });
    for (const bad of [null, 7, 'text', ['a'], {}])
      expect(await main({ ...web, __ow_headers: bad, __ow_body: btoa(body) })).toMatchObject({ statusCode: 400 });
  });

  test('that is not raw is refused, since strangers could bring settings', async () => {
    const seen: CloudEventIn[] = [];
    const { __ow_query: _query, ...cooked } = web;
    const main = makeMain(seen);
    expect(await main({ ...cooked, lakewarden: { greeting: 'from a stranger' } })).toMatchObject({ statusCode: 422 });
    expect(await main({ lakewarden })).toMatchObject({ result: 'hello' });
    expect(seen).toHaveLength(1);
  });
});

test('an error is an object without a stack, and never a rejection', async () => {
  const main = makeMain();
  const faulty = await main({ lakewarden: {} });
  expect(faulty).toEqual({
    error: { code: 'config.invalid', message: expect.stringContaining('greeting'), fault: expect.any(String) },
  });
  const failed = await main({ fail: true, lakewarden });
  expect(failed).toEqual({ error: { code: 'limit.exceeded', message: 'too much', fault: expect.any(String) } });
  expect(JSON.stringify([faulty, failed])).not.toContain('.ts:');
});

test.each([[undefined], [null], ['text'], [7], [[]], [{ lakewarden: 'text' }], [{ lakewarden: [1] }]])(
  'parameters %j are refused, not thrown',
  async (params) => {
    expect(await makeMain()(params as never)).toMatchObject({ error: { code: expect.stringMatching(/invalid$/) } });
  },
);

test('a result larger than OpenWhisk keeps has counts in place of lists', async () => {
  const whole = await makeMain()({ large: 10, lakewarden });
  expect(whole).toMatchObject({ result: { name: 'kept', rows: expect.any(Array) } });
  const cut = await makeMain()({ large: 400_000, lakewarden });
  expect(cut).toMatchObject({
    status: 'done',
    result: { name: 'kept', rows: { count: 400_000 } },
    cut: expect.stringMatching(/^the result had \d{7} bytes/),
  });
});

describe('the deadline of an activation', () => {
  afterEach(() => void delete process.env['__OW_DEADLINE']);

  test('ends the work before OpenWhisk does', async () => {
    process.env['__OW_DEADLINE'] = String(Date.now() + 300);
    expect(await makeMain()({ slow: true, lakewarden })).toMatchObject({ error: { code: 'deadline.exceeded' } });
  });
});

describe('files that are bound to an action', () => {
  test('are laid where only its process reads them', async () => {
    const folder = join(tmpdir(), 'lakewarden-files');
    const name = `test-${process.pid}`;
    try {
      expect(await makeMain()({ lakewarden, lakewardenFiles: { [name]: 'hunter2' } })).toMatchObject({
        status: 'done',
      });
      expect(readFileSync(join(folder, name), 'utf8')).toBe('hunter2');
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    } finally {
      rmSync(join(folder, name), { force: true });
    }
  });

  test.each([[7], [{ '../x': 'a' }], [{ a: 7 }], [{ '.hidden': 'a' }], [['a']]])(
    'are refused when they are %j',
    async (bad) => {
      const answer = await makeMain()({ lakewarden, lakewardenFiles: bad });
      expect(answer).toMatchObject({
        error: { code: 'config.invalid', message: expect.stringContaining('lakewardenFiles') },
      });
    },
  );
});
