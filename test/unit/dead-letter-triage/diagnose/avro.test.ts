import { describe, expect, test } from '@jest/globals';
import avro from 'avsc';
import { type AvroRule, findAvroFault, parseAvroSchema } from '#functions/dead-letter-triage/diagnose/avro.ts';

const schema = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'id', type: 'long' },
    {
      name: 'customer',
      type: ['null', { type: 'record', name: 'Customer', fields: [{ name: 'name', type: 'string' }] }],
    },
    {
      name: 'lines',
      type: {
        type: 'array',
        items: {
          type: 'record',
          name: 'Line',
          fields: [
            { name: 'sku', type: 'string' },
            { name: 'count', type: 'int' },
            { name: 'rush', type: 'boolean' },
          ],
        },
      },
    },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['OPEN', 'PAID'] } },
    { name: 'labels', type: { type: 'map', values: 'double' } },
    { name: 'digest', type: { type: 'fixed', name: 'Digest', size: 4 } },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
  ],
} as const;
const type = parseAvroSchema(JSON.stringify(schema));
const order = {
  id: 7,
  customer: { name: 'Ada' },
  lines: [
    { sku: 'a', count: 1, rush: false },
    { sku: 'b', count: 2, rush: true },
  ],
  state: 'PAID',
  labels: { x: 1.5 },
  digest: Buffer.from('abcd'),
  at: 5,
};
const bytes = avro.Type.forSchema(structuredClone(schema) as never).toBuffer(order);
const placeOf = (text: string): number => bytes.indexOf(text);
const patched = (at: number, ...values: number[]): Buffer => {
  const copy = Buffer.from(bytes);
  copy.set(values, at);
  return copy;
};

test('what the schema describes is right', () => {
  expect(findAvroFault(type, bytes)).toBeUndefined();
  expect(findAvroFault(type, Buffer.concat([Buffer.alloc(5), bytes]), 5)).toBeUndefined();
});

describe('the field that breaks is named', () => {
  const cases: [string, Buffer, AvroRule, number, string][] = [
    ['nothing', Buffer.alloc(0), 'truncated', 0, '/id'],
    ['a union with two branches', patched(placeOf('Ada') - 2, 8), 'union-branch', placeOf('Ada') - 2, '/customer'],
    [
      'a text that is longer than the rest',
      patched(placeOf('Ada') - 1, 0x7e),
      'truncated',
      placeOf('Ada') - 1,
      '/customer/name',
    ],
    [
      'a text of negative length',
      patched(placeOf('Ada') - 1, 1),
      'negative-length',
      placeOf('Ada') - 1,
      '/customer/name',
    ],
    ['a text that is no UTF-8', patched(placeOf('Ada'), 0xff), 'utf8', placeOf('Ada') - 1, '/customer/name'],
    ['a boolean', patched(placeOf('b') + 2, 2), 'boolean', placeOf('b') + 2, '/lines/1/rush'],
    ['an enum', patched(placeOf('b') + 4, 8), 'enum-symbol', placeOf('b') + 4, '/state'],
    ['too little at the end', bytes.subarray(0, -1), 'truncated', bytes.length - 1, '/at'],
    ['too little in the middle', bytes.subarray(0, placeOf('abcd') + 2), 'truncated', placeOf('abcd'), '/digest'],
    ['too much', Buffer.concat([bytes, Buffer.from('!')]), 'trailing', bytes.length, ''],
    ['a number without end', Buffer.alloc(11, 0xff), 'number-too-long', 0, '/id'],
  ];
  test.each(cases)('%s', (_, broken, rule, byte, path) => {
    expect(findAvroFault(type, broken)).toMatchObject({ rule, byte, path });
  });

  test('an int beyond 32 bits', () => {
    const int = parseAvroSchema('{"type":"record","name":"R","fields":[{"name":"n","type":"int"}]}');
    expect(findAvroFault(int, avro.Type.forSchema('long').toBuffer(2 ** 31))).toMatchObject({
      rule: 'int-range',
      path: '/n',
    });
  });
});

test('billions of nulls and endless nesting end soon', () => {
  const nulls = parseAvroSchema('{"type":"array","items":"null"}');
  const many = Buffer.concat([avro.Type.forSchema('long').toBuffer(2 ** 50), Buffer.from([0])]);
  expect(findAvroFault(nulls, many)).toBeUndefined();
  const list = parseAvroSchema('{"type":"record","name":"Node","fields":[{"name":"next","type":["null","Node"]}]}');
  expect(findAvroFault(list, Buffer.alloc(100_000, 2))).toMatchObject({ rule: 'too-deep' });
  expect(findAvroFault(list, Buffer.from([2, 2, 2, 0]))).toBeUndefined();
});

test('a type of another schema is read when it is given', () => {
  const customer = '{"type":"record","name":"shop.Customer","fields":[{"name":"name","type":"string"}]}';
  const outer = '{"type":"record","name":"shop.Order","fields":[{"name":"by","type":"shop.Customer"}]}';
  const both = parseAvroSchema(outer, [customer]);
  expect(findAvroFault(both, Buffer.from([6, 65, 100, 97]))).toBeUndefined();
  expect(findAvroFault(both, Buffer.from([6, 65]))).toMatchObject({ path: '/by/name' });
  expect(() => parseAvroSchema(outer)).toThrow('undefined type');
});
