import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LakewardenError } from '#shared/errors/error.ts';
import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import { openwhiskMain } from '#shared/host/openwhisk.ts';

process.env['LAKEWARDEN_LOG_LEVEL'] = 'silent';

const settings = z.strictObject({ greeting: z.string() });
const lakewarden = { greeting: 'hello' };

function makeMain(seen: CloudEventIn[] = []): ReturnType<typeof openwhiskMain> {
  return openwhiskMain({
    name: 'echo',
    settings,
    start: (values) =>
      Promise.resolve({
        handle({ event }) {
          seen.push(event);
          const data = event.data as { fail?: boolean };
          if (data.fail) return Promise.reject(new LakewardenError('limit.exceeded', 'too much'));
          return Promise.resolve({ status: 'done' as const, body: values.greeting });
        },
      }),
  });
}

test('a tick of the alarms feed is Knative’s tick, without OpenWhisk’s own parameters', async () => {
  const seen: CloudEventIn[] = [];
  const params = { zone: 'golden', lakewarden, __ow_user: 'x' };
  expect(await makeMain(seen)(params)).toEqual({ function: 'echo', status: 'done', result: 'hello' });
  expect(seen).toMatchObject([
    { type: 'dev.knative.sources.ping', source: '/openwhisk/echo', data: { zone: 'golden' } },
  ]);
  expect(seen[0]?.data).toEqual({ zone: 'golden' });
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
