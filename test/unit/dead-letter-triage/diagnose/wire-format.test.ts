import { describe, expect, test } from '@jest/globals';
import { readMessageIndexes, readMessageName } from '#functions/dead-letter-triage/diagnose/message-name.ts';
import { readWireFormats } from '#functions/dead-letter-triage/diagnose/wire-format.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const header = (name: string, value: Buffer | null) => [Buffer.from(name), value] as const;

describe('the schema that a value names', () => {
  test("Confluent's prefix, which may also be Apicurio's when it is long enough", () => {
    expect(readWireFormats('value', hex('000000002902'), [])).toEqual([
      { layout: 'confluent-prefix', schema: { by: 'id', id: 41 }, payloadAt: 5 },
    ]);
    expect(readWireFormats('value', hex('0000000000000000070214'), [])).toEqual([
      { layout: 'confluent-prefix', schema: { by: 'id', id: 0 }, payloadAt: 5 },
      { layout: 'apicurio-prefix', schema: { by: 'global-id', id: 7n }, payloadAt: 9 },
    ]);
    expect(readWireFormats('value', hex('00ffffffffffffffff02'), [])).toEqual([
      { layout: 'confluent-prefix', schema: { by: 'id', id: 0xffffffff }, payloadAt: 5 },
    ]);
  });

  test('headers count more than a prefix, and the last of a name', () => {
    const guid = hex('0100112233445566778899aabbccddeeff');
    const headers = [header('__value_schema_id', hex('01')), header('__value_schema_id', guid)];
    expect(readWireFormats('value', hex('0000000001'), headers)).toEqual([
      {
        layout: 'confluent-header',
        schema: { by: 'guid', guid: '00112233-4455-6677-8899-aabbccddeeff' },
        payloadAt: 0,
      },
    ]);
    expect(readWireFormats('key', Buffer.from('k'), headers)).toEqual([]);
    expect(readWireFormats('value', Buffer.from('{'), [header('__value_schema_id', hex('0000000007'))])).toEqual([
      { layout: 'confluent-header', schema: { by: 'id', id: 7 }, payloadAt: 0 },
    ]);
  });

  test('the message of a Protobuf value, where a header tells', () => {
    expect(readWireFormats('value', hex('0a00'), [header('__value_schema_id', hex('0000000007040204'))])).toEqual([
      { layout: 'confluent-header', schema: { by: 'id', id: 7 }, payloadAt: 0, message: [1, 2] },
    ]);
    const cut = hex('0100112233445566778899aabbccddeeff04');
    expect(readWireFormats('value', hex('0a00'), [header('__value_schema_id', cut)])).toEqual([]);
    const named = [header('apicurio.value.globalId', hex('0000000000000001'))];
    named.push(header('apicurio.protobuf.type', Buffer.from('Order')));
    named.push(header('apicurio.protobuf.type.key', Buffer.from('Other')));
    expect(readWireFormats('value', hex('0a00'), named)).toMatchObject([{ message: 'Order' }]);
  });

  test("Apicurio's headers", () => {
    const headers = [header('apicurio.value.globalId', hex('0020000000000001'))];
    expect(readWireFormats('value', hex('02'), headers)).toEqual([
      { layout: 'apicurio-header', schema: { by: 'global-id', id: 9007199254740993n }, payloadAt: 0 },
    ]);
    expect(readWireFormats('key', hex('02'), [header('apicurio.key.contentId', hex('0000000000000003'))])).toEqual([
      { layout: 'apicurio-header', schema: { by: 'content-id', id: 3n }, payloadAt: 0 },
    ]);
  });

  test.each([null, hex(''), hex('00'), hex('00000001'), Buffer.from('{"a":0}'), hex('0100000001')])(
    'none in %p',
    (bytes) => {
      expect(readWireFormats('value', bytes, [])).toEqual([]);
      const odd = [header('__value_schema_id', null), header('__value_schema_id', hex('02' + '00'.repeat(16)))];
      expect(readWireFormats('value', bytes, [...odd, header('apicurio.value.globalId', hex('07'))])).toEqual([]);
    },
  );
});

describe('the message that a Protobuf value names', () => {
  test.each([
    ['00', [0], 1],
    ['0202', [1], 2],
    ['0400020a', [0, 1], 3],
    ['02ac02', [150], 3],
  ])('%s', (bytes, indexes, end) => expect(readMessageIndexes(hex(bytes))).toEqual({ indexes, end }));

  test.each(['', '02', '80', '01', '0201', 'ffffffffffffffff', 'fe01'])('none in %p', (bytes) =>
    expect(readMessageIndexes(hex(bytes))).toBeUndefined(),
  );
});

test.each([
  ['confluent-prefix', '0202aa', { message: [1], payloadAt: 2 }],
  ['confluent-prefix', '02', undefined],
  ['confluent-header', '0202aa', { message: [0], payloadAt: 0 }],
  ['apicurio-prefix', '070a054f72646572aa', { message: 'Order', payloadAt: 8 }],
  ['apicurio-header', '070a054f72646572', { message: 'Order', payloadAt: 8 }],
  ['apicurio-prefix', '070a054f726465', { message: [0], payloadAt: 0 }],
  ['apicurio-prefix', '070a05002f2e2e2f', { message: [0], payloadAt: 0 }],
  ['apicurio-prefix', '', { message: [0], payloadAt: 0 }],
] as const)('the message behind %s: %s', (layout, bytes, expected) => {
  expect(readMessageName(hex(bytes), { layout, payloadAt: 0 })).toEqual(expected);
});
