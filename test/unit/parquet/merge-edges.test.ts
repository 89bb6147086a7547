import { describe, expect, test } from '@jest/globals';
import { encodeFooter, openMetadata } from '#shared/parquet/footer-codec/codec.ts';
import { rowGroup } from '#shared/parquet/footer-codec/file-metadata.ts';
import { ThriftStruct } from '#shared/parquet/footer-codec/tree.ts';
import { readFooterBytes } from '#shared/parquet/footer.ts';
import { concatFiles } from '../../support/concat-files.ts';
import { deepMergeFiles } from '../../support/deep-merge-files.ts';
import { handmadeFile, plainPage } from '../../support/handmade-file.ts';
import { metadataOf } from '../../support/page-index.ts';
import { bytesSource, parquetBytes } from '../../support/parquet-file.ts';
import { readRows } from '../../support/read-rows.ts';

type Metadata = ReturnType<typeof openMetadata>['metadata'];

/** The file with another footer. */
async function refoot(file: Uint8Array, change: (metadata: Metadata) => Uint8Array): Promise<Uint8Array> {
  const footer = await readFooterBytes(bytesSource(file));
  const data = file.subarray(0, file.length - 8 - footer.length);
  return new Uint8Array([...data, ...encodeFooter(change(openMetadata(footer).metadata))]);
}

test('values that look like the end of a file, or are whole files, stay values', async () => {
  const inner = parquetBytes({ a: 'int' }, [{ a: 1 }]);
  const values = [new TextEncoder().encode('PAR1PAR1'), inner, inner.slice(-8), new TextEncoder().encode('PARE')];
  const file = parquetBytes(
    { bytes: 'binary' },
    values.map((bytes) => ({ bytes })),
    { codec: 'UNCOMPRESSED' },
  );
  const rows = [...values, ...values].map((bytes) => ({ bytes }));
  const { bytes } = await concatFiles([file, file]);
  expect(await readRows(bytes, { utf8: false })).toEqual(rows);
  expect(await readRows(await deepMergeFiles([bytes]), { utf8: false })).toEqual(rows);
});

test('an offset of 0, by which some writers say that there is none, is not moved', async () => {
  const file = await refoot(parquetBytes({ id: 'int' }, [{ id: 1 }, { id: 2 }, { id: 3 }]), (metadata) => {
    const meta = metadata.get('row_groups')?.items[0]?.get('columns')?.items[0]?.get('meta_data');
    expect(meta?.get('dictionary_page_offset')).toBeUndefined();
    for (const name of ['dictionary_page_offset', 'index_page_offset', 'bloom_filter_offset'] as const)
      meta?.set(name, 0n);
    return metadata.toBytes();
  });
  const { bytes } = await concatFiles([file, file]);
  for (const { columns } of metadataOf(bytes).row_groups)
    expect(columns[0]?.meta_data).toMatchObject({
      dictionary_page_offset: 0n,
      index_page_offset: 0n,
      bloom_filter_offset: 0n,
    });
  expect(await readRows(await deepMergeFiles([file, file]))).toEqual([1, 2, 3, 1, 2, 3].map((id) => ({ id })));
});

test('fields of row groups and footers that nobody knows yet are kept where data is not written anew', async () => {
  // Field 1,000 of type i32 with the value 7.
  const unknown = [0x05, 0xd0, 0x0f, 0x0e];
  const grow = (struct: Uint8Array): Uint8Array => new Uint8Array([...struct.subarray(0, -1), ...unknown, 0]);
  const file = await refoot(parquetBytes({ id: 'int' }, [{ id: 1 }]), (metadata) => {
    const groups = metadata.get('row_groups');
    if (groups === undefined) throw new Error('the file has a row group');
    groups.items = groups.items.map((group) => new ThriftStruct(rowGroup, grow(group.toBytes())));
    return grow(metadata.toBytes());
  });
  const { bytes } = await concatFiles([file, file]);
  const footer = Buffer.from(await readFooterBytes(bytesSource(bytes)));
  let found = 0;
  for (let at = footer.indexOf(Buffer.from(unknown)); at >= 0; at = footer.indexOf(Buffer.from(unknown), at + 1))
    found += 1;
  expect(found).toBe(3);
});

test.each(['array<string>', 'string'])(
  '%s: no indices stand behind values in full, which Spark reads wrongly',
  async (type) => {
    const file = (word: (id: number) => string) =>
      parquetBytes(
        { words: type },
        Array.from({ length: 40 }, (_, id) => ({ words: type === 'string' ? word(id) : [word(id), null] })),
      );
    const [full, indexed] = [file((id) => `word ${id}`), file(() => 'always the same word')];
    const hasDictionary = (bytes: Uint8Array): boolean =>
      metadataOf(bytes).row_groups[0]?.columns[0]?.meta_data?.dictionary_page_offset !== undefined;
    expect([hasDictionary(full), hasDictionary(indexed)]).toEqual([false, true]);
    expect(hasDictionary(await deepMergeFiles([indexed, full]))).toBe(true);
    const merged = await deepMergeFiles([full, indexed]);
    expect(hasDictionary(merged)).toBe(false);
    expect(await readRows(merged)).toEqual([...(await readRows(full)), ...(await readRows(indexed))]);
  },
);

describe('bounds of a row group that was written anew', () => {
  const doubles = (...values: number[]) => [...new Uint8Array(Float64Array.from(values).buffer)];
  const bounded = (min: number, max: number): Uint8Array =>
    handmadeFile([plainPage(2, doubles(min, max))], {
      element: { type: 'DOUBLE' },
      data: {
        type: 'DOUBLE',
        statistics: {
          min_value: Uint8Array.from(doubles(min)),
          max_value: Uint8Array.from(doubles(max)),
          is_min_value_exact: false,
          is_max_value_exact: true,
        },
      },
    });
  const boundsOf = async (...files: Uint8Array[]) =>
    metadataOf(await deepMergeFiles(files)).row_groups[0]?.columns[0]?.meta_data?.statistics;

  test('hold both zeros when they are zero', async () => {
    const bounds = await boundsOf(bounded(0, 1), bounded(0, 0));
    expect([Object.is(bounds?.min_value, -0), bounds?.max_value]).toEqual([true, 1]);
    const below = await boundsOf(bounded(-1, -0), bounded(-2, -0));
    expect([below?.min_value, Object.is(below?.max_value, 0)]).toEqual([-2, true]);
  });

  test('are none when one of them is no number', async () => {
    const bounds = await boundsOf(bounded(1, 2), bounded(Number.NaN, 3));
    expect([bounds?.min_value, bounds?.max_value]).toEqual([undefined, undefined]);
  });

  test('are not called exact when one was not', async () => {
    const bounds = await boundsOf(bounded(1, 2), bounded(3, 4));
    expect([bounds?.min_value, bounds?.max_value]).toEqual([1, 4]);
    expect(bounds?.is_min_value_exact).not.toBe(true);
  });
});
