import { describe, expect, test } from '@jest/globals';
import { readEnvelopeObject, sourceSchema } from '#functions/dead-letter-triage/letter/declared-source.ts';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import { connectHeaders, deadRecord, headers, int32, int64 } from '../../support/dead-letters.ts';

const source = sourceSchema.parse({
  topic: '*-dlq',
  component: 'clicks-job',
  fields: {
    topic: { pointer: '/source/topic' },
    partition: { pointer: '/source/partition' },
    offset: { pointer: '/source/offset' },
    message: { pointer: '/error/a~1b~0' },
    errorClass: { pointer: '/error/classes/0' },
    failedAt: { pointer: '/at' },
  },
  value: { pointer: '/payload', encoding: 'base64' },
});

const raw = Buffer.from([0, 0xff, 7]);
const body = {
  source: { topic: 'clicks', partition: 3, offset: '9223372036854775807' },
  error: { 'a/b~': 'no such "field"', classes: ['a.B'] },
  at: '2026-11-21T10:00:00Z',
  payload: raw.toString('base64'),
};

function read(value: unknown, declared = source): ReturnType<typeof readLetter> {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return readLetter(deadRecord({ value: Buffer.from(text) }), [declared]);
}

describe('a declared envelope', () => {
  const hop = {
    family: 'envelope',
    kind: 'failure',
    component: 'clicks-job',
    origin: { topic: 'clicks', partition: 3, offset: 9_223_372_036_854_775_807n },
    error: { class: 'a.B', message: 'no such "field"' },
    failedAt: 1_795_255_200_000n,
    extras: {},
    undecoded: [],
  };

  test('every field is read by its pointer, and the payload byte for byte', () => {
    const { hops, payload } = read(body);
    expect(hops).toEqual([hop]);
    expect(payload).toEqual({ kind: 'enclosed', value: raw, isExact: true });
  });

  test('numbers that a double cannot hold are exact', () => {
    const text = JSON.stringify(body).replace('"9223372036854775807"', '9223372036854775807');
    expect(read(text).hops).toEqual([hop]);
  });

  test('an object that was decoded from Avro is read alike', () => {
    const decoded = { ...body, payload: raw, source: { ...body.source, offset: 9_223_372_036_854_775_807n } };
    expect(readEnvelopeObject(source, decoded, [])).toEqual({ hop, value: raw, isExact: true });
  });

  test('a payload that is JSON itself says that its writing is lost, and loses no number', () => {
    const nested = sourceSchema.parse({ ...source, value: { pointer: '/payload', encoding: 'json' } });
    const { payload } = read('{"payload": {"id": 12345678901234567890, "x":1.50}}', nested);
    expect(payload).toEqual({
      kind: 'enclosed',
      value: Buffer.from('{"id":12345678901234567890,"x":1.5}'),
      isExact: false,
    });
  });

  test('fields of the wrong kind are named, not guessed', () => {
    const [wrong] = read({ ...body, source: { topic: {}, partition: -1, offset: 1.5 }, at: 'yesterday' }).hops;
    expect(wrong).toMatchObject({ origin: {}, undecoded: ['topic', 'partition', 'offset', 'failedAt'] });
  });

  test('came before the headers of later trips', () => {
    const letter = readLetter(deadRecord({ value: Buffer.from(JSON.stringify(body)), headers: connectHeaders() }), [
      source,
    ]);
    expect(letter.hops.map(({ family }) => family)).toEqual(['envelope', 'connect']);
  });

  test.each(['', '{', 'null', '[]', '"x"', '{"error":{}}', '['.repeat(100_000), '{"source":'.repeat(50_000)])(
    'a value that is none of it, %#, is the payload itself',
    (text) => {
      expect(read(text)).toMatchObject({ hops: [], payload: { kind: 'record' } });
    },
  );
});

test('declared headers are read as they are declared, the last of a name first', () => {
  const own = sourceSchema.parse({
    topic: 'orders-dlq',
    fields: {
      topic: { header: 'from' },
      partition: { header: 'part', as: 'int32' },
      offset: { header: 'off', as: 'int64' },
      message: { header: 'why' },
      attempts: { header: 'why', as: 'int32' },
    },
  });
  const list = headers(['why', 'old'], ['from', 'orders'], ['part', int32(2)], ['off', int64(-1n)], ['why', 'newest']);
  expect(readLetter(deadRecord({ headers: list }), [own]).hops).toMatchObject([
    { origin: { topic: 'orders', partition: 2, offset: -1n }, error: { message: 'newest' }, undecoded: ['attempts'] },
  ]);
});

test('a Flink job is known by declaration only, and tells no coordinates', () => {
  const flink = sourceSchema.parse({ topic: 'clicks*', producer: 'flink', component: 'clicks-job', origin: 'clicks' });
  const letter = (topic: string) => readLetter(deadRecord({ topic, key: null }), [flink]);
  expect(letter('clicks-dead').hops).toEqual([
    {
      family: 'flink',
      kind: 'failure',
      component: 'clicks-job',
      origin: { topic: 'clicks' },
      error: {},
      extras: {},
      undecoded: [],
    },
  ]);
  expect(letter('orders-dlq').hops).toEqual([]);
});

test.each([{ pointer: 'error' }, { pointer: '/a~2' }, { header: '' }, { header: 'x', as: 'utf16' }, {}])(
  'a place that cannot be meant is refused at the start: %j',
  (place) => {
    expect(sourceSchema.safeParse({ topic: 'x', fields: { message: place } }).success).toBe(false);
  },
);
