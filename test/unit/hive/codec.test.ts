import { describe, expect, test } from '@jest/globals';

import { decodeStruct } from '#shared/hive/thrift/decode.ts';
import { encodeStruct } from '#shared/hive/thrift/encode.ts';
import { decodeText, encodeText } from '#shared/hive/thrift/text.ts';
import { map, set, struct } from '#shared/hive/thrift/types.ts';

const Thing = struct('Thing', {
  name: [1, 'string', 'required'],
  counts: [2, map('string', 'i32')],
  ids: [3, set('i32')],
  size: [4, 'i64'],
});

const name = Buffer.of(11, 0, 1, 0, 0, 0, 1, 0x61);
const stop = Buffer.of(0);

describe('a struct as it may come', () => {
  test('with a field twice is refused', () => {
    const bytes = Buffer.concat([name, name, stop]);
    expect(() => decodeStruct(Thing, bytes)).toThrow(expect.objectContaining({ code: 'metastore.protocol' }));
  });

  test('without a field that must be there is refused, both ways', () => {
    expect(() => decodeStruct(Thing, stop)).toThrow(expect.objectContaining({ code: 'metastore.protocol' }));
    expect(() => encodeStruct(Thing, {} as { name: string })).toThrow(
      expect.objectContaining({ code: 'metastore.invalid' }),
    );
  });

  test.each([
    ['a map with a key twice', Buffer.of(13, 0, 2, 11, 8, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2)],
    ['a set with an item twice', Buffer.of(14, 0, 3, 8, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 7)],
    ['another type than we know', Buffer.of(8, 0, 4, 0, 0, 0, 7)],
  ])('with %s goes back as it came', (_, field) => {
    const bytes = Buffer.concat([name, field, stop]);
    const { value } = decodeStruct(Thing, bytes);
    expect(value).toMatchObject({ name: 'a' });
    expect(encodeStruct(Thing, value).equals(bytes)).toBe(true);
  });

  test('with another type than we know has that field replaced by ours', () => {
    const bytes = Buffer.concat([name, Buffer.of(8, 0, 4, 0, 0, 0, 7), stop]);
    const changed = encodeStruct(Thing, { ...decodeStruct(Thing, bytes).value, size: 9n });
    expect(decodeStruct(Thing, changed)).toEqual({ value: { name: 'a', size: 9n }, end: changed.length });
  });

  test('without a field that is taken away does not have it', () => {
    const bytes = encodeStruct(Thing, { name: 'a', size: 9n });
    const { value } = decodeStruct(Thing, bytes);
    expect(encodeStruct(Thing, { ...value, size: undefined }).equals(encodeStruct(Thing, { name: 'a' }))).toBe(true);
  });
});

test('bytes that are no UTF-8 are lone surrogates in the text', () => {
  const bytes = Buffer.from([0x61, 0xff, 0xc3, 0xa4, 0xed, 0xa0, 0x80, 0xe2, 0x82]);
  const text = decodeText(bytes, 0, bytes.length);
  expect(text).toBe('a\udcffä\udced\udca0\udc80\udce2\udc82');
  expect(encodeText(text).equals(bytes)).toBe(true);
});
