import { describe, expect, test } from '@jest/globals';
import type { ConvertedType, LogicalType, SchemaElement } from 'hyparquet';
import { hiveColumns } from '#shared/parquet/columns.ts';
import { formatHiveType } from '#shared/parquet/hive-type.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { bytesSource, parquetSchema, schemaOnlyBytes } from '../../support/parquet-file.ts';

type Leaf = Omit<SchemaElement, 'name'>;

/** Maps a schema as a file's footer brings it: through bytes. */
async function map(schema: readonly SchemaElement[]) {
  return hiveColumns((await readFooter(bytesSource(schemaOnlyBytes(schema)))).schema);
}

function fixed(length: number, more: Partial<Leaf> = {}): Leaf {
  return { type: 'FIXED_LEN_BYTE_ARRAY', type_length: length, ...more };
}

function logical(type: SchemaElement['type'], logical_type: LogicalType): Leaf {
  return { ...(type !== undefined && { type }), logical_type };
}

function converted(type: SchemaElement['type'], converted_type: ConvertedType, more: Partial<Leaf> = {}): Leaf {
  return { ...(type !== undefined && { type }), converted_type, ...more };
}

const integer = (bitWidth: number, isSigned: boolean): LogicalType => ({ type: 'INTEGER', bitWidth, isSigned });
const timestamp = (unit: 'MILLIS' | 'MICROS' | 'NANOS', isAdjustedToUTC = true): LogicalType => ({
  type: 'TIMESTAMP',
  isAdjustedToUTC,
  unit,
});
const decimal = (precision: number, scale: number): LogicalType => ({ type: 'DECIMAL', precision, scale });

describe('each physical, legacy and logical type has its Hive type', () => {
  test.each<[Leaf, string, string?]>([
    [{ type: 'BOOLEAN' }, 'boolean'],
    [{ type: 'INT32' }, 'int'],
    [{ type: 'INT64' }, 'bigint'],
    [{ type: 'INT96' }, 'timestamp'],
    [{ type: 'FLOAT' }, 'float'],
    [{ type: 'DOUBLE' }, 'double'],
    [{ type: 'BYTE_ARRAY' }, 'binary'],
    [fixed(7), 'binary'],
    [converted('INT32', 'INT_8'), 'tinyint'],
    [converted('INT32', 'INT_16'), 'smallint'],
    [converted('INT32', 'INT_32'), 'int'],
    [converted('INT64', 'INT_64'), 'bigint'],
    [converted('INT32', 'UINT_8'), 'smallint'],
    [converted('INT32', 'UINT_16'), 'int'],
    [converted('INT32', 'UINT_32'), 'bigint', 'unsigned-32'],
    [converted('INT64', 'UINT_64'), 'bigint', 'unsigned-64'],
    [logical('INT32', integer(8, true)), 'tinyint'],
    [logical('INT32', integer(16, true)), 'smallint'],
    [logical('INT32', integer(32, true)), 'int'],
    [logical('INT64', integer(64, true)), 'bigint'],
    [logical('INT32', integer(8, false)), 'smallint'],
    [logical('INT64', integer(64, false)), 'bigint', 'unsigned-64'],
    [converted('BYTE_ARRAY', 'UTF8'), 'string'],
    [converted('BYTE_ARRAY', 'ENUM'), 'string'],
    [converted('BYTE_ARRAY', 'JSON'), 'string'],
    [converted('BYTE_ARRAY', 'BSON'), 'binary'],
    [logical('BYTE_ARRAY', { type: 'STRING' }), 'string'],
    [logical('BYTE_ARRAY', { type: 'ENUM' }), 'string'],
    [logical('BYTE_ARRAY', { type: 'JSON' }), 'string'],
    [logical('BYTE_ARRAY', { type: 'BSON' }), 'binary'],
    [{ ...fixed(16), logical_type: { type: 'UUID' } }, 'binary', 'uuid-binary'],
    [converted('INT32', 'DATE'), 'date'],
    [logical('INT32', { type: 'DATE' }), 'date'],
    [converted('INT64', 'TIMESTAMP_MILLIS'), 'timestamp'],
    [converted('INT64', 'TIMESTAMP_MICROS'), 'timestamp'],
    [logical('INT64', timestamp('MILLIS')), 'timestamp'],
    [logical('INT64', timestamp('MICROS', false)), 'timestamp'],
    [logical('INT64', timestamp('NANOS')), 'timestamp', 'timestamp-nanos'],
    [converted('INT32', 'TIME_MILLIS'), 'int', 'time-integer'],
    [converted('INT64', 'TIME_MICROS'), 'bigint', 'time-integer'],
    [logical('INT64', { type: 'TIME', isAdjustedToUTC: false, unit: 'NANOS' }), 'bigint', 'time-integer'],
    [converted('INT32', 'DECIMAL', { precision: 9, scale: 2 }), 'decimal(9,2)'],
    [converted('INT64', 'DECIMAL', { precision: 18 }), 'decimal(18,0)'],
    [logical('INT64', decimal(10, 10)), 'decimal(10,10)'],
    [{ ...fixed(16), logical_type: decimal(38, 5) }, 'decimal(38,5)'],
    [converted('FIXED_LEN_BYTE_ARRAY', 'DECIMAL', { type_length: 4, precision: 9, scale: 2 }), 'decimal(9,2)'],
    [converted('BYTE_ARRAY', 'DECIMAL', { precision: 9, scale: 2 }), 'decimal(9,2)', 'decimal-binary'],
  ])('%j is %s', async (leaf, type, note = '') => {
    const { columns, problems, notes } = await map(parquetSchema({ Value: leaf }));
    expect(problems).toEqual([]);
    expect(columns.map((column) => [column.name, formatHiveType(column.type)])).toEqual([['value', type]]);
    expect(notes.map(({ column, kind }) => [column, kind])).toEqual(note === '' ? [] : [['value', note]]);
  });
});

test('a comment says what a binary or an integer stands for', async () => {
  const { columns } = await map(
    parquetSchema({ key: { ...fixed(16), logical_type: { type: 'UUID' } }, clock: converted('INT32', 'TIME_MILLIS') }),
  );
  expect(columns.map(({ comment }) => comment)).toEqual(['uuid', 'time of day in milliseconds']);
});

describe('what not all engines can hold is a problem of its column', () => {
  test.each<[Leaf, RegExp]>([
    [{ ...fixed(2), logical_type: { type: 'FLOAT16' } }, /FLOAT16/],
    [{ ...fixed(12), converted_type: 'INTERVAL' }, /INTERVAL/],
    [logical('BYTE_ARRAY', { type: 'GEOMETRY' }), /GEOMETRY/],
    [logical('BYTE_ARRAY', { type: 'GEOGRAPHY', algorithm: 'KARNEY' }), /GEOGRAPHY/],
    [{ ...fixed(17), logical_type: decimal(39, 2) }, /38 digits, this one has 39/],
    [logical('BYTE_ARRAY', decimal(39, 2)), /38 digits/],
    [logical('INT32', decimal(10, 2)), /does not fit INT32/],
    [logical('INT64', decimal(19, 2)), /does not fit INT64/],
    [{ ...fixed(4), logical_type: decimal(10, 2) }, /does not fit FIXED/],
    [logical('INT32', decimal(5, 6)), /does not fit/],
    [converted('INT32', 'DECIMAL'), /0 digits/],
    [logical('DOUBLE', decimal(5, 2)), /does not belong/],
    [logical('INT32', { type: 'STRING' }), /does not belong/],
    [logical('INT32', timestamp('MILLIS')), /does not belong/],
    [logical('INT64', { type: 'DATE' }), /does not belong/],
    [logical('INT64', integer(16, true)), /does not belong/],
    [logical('INT32', integer(24, true)), /24 is no width/],
    [logical('INT32', { type: 'TIME', isAdjustedToUTC: true, unit: 'MICROS' }), /does not belong/],
    [logical('BYTE_ARRAY', { type: 'UUID' }), /does not belong/],
    [{ ...fixed(8), logical_type: { type: 'UUID' } }, /does not belong/],
  ])('%j', async (leaf, reason) => {
    const { columns, problems } = await map(parquetSchema({ Value: leaf, id: 'int' }));
    expect(columns.map(({ name }) => name)).toEqual(['id']);
    expect(problems).toMatchObject([{ column: 'value', reason: expect.stringMatching(reason) }]);
  });

  test('types that the format did not have yet', () => {
    const future = [{ type: 'TYPE_9' }, { type: 'INT32', logical_type: { type: 'UNRECOGNISED' } }] as unknown as Leaf[];
    for (const leaf of future) {
      expect(hiveColumns(parquetSchema({ a: leaf })).problems).toMatchObject([{ column: 'a' }]);
    }
  });

  test('a problem within a column names the place', async () => {
    const schema = parquetSchema({ a: 'struct<b:array<int>>' });
    Object.assign(schema.at(-1) as SchemaElement, { ...fixed(2), logical_type: { type: 'FLOAT16' } });
    expect((await map(schema)).problems).toMatchObject([
      { column: 'a', found: 'FIXED_LEN_BYTE_ARRAY(2) FLOAT16', reason: expect.stringMatching(/^at a\.b\[\]: /) },
    ]);
  });
});

describe('names', () => {
  test.each<[string[], string[], string[]]>([
    [['ID', 'Name'], ['id', 'name'], []],
    [['Id', 'x', 'ID'], ['x'], ['id', 'id']],
    [['x', 'x'], [], ['x', 'x']],
    [['', 'x'], ['x'], ['']],
    [['a,b', 'x'], ['x'], ['a,b']],
    [['a\nb', ' x', 'y '], [], ['a\nb', ' x', 'y ']],
    [['order', '$c', 'a-b', 'straße'], ['order', '$c', 'a-b', 'straße'], []],
    [['a b', 'a;b', 'a(b', 'a=b', 'x'], ['x'], ['a b', 'a;b', 'a(b', 'a=b']],
    [['a.b', 'a:b', 'ROW__ID', 'a\u2028b', 'x'], ['x'], ['a.b', 'a:b', 'row__id', 'a\u2028b']],
    [['x'.repeat(767), 'y'.repeat(768)], ['x'.repeat(767)], ['y'.repeat(768)]],
    [['constructor', '__proto__'], ['constructor', '__proto__'], []],
  ])('of %j remain %j', async (names, columns, problems) => {
    const found = await map([
      { name: 'root', num_children: names.length },
      ...names.map((name): SchemaElement => ({ name, type: 'INT32', repetition_type: 'OPTIONAL' })),
    ]);
    expect(found.columns.map(({ name }) => name)).toEqual(columns);
    expect(found.problems.map(({ column }) => column)).toEqual(problems);
  });
});

test('1,500 columns and a type of more than 7,000 characters', async () => {
  const wide = Object.fromEntries(Array.from({ length: 1500 }, (_, index) => [`column_${index}`, 'string']));
  const fields = Array.from({ length: 500 }, (_, index) => `field_number_${index}:int`);
  const { columns } = await map(parquetSchema({ ...wide, long: `struct<${fields.join(',')}>` }));
  expect(columns).toHaveLength(1501);
  expect(formatHiveType(columns[1500]?.type ?? { kind: 'other', text: '' }).length).toBeGreaterThan(7000);
});
