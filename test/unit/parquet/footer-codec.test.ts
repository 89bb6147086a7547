import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { encodeFooter, encodeMetadata, type MetadataTree, openMetadata } from '#shared/parquet/footer-codec/codec.ts';
import { rowGroup } from '#shared/parquet/footer-codec/file-metadata.ts';
import { ThriftStruct } from '#shared/parquet/footer-codec/tree.ts';
import { parseFooter, readFooter } from '#shared/parquet/footer.ts';
import { bytesSource, parquetBytes, parquetSchema } from '../../support/parquet-file.ts';

const folder = new URL('../../fixtures/parquet/', import.meta.url);
const columns = { id: 'bigint', name: 'string', tags: 'array<string>', price: 'decimal(9,2)' };
const rows = Array.from({ length: 40 }, (_, index) => ({
  id: BigInt(index),
  name: `n${index}`,
  tags: ['a'],
  price: 125n,
}));
const files: [string, Uint8Array][] = [
  ['hyparquet-writer', parquetBytes(columns, rows, { rowGroupSize: 2 })],
  ...readdirSync(folder)
    .filter((name) => name.endsWith('.parquet'))
    .map((name): [string, Uint8Array] => [name, new Uint8Array(readFileSync(new URL(name, folder)))]),
];

async function footerOf(file: Uint8Array): Promise<Uint8Array> {
  return (await readFooter(bytesSource(file))).bytes;
}

/** Asks for each known field of each struct of the tree. */
function visit(node: unknown): void {
  if (node instanceof ThriftStruct) {
    for (const name of Object.keys(node.description.fields)) visit(node.get(name));
  } else if (typeof node === 'object' && node !== null && 'items' in node) {
    for (const item of node.items as unknown[]) visit(item);
  }
}

describe.each(files)('the footer of %s', (_, file) => {
  test('comes back byte for byte, looked at or not', async () => {
    const bytes = await footerOf(file);
    const { metadata, trailing } = openMetadata(bytes);
    expect(trailing).toHaveLength(0);
    expect(metadata.toBytes()).toEqual(bytes);
    visit(metadata);
    expect(metadata.changed).toBe(false);
    expect(metadata.toBytes()).toEqual(bytes);
  });

  test('keeps all but the offsets when they are shifted, and has the old bytes when they are shifted back', async () => {
    const bytes = await footerOf(file);
    const { metadata } = openMetadata(bytes);
    shiftOffsets(metadata, 1_000_000_000_000n);
    const shifted = openMetadata(metadata.toBytes()).metadata;
    const before = parseFooter(bytes, 'x').metadata.row_groups;
    const after = parseFooter(shifted.toBytes(), 'x').metadata.row_groups;
    const offsets = (groups: typeof before) =>
      groups.flatMap((group) => group.columns.map((column) => column.meta_data?.data_page_offset ?? 0n));
    expect(offsets(after)).toEqual(offsets(before).map((offset) => offset + 1_000_000_000_000n));
    shiftOffsets(shifted, -1_000_000_000_000n);
    expect(shifted.toBytes()).toEqual(bytes);
  });

  test('is written in plain form so that it reads the same', async () => {
    const { metadata } = parseFooter(await footerOf(file), 'x');
    const again = parseFooter(encodeMetadata(metadata), 'x').metadata;
    expect({ ...again, metadata_length: 0 }).toEqual({ ...metadata, metadata_length: 0 });
  });
});

function shiftOffsets(metadata: MetadataTree, by: bigint): void {
  for (const group of metadata.get('row_groups')?.items ?? []) {
    for (const chunk of group.get('columns')?.items ?? []) {
      const meta = chunk.get('meta_data');
      for (const name of [
        'data_page_offset',
        'dictionary_page_offset',
        'index_page_offset',
        'bloom_filter_offset',
      ] as const) {
        const offset = meta?.get(name);
        if (offset !== undefined) meta?.set(name, offset + by);
      }
      for (const name of ['offset_index_offset', 'column_index_offset'] as const) {
        const offset = chunk.get(name);
        if (offset !== undefined) chunk.set(name, offset + by);
      }
    }
  }
}

test('row groups of two files stand in one footer', async () => {
  const [one, two] = [
    await footerOf(parquetBytes(columns, rows)),
    await footerOf(parquetBytes(columns, rows.slice(0, 3))),
  ];
  const target = openMetadata(one).metadata;
  const source = openMetadata(two).metadata;
  const groups = target.get('row_groups');
  if (groups === undefined) throw new Error('no row groups');
  groups.items = [...groups.items, ...(source.get('row_groups')?.items ?? [])];
  target.set('num_rows', 43n);
  const merged = parseFooter(target.toBytes(), 'x');
  expect(merged.metadata.row_groups.map(({ num_rows }) => num_rows)).toEqual([40n, 3n]);
  expect(merged.metadata.row_groups[1]).toEqual(parseFooter(two, 'x').metadata.row_groups[0]);
  expect(source.toBytes()).toEqual(two);
});

test('a field is set in its place, added by its id, and taken out', () => {
  const metadata = encodeMetadata({ version: 1, schema: parquetSchema({}), num_rows: 0n, row_groups: [] });
  const tree = openMetadata(metadata).metadata;
  tree.set('created_by', 'lakewarden');
  tree.set('num_rows', 2n ** 62n);
  tree.set('version', undefined);
  tree.set('version', 2);
  expect([tree.get('created_by'), tree.get('num_rows'), tree.get('version')]).toEqual(['lakewarden', 2n ** 62n, 2]);
  const again = openMetadata(tree.toBytes()).metadata;
  expect([again.get('created_by'), again.get('num_rows'), again.get('version')]).toEqual(['lakewarden', 2n ** 62n, 2]);
  again.set('created_by', undefined);
  again.set('num_rows', 0n);
  again.set('version', 1);
  expect(again.get('created_by')).toBeUndefined();
  expect(again.toBytes()).toEqual(metadata);
});

test('booleans, small and negative numbers are written as they were', () => {
  const bytes = encodeMetadata({
    version: -(2 ** 31),
    schema: [{ name: 'root', num_children: 1, field_id: 2 ** 31 - 1 }],
    num_rows: -(2n ** 63n),
    row_groups: [
      {
        columns: [],
        total_byte_size: 2n ** 63n - 1n,
        num_rows: 0n,
        ordinal: -1,
        sorting_columns: [{ column_idx: 0, descending: true, nulls_first: false }],
      },
    ],
  });
  const tree = openMetadata(bytes).metadata;
  const group = tree.get('row_groups')?.items[0];
  const sorting = group?.get('sorting_columns')?.items[0];
  expect([tree.get('version'), tree.get('num_rows'), group?.get('total_byte_size'), group?.get('ordinal')]).toEqual([
    -(2 ** 31),
    -(2n ** 63n),
    2n ** 63n - 1n,
    -1,
  ]);
  expect([sorting?.get('descending'), sorting?.get('nulls_first')]).toEqual([true, false]);
  sorting?.set('descending', false);
  sorting?.set('descending', true);
  expect(tree.changed).toBe(true);
  expect(tree.toBytes()).toEqual(bytes);
});

test('a known field of another wire type is refused when it is asked for, and kept when not', () => {
  // Field 3, num_rows, as text.
  const bytes = new Uint8Array([0x38, 0x01, 0x41, 0x00]);
  const { metadata } = openMetadata(bytes);
  expect(() => metadata.get('num_rows')).toThrow(/FileMetaData\.num_rows has the wire type 8 instead of 6/);
  metadata.set('created_by', 'x');
  expect(metadata.toBytes().subarray(0, 3)).toEqual(bytes.subarray(0, 3));
});

test('a long list keeps its long header', () => {
  const path_in_schema = Array.from({ length: 300 }, (_, index) => `level${index}`);
  const tree = new ThriftStruct(rowGroup, new Uint8Array([0x00]));
  expect(tree.get('columns')).toBeUndefined();
  const schema = path_in_schema.map((name) => ({ name, type: 'INT32' as const, repetition_type: 'REQUIRED' as const }));
  const bytes = encodeMetadata({
    version: 1,
    schema: [{ name: 'root', num_children: 300 }, ...schema],
    num_rows: 0n,
    row_groups: [],
  });
  const { metadata } = openMetadata(bytes);
  metadata.get('schema')?.items[300]?.set('name', 'last');
  const names = parseFooter(metadata.toBytes(), 'x').schema.map(({ name }) => name);
  expect(names).toEqual(['root', ...path_in_schema.slice(0, 299), 'last']);
});

test('what stands behind the metadata is handed out', () => {
  const metadata = encodeMetadata({ version: 1, schema: [{ name: 'r' }], num_rows: 0n, row_groups: [] });
  const opened = openMetadata(new Uint8Array([...metadata, 1, 2, 3]));
  expect(opened.trailing).toEqual(new Uint8Array([1, 2, 3]));
  expect(opened.metadata.toBytes()).toEqual(metadata);
});

test('a footer ends with its length and the magic', () => {
  const footer = encodeFooter(new Uint8Array(300));
  expect(footer.subarray(300)).toEqual(new Uint8Array([44, 1, 0, 0, 0x50, 0x41, 0x52, 0x31]));
});
