import { describe, expect, test } from '@jest/globals';
import { isError } from '#shared/errors/error.ts';
import { deepMergeFiles } from '../../support/deep-merge-files.ts';
import {
  type Claims,
  dataPage,
  dictionaryPage,
  handmadeFile,
  type HandmadePage,
  plainPage,
} from '../../support/handmade-file.ts';
import { metadataOf } from '../../support/page-index.ts';
import { readRows } from '../../support/read-rows.ts';

const ints = (...values: number[]) => [...new Uint8Array(Int32Array.from(values).buffer)];
const good = handmadeFile([plainPage(2, ints(1, 2))]);
const dictionary = dictionaryPage(3, ints(7, 8, 9));
/** Indices of three bits or fewer, as one packed run of up to eight. */
const packed = (width: number, ...groups: number[]) => [width, 3, ...groups];

/** What is said about a bad file beside a good one, which must be named. */
async function refusal(pages: readonly HandmadePage[], claims?: Claims): Promise<string> {
  const bad = handmadeFile(pages, claims);
  const error = await deepMergeFiles([claims?.element || claims?.footer ? bad : good, bad]).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isError(error)) throw new Error(`no refusal but ${String(error)}`);
  expect(error.message).toContain(String(error.details['path']));
  expect(error.disposition).toBe('reject');
  return `${error.code}: ${error.message.replace(/^\S+ (cannot be merged|is no readable Parquet file \(\w+\)): /, '')}`;
}

async function valuesOf(file: Uint8Array): Promise<unknown[]> {
  return (await readRows(file)).map(({ x }) => x);
}

const optional = { element: { repetition_type: 'OPTIONAL' } } as const;
const repeated = { element: { repetition_type: 'REPEATED' } } as const;
const snappy = { data: { codec: 'SNAPPY' } } as const;
const lz4 = { data: { codec: 'LZ4_RAW' } } as const;
/** A Snappy block of one literal. */
const literal = (...bytes: number[]) => [bytes.length, (bytes.length - 1) << 2, ...bytes];

test('files made by hand are good ones where nothing is wrong', async () => {
  const indexed = handmadeFile([dictionary, dataPage(4, packed(2, 0b00_10_01_00, 0), 'RLE_DICTIONARY')]);
  expect(await valuesOf(await deepMergeFiles([good, indexed]))).toEqual([1, 2, 7, 8, 9, 7]);
  const nulls = handmadeFile([plainPage(3, [2, 0, 0, 0, 3, 0b101, ...ints(1, 2)])], optional);
  expect(await valuesOf(await deepMergeFiles([nulls, nulls]))).toEqual([1, null, 2, 1, null, 2]);
});

test('a block of LZ4 is inflated, with a copy of what it makes itself and a long size', async () => {
  const block = [0x1f, 7, 1, 0, 255, 40, 0x50, 7, 7, 7, 7, 7];
  const file = handmadeFile([plainPage(80, block, { uncompressed_page_size: 320 })], lz4);
  expect(await valuesOf(await deepMergeFiles([file]))).toEqual(Array<number>(80).fill(0x0707_0707));
});

describe('a page is refused', () => {
  const first = 'column x, row group 0, page 0:';
  const second = 'column x, row group 0, page 1:';
  test.each<[string, readonly HandmadePage[], string, Claims?]>([
    [
      'whose index is beyond the dictionary',
      [dictionary, dataPage(4, packed(2, 0b11_10_01_00, 0), 'RLE_DICTIONARY')],
      `corrupt: ${second} a value of 3 where 2 is the greatest`,
    ],
    [
      'whose repeated index is beyond the dictionary',
      [dictionary, dataPage(9, [2, 18, 3], 'RLE_DICTIONARY')],
      `corrupt: ${second} a value of 3 where 2 is the greatest`,
    ],
    [
      'with an index for a dictionary without entries',
      [dictionaryPage(0, []), dataPage(1, [0, 2], 'PLAIN_DICTIONARY')],
      `corrupt: ${second} there is no entry 0`,
    ],
    [
      'with indices of more than 32 bits',
      [dictionary, dataPage(1, [33, 2, 0, 0, 0, 0, 0], 'RLE_DICTIONARY')],
      `corrupt: ${second} indices of 33 bits`,
    ],
    [
      'with indices of 32 bits that would be negative',
      [dictionary, dataPage(1, [32, 2, 255, 255, 255, 255], 'RLE_DICTIONARY')],
      `corrupt: ${second} a value of 4294967295 where 2 is the greatest`,
    ],
    [
      'with packed indices of 32 bits that would be negative',
      [dictionary, dataPage(1, [32, 3, ...Array<number>(32).fill(255)], 'RLE_DICTIONARY')],
      `corrupt: ${second} a value of 4294967295 where 2 is the greatest`,
    ],
    [
      'whose indices break off',
      [dictionary, dataPage(9, packed(2, 0, 0), 'RLE_DICTIONARY')],
      `corrupt: ${second} a run breaks off`,
    ],
    [
      'whose packed indices break off',
      [dictionary, dataPage(8, packed(2, 0), 'RLE_DICTIONARY')],
      `corrupt: ${second} a run breaks off`,
    ],
    [
      'whose run has a length without end',
      [dictionary, dataPage(8, [2, 255, 255, 255, 255, 255, 255], 'RLE_DICTIONARY')],
      `corrupt: ${second} a run breaks off`,
    ],
    [
      'without the dictionary that it needs',
      [dataPage(1, [0, 2], 'RLE_DICTIONARY')],
      `corrupt: ${first} the page needs a dictionary, and the chunk has none`,
    ],
    [
      'when it is a dictionary behind a data page',
      [plainPage(1, ints(1)), dictionary],
      `corrupt: ${second} a dictionary page that is not the first page`,
    ],
    [
      'when it is a second dictionary',
      [dictionary, dictionary, plainPage(1, ints(1))],
      `corrupt: ${second} a dictionary page that is not the first page`,
    ],
    [
      'when its dictionary has fewer entries than it says',
      [dictionaryPage(4, ints(7, 8, 9)), dataPage(1, [2, 2, 0], 'RLE_DICTIONARY')],
      `corrupt: ${first} 4 entries of 4 bytes do not fit into 12`,
    ],
    [
      'when its dictionary has less than no entry',
      [dictionaryPage(-1, []), plainPage(1, ints(1))],
      `corrupt: ${first} a dictionary of -1 entries`,
    ],
    [
      'when its dictionary has an encoding of its own',
      [dictionaryPage(1, ints(7), 'DELTA_BINARY_PACKED'), dataPage(1, [0, 2], 'RLE_DICTIONARY')],
      `unsupported: ${first} a dictionary in the encoding DELTA_BINARY_PACKED`,
    ],
    [
      'when it is an index page',
      [{ header: { type: 'INDEX_PAGE' }, body: [] }, plainPage(1, ints(1))],
      `unsupported: ${first} a page of the type INDEX_PAGE`,
    ],
    [
      'when it is of an unknown type',
      [{ header: { type: 'PAGE_TYPE_9' as 'DATA_PAGE' }, body: [] }, plainPage(1, ints(1))],
      `unsupported: ${first} a page of the type PAGE_TYPE_9`,
    ],
    [
      'when it lacks the header of its type',
      [{ header: { type: 'DATA_PAGE' }, body: [] }, plainPage(1, ints(1))],
      `corrupt: ${first} a data page has no header of its own`,
    ],
    [
      'when it has less than no values',
      [plainPage(-2, []), plainPage(4, ints(1, 2, 3, 4))],
      `corrupt: ${first} a page of -2 values`,
    ],
    [
      'in an encoding that nobody knows',
      [dataPage(1, ints(1), 'ENCODING_77')],
      `unsupported: ${first} values in the encoding ENCODING_77`,
    ],
    [
      'in the deprecated packed encoding',
      [dataPage(1, ints(1), 'BIT_PACKED')],
      `unsupported: ${first} values in the encoding BIT_PACKED`,
    ],
    ['whose values break off', [plainPage(3, ints(1, 2))], `corrupt: ${first} 3 values of 4 bytes do not fit into 8`],
    [
      'whose checksum is wrong',
      [plainPage(2, ints(1, 2), { crc: 1 })],
      `corrupt: ${first} the checksum of the page is not that of its bytes`,
    ],
    [
      'that claims more bytes than the chunk has',
      [plainPage(2, ints(1, 2), { compressed_page_size: 99 })],
      `corrupt: ${first} the header claims 99 bytes, 8 are left in the chunk`,
    ],
    [
      'that claims less than no bytes',
      [plainPage(2, ints(1, 2), { compressed_page_size: -1 })],
      `corrupt: ${first} the header claims -1 bytes, 8 are left in the chunk`,
    ],
    [
      'that claims to inflate to less than nothing',
      [plainPage(2, ints(1, 2), { uncompressed_page_size: -1 })],
      `corrupt: ${first} the header claims -1 bytes`,
    ],
    [
      'that claims to inflate beyond all memory',
      [plainPage(2, ints(1, 2), { uncompressed_page_size: 2 ** 31 - 1 })],
      `unsupported: ${first} a page of 2147483647 bytes; 268435456 are the limit`,
    ],
    [
      'whose few bytes claim values beyond all memory',
      [plainPage(2 ** 31 - 1, [7, 0, 0, 0, 254, 255, 255, 255, 15, 0])],
      `unsupported: ${first} a page of 2147483647 values; 16777216 are the limit`,
      optional,
    ],
    [
      'whose few indices name a long text beyond all memory',
      [
        dictionaryPage(1, [...ints(2_000_000), ...new Uint8Array(2_000_000)]),
        dataPage(1_000_000, [1, 0x80, 0x89, 0x7a, 0], 'RLE_DICTIONARY'),
      ],
      `unsupported: ${second} entries of a long dictionary are 2000004000000 bytes in full; 268435456 are the limit of a page`,
      { element: { type: 'BYTE_ARRAY' } },
    ],
    [
      'that is longer than its header says',
      [plainPage(2, ints(1, 2), { uncompressed_page_size: 4 })],
      `corrupt: ${first} 8 bytes inflate where the header says 4`,
    ],
    [
      'that is shorter than its header says',
      [plainPage(2, ints(1, 2), { uncompressed_page_size: 12 })],
      `corrupt: ${first} 8 bytes inflate where the header says 12`,
    ],
    [
      'whose level is above the greatest',
      [plainPage(1, [2, 0, 0, 0, 2, 2, ...ints(1)])],
      `corrupt: ${first} a value of 2 where 1 is the greatest`,
      optional,
    ],
    [
      'whose levels break off',
      [plainPage(9, [2, 0, 0, 0, 2, 1, ...ints(1)])],
      `corrupt: ${first} a run breaks off`,
      optional,
    ],
    [
      'whose levels reach past its end',
      [plainPage(1, [200, 0, 0, 0, 2, 1, ...ints(1)])],
      `corrupt: ${first} 200 bytes reach past the end of the page`,
      optional,
    ],
    ['whose levels have no length', [plainPage(1, [1])], `corrupt: ${first} a length breaks off`, optional],
    [
      'with levels of the deprecated encoding',
      [
        {
          ...plainPage(1, [128, ...ints(1)]),
          header: {
            type: 'DATA_PAGE',
            data_page_header: {
              num_values: 1,
              encoding: 'PLAIN',
              definition_level_encoding: 'BIT_PACKED',
              repetition_level_encoding: 'RLE',
            },
          },
        },
      ],
      `unsupported: ${first} levels in the encoding BIT_PACKED`,
      optional,
    ],
    [
      'that begins within a row',
      [plainPage(1, [2, 0, 0, 0, 2, 1, 2, 0, 0, 0, 2, 1, ...ints(1)])],
      `corrupt: ${first} the chunk begins within a row`,
      repeated,
    ],
    [
      'whose levels have less than no bytes',
      [
        {
          header: {
            type: 'DATA_PAGE_V2',
            data_page_header_v2: {
              num_values: 1,
              num_nulls: 0,
              num_rows: 1,
              encoding: 'PLAIN',
              definition_levels_byte_length: -1,
              repetition_levels_byte_length: 0,
            },
          },
          body: ints(1),
        },
      ],
      `corrupt: ${first} levels of 0 and -1 bytes in a page of 4`,
    ],
    [
      'whose levels are longer than it',
      [
        {
          header: {
            type: 'DATA_PAGE_V2',
            data_page_header_v2: {
              num_values: 1,
              num_nulls: 0,
              num_rows: 1,
              encoding: 'PLAIN',
              definition_levels_byte_length: 5,
              repetition_levels_byte_length: 0,
            },
          },
          body: ints(1),
        },
      ],
      `corrupt: ${first} levels of 0 and 5 bytes in a page of 4`,
    ],
    [
      'whose text says that it is longer than the page',
      [plainPage(1, [9, 0, 0, 0, 65])],
      `corrupt: ${first} a value of 9 bytes breaks off`,
      { element: { type: 'BYTE_ARRAY' } },
    ],
    [
      'whose text has a negative length',
      [plainPage(1, [255, 255, 255, 255, 65])],
      `corrupt: ${first} a value of 4294967295 bytes breaks off`,
      { element: { type: 'BYTE_ARRAY' } },
    ],
    [
      'whose text has half a length',
      [plainPage(1, [1, 0])],
      `corrupt: ${first} a value breaks off`,
      { element: { type: 'BYTE_ARRAY' } },
    ],
    [
      'whose dictionary of texts breaks off',
      [dictionaryPage(2, [1, 0, 0, 0, 65, 9, 0, 0, 0]), dataPage(1, [1, 2, 0], 'RLE_DICTIONARY')],
      `corrupt: ${first} a value of 9 bytes breaks off`,
      { element: { type: 'BYTE_ARRAY' } },
    ],
    [
      'whose dictionary claims a thousand million texts',
      [dictionaryPage(1e9, [1, 0, 0, 0, 65]), dataPage(1, [1, 2, 0], 'RLE_DICTIONARY')],
      `corrupt: ${first} 1000000000 values do not fit into 5 bytes`,
      { element: { type: 'BYTE_ARRAY' } },
    ],
    [
      'with fewer booleans than it says',
      [plainPage(9, [255])],
      `corrupt: ${first} 9 booleans in 1 bytes`,
      { element: { type: 'BOOLEAN' } },
    ],
    [
      'whose Snappy block has another length',
      [plainPage(2, literal(...ints(1)), { uncompressed_page_size: 8 })],
      `corrupt: ${first} a Snappy block claims 4 bytes, the page header 8`,
      snappy,
    ],
    [
      'whose Snappy block has no length',
      [plainPage(2, [255, 255, 255, 255, 255, 255], { uncompressed_page_size: 8 })],
      `corrupt: ${first} a Snappy block has no length`,
      snappy,
    ],
    // A copy from before its own block would find other bytes once the block stands behind another one.
    [
      'whose Snappy block copies from before itself',
      [plainPage(2, [8, 12, 1, 0, 0, 0, 1, 5], { uncompressed_page_size: 8 })],
      `corrupt: ${first} the elements of a Snappy block do not make its 8 bytes`,
      snappy,
    ],
    [
      'whose Snappy block makes too much',
      [plainPage(2, [8, 28, ...ints(1, 2), 0, 1], { uncompressed_page_size: 8 })],
      `corrupt: ${first} the elements of a Snappy block do not make its 8 bytes`,
      snappy,
    ],
    [
      'whose Snappy block makes too little',
      [plainPage(2, [8, 12, ...ints(1)], { uncompressed_page_size: 8 })],
      `corrupt: ${first} the elements of a Snappy block do not make its 8 bytes`,
      snappy,
    ],
    [
      'whose Snappy block breaks off',
      [plainPage(2, [8, 28, ...ints(1)], { uncompressed_page_size: 8 })],
      `corrupt: ${first} the elements of a Snappy block do not make its 8 bytes`,
      snappy,
    ],
    [
      'whose LZ4 block breaks off within its literals',
      [plainPage(2, [0x90, 1, 2, 3], { uncompressed_page_size: 8 })],
      `corrupt: ${first} an LZ4 block is broken`,
      lz4,
    ],
    [
      'whose LZ4 block breaks off within a size',
      [plainPage(2, [0xf0, 255, 255], { uncompressed_page_size: 8 })],
      `corrupt: ${first} an LZ4 block is broken`,
      lz4,
    ],
    [
      'whose LZ4 block copies from before itself',
      [plainPage(2, [0x10, 1, 2, 0, 0x30, 1, 2, 3], { uncompressed_page_size: 8 })],
      `corrupt: ${first} an LZ4 block is broken`,
      lz4,
    ],
    [
      'whose LZ4 block copies from a distance of 0',
      [plainPage(2, [0x10, 1, 0, 0, 0x30, 1, 2, 3], { uncompressed_page_size: 8 })],
      `corrupt: ${first} an LZ4 block is broken`,
      lz4,
    ],
    [
      'whose LZ4 block makes too much',
      [plainPage(2, [0x1f, 1, 1, 0, 200, 0x30, 1, 2, 3], { uncompressed_page_size: 8 })],
      `corrupt: ${first} an LZ4 block is broken`,
      lz4,
    ],
    [
      'whose LZ4 block makes too little',
      [plainPage(2, [0x40, ...ints(1)], { uncompressed_page_size: 8 })],
      `corrupt: ${first} an LZ4 block makes 4 bytes, the page header says 8`,
      lz4,
    ],
    [
      'whose LZ4 block ends with a copy',
      [plainPage(2, [0x40, ...ints(1), 4, 0], { uncompressed_page_size: 8 })],
      `corrupt: ${first} an LZ4 block is broken`,
      lz4,
    ],
    [
      'whose LZ4 block claims more than it can make',
      [plainPage(2, [0x40, ...ints(1)], { uncompressed_page_size: 200_000_000 })],
      `corrupt: ${first} 5 bytes of LZ4 cannot make 200000000`,
      lz4,
    ],
    [
      'that is no gzip',
      [plainPage(2, ints(1, 2))],
      `corrupt: ${first} GZIP cannot be inflated: incorrect header check`,
      { data: { codec: 'GZIP' } },
    ],
    [
      'that is no zstd',
      [plainPage(2, ints(1, 2))],
      `corrupt: ${first} ZSTD cannot be inflated: Unknown frame descriptor`,
      { data: { codec: 'ZSTD' } },
    ],
  ])('%s', async (_, pages, message, ...[claims]) => {
    expect(await refusal(pages, claims)).toBe(`parquet.${message}`);
  });
});

describe('a footer is refused', () => {
  const page = [plainPage(2, ints(1, 2))];
  test.each<[string, Claims, RegExp]>([
    [
      'that counts more values than the pages hold',
      { values: 3n },
      /^parquet.corrupt: .*: the pages hold 2 values, the footer says 3/,
    ],
    [
      'that counts other rows than the pages hold',
      { rows: 3n },
      /^parquet.corrupt: .*: the pages hold 2 rows, the row group claims to have 3/,
    ],
    [
      'whose rows and row groups do not agree',
      { footer: { num_rows: 9n } },
      /^parquet.corrupt: it counts 9 rows, its row groups 2/,
    ],
    [
      'whose chunk begins before the data',
      { data: { data_page_offset: 0n } },
      /^parquet.corrupt: a chunk of row group 0 lies outside/,
    ],
    [
      'whose chunk reaches into the footer',
      { data: { total_compressed_size: 60n } },
      /^parquet.corrupt: a chunk of row group 0 lies outside/,
    ],
    [
      'whose chunk is shorter than its pages',
      { data: { total_compressed_size: 20n } },
      /^parquet.corrupt: column x, row group 0, page 0: the header claims/,
    ],
    [
      'whose chunk has less than no bytes',
      { data: { total_compressed_size: -1n } },
      /^parquet.corrupt: column x, row group 0: -1 bytes/,
    ],
    [
      'whose numbers are not exact any more',
      { data: { total_compressed_size: 2n ** 60n } },
      /^parquet.corrupt: column x, row group 0: a number is longer than 52 bits/,
    ],
    [
      'whose chunk belongs to another column',
      { data: { path_in_schema: ['y'] } },
      /^parquet.corrupt: column x, row group 0: the chunk belongs to y/,
    ],
    [
      'whose chunk is of another type',
      { data: { type: 'INT64' } },
      /^parquet.corrupt: column x, row group 0: the chunk holds INT64, the schema says INT32/,
    ],
    [
      'whose data lies in another file',
      { chunk: { file_path: 'else' } },
      /^parquet.unsupported: column x, row group 0: its data lies in another file/,
    ],
    [
      'with an encrypted column',
      { chunk: { encrypted_column_metadata: new Uint8Array(2) } },
      /^parquet.encrypted: column x, row group 0: it is encrypted/,
    ],
    [
      'with encrypted columns',
      { footer: { encryption_algorithm: {} } },
      /^parquet.encrypted: it has encrypted columns or a signed footer/,
    ],
    [
      'with a codec that has no library',
      { data: { codec: 'LZ4' } },
      /^parquet.unsupported: column x, row group 0: no library for the codec LZ4 /,
    ],
    [
      'with a codec that nobody knows',
      { data: { codec: 'CODEC_42' as 'LZO' } },
      /^parquet.unsupported: column x, row group 0: no library for the codec 42/,
    ],
  ])('%s', async (_, claims, message) => {
    expect(await refusal(page, claims)).toMatch(message);
  });

  test.each<[string, Claims]>([
    ['of another schema', { element: { repetition_type: 'REQUIRED', field_id: 4 } }],
    ['of another writer', { footer: { created_by: 'another hand' } }],
    ['of other metadata', { footer: { key_value_metadata: [{ key: 'writer.time.zone', value: 'UTC' }] } }],
    ['without an order of values', { footer: { column_orders: [] } }],
  ])('%s than that of the first file', async (_, claims) => {
    await expect(deepMergeFiles([good, handmadeFile(page, claims)])).rejects.toMatchObject({
      code: 'parquet.unsupported',
      message:
        '/golden/clicks/1.parquet cannot be merged: it differs from the first file in its schema, its writer or its metadata',
    });
  });

  test('whose chunks lie on top of each other', async () => {
    const data = {
      type: 'INT32' as const,
      encodings: [],
      path_in_schema: ['x'],
      codec: 'UNCOMPRESSED' as const,
      num_values: 2n,
      total_uncompressed_size: 1n,
      total_compressed_size: 29n,
      data_page_offset: 4n,
    };
    const group = { num_rows: 2n, total_byte_size: 1n, columns: [{ file_offset: 0n, meta_data: data }] };
    const claims = { footer: { num_rows: 200n, row_groups: Array.from({ length: 100 }, () => group) } };
    await expect(deepMergeFiles([handmadeFile(page, claims)])).rejects.toMatchObject({
      code: 'parquet.corrupt',
      message: expect.stringContaining('its chunks have 2900 bytes, all of its data'),
    });
  });
});

describe('of bounds that are none', () => {
  const stats = async (...statistics: NonNullable<Claims['data']>['statistics'][]) => {
    const files = statistics.map((own) =>
      handmadeFile([plainPage(2, ints(1, 2))], { data: own === undefined ? {} : { statistics: own } }),
    );
    const merged = await deepMergeFiles(files);
    const chunk = metadataOf(merged).row_groups[0]?.columns[0];
    return [
      chunk?.meta_data?.statistics?.min_value,
      chunk?.meta_data?.statistics?.max_value,
      chunk?.column_index_offset === undefined,
    ];
  };
  const bounds = (min: number[], max: number[]) => ({
    min_value: Uint8Array.from(min),
    max_value: Uint8Array.from(max),
  });

  test('nothing is said: one chunk without them, of another length, or the wrong way round', async () => {
    const known = bounds(ints(1), ints(2));
    expect(await stats(known, known)).toEqual([1, 2, false]);
    expect(await stats(known, undefined)).toEqual([undefined, undefined, true]);
    expect(await stats(known, bounds([1], ints(2)))).toEqual([undefined, undefined, true]);
    expect(await stats(known, bounds(ints(2), ints(1)))).toEqual([undefined, undefined, true]);
  });
});

test('pages that are made anew have checksums, and those of the input are held against its pages', async () => {
  const merged = await deepMergeFiles([good, good]);
  expect(await valuesOf(merged)).toEqual([1, 2, 1, 2]);
  expect(await valuesOf(await deepMergeFiles([merged]))).toEqual([1, 2, 1, 2]);
  const broken = merged.slice();
  broken[merged.indexOf(2, 4 + 20)] = 3;
  await expect(deepMergeFiles([broken])).rejects.toMatchObject({
    code: 'parquet.corrupt',
    message: expect.stringContaining('the checksum of the page is not that of its bytes'),
  });
});

test('bytes behind the values of a page are not taken for values', async () => {
  const padded = handmadeFile([plainPage(2, [...ints(1, 2), 9, 9, 9, 9, 9])]);
  expect(await valuesOf(await deepMergeFiles([padded, padded]))).toEqual([1, 2, 1, 2]);
  const texts = handmadeFile([plainPage(1, [1, 0, 0, 0, 65, 1, 0, 0, 0, 66])], {
    element: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  });
  expect(await valuesOf(await deepMergeFiles([texts, texts]))).toEqual(['A', 'A']);
  const entries = handmadeFile([
    dictionaryPage(2, [...ints(7, 8), 9, 9, 9, 9]),
    dataPage(2, packed(1, 0b10), 'RLE_DICTIONARY'),
  ]);
  expect(await valuesOf(await deepMergeFiles([entries, entries]))).toEqual([7, 8, 7, 8]);
});

describe('a dictionary whose entries', () => {
  /** Numbers that stand in the table of a union in the order of `hashes`: the way back through its hash. */
  const unmix = (hash: number): number => {
    let value = Math.imul(hash ^ (hash >>> 16), 0x7ed1_b41d);
    value = Math.imul(value ^ (value >>> 13) ^ (value >>> 26), 0xa5cb_9243);
    return value ^ (value >>> 16);
  };
  const count = 20_000;
  const merge = async (entries: Int32Array) => {
    const indices = Array.from({ length: count * 3 }, (_, index) => index % count);
    const groups = (count * 3) / 8;
    const header = groups * 2 + 1;
    const run = [(header & 127) | 128, ((header >> 7) & 127) | 128, header >> 14];
    const packed16 = [16, ...run, ...indices.flatMap((index) => [index & 255, index >> 8])];
    const file = handmadeFile([
      dictionaryPage(count, new Uint8Array(entries.buffer)),
      dataPage(count * 3, packed16, 'RLE_DICTIONARY'),
    ]);
    const merged = await deepMergeFiles([file]);
    expect(await valuesOf(merged)).toEqual(indices.map((index) => entries[index]));
    return metadataOf(merged).row_groups[0]?.columns[0]?.meta_data?.dictionary_page_offset !== undefined;
  };

  test('are spread stays one', async () => {
    expect(await merge(Int32Array.from({ length: count }, (_, index) => index * 3))).toBe(true);
  });

  test('were made to collide is given up before it takes for ever', async () => {
    expect(await merge(Int32Array.from({ length: count }, (_, index) => unmix((index << 16) | (index >> 12))))).toBe(
      false,
    );
  });
});
