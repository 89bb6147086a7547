import { inspect } from 'node:util';
import { expect } from '@jest/globals';
import { type DataReader, type FileMetaData, parquetMetadata, readColumnIndex, readOffsetIndex } from 'hyparquet';
import { readRows } from './read-rows.ts';

/** What was seen of the page indexes of a file. */
export interface IndexCount {
  readonly offsetIndexes: number;
  readonly columnIndexes: number;
  readonly chunks: number;
}

/** Holds statistics and page indexes of a file's flat columns against its rows, all read by hyparquet. */
export async function expectTrueIndexes(bytes: Uint8Array): Promise<IndexCount> {
  const buffer = new Uint8Array(bytes).buffer;
  const metadata = parquetMetadata(buffer);
  let first = 0;
  const count = { offsetIndexes: 0, columnIndexes: 0, chunks: 0 };
  for (const [group, { columns, num_rows: rows }] of metadata.row_groups.entries()) {
    for (const chunk of columns) {
      count.chunks += 1;
      const name = chunk.meta_data?.path_in_schema[0] ?? '';
      const element = metadata.schema.find((leaf) => leaf.name === name);
      const at = (offset: bigint | undefined, length: number | undefined): DataReader => ({
        view: new DataView(buffer, Number(offset), length),
        offset: 0,
      });
      if (chunk.offset_index_offset === undefined) continue;
      count.offsetIndexes += 1;
      const locations = readOffsetIndex(at(chunk.offset_index_offset, chunk.offset_index_length)).page_locations;
      const starts = [...locations.map(({ first_row_index: row }) => Number(row)), Number(rows)];
      expect(starts[0]).toBe(0);
      expect(starts).toEqual(starts.toSorted((a, b) => a - b));
      const isFlat = element !== undefined && element.num_children === undefined;
      if (!isFlat) continue;
      const read = async (from: number, to: number): Promise<unknown[]> => {
        const found = await readRows(bytes, {
          columns: [name],
          rowStart: first + from,
          rowEnd: first + to,
          utf8: false,
        });
        return found.map((row) => row[name]);
      };
      const { statistics } = chunk.meta_data ?? {};
      const all = await read(0, Number(rows));
      expectWithin(all, statistics?.min_value, statistics?.max_value, `${name} of group ${group}`);
      expect(Number(statistics?.null_count)).toBe(all.filter(isNull).length);
      if (chunk.column_index_offset === undefined) continue;
      count.columnIndexes += 1;
      const index = readColumnIndex(at(chunk.column_index_offset, chunk.column_index_length), element);
      expect(index.null_pages).toHaveLength(locations.length);
      for (const page of locations.keys()) {
        const values = await read(starts[page] ?? 0, starts[page + 1] ?? 0);
        const where = `${name} of group ${group}, page ${page}`;
        expect([where, index.null_pages[page]]).toEqual([where, values.every(isNull)]);
        expect(Number(index.null_counts?.[page])).toBe(values.filter(isNull).length);
        if (index.null_pages[page] !== true)
          expectWithin(values, index.min_values[page], index.max_values[page], where);
      }
    }
    first += Number(rows);
  }
  return count;
}

/** The metadata as hyparquet reads it. */
export function metadataOf(bytes: Uint8Array): FileMetaData {
  return parquetMetadata(new Uint8Array(bytes).buffer);
}

function isNull(value: unknown): boolean {
  return value === null || value === undefined;
}

function expectWithin(values: readonly unknown[], min: unknown, max: unknown, where: string): void {
  if (min === undefined || max === undefined) return;
  for (const value of values) {
    // hyparquet shows bounds of binary columns as text, which loses them.
    if (isNull(value) || Number.isNaN(value) || value instanceof Uint8Array) continue;
    if (compare(min, value) > 0 || compare(value, max) > 0)
      throw new Error(`${where}: ${inspect(value)} is not between ${inspect(min)} and ${inspect(max)}`);
  }
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  const [left, right] = [a as number, b as number];
  return left < right ? -1 : left > right ? 1 : 0;
}
