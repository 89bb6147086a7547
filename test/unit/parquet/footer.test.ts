import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parquetMetadata } from 'hyparquet';
import { hiveColumns } from '#shared/parquet/columns.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { formatHiveType } from '#shared/parquet/hive-type.ts';
import { refusalOf } from '../../support/footer-refusal.ts';
import { bytesSource, parquetBytes, parquetSchema, schemaOnlyBytes } from '../../support/parquet-file.ts';

const folder = new URL('../../fixtures/parquet/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.parquet'));
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(name, folder)));
const ascii = (text: string) => new TextEncoder().encode(text);
const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const path = '/golden/clicks/x.parquet';

describe('footers of real writers', () => {
  test.each(files)('%s says what hyparquet reads, and its bounds are raw bytes', async (name) => {
    const bytes = fixture(name);
    const { metadata, rows, schema } = await readFooter(bytesSource(bytes));
    const theirs = parquetMetadata(bytes, { geoparquet: false });
    expect(plain(metadata)).toEqual(plain(theirs));
    expect(rows).toBe(theirs.num_rows);
    expect(schema).toBe(metadata.schema);
    const bounds = metadata.row_groups
      .flatMap(({ columns }) => columns)
      .flatMap(({ meta_data: { statistics: s } = {} }) => [s?.min, s?.max, s?.min_value, s?.max_value])
      .filter((bound) => bound !== undefined);
    expect(bounds.every((bound) => bound instanceof Uint8Array)).toBe(true);
  });

  test('of Arrow: decimals, times of day and the like', async () => {
    const { schema, createdBy, metadata } = await readFooter(bytesSource(fixture('arrow.parquet')));
    const { columns, problems, notes } = hiveColumns(schema);
    expect(createdBy).toMatch(/^parquet-cpp-arrow/);
    expect(Object.fromEntries(columns.map(({ name, type }) => [name, formatHiveType(type)]))).toEqual({
      id: 'bigint',
      small: 'smallint',
      tiny: 'tinyint',
      u32: 'bigint',
      price: 'decimal(9,2)',
      name: 'string',
      day: 'date',
      at: 'timestamp',
      nanos: 'timestamp',
      tags: 'array<string>',
      attributes: 'map<string,int>',
      address: 'struct<street:string,zip:bigint>',
    });
    expect(problems.map(({ column }) => column)).toEqual(['half']);
    expect(notes.map(({ kind }) => kind)).toEqual(['unsigned-32', 'timestamp-nanos', 'always-null']);
    expect(metadata.column_orders).toHaveLength(metadata.row_groups[0]?.columns.length ?? 0);
    expect(metadata.row_groups[0]?.columns[5]?.meta_data?.size_statistics).toBeDefined();
  });

  test('of parquet-mr: lists of two levels, a bag, a decimal in BINARY, INT96', async () => {
    const { schema } = await readFooter(bytesSource(fixture('parquet-mr.parquet')));
    const { columns, problems, notes } = hiveColumns(schema);
    expect(columns.map(({ name, type }) => `${name} ${formatHiveType(type)}`)).toEqual([
      'id bigint',
      'small smallint',
      'name string',
      'price decimal(9,2)',
      'at timestamp',
      'old timestamp',
      'day date',
      'tags array<string>',
      'items array<int>',
      'attributes map<string,bigint>',
      'address struct<street:string,zip:int>',
    ]);
    expect(problems).toEqual([]);
    expect(notes.map(({ kind }) => kind)).toEqual(['decimal-binary']);
  });
});

/** Metadata without what was decoded in different ways on purpose, and without fields that are undefined. */
function plain(metadata: object): unknown {
  const left = new Set(['statistics', 'column_orders', 'nan_count', 'crypto_metadata']);
  return JSON.parse(
    JSON.stringify(metadata, (key, value: unknown) => {
      if (left.has(key)) return undefined;
      return typeof value === 'bigint' ? `${value}n` : value;
    }),
  );
}

describe('reads', () => {
  const wide = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`column_${index}`, 'bigint']));
  const big = parquetBytes(wide, [Object.fromEntries(Object.keys(wide).map((name) => [name, 1n]))]);

  test('one of the tail when the footer fits, a second one of just the rest when it does not', async () => {
    const one = bytesSource(big);
    const { footerBytes } = await readFooter(one, { tailBytes: 100_000 });
    expect(one.reads).toEqual([Math.min(100_000, big.length)]);
    const two = bytesSource(big);
    expect((await readFooter(two)).schema).toHaveLength(301);
    expect(two.reads).toEqual([16_384, footerBytes + 8 - 16_384]);
  });

  test.each([-1, 0, 1])('the footer is %d bytes longer than what the tail holds', async (more) => {
    const { footerBytes } = await readFooter(bytesSource(big));
    const source = bytesSource(big);
    expect((await readFooter(source, { tailBytes: footerBytes + 8 - more })).footerBytes).toBe(footerBytes);
    expect(source.reads).toHaveLength(more > 0 ? 2 : 1);
  });

  test('keys and values, created by', async () => {
    const bytes = parquetBytes({ id: 'int' }, [{ id: 1 }], { keyValues: { 'parquet.avro.schema': '{}', empty: '' } });
    const { keyValueMetadata, createdBy, rows, encryptedColumns } = await readFooter(bytesSource(bytes));
    expect(keyValueMetadata).toEqual(
      new Map([
        ['parquet.avro.schema', '{}'],
        ['empty', ''],
      ]),
    );
    expect({ createdBy, rows, encryptedColumns }).toEqual({
      createdBy: 'hyparquet',
      rows: 1n,
      encryptedColumns: false,
    });
  });
});

describe('a file that is no readable Parquet file is refused with its path and the reason', () => {
  const good = schemaOnlyBytes(parquetSchema({ id: 'int' }));
  const withLength = (length: number) => {
    const bytes = new Uint8Array(good);
    new DataView(bytes.buffer).setUint32(bytes.length - 8, length, true);
    return bytes;
  };
  test.each<[string, Uint8Array, RegExp]>([
    ['no bytes', new Uint8Array(), /^parquet\.empty: it has no bytes/],
    ['eleven bytes', good.slice(0, 11), /^parquet\.truncated: it has 11 bytes/],
    ['a lost end', good.slice(0, -1), /^parquet\.truncated: it begins as a Parquet file/],
    ['a lost end, long', concat(good, new Uint8Array(50_000)), /^parquet\.truncated: it begins/],
    ['foreign', ascii('{"id": 1, "name": "no Parquet"}'), /^parquet\.foreign: it neither begins/],
    ['foreign, long', new Uint8Array(50_000).fill(7), /^parquet\.foreign/],
    ['an encrypted footer', concat(good.slice(0, -4), ascii('PARE')), /^parquet\.encrypted: the footer is encrypted/],
    ['a lost end of an encrypted file', concat(ascii('PARE'), new Uint8Array(20)), /^parquet\.truncated/],
    ['a footer of no bytes', withLength(0), /^parquet\.corrupt: the footer claims 0 bytes/],
    ['a footer longer than the file', withLength(good.length - 11), /^parquet\.corrupt: the footer claims/],
    ['a footer of negative length', withLength(-1), /^parquet\.corrupt: the footer claims 4294967295 bytes/],
    ['a footer cut short', withLength(5), /^parquet\.corrupt/],
  ])('%s', async (_, bytes, reason) => {
    expect(await refusalOf(bytes)).toMatch(reason);
  });

  test('a footer past the limit, without reading it', async () => {
    expect(await refusalOf(good, { maxFooterBytes: 10 })).toMatch(/^parquet\.unsupported: .*the limit is 10$/);
  });

  test.each([0, 5, 16_383])('a source that gives %d bytes of those it was asked for', async (count) => {
    const source = { path, length: 100_000, read: () => Promise.resolve(new Uint8Array(count)) };
    await expect(readFooter(source)).rejects.toMatchObject({
      code: 'parquet.truncated',
      message: expect.stringContaining(`gave ${count} of 16384 bytes at offset 83616`),
    });
  });

  test('an error of the source is passed on as it is', async () => {
    const trouble = new Error('the DataNode is gone');
    await expect(readFooter({ path, length: 100, read: () => Promise.reject(trouble) })).rejects.toBe(trouble);
  });
});
