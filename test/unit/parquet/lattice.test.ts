import { describe, expect, test } from '@jest/globals';
import type { Column } from '#shared/parquet/columns.ts';
import { formatHiveType, type HiveType, parseHiveType, primitiveNames } from '#shared/parquet/hive-type.ts';
import { joinColumns, joinTypes, needsCascade } from '#shared/parquet/lattice.ts';
import { type Widening, widenings } from '#shared/parquet/leaf-join.ts';

function columns(of: Record<string, string>): Column[] {
  return Object.entries(of).map(([name, type]) => ({ name, type: parseHiveType(type) }));
}

function joined(a: string, b: string, allow: Widening[] = []): string | undefined {
  const type = joinTypes(parseHiveType(a), parseHiveType(b), allow);
  return type && formatHiveType(type);
}

describe('types that all engines read rightly are joined without being asked for', () => {
  test.each([
    ['smallint', 'int', 'int'],
    ['smallint', 'bigint', 'bigint'],
    ['int', 'bigint', 'bigint'],
    ['decimal(9,2)', 'decimal(18,2)', 'decimal(18,2)'],
    ['decimal(38,2)', 'decimal(18,2)', 'decimal(38,2)'],
    ['struct<a:int,b:string>', 'struct<c:date,B:string,a:bigint>', 'struct<a:bigint,b:string,c:date>'],
    ['array<struct<a:int>>', 'array<struct<a:int,b:int>>', 'array<struct<a:int,b:int>>'],
    ['map<string,int>', 'map<string,bigint>', 'map<string,bigint>'],
    ['uniontype<int>', 'UNIONTYPE<INT>', 'uniontype<int>'],
    ['varchar(5)', 'varchar(5)', 'varchar(5)'],
    ['tinyint', 'tinyint', 'tinyint'],
  ])('%s with %s is %s', (a, b, type) => {
    expect(joined(a, b)).toBe(type);
    expect(joined(a, b)).toBe(type);
    expect(joined(type, a)).toBe(type);
  });
});

describe('no common type is made without being asked for', () => {
  test.each([
    ['tinyint', 'smallint'],
    ['int', 'double'],
    ['int', 'float'],
    ['float', 'double'],
    ['decimal(9,2)', 'decimal(18,4)'],
    ['int', 'decimal(12,2)'],
    ['int', 'string'],
    ['string', 'binary'],
    ['string', 'varchar(5)'],
    ['varchar(5)', 'varchar(6)'],
    ['date', 'timestamp'],
    ['bigint', 'timestamp'],
    ['boolean', 'int'],
    ['map<int,string>', 'map<bigint,string>'],
    ['array<int>', 'array<string>'],
    ['array<int>', 'int'],
    ['struct<a:int>', 'map<string,int>'],
    ['uniontype<int>', 'uniontype<bigint>'],
  ])('%s with %s', (a, b) => {
    expect(joined(a, b)).toBeUndefined();
    expect(joined(b, a)).toBeUndefined();
  });
});

describe('a table may allow more', () => {
  test.each<[string, string, Widening[], string | undefined]>([
    ['float', 'double', ['float->double'], 'double'],
    ['int', 'double', ['int->double'], 'double'],
    ['bigint', 'double', ['int->double'], undefined],
    ['int', 'float', ['int->double'], undefined],
    ['int', 'float', ['int->double', 'float->double'], 'double'],
    ['int', 'decimal(9,2)', ['int->decimal'], 'decimal(12,2)'],
    ['decimal(38,30)', 'int', ['int->decimal'], undefined],
    ['decimal(10,2)', 'decimal(12,4)', ['decimal-scale'], 'decimal(12,4)'],
    ['decimal(38,0)', 'decimal(38,10)', ['decimal-scale'], undefined],
    ['decimal(38,0)', 'decimal(38,10)', ['decimal-scale', 'any->string'], 'string'],
    ['date', 'int', ['any->string'], 'string'],
    ['boolean', 'string', ['any->string'], undefined],
    ['binary', 'string', ['any->string'], undefined],
    ['array<int>', 'string', ['any->string'], undefined],
  ])('%s with %s by %j is %s', (a, b, allow, type) => {
    expect(joined(a, b, allow)).toBe(type);
    expect(joined(b, a, allow)).toBe(type);
  });
});

test('whatever a table allows, the outcome for three leaf types does not depend on their order: all of them', () => {
  const names = [
    ...primitiveNames,
    'decimal(9,2)',
    'decimal(12,0)',
    'decimal(18,4)',
    'decimal(38,30)',
    'char(5)',
    'interval',
  ];
  const leaves = names.map(parseHiveType);
  const subsets = Array.from({ length: 2 ** widenings.length }, (_, bits) =>
    widenings.filter((_widening, index) => (bits >> index) % 2 === 1),
  );
  const wrong: string[] = [];
  for (const allow of subsets) {
    const join = (a: HiveType | undefined, b: HiveType | undefined) => a && b && joinTypes(a, b, allow);
    const pairs = leaves.map((a) => leaves.map((b) => join(a, b)));
    for (const [i, a] of leaves.entries()) {
      for (const j of leaves.keys()) {
        for (const [k, c] of leaves.entries()) {
          const [left, right] = [join(pairs[i]?.[j], c), join(a, pairs[j]?.[k])];
          if (left === right || (left && right && formatHiveType(left) === formatHiveType(right))) continue;
          wrong.push(`${names[i]} ${names[j]} ${names[k]} by ${allow.join()}`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('new columns go to the end, nothing is dropped, moved or narrowed', () => {
  const declared = columns({ id: 'bigint', gone: 'date', address: 'struct<street:string>', tags: 'array<string>' });
  const found = columns({ first: 'int', ADDRESS: 'struct<zip:int,street:string>', id: 'int', tags: 'array<string>' });
  expect(joinColumns(declared, found)).toEqual({
    columns: columns({
      id: 'bigint',
      gone: 'date',
      address: 'struct<street:string,zip:int>',
      tags: 'array<string>',
      first: 'int',
    }),
    changes: [
      { column: 'first', change: 'append', to: 'int' },
      { column: 'address', change: 'extend', from: 'struct<street:string>', to: 'struct<street:string,zip:int>' },
    ],
    conflicts: [],
  });
});

test('a comment of the table stays, a new column brings its own', () => {
  const declared = [{ name: 'id', type: parseHiveType('int'), comment: 'key' }];
  const found = [
    { name: 'id', type: parseHiveType('bigint'), comment: 'other' },
    { name: 'key', type: parseHiveType('binary'), comment: 'uuid' },
  ];
  expect(joinColumns(declared, found).columns.map(({ comment }) => comment)).toEqual(['key', 'uuid']);
});

test('only a wider leaf needs a cascade', () => {
  const declared = columns({ a: 'int', b: 'struct<x:int>' });
  const changes = (of: Record<string, string>) => joinColumns(declared, columns(of)).changes;
  expect(needsCascade(changes({ c: 'int' }))).toBe(false);
  expect(needsCascade(changes({ b: 'struct<y:int>' }))).toBe(false);
  expect(needsCascade(changes({ a: 'smallint' }))).toBe(false);
  expect(needsCascade(changes({ a: 'bigint' }))).toBe(true);
  expect(changes({ b: 'struct<y:int,x:bigint>' })).toMatchObject([{ change: 'widen' }]);
});

test('a change names what allowed it', () => {
  const declared = columns({ a: 'float', b: 'struct<x:float,y:int>' });
  const found = columns({ a: 'double', b: 'struct<x:double,y:decimal(12,2)>' });
  const { changes, conflicts } = joinColumns(declared, found, { allow: ['int->decimal', 'float->double'] });
  expect(conflicts).toEqual([]);
  expect(changes.map(({ column, allowedBy }) => [column, allowedBy])).toEqual([
    ['a', ['float->double']],
    ['b', ['float->double', 'int->decimal']],
  ]);
});

describe('a conflict says which engine would answer wrongly or fail', () => {
  test.each([
    ['float', 'double', /Trino .* fails as soon as the column is filtered; Hive fails on partitions/],
    ['double', 'float', /Trino .* fails as soon as the column is filtered/],
    ['int', 'double', /Trino .* fails as soon as/],
    ['decimal(9,2)', 'decimal(18,4)', /Trino .* silently loses rows/],
    ['int', 'decimal(12,2)', /Trino .* silently loses rows .*Hive fails/],
    ['string', 'int', /Spark cannot read/],
    ['int', 'string', /null without an error/],
    ['decimal(9,2)', 'string', /null without an error/],
    ['varchar(5)', 'string', /Spark does not cut it off/],
    ['timestamp', 'date', /Trino and Spark fail/],
    ['binary', 'string', /^No engine is known to read string under binary rightly\.$/],
    ['tinyint', 'int', /^No engine is known to read int under tinyint rightly\.$/],
  ])('%s found as %s', (declared, found, breaks) => {
    const result = joinColumns(columns({ a: declared }), columns({ A: found }));
    expect(result.columns).toEqual(columns({ a: declared }));
    expect(result.conflicts).toEqual([{ column: 'a', declared, found, breaks: expect.stringMatching(breaks) }]);
  });

  test('and where in the column', () => {
    const declared = columns({ a: 'array<struct<b:map<string,int>>>' });
    const { conflicts } = joinColumns(declared, columns({ a: 'array<struct<b:map<string,date>>>' }));
    expect(conflicts[0]?.breaks).toBe('At a[].b{value}: No engine is known to read date under int rightly.');
    const keys = joinColumns(columns({ m: 'map<int,int>' }), columns({ m: 'map<string,int>' })).conflicts;
    expect(keys[0]?.breaks).toMatch(/^At m\{key\}: /);
  });
});
