import { describe, expect, test } from '@jest/globals';
import { type ExaminedEntry, examineFolder, examineSchema } from '#functions/metastore-sync/examine/doctor.ts';
import { Tally } from '#functions/metastore-sync/examine/tally.ts';
import { parseTemplate } from '#shared/lake/path-template.ts';
import type { Column } from '#shared/parquet/columns.ts';
import { parseHiveType } from '#shared/parquet/hive-type.ts';
import { type ColumnSpec, parquetSchema } from '../../../support/parquet-file.ts';

const now = Date.UTC(2019, 8, 10);
const hour = 3_600_000;
const topic = { allow: [], templates: [parseTemplate('{year}')] };

function entry(name: string, more: Partial<ExaminedEntry> = {}): ExaminedEntry {
  return { name, path: `/g/t/2019/${name}`, type: 'FILE', length: 5_000_000, modificationTime: now, ...more };
}

/** Kinds and subjects of what a folder's listing tells. */
const folder = (...entries: ExaminedEntry[]): string[] =>
  examineFolder('/g/t/2019', entries, now).map(
    ({ code, about, where }) => `${code} ${about} ${where.slice('/g/t/2019'.length)}`,
  );

describe('a folder', () => {
  test('with good files and the marks of writers is healthy', () => {
    expect(
      folder(entry('a.parquet'), entry('_SUCCESS', { length: 0 }), entry('.hidden', { modificationTime: 0 })),
    ).toEqual([]);
  });

  test('tells of empty and huge files and of folders', () => {
    const found = folder(
      entry('e', { length: 0 }),
      entry('h', { length: 2 ** 30 + 1 }),
      entry('sub', { type: 'DIRECTORY' }),
    );
    expect(found).toEqual(['file.empty  /e', 'file.huge  /h', 'folder.inside_partition  /sub']);
  });

  test.each(['.part-1-0.snappy.parquet.inprogress.6f', 'x._COPYING_', 'x.tmp', '_temporary', '.hive-staging_1'])(
    'tells of %s with its age, once nobody can be writing it',
    (name) => {
      const age = (modificationTime: number): string[] => folder(entry(name, { modificationTime }));
      expect(age(now - hour)).toEqual([]);
      expect(age(now - hour - 1)).toEqual([`file.left_over 1 h old /${name}`]);
      expect(age(now - 47 * hour)).toEqual([`file.left_over 47 h old /${name}`]);
      expect(age(now - 49 * hour)).toEqual([`file.left_over 2 days old /${name}`]);
    },
  );

  test('tells of many small files, from ten on', () => {
    const small = Array.from({ length: 10 }, (_, index) => entry(`${index}`, { length: (1 << 20) - 1 }));
    expect(folder(...small.slice(1), entry('large', { length: 1 << 20 }))).toEqual([]);
    expect(folder(...small)).toEqual(['files.small  ']);
  });
});

describe('a footer', () => {
  const examine = (columns: Record<string, ColumnSpec>, declared?: Record<string, string>): string[] => {
    const table =
      declared && Object.entries(declared).map(([name, type]): Column => ({ name, type: parseHiveType(type) }));
    return examineSchema('/g/t/2019/a', parquetSchema(columns), table, topic).map(
      ({ code, about }) => `${code} ${about}`,
    );
  };
  const nanos: ColumnSpec = {
    type: 'INT64',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' },
  };

  test('that every engine reads under the table has nothing to tell', () => {
    expect(examine({ id: 'int', at: 'timestamp', price: 'decimal(9,2)' })).toEqual([]);
    expect(examine({ id: 'int' }, { id: 'bigint', more: 'string' })).toEqual([]);
  });

  test.each<[string, Record<string, ColumnSpec>, string[]]>([
    [
      'a decimal stored as BINARY',
      { price: { type: 'BYTE_ARRAY', converted_type: 'DECIMAL', precision: 9, scale: 2 } },
      ['column.decimal-binary price'],
    ],
    ['a timestamp in nanoseconds', { at: nanos }, ['column.timestamp-nanos at']],
    ['INT96', { at: { type: 'INT96' } }, ['column.int96 at']],
    ['a column that is also a partition key', { year: 'string' }, ['column.is_partition_key year']],
    [
      'what no engine reads',
      { f: { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 2, logical_type: { type: 'FLOAT16' } } },
      ['column.unsupported f'],
    ],
  ])('with %s', (_, columns, told) => {
    expect(examine(columns)).toEqual(told);
  });

  test('that differs from the table: in a way that breaks readers, or one that sync apply follows', () => {
    expect(examine({ id: 'string' }, { id: 'int' })).toEqual(['file.differs id']);
    expect(examine({ id: 'bigint', new: 'int' }, { id: 'int' })).toEqual(['file.ahead id', 'file.ahead new']);
  });
});

test('alike findings are one row with their count and the first place by name, in whatever order they come', () => {
  const finding = (code: string, where: string) => ({ code, about: 'a', message: 'm', where });
  const all = [finding('x', '/2'), finding('y', '/9'), finding('x', '/1'), finding('x', '/3')];
  const rows = (findings: typeof all) => {
    const tally = new Tally();
    tally.add(findings);
    return tally.rows();
  };
  expect(rows(all)).toEqual([
    { code: 'x', about: 'a', count: 3, message: 'm', example: '/1' },
    { code: 'y', about: 'a', count: 1, message: 'm', example: '/9' },
  ]);
  expect(rows(all.toReversed())).toEqual(rows(all));
});
