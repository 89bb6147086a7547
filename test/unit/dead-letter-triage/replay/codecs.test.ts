import { describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import type { RegisteredSchema } from '#functions/dead-letter-triage/diagnose/registered-schema.ts';
import { readReplay } from '#functions/dead-letter-triage/replay/plan-schema.ts';
import { transformRecord, type TransformSchemas } from '#functions/dead-letter-triage/transform/transform-record.ts';
import type { KafkaHeader } from '#shared/kafka/record.ts';

const made = (id: bigint, type: RegisteredSchema['type'], schema: string, more = {}): RegisteredSchema => ({
  type,
  schema,
  references: [],
  id,
  versions: [],
  ...more,
});
const record = (...fields: object[]): string => JSON.stringify({ type: 'record', name: 'Order', fields });
const id = { name: 'id', type: 'long' };
const avroFields = [
  id,
  { name: 'amount', type: 'double' },
  { name: 'bytes', type: ['null', 'bytes'], default: null },
  { name: 'tags', type: { type: 'map', values: ['null', 'string', 'Order'] }, default: {} },
];
const proto = `syntax = "proto3"; package shop;
message First { bool no = 1; }
message Order {
  int64 id = 1; int32 count = 2; bytes raw = 3; State state = 4; repeated double prices = 5; float part = 6;
  Line line = 7; map<string, uint64> sums = 8;
  message Line { string sku = 1; }
}
enum State { OPEN = 0; PAID = 1; }`;

const schemas: Readonly<Record<string, RegisteredSchema>> = {
  old: made(1n, 'AVRO', record(id)),
  new: made(2n, 'AVRO', record(...avroFields), { guid: '00112233-4455-6677-8899-aabbccddeeff', globalId: 9n }),
  nulls: made(3n, 'AVRO', '{"type":"array","items":"null"}'),
  either: made(4n, 'AVRO', '["int","long"]'),
  json: made(5n, 'JSON', '{"type":"object","required":["id"],"properties":{"id":{"type":"integer"}}}'),
  proto: made(6n, 'PROTOBUF', proto, { globalId: 11n }),
  broken: made(7n, 'AVRO', '{"type":"nothing"}'),
  list: made(8n, 'AVRO', record({ name: 'n', type: ['null', 'Order'] })),
  // Any of two branches may be meant at each level.
  many: made(
    9n,
    'AVRO',
    record({
      name: 'n',
      type: ['int', { type: 'record', name: 'Twin', fields: [{ name: 'n', type: ['int', 'Order', 'Twin'] }] }, 'Order'],
    }),
  ),
};
const known: TransformSchemas = {
  named: (subject) => schemas[subject],
  referred: (reference) =>
    Object.values(schemas).find((one) =>
      reference.by === 'guid'
        ? one.guid === reference.guid
        : BigInt(reference.id) === (reference.by === 'id' ? one.id : one.globalId),
    ),
};

interface Changed {
  readonly value: Buffer;
  readonly headers: readonly KafkaHeader[];
}

function change(value: Uint8Array | string, steps: readonly object[], headers: readonly KafkaHeader[] = []): Changed {
  const { transforms } = readReplay(JSON.stringify({ name: 'n', filter: { topic: 't' }, transforms: steps }), 'f');
  const changed = transformRecord({ value: Buffer.from(value), headers }, transforms, known);
  return { value: Buffer.from(changed.value ?? []), headers: changed.headers };
}
const prefixed = (number: number, payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([0, 0, 0, 0, number]), payload]);
const decode = { decode: {} };
const encode = (subject: string, more: object = {}) => ({ encode: { subject, ...more } });
const text = (value: Uint8Array, ...steps: object[]): string => String(change(value, [decode, ...steps]).value);

describe('Avro', () => {
  const old = avro.Type.forSchema(JSON.parse(record(id)) as avro.Schema);

  test('becomes another version of its subject, with the defaults of that', () => {
    const { value } = change(prefixed(1, old.toBuffer({ id: 7 })), [
      decode,
      { set: '/amount', value: 1.5 },
      encode('new'),
    ]);
    expect(value.toString('hex')).toBe('00000000020e000000000000f83f0000');
  });

  test('is read by the version that it follows, whatever it names', () => {
    const value = prefixed(77, old.toBuffer({ id: 7 }));
    expect(() => change(value, [decode])).toThrow('no schema that the value names');
    expect(change(value, [{ decode: { subject: 'old' } }, encode('old')]).value).toEqual(
      prefixed(1, value.subarray(5)),
    );
    expect(change(old.toBuffer({ id: 8 }), [{ decode: { subject: 'old' } }]).value.toString()).toBe('{"id":8}');
  });

  test('keeps every digit of numbers of 64 bits, every byte, and the branches of unions', () => {
    const value =
      '{"id":-9223372036854775808,"amount":-0,"bytes":"\\u0000\u00ffé","tags":{"a":null,"b":"x","c":{"id":9007199254740993,"amount":5e-324,"bytes":null,"tags":{}}}}';
    const written = change(value, [encode('new')]).value;
    expect(JSON.parse(text(written))).toEqual(JSON.parse(value));
    expect(text(written)).toContain('-9223372036854775808,"amount":-0');
    expect(change(written, [decode, encode('new')]).value).toEqual(written);
  });

  test.each([
    [prefixed(1, Buffer.from([0x80])), 'truncated'],
    [prefixed(1, Buffer.from([2, 2])), 'trailing'],
    [
      prefixed(2, Buffer.concat([Buffer.from([2]), Buffer.from('000000000000f87f', 'hex'), Buffer.from([0, 0])])),
      'no word',
    ],
    // The long 1 as JSON would come back as an int.
    [prefixed(4, Buffer.from([2, 2])), 'without loss'],
    [prefixed(3, Buffer.concat([avro.Type.forSchema('long').toBuffer(2 ** 50), Buffer.from([0])])), 'too-many'],
    [prefixed(8, Buffer.alloc(3_000, 2)), 'too-deep'],
    [prefixed(7, Buffer.from([2])), 'cannot be understood'],
    [Buffer.from('{}'), 'names no schema'],
  ])('is refused where JSON would lose something, or the bytes are wrong: %p', (value, reason) => {
    expect(() => change(value, [decode])).toThrow(reason);
  });

  test('deep documents and many branches end soon', () => {
    const deep = `${'{"n":'.repeat(700)}null${'}'.repeat(700)}`;
    expect(() => change(deep, [encode('list')])).toThrow('nested too deeply');
    const wrong = `${'{"n":'.repeat(100)}"x"${'}'.repeat(100)}`;
    expect(() => change(wrong, [encode('many')])).toThrow('nested too deeply');
  });
});

describe('Protobuf', () => {
  const value =
    '{"id":"9223372036854775807","count":-3,"raw":"AP8=","state":"PAID","prices":[1.5,"NaN"],"part":0.25,"line":{"sku":"ü"},"sums":{"a":"18446744073709551615"}}';
  const order = encode('proto', { message: 'Order' });

  test('is written and read with all digits, bytes and names', () => {
    const written = change(value, [order]).value;
    expect(written.subarray(0, 7).toString('hex')).toBe('00000000060202');
    expect(text(written)).toBe(value);
    expect(change(written, [decode, order]).value).toEqual(written);
    expect(text(change('{"sku":"x"}', [encode('proto', { message: 'Order.Line' })]).value)).toBe('{"sku":"x"}');
  });

  test('numbers may be written as JSON has them', () => {
    const written = change('{"id":9223372036854775807,"count":2.0,"part":0.1}', [order]).value;
    expect(text(written)).toBe('{"id":"9223372036854775807","count":2,"part":0.10000000149011612}');
  });

  test.each([
    '{"id":"x"}',
    '{"id":9223372036854775808}',
    '{"count":2147483648}',
    '{"count":1.5}',
    '{"other":1}',
    '{"state":"LOST"}',
    '{"raw":"*"}',
    '{"prices":1}',
    '{"line":[]}',
    '{"line":{"sku":1}}',
    '[]',
    '1',
    'null',
  ])('what the message cannot hold is refused: %s', (given) => {
    expect(() => change(given, [order])).toThrow(/the value (?:is not what|does not follow) message Order/);
  });

  test.each([
    ['0202fa010100', 'without loss'],
    ['02020d00000000', 'wire-type'],
    ['02060801', 'no such message'],
    ['02', 'before it names'],
    ['020242060a01ff1001', ''],
  ])('is refused where JSON would lose something, or the bytes are wrong: %s', (hex, reason) => {
    expect(() => change(prefixed(6, Buffer.from(hex, 'hex')), [decode])).toThrow(reason);
  });
});

test('JSON of a schema keeps its digits, and is refused where it breaks the schema', () => {
  const value = '{"id":12345678901234567890,"a":1.10}';
  const written = change(value, [encode('json')]).value;
  expect(written).toEqual(prefixed(5, Buffer.from(value)));
  expect(text(written, { drop: '/a' })).toBe('{"id":12345678901234567890}');
  expect(() => change('{"secret":1}', [encode('json')])).toThrow(/breaks its JSON Schema: required$/);
  expect(() => text(prefixed(5, Buffer.from('{"id":"x"}')))).toThrow('type');
});

describe('the schema is named', () => {
  const header = (name: string, hex: string): KafkaHeader => [Buffer.from(name), Buffer.from(hex, 'hex')];
  const own = header('own', '01');
  const before = [
    own,
    header('__value_schema_id', '0000000001'),
    header('apicurio.value.contentId', '0000000000000001'),
  ];
  const value = '{"no":true}';

  test.each([
    ['confluent', '0000000006000801', []],
    ['confluent-header', '0801', [header('__value_schema_id', '000000000600')]],
    ['apicurio', '00000000000000000b070a0546697273740801', []],
    [
      'apicurio-header',
      '0801',
      [header('apicurio.value.globalId', '000000000000000b'), header('apicurio.protobuf.type', '4669727374')],
    ],
  ] as const)('as %s has it, and read so again', (wire, hex, added) => {
    const written = change(value, [encode('proto', { wire })], before);
    expect(written).toEqual({ value: Buffer.from(hex, 'hex'), headers: [own, ...added] });
    expect(change(written.value, [decode], written.headers)).toEqual({ value: Buffer.from(value), headers: [own] });
  });

  test("by its GUID where the registry tells it, and not by Apicurio's number where there is none", () => {
    const written = change('{"id":1,"amount":0}', [encode('new', { wire: 'confluent-header' })]);
    expect(written.headers).toEqual([header('__value_schema_id', '0100112233445566778899aabbccddeeff')]);
    expect(
      change(written.value, [decode, { drop: '/bytes' }, { drop: '/tags' }], written.headers).value.toString(),
    ).toBe('{"id":1,"amount":0}');
    expect(() => change('{"id":1}', [encode('old', { wire: 'apicurio' })])).toThrow('no number of Apicurio');
  });
});
