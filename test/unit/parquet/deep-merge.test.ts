import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { openMetadata } from '#shared/parquet/footer-codec/codec.ts';
import { readFooterBytes } from '#shared/parquet/footer.ts';
import { concatFiles } from '../../support/concat-files.ts';
import { deepMergeFiles, deepMergeSources } from '../../support/deep-merge-files.ts';
import { handmadeFile, plainPage } from '../../support/handmade-file.ts';
import { expectTrueIndexes, metadataOf } from '../../support/page-index.ts';
import { bytesSource, parquetBytes } from '../../support/parquet-file.ts';
import { readRows } from '../../support/read-rows.ts';

const folder = new URL('../../fixtures/deep-merge/', import.meta.url);
const sets = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
// hyparquet cannot read the INTERVAL of duckdb.parquet.
const singles = readdirSync(new URL('../../fixtures/parquet/', import.meta.url)).filter((name) =>
  /(?<!duckdb)\.parquet$/.test(name),
);

function readSet(name: string): Uint8Array[] {
  const names = readdirSync(new URL(`${name}/`, folder)).toSorted();
  return names.map((file) => new Uint8Array(readFileSync(new URL(`${name}/${file}`, folder))));
}

async function schemaOf(file: Uint8Array): Promise<string> {
  const { metadata } = openMetadata(await readFooterBytes(bytesSource(file)));
  return (metadata.get('schema')?.items ?? []).map((item) => Buffer.from(item.toBytes()).toString('hex')).join(' ');
}

async function rowsOf(files: readonly Uint8Array[]): Promise<unknown[]> {
  const rows = await Promise.all(files.map((file) => readRows(file, { utf8: false })));
  return rows.flat();
}

async function expectMerged(merged: Uint8Array, files: readonly Uint8Array[]): Promise<void> {
  expect(await rowsOf([merged])).toEqual(await rowsOf(files));
  expect(await schemaOf(merged)).toBe(await schemaOf(files[0] as Uint8Array));
  await expectTrueIndexes(merged);
}

describe.each(sets)('the files of %s', (name) => {
  const files = readSet(name);

  test('become one row group with the same rows and the same schema, to the byte', async () => {
    const merged = await deepMergeFiles(files);
    expect(metadataOf(merged).row_groups).toHaveLength(1);
    await expectMerged(merged, files);
  });

  test('become the same when CONCAT made one file of them before', async () => {
    const { bytes } = await concatFiles(files);
    await expectMerged(await deepMergeFiles([bytes]), files);
  });

  test('can be deflated anew, in small row groups, without dictionaries, from little memory', async () => {
    const merged = await deepMergeFiles(files, {
      codec: 'ZSTD',
      groupRows: 20,
      dictionaryBytes: 1,
      residentBytes: 1,
    });
    await expectMerged(merged, files);
    for (const { columns } of metadataOf(merged).row_groups)
      for (const { meta_data: data } of columns) expect(data?.codec).toBe('ZSTD');
  });

  test('merged twice hold the same rows, and a third merge changes no byte', async () => {
    const twice = await deepMergeFiles([await deepMergeFiles(files)]);
    await expectMerged(twice, files);
    expect(await deepMergeFiles([twice])).toEqual(twice);
  });
});

test.each(singles)('copies of %s become one row group', async (name) => {
  const file = new Uint8Array(readFileSync(new URL(`../../fixtures/parquet/${name}`, import.meta.url)));
  const merged = await deepMergeFiles([file, file, file]);
  await expectMerged(merged, [file, file, file]);
});

describe('pages', () => {
  const files = Array.from({ length: 25 }, (_file, file) =>
    parquetBytes(
      { id: 'bigint', word: 'string', tags: 'array<int>' },
      Array.from({ length: 900 }, (_row, row) => ({
        id: BigInt(file * 900 + row),
        word: row % 7 === 0 ? null : `word ${row % 50}`,
        tags: Array.from({ length: row % 3 }, (_, tag) => tag),
      })),
      { indexes: true },
    ),
  );

  test('are joined up to 20,000 rows, and each can be found by its rows and its bounds', async () => {
    const merged = await deepMergeFiles(files);
    const count = await expectTrueIndexes(merged);
    // The bounds of two flat columns were held against the rows.
    expect(count).toEqual({ chunks: 3, offsetIndexes: 3, columnIndexes: 2 });
    await expectMerged(merged, files);
    for (const id of [0n, 19_799n, 19_800n, 22_499n])
      expect(await readRows(merged, { filter: { id: { $eq: id } }, usePageIndex: true })).toMatchObject([{ id }]);
  });

  test('of values that occur once hold them without a dictionary, others with one', async () => {
    const { columns } = metadataOf(await deepMergeFiles(files)).row_groups[0] ?? { columns: [] };
    expect(columns.map(({ meta_data: data }) => data?.dictionary_page_offset !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe('the footer', () => {
  const file = (keyValues: Record<string, string>) => parquetBytes({ id: 'int' }, [{ id: 1 }], { keyValues });

  test('keeps key-value metadata, that of the first file where it may differ, and takes what the caller sets', async () => {
    const files = [file({ own: 'x', pandas: '1' }), file({ own: 'x', pandas: '2', 'writer.model.name': 'late' })];
    const merged = await deepMergeFiles(files, { keyValues: new Map([['lakewarden.pieces', '{}']]) });
    expect(metadataOf(merged).key_value_metadata).toEqual([
      { key: 'own', value: 'x' },
      { key: 'pandas', value: '1' },
      { key: 'writer.model.name', value: 'late' },
      { key: 'lakewarden.pieces', value: '{}' },
    ]);
  });

  test('of a result that is put behind another file is true there', async () => {
    const before = file({});
    const behind = await deepMergeFiles([before, before], { position: before.length });
    expect(await rowsOf([new Uint8Array([...before, ...behind])])).toEqual([{ id: 1 }, { id: 1 }]);
  });

  test('of files without rows is that of a file without rows', async () => {
    const empty = parquetBytes({ id: 'int' }, []);
    expect(await rowsOf([await deepMergeFiles([empty, empty])])).toEqual([]);
  });
});

describe('size statistics', () => {
  const sizesOf = (file: Uint8Array, column: string) =>
    metadataOf(file).row_groups[0]?.columns.find(({ meta_data: data }) => data?.path_in_schema.join('.') === column)
      ?.meta_data?.size_statistics;

  test('are those of all chunks together', async () => {
    const merged = await deepMergeFiles(readSet('arrow-v1'));
    const rows = await readRows(merged);
    const words = rows.flatMap(({ word }) => (typeof word === 'string' ? [Buffer.byteLength(word)] : []));
    expect(sizesOf(merged, 'word')).toMatchObject({
      unencoded_byte_array_data_bytes: BigInt(words.reduce((sum, length) => sum + length, 0)),
      definition_level_histogram: [rows.length - words.length, words.length].map(BigInt),
    });
    const lists = rows.flatMap(({ list }) => (Array.isArray(list) ? [list.length] : []));
    const further = lists.reduce((sum, length) => sum + Math.max(0, length - 1), 0);
    expect(sizesOf(merged, 'list.list.element')?.repetition_level_histogram).toEqual(
      [rows.length, further].map(BigInt),
    );
  });

  test.each([
    ['do not count each value', [1n, 2n]],
    ['have another number of levels', [0n, 1n, 1n]],
    ['count less than nothing', [-1n, 3n]],
  ])('are left out where a histogram would %s', async (_, counts) => {
    const levels = [2, 0, 0, 0, 4, 1];
    const fileWith = (definition_level_histogram: bigint[]) =>
      handmadeFile([plainPage(2, [...levels, 1, 0, 0, 0, 2, 0, 0, 0])], {
        element: { repetition_type: 'OPTIONAL' },
        data: { size_statistics: { definition_level_histogram } },
      });
    const good = fileWith([0n, 2n]);
    expect(sizesOf(await deepMergeFiles([good, good]), 'x')?.definition_level_histogram).toEqual([0n, 4n]);
    expect(sizesOf(await deepMergeFiles([good, fileWith(counts)]), 'x')).toBeUndefined();
  });
});

test('an input that changes between survey and merge is told, and no footer is written', async () => {
  const [before, after] = [1, 2].map((id) => parquetBytes({ id: 'int' }, [{ id }]));
  let reads = 0;
  const source = {
    path: '/golden/x.parquet',
    length: before?.length ?? 0,
    // The model, the survey, then the merge.
    read: async (offset: number, length: number) => {
      reads += 1;
      return (reads < 3 ? before : after)?.slice(offset, offset + length) ?? new Uint8Array(0);
    },
  };
  await expect(deepMergeSources([source])).rejects.toMatchObject({
    code: 'plan.stale',
    message: expect.stringContaining('/golden/x.parquet'),
  });
});

test('small chunks that lie close together are read in one request', async () => {
  const file = parquetBytes(
    { id: 'bigint', word: 'string' },
    Array.from({ length: 500 }, (_, row) => ({ id: BigInt(row), word: `word ${row}` })),
    { rowGroupSize: 10 },
  );
  const source = bytesSource(file);
  await deepMergeSources([source]);
  expect(source.reads).toHaveLength(4);
});

test.each([undefined, false, true])(
  'a page of version 2 that says is_compressed: %s is copied into any codec',
  async (is) => {
    const page = {
      header: {
        type: 'DATA_PAGE_V2' as const,
        data_page_header_v2: {
          num_values: 1,
          num_nulls: 0,
          num_rows: 1,
          encoding: 'BYTE_STREAM_SPLIT' as const,
          definition_levels_byte_length: 0,
          repetition_levels_byte_length: 0,
          ...(is !== undefined && { is_compressed: is }),
        },
      },
      body: [7, 0, 0, 0],
    };
    const file = handmadeFile([page]);
    for (const codec of [undefined, 'UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD', 'BROTLI'] as const) {
      const merged = await deepMergeFiles([file, file], codec && { codec });
      expect(await rowsOf([merged])).toEqual([{ x: 7 }, { x: 7 }]);
      expect(await rowsOf([await deepMergeFiles([merged], { codec: 'SNAPPY' })])).toEqual([{ x: 7 }, { x: 7 }]);
    }
  },
);
