import { expect, test } from '@jest/globals';
import {
  array,
  assert,
  asyncProperty,
  bigInt,
  boolean,
  constantFrom,
  double,
  float,
  integer,
  nat,
  option,
  property,
  record,
  string,
  tuple,
  uint8Array,
} from 'fast-check';
import { isError } from '#shared/errors/error.ts';
import { openMetadata } from '#shared/parquet/footer-codec/codec.ts';
import { GrowingBytes } from '#shared/parquet/deep-merge/growing-bytes.ts';
import { bitWidth } from '#shared/parquet/deep-merge/bit-packing.ts';
import { decodeHybrid } from '#shared/parquet/deep-merge/hybrid-reader.ts';
import { encodeHybrid } from '#shared/parquet/deep-merge/hybrid-writer.ts';
import { checkBlock, deflateSnappy, inflateSnappy } from '#shared/parquet/deep-merge/snappy.ts';
import { readFooterBytes } from '#shared/parquet/footer.ts';
import { deepMergeFiles } from '../support/deep-merge-files.ts';
import { expectTrueIndexes } from '../support/page-index.ts';
import { bytesSource, parquetBytes } from '../support/parquet-file.ts';
import { readRows } from '../support/read-rows.ts';

const columns = {
  id: 'bigint',
  small: 'int',
  flag: 'boolean',
  ratio: 'float',
  amount: 'double',
  name: 'string',
  price: 'decimal(9,2)',
  bytes: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 3 },
  none: 'string',
  tags: 'array<string>',
  deep: 'array<array<int>>',
  at: 'struct<x:int,y:array<bigint>>',
  pairs: 'map<string,int>',
} as const;
const int = integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const long = bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const text = string({ unit: 'grapheme', maxLength: 6 });
const row = record({
  id: option(long),
  small: option(constantFrom(1, 2, 3)),
  flag: option(boolean()),
  ratio: option(float()),
  amount: option(double()),
  name: option(text),
  price: option(bigInt({ min: -999_999_999n, max: 999_999_999n })),
  bytes: option(uint8Array({ minLength: 3, maxLength: 3 })),
  tags: option(array(option(text), { maxLength: 3 })),
  deep: option(array(option(array(option(int), { maxLength: 3 })), { maxLength: 2 })),
  at: option(record({ x: option(int), y: option(array(option(long), { maxLength: 2 })) })),
  pairs: option(array(record({ key: text, value: option(int) }), { maxLength: 2 })),
});
const file = record({
  rows: array(row, { maxLength: 40 }),
  options: record({
    codec: constantFrom('SNAPPY' as const, 'UNCOMPRESSED' as const),
    rowGroupSize: nat(19).map((size) => size + 1),
    pageSize: nat(60).map((size) => size + 1),
    indexes: boolean(),
  }),
}).map(({ rows, options }) => parquetBytes(columns, rows, options));
const settings = record({
  codec: constantFrom(undefined, 'ZSTD' as const, 'SNAPPY' as const, 'GZIP' as const),
  groupRows: nat(100),
  dictionaryBytes: constantFrom(0, 10, 1_000, 1_000_000),
  residentBytes: nat(2_000),
}).map(({ codec, ...others }) => ({ ...others, ...(codec !== undefined && { codec }) }));

async function schemaOf(bytes: Uint8Array): Promise<string[]> {
  const { metadata } = openMetadata(await readFooterBytes(bytesSource(bytes)));
  return (metadata.get('schema')?.items ?? []).map((element) => Buffer.from(element.toBytes()).toString('hex'));
}

test('files of any rows, pages and codecs are one file with the same rows and schema, and with true indexes', async () => {
  await assert(
    asyncProperty(array(file, { minLength: 1, maxLength: 5 }), settings, async (files, options) => {
      const merged = await deepMergeFiles(files, options);
      const rows = await Promise.all(files.map((bytes) => readRows(bytes, { utf8: false })));
      expect(await readRows(merged, { utf8: false })).toEqual(rows.flat());
      expect(await schemaOf(merged)).toEqual(await schemaOf(files[0] as Uint8Array));
      await expectTrueIndexes(merged);
    }),
    { numRuns: 30 },
  );
});

test('a damaged file is refused by its name, or what comes of it is a whole file', async () => {
  await assert(
    asyncProperty(file, array(tuple(nat(), nat(255)), { minLength: 1, maxLength: 3 }), async (good, changes) => {
      const bad = good.slice();
      for (const [at, byte] of changes) bad[at % bad.length] = byte;
      const outcome = await deepMergeFiles([bad]).catch((error: unknown) => error);
      if (outcome instanceof Uint8Array) {
        // hyparquet may take for ever over what it does not understand.
        expect(await deepMergeFiles([outcome])).toBeInstanceOf(Uint8Array);
      } else {
        if (!isError(outcome)) throw outcome;
        expect(outcome.code).toMatch(/^parquet\./);
        expect(outcome.message).toContain('/golden/clicks/0.parquet');
      }
    }),
    { numRuns: 150 },
  );
});

test('runs of numbers come back as they were', () => {
  const runs = array(tuple(nat(20), nat(2 ** 24 - 1)), { maxLength: 30 });
  assert(
    property(runs, (parts) => {
      const numbers = Int32Array.from(parts.flatMap(([count, value]) => Array.from({ length: count }, () => value)));
      const width = bitWidth(numbers.reduce((most, value) => Math.max(most, value), 0));
      const out = new GrowingBytes();
      encodeHybrid(numbers, numbers.length, width, out);
      const back = new Int32Array(numbers.length);
      expect(decodeHybrid(out.bytes, 0, out.length, width, 2 ** 24, back, 0, back.length)).toBe(
        width === 0 ? 0 : out.length,
      );
      expect(back).toEqual(numbers);
    }),
    { numRuns: 100 },
  );
});

test('the elements of several Snappy blocks are one block', () => {
  assert(
    property(array(uint8Array({ maxLength: 300, max: 3 }), { maxLength: 5 }), (parts) => {
      const blocks = parts.map((part) => ({ part, block: deflateSnappy(part) }));
      for (const { part, block } of blocks) expect(inflateSnappy(block, part.length)).toEqual(part);
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      const head = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
      const elements = blocks.flatMap(({ part, block }) => [...block.subarray(checkBlock(block, part.length))]);
      expect(inflateSnappy(Uint8Array.from([...head, ...elements]), length)).toEqual(
        Uint8Array.from(parts.flatMap((part) => [...part])),
      );
    }),
    { numRuns: 100 },
  );
});
