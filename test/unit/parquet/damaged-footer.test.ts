import { describe, expect, test } from '@jest/globals';
import { hiveColumns } from '#shared/parquet/columns.ts';
import { encodeFooter, encodeMetadata } from '#shared/parquet/footer-codec/codec.ts';
import type { FileMetaDataFields } from '#shared/parquet/footer-codec/file-metadata.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { refusalOf } from '../../support/footer-refusal.ts';
import { bytesSource, parquetSchema } from '../../support/parquet-file.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const small: FileMetaDataFields = { version: 1, schema: parquetSchema({ id: 'int' }), num_rows: 0n, row_groups: [] };

/** A file of these metadata bytes. */
function file(metadata: Uint8Array): Uint8Array {
  return concat(ascii('PAR1'), encodeFooter(metadata));
}

describe('metadata that contradicts itself is corrupt', () => {
  const leaf = { name: 'a', type: 'INT32', repetition_type: 'OPTIONAL' } as const;
  const group = { columns: [], total_byte_size: 0n, num_rows: 0n };
  test.each<[string, Partial<FileMetaDataFields>, RegExp]>([
    ['no schema', { schema: [] }, /the schema is empty/],
    [
      'too few elements',
      { schema: [{ name: 'root', num_children: 2 }, leaf] },
      /children of the group 'root' are missing/,
    ],
    ['too many elements', { schema: [{ name: 'root', num_children: 1 }, leaf, leaf] }, /'a' belongs to no group/],
    [
      'a negative count',
      {
        schema: [
          { name: 'root', num_children: 1 },
          { name: 'a', repetition_type: 'REQUIRED', num_children: -1 },
        ],
      },
      /-1 children/,
    ],
    [
      'a leaf with children',
      { schema: [{ name: 'root', num_children: 1 }, { ...leaf, num_children: 1 }, leaf] },
      /has children/,
    ],
    [
      'neither type nor children',
      {
        schema: [
          { name: 'root', num_children: 1 },
          { name: 'a', repetition_type: 'REQUIRED' },
        ],
      },
      /neither type nor children/,
    ],
    [
      'no repetition',
      {
        schema: [
          { name: 'root', num_children: 1 },
          { name: 'a', type: 'INT32' },
        ],
      },
      /no repetition/,
    ],
    ['rows that do not add up', { num_rows: 3n }, /counts 3 rows, its row groups 0/],
    [
      'negative rows',
      { num_rows: -1n, schema: [{ name: 'root' }], row_groups: [{ ...group, num_rows: -1n }] },
      /-1 rows/,
    ],
    ['missing columns', { row_groups: [group] }, /row group 0 has 0 columns, the schema 1/],
  ])('%s', async (_, more, reason) => {
    const answer = await refusalOf(file(encodeMetadata({ ...small, ...more })));
    expect(answer).toMatch(/^parquet\.corrupt/);
    expect(answer).toMatch(reason);
  });

  test.each<[string, number[], RegExp]>([
    ['an empty struct', [0x00], /FileMetaData lacks version/],
    [
      'a number of eleven bytes',
      [0x16, ...Array.from({ length: 10 }, () => 0xff), 0x01],
      /FileMetaData\.version has the wire type 6/,
    ],
    ['a version that is text', [0x18, 0x01, 0x41, 0x00], /FileMetaData\.version has the wire type 8 instead of 5/],
    ['a version past 32 bits', [0x15, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x00], /longer than 32 bits/],
    ['an unknown wire type', [0xfe, 0x00], /14 is no type/],
    ['a list of numbers as schema', [0x29, 0x15, 0x02], /elements of the wire type 5 instead of 12/],
    [
      'two billion schema elements',
      [0x29, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00],
      /a count of 2147483647 reaches past the end/,
    ],
    ['an unknown list of two billion', [0xa9, 0xf3, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00], /a count of 2147483647/],
    ['an unknown map of two billion', [0xab, 0xff, 0xff, 0xff, 0xff, 0x07, 0x33, 0x00], /a count of 2147483647/],
    ['a text of two billion bytes', [0x68, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00], /a length of 2147483647/],
    ['a field id out of range', [0x05, 0x80, 0x80, 0x08, 0x00], /65536 is no field id/],
  ])('%s', async (_, metadata, reason) => {
    const answer = await refusalOf(file(new Uint8Array(metadata)));
    expect(answer).toMatch(/^parquet\.corrupt/);
    expect(answer).toMatch(reason);
  });

  test.each([0xac, 0xa9])('a million levels of nesting (%d)', async (opening) => {
    const deep = opening === 0xac ? new Uint8Array(1_000_000).fill(0x1c) : new Uint8Array(1_000_000).fill(0x19);
    deep[0] = opening;
    expect(await refusalOf(file(deep))).toMatch(/^parquet\.corrupt: more than 64 levels/);
  });

  test('a schema of a thousand levels is not supported', async () => {
    const levels = Array.from(
      { length: 1000 },
      () => ({ name: 'g', repetition_type: 'OPTIONAL', num_children: 1 }) as const,
    );
    const schema = [{ name: 'root', num_children: 1 }, ...levels, leaf];
    expect(await refusalOf(file(encodeMetadata({ ...small, schema })))).toMatch(/^parquet\.unsupported: .*100 levels/);
  });

  test('millions of tiny values end in an answer', async () => {
    const head = encodeMetadata({ ...small, key_value_metadata: [] }).slice(0, -2);
    const count = 5_000_000;
    const pairs = new Uint8Array(count * 3);
    for (let at = 0; at < pairs.length; at += 3) pairs[at] = 0x18;
    const size = [
      0xfc,
      0x80 | (count & 0x7f),
      0x80 | ((count >> 7) & 0x7f),
      0x80 | ((count >> 14) & 0x7f),
      count >> 21,
    ];
    const bytes = file(concat(head, new Uint8Array(size), pairs, new Uint8Array(1)));
    expect(await refusalOf(bytes)).toMatch(/^parquet\.unsupported: it holds more than 4000000 values/);
  });
});

describe('encryption and signatures', () => {
  test('a plain footer of encrypted columns is read and says so', async () => {
    const metadata = encodeMetadata({ ...small, encryption_algorithm: {} });
    const signature = new Uint8Array(28).fill(9);
    const footer = await readFooter(bytesSource(file(concat(metadata, signature))));
    expect(footer.encryptedColumns).toBe(true);
    expect(hiveColumns(footer.schema).columns).toHaveLength(1);
  });
});

test('bounds that make other readers work for minutes cost nothing', async () => {
  const schema = parquetSchema({ d: { type: 'BYTE_ARRAY', converted_type: 'DECIMAL', precision: 9, scale: 2 } });
  const meta_data = {
    type: 'BYTE_ARRAY' as const,
    encodings: ['PLAIN' as const],
    path_in_schema: ['d'],
    codec: 'SNAPPY' as const,
    num_values: 1n,
    total_uncompressed_size: 1n,
    total_compressed_size: 1n,
    data_page_offset: 4n,
    statistics: { max_value: new Uint8Array(8_000_000).fill(1), min_value: new Uint8Array(3) },
  };
  const row_groups = [{ columns: [{ file_offset: 0n, meta_data }], total_byte_size: 1n, num_rows: 1n }];
  const footer = await readFooter(bytesSource(file(encodeMetadata({ ...small, schema, num_rows: 1n, row_groups }))));
  expect(footer.metadata.row_groups[0]?.columns[0]?.meta_data?.statistics?.max_value).toHaveLength(8_000_000);
});
