import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readRows } from '../../support/read-rows.ts';
import { encodeFooter, openMetadata } from '#shared/parquet/footer-codec/codec.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { judgeMerge } from '#shared/parquet/merge-key.ts';
import { decodeManifest, encodeManifest, manifestKey } from '#shared/parquet/piece-manifest.ts';
import { concatFiles } from '../../support/concat-files.ts';
import { bytesSource, type FileOptions, parquetBytes } from '../../support/parquet-file.ts';

const columns = { id: 'bigint', name: 'string', tags: 'array<string>', price: 'decimal(9,2)', none: 'int' };

function clicks(first: number, count: number, options: FileOptions = {}): Uint8Array {
  const rows = Array.from({ length: count }, (_, index) => ({
    id: BigInt(first + index),
    name: index % 3 === 0 ? null : `click ${first + index}`,
    tags: ['a', `b${index}`],
    price: BigInt(index),
  }));
  return parquetBytes(columns, rows, { indexes: true, rowGroupSize: 30, pageSize: 100, ...options });
}

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/parquet/${name}.parquet`, import.meta.url)));
const parse = async (file: Uint8Array) => (await readFooter(bytesSource(file))).metadata;

/** A file with other metadata in its footer. */
async function refoot(
  file: Uint8Array,
  change: (metadata: ReturnType<typeof openMetadata>['metadata']) => void,
): Promise<Uint8Array> {
  const { bytes } = await readFooter(bytesSource(file));
  const { metadata } = openMetadata(bytes);
  change(metadata);
  return new Uint8Array([...file.subarray(0, file.length - 8 - bytes.length), ...encodeFooter(metadata.toBytes())]);
}

async function judge(file: Uint8Array): Promise<ReturnType<typeof judgeMerge>> {
  return judgeMerge('/x.parquet', file.length, await readFooter(bytesSource(file)));
}

describe('files that stand one after the other before their tail are one Parquet file', () => {
  const files = [clicks(0, 100), clicks(100, 0), clicks(100, 1), clicks(101, 75)];
  const merged = concatFiles(files);

  test('its rows are those of the files in their order', async () => {
    const rows = await Promise.all(files.map((file) => readRows(file)));
    expect(await readRows((await merged).bytes)).toEqual(rows.flat());
  });

  test.each(['useOffsetIndex', 'useBloomFilters', 'usePageIndex'])(
    'a filter with %s finds the rows of every file',
    async (way) => {
      const { bytes } = await merged;
      for (const id of [0n, 99n, 100n, 101n, 175n])
        expect(await readRows(bytes, { filter: { id: { $eq: id } }, [way]: true })).toMatchObject([{ id }]);
      expect(await readRows(bytes, { filter: { id: { $eq: 176n } }, [way]: true })).toEqual([]);
    },
  );

  test('each file stands in it byte for byte, where the list of pieces says', async () => {
    const { bytes, manifest } = await merged;
    const told = decodeManifest((await readFooter(bytesSource(bytes))).keyValueMetadata.get(manifestKey) ?? '');
    expect(told).toEqual(manifest);
    let at = 0;
    for (const [index, { length, rows }] of told.pieces.entries()) {
      expect(Buffer.compare(bytes.subarray(at, at + length), files[index] as Uint8Array)).toBe(0);
      expect(rows).toBe([100, 0, 1, 75][index]);
      at += length;
    }
  });

  test('what it points at lies in the file that it came from, and only offset indexes are new', async () => {
    const { bytes, tail, manifest } = await merged;
    const total = bytes.length - tail.length;
    const { row_groups: groups } = await parse(bytes);
    const ends = manifest.pieces.map(({ length }) => length);
    const first = ends[0] ?? 0;
    let rewritten = 0;
    for (const chunk of groups.flatMap((group) => group.columns)) {
      const start = Number(chunk.meta_data?.data_page_offset);
      expect(start).toBeLessThan(total);
      if (chunk.column_index_offset !== undefined) expect(Number(chunk.column_index_offset)).toBeLessThan(total);
      if (chunk.offset_index_offset === undefined) continue;
      const index = Number(chunk.offset_index_offset);
      rewritten += Number(index >= total);
      expect(index >= total).toBe(start >= first);
    }
    expect(rewritten).toBeGreaterThan(5);
  });

  test('merged again with others it keeps the history of each', async () => {
    const once = (await merged).bytes;
    const { bytes, manifest } = await concatFiles([clicks(500, 3), once]);
    expect(manifest.pieces[1]?.made).toEqual((await merged).manifest);
    expect(await readRows(bytes)).toHaveLength(179);
    expect(await readRows(bytes, { filter: { id: { $eq: 150n } }, usePageIndex: true })).toMatchObject([{ id: 150n }]);
  });
});

describe('files of real writers', () => {
  test.each(['arrow', 'duckdb', 'fastparquet', 'parquet-mr', 'polars', 'arrow-empty'])('%s', async (name) => {
    const file = fixture(name);
    const { bytes, keys } = await concatFiles([file, file, file]);
    expect(keys.size).toBe(1);
    // hyparquet reads no INTERVAL.
    const options = name === 'duckdb' ? { columns: ['id', 'price', 'key', 'attributes', 'address'] } : {};
    const rows = await readRows(file, options);
    expect(await readRows(bytes, options)).toEqual([...rows, ...rows, ...rows]);
    const [before, after] = [await parse(file), await parse(bytes)];
    expect(after.schema).toEqual(before.schema);
    expect(after.created_by).toEqual(before.created_by);
    expect(after.column_orders).toEqual(before.column_orders);
    expect(after.row_groups).toHaveLength(3 * before.row_groups.length);
    const ordinals = after.row_groups.map(({ ordinal }) => ordinal);
    expect(ordinals).toEqual(ordinals.map((ordinal, index) => (ordinal === undefined ? undefined : index)));
  });
});

describe('the footer', () => {
  test('counts rows in 64 bits', async () => {
    const huge = await refoot(clicks(0, 1), (metadata) => {
      metadata.set('num_rows', 3_000_000_000n);
      metadata.get('row_groups')?.items[0]?.set('num_rows', 3_000_000_000n);
    });
    expect((await parse((await concatFiles([huge, huge])).bytes)).num_rows).toBe(6_000_000_000n);
  });

  test('has no ordinals when there are more row groups than they can count', async () => {
    const bare = await refoot(parquetBytes({ id: 'int' }, [{ id: 1 }]), (metadata) => {
      const groups = metadata.get('row_groups');
      const [group] = groups?.items ?? [];
      if (groups === undefined || group === undefined) throw new Error('the file has a row group');
      group.set('ordinal', 0);
      groups.items = Array.from({ length: 2_000 }, () => group);
      metadata.set('num_rows', 2_000n);
    });
    const few = await parse((await concatFiles(Array.from({ length: 2 }, () => bare))).bytes);
    expect(few.row_groups.at(-1)?.ordinal).toBe(3_999);
    const many = await parse((await concatFiles(Array.from({ length: 17 }, () => bare))).bytes);
    expect(many.row_groups).toHaveLength(34_000);
    expect(many.row_groups.every(({ ordinal }) => ordinal === undefined)).toBe(true);
  });

  test('keeps the first of values that may differ, and every key', async () => {
    const a = parquetBytes({ id: 'int' }, [{ id: 1 }], { keyValues: { 'writer.model.name': 'one' } });
    const b = parquetBytes({ id: 'int' }, [{ id: 2 }], { keyValues: { 'writer.model.name': 'two', pandas: 'p' } });
    const { bytes, keys } = await concatFiles([a, b]);
    expect(keys.size).toBe(1);
    const { keyValueMetadata } = await readFooter(bytesSource(bytes));
    expect([...keyValueMetadata.keys()].toSorted()).toEqual(['lakewarden.pieces', 'pandas', 'writer.model.name']);
    expect(keyValueMetadata.get('writer.model.name')).toBe('one');
  });
});

describe('files are merged with their like only', () => {
  const key = async (file: Uint8Array) => (await judge(file)).key;
  const plain = parquetBytes({ id: 'int', at: 'timestamp' }, [{ id: 1 }]);

  test.each<[string, Uint8Array]>([
    ['a column more', parquetBytes({ id: 'int', at: 'timestamp', more: 'int' }, [{ id: 1 }])],
    ['another order', parquetBytes({ at: 'timestamp', id: 'int' }, [{ id: 1 }])],
    ['a wider type', parquetBytes({ id: 'bigint', at: 'timestamp' }, [{ id: 1n }])],
    [
      'required instead of optional',
      parquetBytes({ id: { type: 'INT32', repetition_type: 'REQUIRED' }, at: 'timestamp' }, [{ id: 1 }]),
    ],
    ['a field id', parquetBytes({ id: { type: 'INT32', field_id: 7 }, at: 'timestamp' }, [{ id: 1 }])],
    ['another writer', parquetBytes({ id: 'int', at: 'timestamp' }, [{ id: 1 }], { createdBy: 'parquet-mr 1.7' })],
    [
      'another value of its own key',
      parquetBytes({ id: 'int', at: 'timestamp' }, [{ id: 1 }], { keyValues: { a: 'b' } }),
    ],
  ])('not with %s', async (_, other) => {
    expect(await key(other)).not.toBe(await key(plain));
  });

  test('codec, pages, indexes, rows and row groups may differ', async () => {
    const other = parquetBytes(
      { id: 'int', at: 'timestamp' },
      Array.from({ length: 9 }, (_, id) => ({ id })),
      { codec: 'UNCOMPRESSED', indexes: true, rowGroupSize: 2, keyValues: { pandas: '{}' } },
    );
    expect(await key(other)).toBe(await key(plain));
  });
});

test('a merged file is merged again without reading what stands between its offset indexes', async () => {
  const once = await concatFiles([clicks(0, 1_000), clicks(1_000, 1_000)]);
  const { indexes = [], indexBytes } = await judge(once.bytes);
  expect(indexes.length).toBe(2);
  expect(indexes.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(indexBytes + (16 << 10));
  const { bytes } = await concatFiles([clicks(2_000, 10), once.bytes]);
  for (const id of [0n, 999n, 1_000n, 1_999n, 2_009n])
    expect(await readRows(bytes, { filter: { id: { $eq: id } }, useOffsetIndex: true })).toMatchObject([{ id }]);
});

test('what a footer has besides row groups is told, since a merged file has it, too', async () => {
  const [short, long] = [clicks(0, 1), clicks(0, 1, { keyValues: { 'parquet.avro.schema': 'x'.repeat(5_000) } })];
  const [a, b] = await Promise.all([judge(short), judge(long)]);
  expect(b.otherBytes - a.otherBytes).toBeGreaterThanOrEqual(5_000);
  expect(b.groupBytes).toBe(a.groupBytes);
  const { bytes, manifest } = await concatFiles([long, long]);
  const merged = await judge(bytes);
  expect(merged.manifestBytes).toBe(encodeManifest(manifest).length);
  expect(Math.abs(merged.otherBytes - b.otherBytes)).toBeLessThan(50);
});

describe('files that cannot be moved are refused by name', () => {
  test.each([
    ['at very many places', 40_000n, 200],
    ['of very many bytes', 1_000_000n, 300_000],
  ])('offset indexes %s, before any of them is read', async (_, step, size) => {
    let at = 0n;
    const file = await refoot(clicks(0, 600), (metadata) => {
      for (const group of metadata.get('row_groups')?.items ?? [])
        for (const chunk of group.get('columns')?.items ?? []) {
          at += step;
          chunk.set('offset_index_offset', at);
          chunk.set('offset_index_length', size);
        }
    });
    const footer = await readFooter(bytesSource(file));
    expect(() => judgeMerge('/x.parquet', 1e9, footer)).toThrow(/offset indexes take \d+ bytes at \d+ places/);
  });

  type Change = Parameters<typeof refoot>[1];
  const chunk: (change: (of: NonNullable<ReturnType<typeof firstChunk>>) => void) => Change =
    (change) => (metadata) => {
      const found = firstChunk(metadata);
      if (found === undefined) throw new Error('there is a chunk');
      change(found);
    };
  const firstChunk = (metadata: Parameters<Change>[0]) =>
    metadata.get('row_groups')?.items[0]?.get('columns')?.items[0];

  test.each<[string, string, Change]>([
    ['data past the end', 'parquet.corrupt', chunk((of) => of.get('meta_data')?.set('data_page_offset', 1_000_000n))],
    ['chunk too long', 'parquet.corrupt', chunk((of) => of.get('meta_data')?.set('total_compressed_size', 1_000_000n))],
    ['negative offset', 'parquet.corrupt', chunk((of) => of.get('meta_data')?.set('data_page_offset', -5n))],
    [
      'bloom filter outside',
      'parquet.corrupt',
      chunk((of) => of.get('meta_data')?.set('bloom_filter_offset', 1_000_000n)),
    ],
    ['column index outside', 'parquet.corrupt', chunk((of) => of.set('column_index_offset', 1_000_000n))],
    ['offset index outside', 'parquet.corrupt', chunk((of) => of.set('offset_index_length', 1_000_000))],
    ['another file', 'parquet.unsupported', chunk((of) => of.set('file_path', 'b.parquet'))],
    ['no metadata', 'parquet.unsupported', chunk((of) => of.set('meta_data', undefined))],
    ['encrypted column', 'parquet.encrypted', chunk((of) => of.set('encrypted_column_metadata', new Uint8Array(3)))],
    [
      'signed footer',
      'parquet.encrypted',
      (metadata) => metadata.set('footer_signing_key_metadata', new Uint8Array(3)),
    ],
  ])('%s: %s', async (_, code, change) => {
    const file = await refoot(clicks(0, 90), change);
    await expect(judge(file)).rejects.toMatchObject({ code, details: { path: '/x.parquet' } });
  });

  test('an offset index that is none is seen before anything is written', async () => {
    const file = clicks(0, 90);
    const { indexes } = await judge(file);
    for (const { offset, length } of indexes ?? []) file.fill(0xff, offset, offset + length);
    await expect(concatFiles([clicks(0, 90), file])).rejects.toMatchObject({ code: 'parquet.corrupt' });
  });
});
