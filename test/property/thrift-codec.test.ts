import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { isError } from '#shared/errors/error.ts';
import { decodeStruct } from '#shared/hive/thrift/decode.ts';
import { encodeStruct } from '#shared/hive/thrift/encode.ts';
import { finishSkip, skipValue } from '#shared/hive/thrift/skip.ts';
import { list, map, set, struct } from '#shared/hive/thrift/types.ts';

const Leaf = struct('Leaf', { name: [1, 'string'], count: [2, 'i64'], flags: [3, map('string', 'bool')] });
const Known = struct('Known', {
  text: [1, 'string'],
  small: [2, 'i8'],
  short: [3, 'i16'],
  int: [4, 'i32'],
  long: [5, 'i64'],
  real: [6, 'double'],
  yes: [7, 'bool'],
  raw: [8, 'binary'],
  texts: [10, list('string')],
  ids: [11, set('i32')],
  leaves: [12, list(Leaf)],
  leaf: [13, Leaf],
  byName: [14, map('string', Leaf)],
  grid: [15, list(list('i32'))],
});

interface Wire {
  readonly type: number;
  readonly bytes: Buffer;
}

function int(bytes: number, value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(value);
  return buffer.subarray(8 - bytes);
}

const size = (value: number): Buffer => int(4, BigInt(value));
const field = (id: number, { type, bytes }: Wire): Buffer =>
  Buffer.concat([Buffer.of(type), int(2, BigInt(id)), bytes]);
const join = (...parts: Buffer[]): Buffer => Buffer.concat(parts);

const blob = (limit: number) => fc.uint8Array({ maxLength: limit }).map((bytes) => Buffer.from(bytes));

// Values of each type of the binary protocol as a server may write them, nested at random.
const { value: anyWire } = fc.letrec<{ value: Wire }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(0, 1).map((byte) => ({ type: 2, bytes: Buffer.of(byte) })),
    fc.integer({ min: -128, max: 127 }).map((value) => ({ type: 3, bytes: int(1, BigInt(value)) })),
    fc.oneof(blob(8), fc.constant(Buffer.of(0x7f, 0xf8, 1))).map((bytes) => ({
      type: 4,
      bytes: join(bytes, Buffer.alloc(8 - bytes.length)),
    })),
    fc.constant({ type: 2, bytes: Buffer.of(2) }),
    fc.bigInt({ min: -(2n ** 15n), max: 2n ** 15n - 1n }).map((value) => ({ type: 6, bytes: int(2, value) })),
    fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n }).map((value) => ({ type: 8, bytes: int(4, value) })),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({ type: 10, bytes: int(8, value) })),
    blob(20).map((bytes) => ({ type: 11, bytes: join(size(bytes.length), bytes) })),
    fc
      .array(fc.tuple(fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }), tie('value')), { maxLength: 3 })
      .map((fields) => ({ type: 12, bytes: join(...fields.map(([id, value]) => field(id, value)), Buffer.of(0)) })),
    fc.tuple(fc.constantFrom(14, 15), tie('value'), fc.nat(3)).map(([type, { type: item, bytes }, count]) => ({
      type,
      bytes: join(Buffer.of(item), size(count), ...Array.from({ length: count }, () => bytes)),
    })),
    fc.tuple(tie('value'), tie('value'), fc.nat(3)).map(([key, value, count]) => ({
      type: 13,
      bytes: join(
        Buffer.of(key.type, value.type),
        size(count),
        ...Array.from({ length: count }, () => join(key.bytes, value.bytes)),
      ),
    })),
  ),
}));

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string(),
  fc.constantFrom('__proto__', '1', '\ufeffx', '\ufffd'),
);
const leafValue = fc.record(
  {
    name: text,
    count: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    flags: fc.array(fc.tuple(text, fc.boolean())).map((entries) => new Map(entries)),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const knownValue = fc.record(
  {
    text,
    small: fc.integer({ min: -128, max: 127 }),
    short: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
    int: fc.integer(),
    long: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    real: fc.double(),
    yes: fc.boolean(),
    raw: blob(20),
    texts: fc.array(text),
    ids: fc.array(fc.integer()).map((ids) => new Set(ids)),
    leaves: fc.array(leafValue, { maxLength: 3 }),
    leaf: leafValue,
    byName: fc.array(fc.tuple(text, leafValue), { maxLength: 3 }).map((entries) => new Map(entries)),
    grid: fc.array(fc.array(fc.integer(), { maxLength: 3 }), { maxLength: 3 }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

/** A known struct in bytes, with foreign fields before and after each of its own, and inside `leaf`. */
const foreignStruct = fc
  .tuple(
    knownValue,
    fc.array(fc.tuple(fc.integer({ min: 20, max: 2 ** 15 - 1 }), anyWire), { maxLength: 6 }),
    fc.nat(1000),
  )
  .map(([known, foreign, seed]) => {
    const own = Object.entries(known).map(([name, value]) => encodeStruct(Known, { [name]: value }).subarray(0, -1));
    const others = foreign.map(([id, value]) => field(id, value));
    const leaf = join(Buffer.of(12), int(2, 13n), ...others, encodeStruct(Leaf, { name: 'x', count: 5n }));
    const parts = [...own.filter((part) => part.readInt16BE(1) !== 13), ...others, leaf];
    // Any order: a server may write its fields as it likes.
    const shift = seed % parts.length;
    return { known, bytes: join(...parts.slice(shift), ...parts.slice(0, shift), Buffer.of(0)) };
  });

describe('the Thrift codec', () => {
  test('gives each described value back', () => {
    fc.assert(
      fc.property(knownValue, (value) => {
        const bytes = encodeStruct(Known, value);
        const decoded = decodeStruct(Known, bytes);
        expect(decoded).toEqual({ value, end: bytes.length });
        expect(encodeStruct(Known, decoded.value)).toEqual(bytes);
      }),
    );
  });

  test('gives the bytes of any struct back, with all fields that it does not know, in their order', () => {
    fc.assert(
      fc.property(foreignStruct, ({ bytes }) => {
        const { value, end } = decodeStruct(Known, bytes);
        expect(end).toBe(bytes.length);
        expect(encodeStruct(Known, value).equals(bytes)).toBe(true);
        expect(encodeStruct(Known, { ...value, leaf: { ...value.leaf } }).equals(bytes)).toBe(true);
      }),
    );
  });

  test('a change of one field changes nothing else', () => {
    fc.assert(
      fc.property(foreignStruct, text, ({ bytes }, changed) => {
        const { value } = decodeStruct(Known, bytes);
        const edited = decodeStruct(Known, encodeStruct(Known, { ...value, text: changed })).value;
        expect(edited.text).toBe(changed);
        const back = value.text === undefined ? { ...edited, text: undefined } : { ...edited, text: value.text };
        expect(encodeStruct(Known, back).equals(bytes)).toBe(true);
      }),
    );
  });

  test('carries a known field along when it comes with another type', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Known.sorted.map(({ id }) => id)), anyWire, (id, value) => {
        const bytes = join(field(id, value), field(99, value), Buffer.of(0));
        expect(encodeStruct(Known, decodeStruct(Known, bytes).value).equals(bytes)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('texts that are no UTF-8 come back as they were', () => {
    fc.assert(
      fc.property(blob(30), (bytes) => {
        const wire = join(Buffer.of(11), int(2, 1n), size(bytes.length), bytes, Buffer.of(0));
        expect(encodeStruct(Leaf, decodeStruct(Leaf, wire).value).equals(wire)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('any bytes decode or are refused as metastore.protocol', () => {
    const damaged = fc.tuple(foreignStruct, fc.nat(), fc.nat(255), fc.nat()).map(([{ bytes }, at, byte, cut]) => {
      const copy = Buffer.from(bytes);
      copy[at % copy.length] = byte;
      return copy.subarray(0, 1 + (cut % copy.length));
    });
    fc.assert(
      fc.property(fc.oneof(blob(200), damaged), (bytes) => {
        try {
          const { value, end } = decodeStruct(Known, bytes);
          expect(encodeStruct(Known, value).length).toBe(end);
        } catch (error) {
          if (!isError(error, 'metastore.protocol')) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('a skip that is fed byte by byte ends where the value ends', () => {
    fc.assert(
      fc.property(anyWire, ({ type, bytes }) => {
        const padded = join(bytes, Buffer.from('tail'));
        const whole = { bytes: padded, offset: 0, end: padded.length, limit: padded.length };
        finishSkip(whole, skipValue(whole, type));
        expect(whole.offset).toBe(bytes.length);

        const arriving = { ...whole, offset: 0, end: 0 };
        const skip = skipValue(arriving, type);
        while (skip.next().done !== true) {
          arriving.end++;
          expect(arriving.end).toBeLessThanOrEqual(bytes.length);
        }
        expect(arriving.offset).toBe(bytes.length);
      }),
    );
  });
});
