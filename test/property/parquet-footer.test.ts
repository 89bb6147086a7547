import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  bigInt,
  boolean,
  constantFrom,
  double,
  letrec,
  nat,
  oneof,
  property,
  record,
  tuple,
  uint8Array,
} from 'fast-check';
import { isError } from '#shared/errors/error.ts';
import { hiveColumns } from '#shared/parquet/columns.ts';
import { openMetadata } from '#shared/parquet/footer-codec/codec.ts';
import { WireReader } from '#shared/parquet/footer-codec/wire.ts';
import { parseFooter, readFooter } from '#shared/parquet/footer.ts';
import { formatHiveType, parseHiveType } from '#shared/parquet/hive-type.ts';
import { bytesSource, parquetBytes, parquetSchema, schemaOnlyBytes } from '../support/parquet-file.ts';
import { hiveTypes } from '../support/hive-types.ts';

const folder = new URL('../fixtures/parquet/', import.meta.url);
const files = [
  parquetBytes({ id: 'bigint', a: 'array<struct<x:int,y:map<string,date>>>' }, [{ id: 1n }, { id: 2n }], {
    rowGroupSize: 1,
  }),
  ...readdirSync(folder)
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => new Uint8Array(readFileSync(new URL(name, folder)))),
];
const footers = files.map((file) => {
  const length = new DataView(file.buffer, file.byteOffset + file.length - 8).getUint32(0, true);
  return file.slice(file.length - 8 - length, file.length - 8);
});

/** Runs it; anything thrown must be an error of ours about Parquet. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (isError(error) && error.code.startsWith('parquet.')) return undefined;
    throw error;
  }
}

/** Compares bytes; the matcher of jest takes them one by one, which is too slow here. */
function expectSame(a: Uint8Array, b: Uint8Array): void {
  expect(Buffer.compare(a, b)).toBe(0);
}

const edit = record({ at: nat(), remove: nat(3), insert: uint8Array({ maxLength: 3 }) });

test('damaged metadata is read or refused, whatever the damage', () => {
  assert(
    property(constantFrom(...footers), array(edit, { minLength: 1, maxLength: 6 }), (footer, edits) => {
      let bytes = footer;
      for (const { at, remove, insert } of edits) {
        const start = at % (bytes.length + 1);
        bytes = new Uint8Array(Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(start + remove)]));
      }
      const parsed = attempt(() => parseFooter(bytes, 'x'));
      if (parsed !== undefined) attempt(() => hiveColumns(parsed.schema));
      const opened = attempt(() => openMetadata(bytes));
      if (opened !== undefined) expectSame(Buffer.concat([opened.metadata.toBytes(), opened.trailing]), bytes);
    }),
    { numRuns: 5000 },
  );
});

test('damaged files are read or refused, whatever the damage', async () => {
  await assert(
    asyncProperty(constantFrom(...files), nat(), nat(), uint8Array({ maxLength: 12 }), async (file, cut, at, noise) => {
      const bytes = new Uint8Array(file.subarray(0, file.length - (cut % 20)));
      bytes.set(noise.subarray(0, bytes.length), at % Math.max(1, bytes.length - noise.length));
      const error: unknown = await readFooter(bytesSource(bytes), { tailBytes: 500 }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (error !== undefined) expect(isError(error) && error.code).toMatch(/^parquet\./);
    }),
    { numRuns: 2000 },
  );
});

/** Bytes of a value with its wire type. */
interface Encoded {
  readonly type: number;
  readonly bytes: readonly number[];
}

/** A number as any writer may write it: with needless bytes at its end. */
function digits(value: bigint, padding: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(value >> BigInt(7 * bytes.length)));
  for (let index = 0; index < padding && bytes.length < 5; index++) {
    bytes.push((bytes.pop() as number) | 0x80, 0);
  }
  return bytes;
}

const padding = nat(2);
const small = tuple(nat(0xffff_ffff), padding).map(([value, more]) => digits(BigInt(value), more));
const long = bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => digits(value, 0));
const eight = double().map((value) => [...new Uint8Array(new Float64Array([value]).buffer)]);
const bytes = tuple(uint8Array({ maxLength: 20 }), padding).map(([of, more]) => [
  ...digits(BigInt(of.length), more),
  ...of,
]);
const scalar = (type: number, arbitrary: Arbitrary<number[]>) => arbitrary.map((of): Encoded => ({ type, bytes: of }));

/** Any value, as an element of a list; a boolean takes a byte there. */
const { element, struct } = letrec<{ element: Encoded; struct: Encoded }>((tie) => ({
  element: oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar(1, constantFrom([1], [2])),
    scalar(
      3,
      nat(255).map((of) => [of]),
    ),
    scalar(
      4,
      nat(0xffff).map((of) => digits(BigInt(of), 0)),
    ),
    scalar(5, small),
    scalar(6, long),
    scalar(7, eight),
    scalar(8, bytes),
    scalar(
      13,
      uint8Array({ minLength: 16, maxLength: 16 }).map((of) => [...of]),
    ),
    tie('struct'),
    tuple(constantFrom(9, 10), tie('element'), nat(20), boolean()).map(
      ([type, { type: of, bytes: item }, count, isLong]) => ({
        type,
        bytes: [
          ...(isLong || count > 14 ? [0xf0 | of, ...digits(BigInt(count), 0)] : [(count << 4) | of]),
          ...Array.from({ length: count }, () => item).flat(),
        ],
      }),
    ),
    tuple(tie('element'), tie('element'), nat(3)).map(([key, value, count]) => ({
      type: 11,
      bytes:
        count === 0
          ? [0]
          : [
              count,
              (key.type << 4) | value.type,
              ...Array.from({ length: count }, () => [...key.bytes, ...value.bytes]).flat(),
            ],
    })),
  ),
  struct: structOf(tie('element'), nat(40)),
}));

/** A struct of these values; its headers are short where they can be, or long without need. */
function structOf(value: Arbitrary<Encoded>, step: Arbitrary<number>): Arbitrary<Encoded> {
  return array(tuple(step, value, boolean()), { maxLength: 5 }).map((fields) => {
    let id = 0;
    const all = fields.map(([delta, { type, bytes: of }, isLong]) => {
      id += delta + 1;
      const wireType = type === 1 ? (of[0] ?? 1) : type;
      const header =
        isLong || delta + 1 > 15 ? [wireType, ...digits(BigInt(id) * 2n, 0)] : [((delta + 1) << 4) | wireType];
      return type === 1 ? header : [...header, ...of];
    });
    return { type: 12, bytes: [...all.flat(), 0] };
  });
}

test('any struct comes back byte for byte', () => {
  assert(
    property(struct, ({ bytes: of }) => {
      const metadata = new Uint8Array(of);
      expect(openMetadata(metadata).trailing).toHaveLength(0);
      expectSame(openMetadata(metadata).metadata.toBytes(), metadata);
    }),
    { numRuns: 2000 },
  );
});

test('fields that nobody knows survive a change beside them, above them and below them', () => {
  // Ids from 1,000 on: no specification has them.
  const unknown = array(element, { minLength: 1, maxLength: 4 });
  assert(
    property(constantFrom(...footers), unknown, (footer, values) => {
      const extra = values.flatMap(({ type, bytes: of }, index) => {
        const header = [type === 1 ? (of[0] ?? 1) : type, ...digits(BigInt(1000 + index) * 2n, 0)];
        return type === 1 ? header : [...header, ...of];
      });
      const grown = new Uint8Array([...footer.subarray(0, -1), ...extra, 0]);
      expect({ ...parseFooter(grown, 'x').metadata, metadata_length: 0 }).toEqual({
        ...parseFooter(footer, 'x').metadata,
        metadata_length: 0,
      });
      const { metadata } = openMetadata(grown);
      metadata.set('created_by', 'somebody');
      metadata.get('schema')?.items[0]?.set('name', 'renamed');
      const changed = metadata.toBytes();
      // Headers that a change writes anew are the shortest ones; the values are what they were.
      const tail = values.flatMap(({ type, bytes: of }, index) => {
        const wireType = type === 1 ? (of[0] ?? 1) : type;
        const header = index === 0 ? [wireType, ...digits(2000n, 0)] : [0x10 | wireType];
        return type === 1 ? header : [...header, ...of];
      });
      expect([...changed.subarray(changed.length - tail.length - 1)]).toEqual([...tail, 0]);
      const read = parseFooter(changed, 'x');
      expect([read.createdBy, read.schema[0]?.name]).toEqual(['somebody', 'renamed']);
    }),
    { numRuns: 300 },
  );
});

test('a schema written for Hive columns comes back as these columns', async () => {
  const name = constantFrom('a', 'b', 'straße', 'x$y');
  const known = hiveTypes(name).filter((of) => !/uniontype|time zone|\(50|char|<>/.test(formatHiveType(of)));
  await assert(
    asyncProperty(known, async (of) => {
      const text = formatHiveType(of);
      const { schema } = await readFooter(bytesSource(schemaOnlyBytes(parquetSchema({ column: text }))));
      expect(hiveColumns(schema)).toMatchObject({
        columns: [{ name: 'column', type: parseHiveType(text) }],
        problems: [],
      });
    }),
  );
});

test('whole numbers of any length are read as they were written', () => {
  assert(
    property(bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      const zigzag = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
      expect(new WireReader(new Uint8Array(digits(zigzag, 0))).readLong()).toBe(value);
    }),
  );
});
