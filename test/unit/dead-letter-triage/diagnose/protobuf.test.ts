import { describe, expect, test } from '@jest/globals';
import protobuf from 'protobufjs';
import {
  findProtobufFault,
  parseProtobufMessage,
  type ProtobufRule,
} from '#functions/dead-letter-triage/diagnose/protobuf.ts';

const schema = `
syntax = "proto3";
package shop;
import "customer.proto";
message Order {
  int64 id = 1;
  string note = 2;
  repeated int32 counts = 3;
  Customer customer = 4;
  map<string, double> prices = 5;
  State state = 6;
  fixed32 check = 7;
  message Line { bytes sku = 1; double price = 2; }
  repeated Line lines = 8;
}
enum State { OPEN = 0; PAID = 1; }
message Other { bool yes = 1; }
`;
const customer = 'syntax = "proto3"; package shop; message Customer { string name = 1; }';
const imports = [{ name: 'customer.proto', schema: customer }];
const order = parseProtobufMessage(schema, [0], imports);
const whole = order
  .encode(
    order.fromObject({
      id: 7,
      note: 'für',
      counts: [1, 2, 300],
      customer: { name: 'Ada' },
      prices: { a: 1.5 },
      state: 1,
      check: 5,
      lines: [{ sku: Buffer.from([1]), price: 2 }, { price: 3 }],
    }),
  )
  .finish();

test('what the message describes is right, and so are fields that it does not know', () => {
  expect(findProtobufFault(order, whole)).toBeUndefined();
  expect(findProtobufFault(order, Buffer.concat([whole, Buffer.from([0xfa, 0x01, 1, 0])]))).toBeUndefined();
  expect(findProtobufFault(order, new Uint8Array(0))).toBeUndefined();
});

test('messages are found by their indexes, also nested ones', () => {
  expect(parseProtobufMessage(schema, [1], imports).name).toBe('Other');
  expect(parseProtobufMessage(schema, [0, 0], imports).name).toBe('Line');
  expect(parseProtobufMessage(schema, 'Other', imports).name).toBe('Other');
  for (const missing of [[2], [0, 0, 0], 'Missing', 'constructor'] as const)
    expect(() => parseProtobufMessage(schema, missing, imports)).toThrow('no message');
  expect(() => parseProtobufMessage('message {', [0])).toThrow(/illegal/);
});

test("what Google's well-known files define is known, whoever imports it", () => {
  const file = 'google/protobuf/timestamp.proto';
  const text = (name: string) =>
    `syntax = "proto3"; import "${file}"; message ${name} { google.protobuf.Timestamp at = 1; }`;
  const own = 'syntax = "proto3"; package google.protobuf; message Timestamp { string own = 1; }';
  const typeIn = (...files: { name: string; schema: string }[]) =>
    parseProtobufMessage(text('A'), [0], files).fieldsArray[0]?.resolvedType as protobuf.Type;
  expect(Object.keys(typeIn({ name: 'b.proto', schema: text('B') }).fields)).toEqual(['seconds', 'nanos']);
  expect(Object.keys(typeIn({ name: file, schema: own }).fields)).toEqual(['own']);
});

describe('the field that breaks is named', () => {
  const cases: [string, number[], ProtobufRule, number, string][] = [
    ['a text that is no UTF-8', [0x12, 1, 0xff], 'utf8', 0, '/note'],
    ['a text that ends too early', [0x08, 1, 0x12, 5, 65], 'truncated', 2, '/note'],
    ['a text of absurd length', [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], 'truncated', 0, '/note'],
    ['a number as text', [0x0a, 1, 65], 'wire-type', 0, '/id'],
    ['a text as number', [0x10, 5], 'wire-type', 0, '/note'],
    ['a number without end', [0x08, ...Array.from({ length: 11 }, () => 0xff)], 'number-too-long', 1, '/id'],
    ['a field within a field', [0x22, 3, 0x0a, 1, 0xff], 'utf8', 2, '/customer/name'],
    ['a field of a repeated message', [0x42, 2, 0x12, 0], 'wire-type', 2, '/lines/price'],
    ['field number 0', [0x00, 0], 'field-number', 0, ''],
    ['wire type 7', [0x0f, 0], 'wire-type', 0, '/id'],
    ['a group', [0x0b, 0x0c], 'group', 0, '/id'],
    ['packed numbers that are cut', [0x1a, 2, 1, 0x80], 'truncated', 3, '/counts'],
    ['a fixed number that is cut', [0x3d, 1, 2], 'truncated', 0, '/check'],
    ['a tag that is cut', [0x80], 'truncated', 0, ''],
  ];
  test.each(cases)('%s', (_, bytes, rule, byte, path) => {
    expect(findProtobufFault(order, Uint8Array.from(bytes))).toEqual({ rule, byte, path });
  });

  test('a required field of proto2 that is missing', () => {
    const old = parseProtobufMessage('syntax = "proto2"; message Old { required int32 id = 1; }', [0]);
    expect(findProtobufFault(old, new Uint8Array(0))).toEqual({ rule: 'required', byte: 0, path: '/id' });
    expect(findProtobufFault(old, Uint8Array.from([8, 1]))).toBeUndefined();
  });

  test('endless nesting', () => {
    const node = parseProtobufMessage('syntax = "proto3"; message Node { Node next = 1; }', [0]);
    let bytes = new Uint8Array(0);
    for (let depth = 0; depth < 200; depth += 1)
      bytes = protobuf.Writer.create().uint32(10).bytes(bytes).finish() as Uint8Array<ArrayBuffer>;
    expect(findProtobufFault(node, bytes)).toMatchObject({ rule: 'too-deep' });
  });
});
