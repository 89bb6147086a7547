import { describe, expect, test } from '@jest/globals';
import { digestFiles, filesSince } from '#shared/lake/file-digest.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import { fitsPattern } from '#shared/lake/name-pattern.ts';
import { splitGoldenPath } from '#shared/lake/golden-path.ts';
import { partitionName, partitionValues } from '#shared/lake/partition-name.ts';
import { compareValues, isFuture } from '#shared/lake/recency.ts';
import { nameCollisions, tableName } from '#shared/lake/table-name.ts';

test.each([
  '_SUCCESS',
  '_temporary',
  '.hive-staging',
  '.snapshot',
  '+tmp',
  'x.tmp',
  'x.parquet._COPYING_',
  '.part-1-0.snappy.parquet.inprogress.2b',
  'part-0.parquet.inprogress',
])('%s is no data', (name) => {
  expect(isHiddenName(name)).toBe(true);
});

test.each([
  'datafoo.snappy.parquet',
  'clicks+0+0000000000+0000000099.parquet',
  'part-1-0.snappy.parquet',
  'noextension',
  'tmp',
  'a+tmp.parquet',
])('%s is data', (name) => {
  expect(isHiddenName(name)).toBe(false);
});

describe('a golden path', () => {
  test('is split into topic and names below', () => {
    expect(splitGoldenPath('/golden', '//golden/clicks//2019/x.parquet')).toEqual({
      topic: 'clicks',
      below: ['2019', 'x.parquet'],
    });
    expect(splitGoldenPath('/', '/clicks')).toEqual({ topic: 'clicks', below: [] });
  });

  test.each([
    ['/golden/../etc/passwd', 'path.invalid'],
    ['/golden/clicks/./x', 'path.invalid'],
    ['golden/clicks', 'path.invalid'],
    ['/golden/cl\u0000icks', 'path.invalid'],
    ['/goldener/clicks', 'path.outside_root'],
    ['/golden', 'path.outside_root'],
    ['/', 'path.outside_root'],
  ])('%j is refused', (path, code) => {
    expect(() => splitGoldenPath('/golden', path)).toThrow(expect.objectContaining({ code }));
  });
});

describe('a partition name', () => {
  test('is escaped as Hive does it', () => {
    expect(partitionName(['a'], ['b/c%d'])).toBe('a=b%2Fc%25d');
    expect(partitionName(['year', 'month'], ['2019', ''])).toBe('year=2019/month=__HIVE_DEFAULT_PARTITION__');
    expect(partitionName(['city'], ['Zürich, ~ +'])).toBe('city=Zürich, ~ +');
  });

  test('gives its values back', () => {
    expect(partitionValues('a=b%2Fc%25d/e=100%/f==')).toEqual(['b/c%d', '100%', '=']);
    expect(partitionValues('2019/09')).toBeUndefined();
  });
});

describe('a table name', () => {
  test('is made from letters, digits and underscores', () => {
    expect(tableName('Orders-v2.EU')).toBe('orders_v2_eu');
    expect(tableName('a--b')).toBe('a_b');
    expect(tableName("x'; drop table y; --")).toBe('x_drop_table_y_');
  });

  test('belongs to one topic only', () => {
    const names = new Map([
      ['a-b', 'a_b'],
      ['a.b', 'a_b'],
      ['c', 'c'],
    ]);
    expect(nameCollisions(names)).toEqual(new Map([['a_b', ['a-b', 'a.b']]]));
  });
});

describe('recency', () => {
  test('orders numbers by size and text by letters', () => {
    const values = [
      ['2019', '9'],
      ['2019', '10'],
      ['2018', '12'],
      ['2019', '09', '01'],
    ];
    expect(values.toSorted(compareValues)).toEqual([
      ['2018', '12'],
      ['2019', '09', '01'],
      ['2019', '9'],
      ['2019', '10'],
    ]);
  });

  test('the future begins when no clock on earth shows it', () => {
    const now = new Date('2019-09-01T12:00:00Z');
    const keys = (['year', 'month', 'day', 'hour'] as const).map((name) => ({ name, type: 'string' as const }));
    expect(isFuture(keys, ['2019', '09', '02', '14'], now)).toBe(false);
    expect(isFuture(keys, ['2019', '09', '03', '00'], now)).toBe(true);
    expect(isFuture(keys, ['2020'], now)).toBe(true);
    expect(isFuture([{ name: 'dt', type: 'string' }], ['9999-01-01'], now)).toBe(true);
    expect(isFuture([{ name: 'region', type: 'string' }], ['zz'], now)).toBe(false);
  });
});

describe('a digest of files', () => {
  const file = (
    name: string,
    modificationTime: number,
    length = 10,
  ): { name: string; length: number; modificationTime: number } => ({ name, length, modificationTime });
  const [a, b, c] = [file('a', 1), file('b', 2), file('c', 3)];

  test('does not depend on the order of the listing', () => {
    expect(digestFiles([b, a])).toBe(digestFiles([a, b]));
  });

  test('tells which files came later', () => {
    expect(filesSince([c, a, b], digestFiles([a, b]))).toEqual([c]);
    expect(filesSince([a, b], digestFiles([a, b]))).toEqual([]);
    expect(filesSince([a, b], undefined)).toEqual([a, b]);
  });

  test('trusts nothing when a file was removed, replaced, or moved in with an old time', () => {
    expect(filesSince([b, c], digestFiles([a, b]))).toEqual([b, c]);
    expect(filesSince([file('a', 1, 11), b], digestFiles([a, b]))).toHaveLength(2);
    expect(filesSince([file('0', 0), a, b], digestFiles([a, b]))).toHaveLength(3);
    expect(filesSince([a], 'nonsense')).toEqual([a]);
  });
});

describe('a pattern of names', () => {
  test.each([
    ['.*.inprogress.*', '.part-1f-0.parquet.inprogress.77-aa', true],
    ['.*.inprogress.*', 'part-1f-0.parquet.inprogress.77', false],
    ['*._COPYING_', 'x.csv._COPYING_', true],
    ['*._COPYING_', 'x.csv._COPYING_2', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*', '', true],
    ['a**', 'a', true],
    ['a.c', 'abc', false],
    ['[a]', '[a]', true],
    ['*ab*ab', 'abaab', true],
    ['*ab*ab', 'aab', false],
  ])('%s and %s: %s', (pattern, name, fits) => {
    expect(fitsPattern(name, pattern)).toBe(fits);
  });

  test('made to be slow is not', () => {
    expect(fitsPattern('a'.repeat(255), `${'*a'.repeat(120)}*b`)).toBe(false);
  });
});
