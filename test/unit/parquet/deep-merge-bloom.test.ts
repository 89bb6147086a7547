import { expect, test } from '@jest/globals';
import { type ParquetQueryFilter, parquetReadObjects } from 'hyparquet';
import type { DeepMergeOptions } from '#shared/parquet/deep-merge/merge.ts';
import { deepMergeFiles } from '../../support/deep-merge-files.ts';
import { handmadeFile, type HandmadePage, plainPage } from '../../support/handmade-file.ts';
import { metadataOf } from '../../support/page-index.ts';
import { parquetBytes } from '../../support/parquet-file.ts';

const columns = {
  id: 'bigint',
  small: 'int',
  ratio: 'double',
  word: 'string',
  sentence: 'string',
  fixed: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 3 },
  flag: 'boolean',
} as const;

function fileOf(file: number, rows: number, indexes: boolean): Uint8Array {
  const values = Array.from({ length: rows }, (_, index) => {
    const id = (file * rows + index) * 2;
    return {
      id: BigInt(id),
      small: (id % 40) * 2,
      ratio: id / 4,
      word: index % 9 === 0 ? null : `w${id % 60}`,
      sentence: `a sentence of more than thirty-two bytes, the one of number ${id}`,
      fixed: Uint8Array.of(id >> 8, id & 255, 1),
      flag: index % 2 === 0,
    };
  });
  return parquetBytes(columns, values, { indexes, pageSize: 700 });
}

const chunksOf = (file: Uint8Array) => metadataOf(file).row_groups.flatMap((group) => group.columns);
const filtersOf = (file: Uint8Array): string[] =>
  chunksOf(file)
    .filter(({ meta_data: data }) => data?.bloom_filter_offset !== undefined)
    .map(({ meta_data: data }) => data?.path_in_schema.join('.') ?? '');

/** What hyparquet finds by the bloom filters alone, and whether it read more than filters for it. */
async function find(
  bytes: Uint8Array,
  column: string,
  value: string | number | bigint,
): Promise<{ rows: number; read: boolean }> {
  const first = Math.min(
    ...chunksOf(bytes).map(({ meta_data: data }) => Number(data?.bloom_filter_offset ?? Infinity)),
  );
  let read = false;
  const file = {
    byteLength: bytes.length,
    slice: (start: number, end = bytes.length) => {
      if (start < first) read = true;
      return new Uint8Array(bytes.subarray(start, end)).buffer;
    },
  };
  const filter = { [column]: { $eq: value } } as unknown as ParquetQueryFilter;
  const options = { useBloomFilters: true, usePageIndex: false, metadata: metadataOf(bytes) };
  const rows = await parquetReadObjects({ file, filter, ...options });
  return { rows: rows.length, read };
}

test.each<[string, DeepMergeOptions]>([
  ['with dictionaries', {}],
  ['without dictionaries', { dictionaryBytes: 0 }],
  ['deflated anew', { codec: 'UNCOMPRESSED', dictionaryBytes: 0 }],
])('bloom filters are made anew and deny what is not there: files %s', async (_, options) => {
  const merged = await deepMergeFiles(
    [0, 1, 2].map((file) => fileOf(file, 100, true)),
    options,
  );
  expect(filtersOf(merged)).toEqual(['id', 'small', 'ratio', 'word', 'sentence', 'fixed']);
  const sentence = (id: number) => `a sentence of more than thirty-two bytes, the one of number ${id}`;
  for (const id of [0, 2, 198, 200, 400, 598]) {
    expect(await find(merged, 'id', BigInt(id))).toEqual({ rows: 1, read: true });
    expect(await find(merged, 'ratio', id / 4)).toEqual({ rows: 1, read: true });
    expect(await find(merged, 'sentence', sentence(id))).toEqual({ rows: 1, read: true });
    expect((await find(merged, 'small', (id % 40) * 2)).rows).toBe(15);
  }
  let wrong = 0;
  for (let id = 1; id < 200; id += 2)
    for (const [column, value] of [
      ['id', BigInt(id)],
      ['small', id],
      ['ratio', id / 4],
      ['sentence', sentence(id)],
      ['word', `v${id}`],
    ] as const)
      if ((await find(merged, column, value)).read) wrong += 1;
  // Five are to be expected.
  expect(wrong).toBeLessThan(20);
});

test('no bloom filter is made where no input has one, or when they are to be dropped', async () => {
  const files = [0, 1].map((file) => fileOf(file, 20, false));
  expect(filtersOf(await deepMergeFiles(files))).toEqual([]);
  const filtered = [0, 1].map((file) => fileOf(file, 20, true));
  expect(filtersOf(await deepMergeFiles(filtered, { bloomFilters: 'drop' }))).toEqual([]);
  // One file with filters suffices: some writers leave them out where a dictionary says the same.
  expect(filtersOf(await deepMergeFiles([files[0] as Uint8Array, filtered[1] as Uint8Array]))).toHaveLength(6);
});

test('each row group has filters of its own', async () => {
  const merged = await deepMergeFiles(
    [0, 1, 2].map((file) => fileOf(file, 20, true)),
    { groupRows: 20 },
  );
  expect(filtersOf(merged)).toHaveLength(18);
  for (const id of [0n, 42n, 118n]) expect((await find(merged, 'id', id)).rows).toBe(1);
});

test('no bloom filter is made of values that are only copied', async () => {
  const claims = { data: { bloom_filter_offset: 4n, bloom_filter_length: 47 } };
  const page = (encoding: string): HandmadePage => {
    const { header, body } = plainPage(1, [7, 0, 0, 0]);
    const own = { ...header.data_page_header, encoding } as NonNullable<typeof header.data_page_header>;
    return { header: { ...header, data_page_header: own }, body };
  };
  const split = handmadeFile([page('BYTE_STREAM_SPLIT')], claims);
  const plain = handmadeFile([page('PLAIN')], claims);
  expect(filtersOf(await deepMergeFiles([plain, plain]))).toEqual(['x']);
  expect(filtersOf(await deepMergeFiles([plain, split]))).toEqual([]);
});
