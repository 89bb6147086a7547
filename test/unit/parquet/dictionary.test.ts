import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { ColumnChunk } from '#shared/parquet/bounds.ts';
import { readDictionarySizes } from '#shared/parquet/dictionary.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import type { FileMetaDataFields } from '#shared/parquet/footer-codec/file-metadata.ts';
import { fileStatistics } from '#shared/parquet/statistics.ts';
import { bytesSource, type FileOptions, parquetBytes, type Rows } from '../../support/parquet-file.ts';

const countries = ['de', 'fr', 'it'];
const rows: Rows = Array.from({ length: 90 }, (_, index) => ({
  country: index % 10 === 0 ? null : countries[index % 3],
  real: index % 2 === 0 ? 0 : -0,
  id: index,
}));

async function open(options: FileOptions = {}) {
  const bytes = parquetBytes({ country: 'string', real: 'double', id: 'int' }, rows, options);
  const { metadata } = await readFooter(bytesSource(bytes));
  return { bytes, metadata, source: bytesSource(bytes) };
}

type Data = NonNullable<ColumnChunk['meta_data']>;
const change = (chunk: ColumnChunk, data: Partial<Data>): ColumnChunk => ({
  ...chunk,
  ...(chunk.meta_data && { meta_data: { ...chunk.meta_data, ...data } }),
});
/** What is read of the first chunk after an edit: the size of its dictionary, and how many reads that took. */
async function readSize(
  edit: (chunk: ColumnChunk) => ColumnChunk,
  damage?: (bytes: Uint8Array, at: number) => Uint8Array,
): Promise<[size: bigint | undefined, reads: number]> {
  const { bytes, metadata } = await open();
  const [group] = metadata.row_groups;
  const chunk = edit(group?.columns[0] as ColumnChunk);
  const source = bytesSource(damage?.(bytes, Number(chunk.meta_data?.dictionary_page_offset)) ?? bytes);
  const groups = [{ columns: [chunk], total_byte_size: 0n, num_rows: 90n }];
  const sizes = await readDictionarySizes(source, { row_groups: groups });
  return [sizes.get(chunk), source.reads.length];
}

describe('the sizes of dictionaries', () => {
  test('bound the numbers of distinct values, over all row groups', async () => {
    const { source, metadata } = await open({ rowGroupSize: 30 });
    const { columns } = fileStatistics({ metadata }, await readDictionarySizes(source, metadata));
    expect(columns.get('country')?.statistics.distinct).toEqual({ least: 3n, most: 9n });
    expect(fileStatistics({ metadata }).columns.get('country')?.statistics.distinct).toEqual({ least: 1n, most: 81n });
  });

  test('are exact in one row group, but for floating numbers with their two zeros', async () => {
    const { source, metadata } = await open();
    const { columns } = fileStatistics({ metadata }, await readDictionarySizes(source, metadata));
    expect(columns.get('country')?.statistics.distinct).toEqual({ least: 3n, most: 3n });
    const [real] = metadata.row_groups.map((group) => group.columns[1] as ColumnChunk);
    const zeros = fileStatistics({ metadata }, new Map(real && [[real, 2n]]));
    expect(zeros.columns.get('real')?.statistics.distinct).toEqual({ least: 1n, most: 2n });
  });

  test('cost one small read each', async () => {
    const { source, metadata } = await open();
    const sizes = await readDictionarySizes(source, metadata);
    expect(sizes.size).toBeGreaterThan(0);
    expect(source.reads).toHaveLength(sizes.size);
    expect(Math.max(...source.reads)).toBeLessThanOrEqual(128);
  });

  test('are not known when a page does without the dictionary, or it is not told', async () => {
    const pages = [
      { page_type: 'DATA_PAGE_V2', encoding: 'RLE_DICTIONARY', count: 1 },
      { page_type: 'DATA_PAGE_V2', encoding: 'PLAIN', count: 1 },
    ] as const;
    expect(await readSize((chunk) => chunk)).toEqual([3n, 1]);
    expect(await readSize((chunk) => change(chunk, { encoding_stats: [...pages] }))).toEqual([undefined, 0]);
    expect(await readSize((chunk) => change(chunk, { encoding_stats: pages.slice(0, 1) }))).toEqual([3n, 1]);
    expect(await readSize((chunk) => ({ ...chunk, file_path: 'other.parquet' }))).toEqual([undefined, 0]);
    expect(await readSize((chunk) => change(chunk, { dictionary_page_offset: 0n }))).toEqual([undefined, 0]);
    expect(await readSize((chunk) => change(chunk, { dictionary_page_offset: 10n ** 15n }))).toEqual([undefined, 0]);
    expect(await readSize(({ meta_data: _data, ...chunk }) => chunk)).toEqual([undefined, 0]);
  });

  test('are not known when the header is damaged, whatever stands there', async () => {
    for (const byte of [0x00, 0xff, 0x15, 0x1c]) {
      const [size] = await readSize(
        (chunk) => chunk,
        (bytes, at) => bytes.map((old, index) => (index >= at && index < at + 128 ? byte : old)),
      );
      expect(size).toBeUndefined();
    }
  });

  test('that contradict the footer are not believed', async () => {
    const { metadata } = await open();
    const { row_groups: groups }: FileMetaDataFields = metadata;
    for (const size of [1n, 91n]) {
      const sizes = new Map(groups.flatMap(({ columns }) => columns.map((chunk) => [chunk, size] as const)));
      const { distinct } = fileStatistics({ metadata }, sizes).columns.get('id')?.statistics ?? {};
      expect(distinct).toEqual({ least: 2n, most: 90n });
    }
  });

  const folder = new URL('../../fixtures/parquet/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.parquet'));
  test.each(names)('of %s are no more than its values', async (name) => {
    const source = bytesSource(new Uint8Array(readFileSync(new URL(name, folder))));
    const { metadata } = await readFooter(source);
    const sizes = await readDictionarySizes(source, metadata);
    for (const [chunk, size] of sizes) expect(size <= (chunk.meta_data?.num_values ?? 0n)).toBe(true);
    for (const { statistics } of fileStatistics({ metadata }, sizes).columns.values()) {
      expect(statistics.distinct.least <= statistics.distinct.most).toBe(true);
    }
  });
});
