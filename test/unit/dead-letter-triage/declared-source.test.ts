import { describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import { parseAvroSchema } from '#functions/dead-letter-triage/diagnose/avro.ts';
import { exactAvro } from '#functions/dead-letter-triage/diagnose/avro-value.ts';
import { sourceSchema } from '#functions/dead-letter-triage/letter/declared-source.ts';
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

  describe('in Avro', () => {
    const field = (name: string, type: unknown) => ({ name, type });
    const error = {
      type: 'record',
      name: 'Error',
      fields: [field('message', 'string'), field('classes', { type: 'array', items: 'string' })],
    };
    const place = {
      type: 'record',
      name: 'Place',
      fields: [field('topic', 'string'), field('partition', 'int'), field('offset', 'long')],
    };
    const fields = [
      field('source', place),
      field('error', ['null', error]),
      field('at', 'string'),
      field('payload', ['null', 'bytes']),
    ];
    const schema = { type: 'record', name: 'Dead', fields };
    const older = { type: 'record', name: 'Dead', fields: [field('source', place)] };
    const declared = sourceSchema.parse({
      ...source,
      avro: [JSON.stringify(older), schema],
      fields: { ...source.fields, message: { pointer: '/error/message' } },
    });
    const written = parseAvroSchema(JSON.stringify(schema), [], exactAvro).toBuffer({
      source: { ...body.source, offset: BigInt(body.source.offset) },
      error: { Error: { message: 'no such "field"', classes: ['a.B'] } },
      at: body.at,
      payload: { bytes: raw },
    });
    const readBytes = (value: Buffer, own = declared) => readLetter(deadRecord({ value }), [own]);

    test.each([
      ['bare', ''],
      ["behind Confluent's number of a schema", '0000000007'],
      ["behind Apicurio's number of a schema", '000000000000000007'],
    ])('%s, every field is read by its pointer, and bytes as they are', (_, prefix) => {
      const { hops, payload } = readBytes(Buffer.concat([Buffer.from(prefix, 'hex'), written]));
      expect(hops).toEqual([hop]);
      expect(payload).toEqual({ kind: 'enclosed', value: raw, isExact: true });
    });

    test('what follows none of the schemas tells nothing', () => {
      for (const value of [
        written.subarray(1),
        Buffer.concat([written, Buffer.of(0)]),
        Buffer.from(JSON.stringify(body)),
        Buffer.alloc(0),
      ])
        expect(readBytes(value)).toMatchObject({ hops: [], payload: { kind: 'record' } });
      const nulls = sourceSchema.parse({ ...source, avro: ['{"type":"array","items":"null"}'] });
      const billions = Buffer.concat([avro.Type.forSchema('long').toBuffer(2 ** 50), Buffer.of(0)]);
      expect(readBytes(billions, nulls).hops).toEqual([]);
    });

    test.each(['{', '{"type":"nothing"}', 7])('%j is no schema, which is told at the start', (wrong) => {
      expect(() => sourceSchema.parse({ ...source, avro: [schema, wrong] })).toThrow(
        'not all of them are schemas of Avro',
      );
    });
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
