import { describe, expect, test } from '@jest/globals';
import { isError } from '#shared/errors/error.ts';
import { formatHiveType, parseHiveType } from '#shared/parquet/hive-type.ts';

describe('a type text comes back as Hive writes it', () => {
  test.each([
    ['int', 'int'],
    ['INTEGER', 'int'],
    ['double precision', 'double'],
    ['decimal', 'decimal(10,0)'],
    ['decimal(12)', 'decimal(12,0)'],
    ['Decimal( 38 , 38 )', 'decimal(38,38)'],
    ['varchar(65535)', 'varchar(65535)'],
    ['char(3)', 'char(3)'],
    ['ARRAY< map<string , BIGINT> >', 'array<map<string,bigint>>'],
    ['struct<a:int,b c:string,$d.e:date>', 'struct<a:int,b c:string,$d.e:date>'],
    ['struct<Id:int, straße:string>', 'struct<Id:int,straße:string>'],
    ['struct<`a-b`:int,`c``d:e,f`:string>', 'struct<`a-b`:int,`c``d:e,f`:string>'],
    ['struct<>', 'struct<>'],
    ['map<constructor,__proto__>', 'map<constructor,__proto__>'],
  ])('%s', (text, expected) => {
    expect(formatHiveType(parseHiveType(text))).toBe(expected);
  });
});

test.each([
  'uniontype<int,struct<a:int,b:string>>',
  'timestamp with local time zone',
  'interval_year_month',
  'decimal(50,2)',
  'decimal(5,6)',
  'varchar(0)',
  'varchar',
  'char(256)',
])('%s is carried as it is, alone and within another type', (text) => {
  expect(parseHiveType(text)).toEqual({ kind: 'other', text });
  expect(parseHiveType(`struct<a:${text},b:int>`)).toMatchObject({ fields: [{ type: { kind: 'other', text } }, {}] });
});

test.each([
  '',
  '  ',
  'struct<a:int',
  'struct<a:int,>',
  'struct<:int>',
  'struct<a>',
  'struct<a:int>>',
  'array<>',
  'map<int>',
  'map<int,int,int>',
  'int,int',
  'decimal(10',
  'decimal)',
  'uniontype<int',
])("'%s' is refused by name", (text) => {
  expect(() => parseHiveType(text)).toThrow(expect.objectContaining({ code: 'metastore.invalid' }));
  expect(() => parseHiveType(text)).toThrow(text);
});

test.each(['array<', 'struct<a:', 'map<int,'])(
  'a million levels of %s end in an answer, not in a stack overflow',
  (level) => {
    let caught: unknown;
    try {
      parseHiveType(level.repeat(1_000_000));
    } catch (error) {
      caught = error;
    }
    expect(isError(caught, 'metastore.invalid')).toBe(true);
    expect((caught as Error).message.length).toBeLessThan(500);
  },
);

test('100 levels are read', () => {
  const text = `${'array<'.repeat(100)}int${'>'.repeat(100)}`;
  expect(formatHiveType(parseHiveType(text))).toBe(text);
});
