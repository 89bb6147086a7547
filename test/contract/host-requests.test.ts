import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventHeaders, startFunction, type FunctionProcess, type Sent } from '../support/function-process.ts';

const fixtures = join(import.meta.dirname, '../fixtures');
const json = { accept: 'application/json', 'content-type': 'application/json' };
const structured = { accept: 'application/json', 'content-type': 'application/cloudevents+json; charset=utf-8' };
const event = { specversion: '1.0', id: '1', source: '/test', type: 'test.echo' };

let echo: FunctionProcess;
beforeAll(async () => {
  echo = await startFunction({ entry: join(fixtures, 'functions/echo/index.ts') });
});
afterAll(() => echo.end());

/** What the function was given, as it echoed it. */
async function receive(sent: Sent): Promise<Record<string, unknown>> {
  const { status, body } = await echo.send(sent);
  expect([status, body]).toEqual([200, expect.any(String)]);
  return (JSON.parse(body) as { result: { event: Record<string, unknown> } }).result.event;
}

async function refuse(sent: Sent): Promise<{ status: number; code: string; message: string; fault: string }> {
  const { status, body } = await echo.send(sent);
  return { status, ...(JSON.parse(body) as { error: { code: string; message: string; fault: string } }).error };
}

function captured(name: string): { headers: Record<string, string>; body: string } {
  return JSON.parse(readFileSync(join(fixtures, 'events', name), 'utf8')) as ReturnType<typeof captured>;
}

function binary(type: string | undefined, body: string | Uint8Array): Sent {
  return {
    headers: { ...eventHeaders(), accept: '*/*', ...(type === undefined ? {} : { 'content-type': type }) },
    body,
  };
}

function without(name: string): Record<string, string> {
  const { [name]: _left, ...rest } = eventHeaders();
  return rest;
}

function fail(code: string): ReturnType<typeof refuse> {
  return refuse({ headers: eventHeaders('test.fail', json), body: JSON.stringify({ code }) });
}

describe('events as Knative delivers them', () => {
  test('PingSource', async () => {
    const { headers, body } = captured('pingsource.json');
    expect(await receive({ headers: { ...headers, accept: 'application/json' }, body })).toMatchObject({
      type: 'dev.knative.sources.ping',
      source: '/apis/v1/namespaces/default/pingsources/metastore-cron',
      data: { zone: 'golden' },
      extensions: { lakezone: 'golden' },
    });
  });

  test('ApiServerSource, with the empty namespace of a cluster-wide object', async () => {
    const { headers, body } = captured('apiserversource-namespace-add.json');
    expect(headers['Ce-Namespace']).toBe('');
    expect(await receive({ headers: { ...headers, accept: 'application/json' }, body })).toMatchObject({
      subject: '/apis/v1/namespaces//namespaces/probe1',
      extensions: { kind: 'Namespace', namespace: '', name: 'probe1' },
      data: { kind: 'Namespace' },
    });
  });

  test('a dead letter of a broker comes with its body as it is: what is broken in it may be why it is dead', async () => {
    const { headers, body } = captured('broker-dead-letter.json');
    expect(headers['content-type'] ?? headers['Content-Type']).toBe('application/json');
    for (const type of ['application/json', 'application/octet-stream']) {
      const letter = await receive({ headers: { ...headers, accept: '*/*', 'content-type': type }, body });
      expect(letter['data']).toEqual({ bytes: Buffer.from(body).toString('hex') });
    }
  });

  test('a success has no body for a broker, which would count it as a failed delivery', async () => {
    const bare = await echo.send({ headers: eventHeaders() });
    const broker = await echo.send({ headers: eventHeaders('test.echo', { accept: '*/*', prefer: 'reply' }) });
    for (const { status, body, headers } of [bare, broker]) {
      expect([status, body, headers['lakewarden-outcome']]).toEqual([204, '', 'done']);
      expect(Object.keys(headers).filter((name) => name.startsWith('ce-'))).toEqual([]);
    }
  });
});

describe('data by its content type', () => {
  test.each([
    ['application/json', '{"a":[1,"é"]}', { a: [1, 'é'] }],
    ['application/vnd.lake+json; charset=utf-8', '7', 7],
    ['application/json', '{"__proto__":{"x":1}}', JSON.parse('{"__proto__":{"x":1}}')],
    ['application/json', '', null],
    ['text/plain', '{"a":', '{"a":'],
    ['text/plain; charset=iso-8859-1', Buffer.from([0xe9]), 'é'],
    ['application/octet-stream', Buffer.from([0, 255]), { bytes: '00ff' }],
    ['application/x-www-form-urlencoded', 'a=1', { bytes: Buffer.from('a=1').toString('hex') }],
    [undefined, '{"a":1}', { bytes: Buffer.from('{"a":1}').toString('hex') }],
    [undefined, '', null],
  ])('%s %j', async (type, body, data) => {
    expect((await receive(binary(type, body)))['data']).toEqual(data);
  });

  test('data_base64 of a structured event is bytes, or JSON when the event says so', async () => {
    const bytes = { ...event, datacontenttype: 'application/octet-stream', data_base64: 'AP8=' };
    const parsed = { ...event, datacontenttype: 'application/json', data_base64: btoa('{"a":1}') };
    expect((await receive({ headers: structured, body: JSON.stringify(bytes) }))['data']).toEqual({ bytes: '00ff' });
    expect((await receive({ headers: structured, body: JSON.stringify(parsed) }))['data']).toEqual({ a: 1 });
  });

  test('attributes are percent-decoded, quoted or given in any letter case of header', async () => {
    const headers = {
      ...eventHeaders(),
      'CE-Subject': 'a%20b%E2%82%AC%2520',
      'ce-note': String.raw`"say \"x\" y"`,
      'ce-rate': '100%',
      accept: '*/*',
    };
    expect(await receive({ headers })).toMatchObject({
      subject: 'a b€%20',
      extensions: { note: 'say "x" y', rate: '100%' },
    });
  });

  test('extensions of a structured event become text', async () => {
    const body = JSON.stringify({ ...event, flag: true, count: -3, empty: null, data: 'text' });
    expect(await receive({ headers: structured, body })).toMatchObject({
      extensions: { flag: 'true', count: '-3' },
      data: 'text',
    });
  });
});

describe('hopeless requests get a 4xx that Knative does not repeat', () => {
  const hostile: [string, Sent, number, string][] = [
    ['no event at all', { headers: json, body: '{}' }, 400, 'not a CloudEvent'],
    ['no id', { headers: without('ce-id') }, 400, '"id" is missing'],
    ['no source', { headers: without('ce-source') }, 400, '"source" is missing'],
    ['no type', { headers: without('ce-type') }, 400, '"type" is missing'],
    ['no specversion', { headers: without('ce-specversion') }, 400, '"specversion" is missing'],
    ['an empty id', { headers: { ...eventHeaders(), 'ce-id': '' } }, 400, '"id" is missing or empty'],
    ['specversion 0.9', { headers: { ...eventHeaders(), 'ce-specversion': '0.9' } }, 400, 'is not 1.0'],
    ['specversion 0.3', { headers: { ...eventHeaders(), 'ce-specversion': '0.3' } }, 400, 'is not 1.0'],
    ['a bad extension name', { headers: { ...eventHeaders(), 'ce-my_ext': 'x' } }, 400, '"my_ext" is not a name'],
    ['a source with a space', { headers: { ...eventHeaders(), 'ce-source': 'a%20b' } }, 400, 'not a URI reference'],
    ['no time', { headers: { ...eventHeaders(), 'ce-time': 'yesterday' } }, 400, 'not an RFC 3339'],
    ['30 February', { headers: { ...eventHeaders(), 'ce-time': '2026-02-30T00:00:00Z' } }, 400, 'not an RFC 3339'],
    ['overlong UTF-8', { headers: { ...eventHeaders(), 'ce-subject': '%C0%A0' } }, 400, 'is not UTF-8'],
    ['a relative dataschema', { headers: { ...eventHeaders(), 'ce-dataschema': '/x' } }, 400, 'not an absolute URI'],
    [
      'an attribute twice',
      { headers: ['Host', 'echo', ...Object.entries(eventHeaders()).flat(), 'Ce-Id', '2'] },
      400,
      'comes twice',
    ],
    ['broken JSON', { headers: eventHeaders('x', json), body: '{"a":' }, 400, 'not valid JSON'],
    [
      'JSON that is not UTF-8',
      { headers: eventHeaders('x', json), body: Buffer.from('"\xe9"', 'latin1') },
      400,
      'utf-8',
    ],
    [
      'an unknown charset',
      { headers: eventHeaders('x', { 'content-type': 'text/plain; charset=klingon' }), body: 'x' },
      415,
      'character set',
    ],
    ['gzip', { headers: eventHeaders('x', { 'content-encoding': 'gzip' }), body: 'x' }, 415, 'content-encoding'],
    ['structured, broken JSON', { headers: structured, body: '{"specversion":' }, 400, 'not valid JSON'],
    ['structured, an array', { headers: structured, body: '[]' }, 400, 'is a JSON object'],
    ['structured, empty', { headers: structured }, 400, 'not valid JSON'],
    [
      'structured, no type',
      { headers: structured, body: '{"specversion":"1.0","id":"1","source":"/s"}' },
      400,
      '"type" is missing',
    ],
    [
      'structured, upper case',
      { headers: structured, body: JSON.stringify({ ...event, Zone: 'x' }) },
      400,
      '"Zone" is not a name',
    ],
    [
      'structured, an object extension',
      { headers: structured, body: JSON.stringify({ ...event, zone: {} }) },
      400,
      '"zone" is neither',
    ],
    [
      'structured, bad base64',
      { headers: structured, body: JSON.stringify({ ...event, data_base64: '?' }) },
      400,
      'is not base64',
    ],
    [
      'structured, data twice',
      { headers: structured, body: JSON.stringify({ ...event, data: 1, data_base64: '' }) },
      400,
      'stands beside data',
    ],
    ['a batch', { headers: { 'content-type': 'application/cloudevents-batch+json' }, body: '[]' }, 415, 'batch'],
    [
      'a protobuf event',
      { headers: { 'content-type': 'application/cloudevents+protobuf' }, body: 'x' },
      415,
      'format other than JSON',
    ],
    [
      'a query that poses as an event',
      { path: '/?cloudevent=evil&method=GET&headers=x&body=y', headers: eventHeaders() },
      400,
      'query string',
    ],
    ['an empty query', { path: '/?', headers: eventHeaders() }, 400, 'query string'],
  ];
  test.each(hostile)('%s', async (_name, sent, status, message) => {
    const refused = await refuse(sent);
    expect(refused).toMatchObject({ status, message: expect.stringContaining(message) });
    expect(refused.fault).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is not allowed', async (method) => {
    const headers = { ...eventHeaders(), 'content-length': '1' };
    const answer = await echo.send({ method, headers, body: 'x' });
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
  });

  test('HEAD is not allowed', async () => {
    expect(await echo.send({ method: 'HEAD' })).toMatchObject({ status: 405, body: '' });
  });

  test('another path is the runtime’s 404', async () => {
    expect(await echo.send({ path: '/other', headers: eventHeaders() })).toMatchObject({ status: 404 });
  });

  test('a body over the limit is the runtime’s 413, and the next request is well', async () => {
    const body = Buffer.alloc(1_048_577);
    expect(await echo.send({ headers: eventHeaders(), body })).toMatchObject({ status: 413 });
    expect(await echo.send({ headers: eventHeaders(), body: body.subarray(1) })).toMatchObject({ status: 204 });
  });
});

describe('errors of the function', () => {
  test.each([
    ['event.invalid', 400],
    ['limit.exceeded', 422],
    ['hdfs.not_found', 422],
    ['hdfs.exists', 422],
    ['hdfs.unavailable', 503],
    ['plan.stale', 503],
    ['metastore.protocol', 500],
  ])('%s answers %i', async (code, status) => {
    const failed = await fail(code);
    expect(failed).toMatchObject({ status, code, message: 'failed at http://***@host/x' });
    expect(await echo.logged({ fault: failed.fault })).toHaveLength(1);
  });

  test('passing trouble says when to come back', async () => {
    const { headers } = await echo.send({ headers: eventHeaders('test.fail', json), body: '{"code":"hdfs.standby"}' });
    expect(headers['retry-after']).toBe('10');
  });

  test('a foreign error is 500 whatever code it has; only the log tells it, under the fault id', async () => {
    const failed = await refuse({ headers: eventHeaders('test.throw') });
    expect(failed).toMatchObject({ status: 500, code: 'internal', message: expect.not.stringContaining('hunter2') });
    const [line] = await echo.logged({ fault: failed.fault });
    expect(line).toMatchObject({
      level: 'error',
      err: { code: 'ECONNREFUSED', stack: expect.stringContaining('index.ts') },
    });
  });
});

describe('beside events', () => {
  test('health answers by our own checks', async () => {
    for (const path of ['/health/liveness', '/health/readiness'])
      expect(await echo.send({ method: 'GET', path })).toMatchObject({ status: 200, body: 'OK' });
  });

  test('our metrics and the runtime’s stand side by side and count', async () => {
    await echo.send({ headers: eventHeaders() });
    const ours = await echo.send({ method: 'GET', path: '/metrics/lakewarden' });
    expect(ours.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(ours.body).toMatch(/^lakewarden_requests_total\{result="done",status="204",function="echo"\} [1-9]/m);
    expect(ours.body).toMatch(/^lakewarden_request_seconds_count\{function="echo",result="internal"\} [1-9]/m);
    const theirs = await echo.send({ method: 'GET', path: '/metrics' });
    expect(theirs.body).toMatch(/^faas_invocations\{.*\} [1-9]/m);
  });
});

test('each event has one line in the log that tells its outcome, with its id and without passwords', async () => {
  const before = echo.log().length;
  const unforeseen = { result: 'internal', status: 500 };
  const { length: earlier } = await echo.logged(unforeseen, 0);
  const subject = 'hdfs://user:hunter2@host/x';
  for (const [id, type, body] of [
    ['one-done', 'test.echo', '{}'],
    ['one-refused', 'test.fail', '{"code":"path.invalid"}'],
    ['one-later', 'test.fail', '{"code":"hdfs.unavailable"}'],
    ['one-unforeseen', 'test.throw', '{}'],
  ] as const)
    await echo.send({ headers: eventHeaders(type, { ...json, 'ce-id': id, 'ce-subject': subject }), body });
  // The log comes by a pipe, later than the answer.
  await echo.logged(unforeseen, earlier + 1);
  const outcomes = echo
    .log()
    .slice(before)
    .filter((line) => 'result' in line)
    .map(({ event: about, result, status }) => [(about as { id: string }).id, result, status]);
  expect(outcomes).toEqual([
    ['one-done', 'done', 200],
    ['one-refused', 'path.invalid', 422],
    ['one-later', 'hdfs.unavailable', 503],
    ['one-unforeseen', 'internal', 500],
  ]);
  expect(JSON.stringify(echo.log().slice(before))).not.toContain('user:hunter2');
});
