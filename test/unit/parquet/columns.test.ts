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
    [['order', 'a b', 'a.b', '$c', 'straße'], ['order', 'a b', 'a.b', '$c', 'straße'], []],
    [['x'.repeat(767), 'y'.repeat(768)], ['x'.repeat(767)], ['y'.repeat(768)]],
    [['constructor', '__proto__'], ['constructor', '__proto__'], []],
  ])('of %j remain %j', async (names, columns, problems) => {
    const found = await map(flat(...names.map((name): SchemaElement => ({ ...int, name }))));
    expect(found.columns.map(({ name }) => name)).toEqual(columns);
    expect(found.problems.map(({ column }) => column)).toEqual(problems);
  });

  test('of struct fields must fit the type text and differ', async () => {
    const { columns, problems } = await map(
      flat(
        { ...group('good', 2) },
        { ...int, name: 'Zip' },
        { ...int, name: 'street name' },
        { ...group('twins', 2) },
        { ...int, name: 'a' },
        { ...int, name: 'A' },
        { ...group('odd', 1) },
        { ...int, name: 'a-b' },
      ),
    );
    expect(columns.map(({ type }) => formatHiveType(type))).toEqual(['struct<zip:int,street name:int>']);
    expect(problems.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^at twins\.a: .*letter case/),
      expect.stringMatching(/^at odd\.a-b: /),
    ]);
  });
});

const int: SchemaElement = { name: 'v', type: 'INT32', repetition_type: 'OPTIONAL' };
const text: SchemaElement = { name: 'v', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' };
const nothing: SchemaElement = { ...int, logical_type: { type: 'NULL' } };

function group(name: string, num_children: number, more: Partial<SchemaElement> = {}): SchemaElement {
  return { name, num_children, repetition_type: 'OPTIONAL', ...more };
}

function repeated(element: SchemaElement, name = element.name): SchemaElement {
  return { ...element, name, repetition_type: 'REPEATED' };
}

/** A schema of these elements; how many of them stand right below the root follows from their counts. */
function flat(...elements: SchemaElement[]): SchemaElement[] {
  const inner = elements.reduce((sum, { num_children: children = 0 }) => sum + children, 0);
  return [{ name: 'root', num_children: elements.length - inner }, ...elements];
}

const list = group('a', 1, { converted_type: 'LIST' });
const mapGroup = group('a', 1, { converted_type: 'MAP' });

describe('lists in all their shapes', () => {
  test.each<[string, string, SchemaElement[]]>([
    ['three levels', 'array<int>', [list, repeated(group('list', 1)), int]],
    [
      'three levels, new annotation',
      'array<int>',
      [group('a', 1, { logical_type: { type: 'LIST' } }), repeated(group('list', 1)), int],
    ],
    ['bag and array_element', 'array<int>', [list, repeated(group('bag', 1)), { ...int, name: 'array_element' }]],
    ['two levels, primitive (rule 1)', 'array<string>', [list, repeated(text, 'array')]],
    [
      'two levels, several fields (rule 2)',
      'array<struct<v:string,w:int>>',
      [list, repeated(group('element', 2)), text, { ...int, name: 'w' }],
    ],
    [
      'two levels within two levels (rule 3)',
      'array<array<int>>',
      [list, repeated({ ...list, name: 'array' }), repeated(int, 'array')],
    ],
    [
      'two levels, one field, called array (rule 4)',
      'array<struct<v:string>>',
      [list, repeated(group('array', 1)), text],
    ],
    [
      'two levels, one field, called _tuple (rule 4)',
      'array<struct<v:string>>',
      [list, repeated(group('a_tuple', 1)), text],
    ],
    ['_tuple of another name (rule 5)', 'array<string>', [list, repeated(group('b_tuple', 1)), text]],
    ['one field, any name (rule 5)', 'array<string>', [list, repeated(group('element', 1)), text]],
    [
      'list of lists',
      'array<array<int>>',
      [list, repeated(group('list', 1)), { ...list, name: 'element' }, repeated(group('list', 1)), int],
    ],
    ['bare repeated primitive', 'array<int>', [repeated(int, 'a')]],
    ['bare repeated group', 'array<struct<v:int>>', [repeated(group('a', 1)), int]],
    ['repeated within a struct', 'struct<v:array<int>>', [group('a', 1), repeated(int)]],
    [
      'of structs with a list',
      'array<struct<v:int,tags:array<string>>>',
      [list, repeated(group('list', 1)), group('element', 2), int, { ...list, name: 'tags' }, repeated(text, 'array')],
    ],
  ])('%s', async (_, type, elements) => {
    const { columns, problems } = await map(flat(...elements));
    expect(problems).toEqual([]);
    expect(columns.map((column) => formatHiveType(column.type))).toEqual([type]);
  });

  test.each<[string, SchemaElement[]]>([
    ['without a repeated field', [list, int]],
    ['of two fields', [{ ...list, num_children: 2 }, repeated(int, 'v'), repeated(int, 'w')]],
    ['of nothing', [{ ...list, num_children: 0 }]],
    ['of empty groups', [list, repeated(group('list', 0))]],
  ])('a LIST %s is a problem', async (_, elements) => {
    expect(await map(flat(...elements))).toMatchObject({ columns: [], problems: [{ column: 'a' }] });
  });
});

describe('maps in all their shapes', () => {
  const key = { ...text, name: 'key' };
  const value = { ...int, name: 'value' };
  const inner = (name: string, more: Partial<SchemaElement> = {}) => repeated(group(name, 2, more));
  test.each<[string, string, SchemaElement[]]>([
    ['key_value', 'map<string,int>', [mapGroup, inner('key_value'), key, value]],
    [
      'new annotation',
      'map<string,int>',
      [group('a', 1, { logical_type: { type: 'MAP' } }), inner('key_value'), key, value],
    ],
    [
      'MAP_KEY_VALUE inside',
      'map<string,int>',
      [mapGroup, inner('map', { converted_type: 'MAP_KEY_VALUE' }), key, value],
    ],
    [
      'MAP_KEY_VALUE in place of MAP',
      'map<string,int>',
      [{ ...mapGroup, converted_type: 'MAP_KEY_VALUE' }, inner('map'), key, value],
    ],
    [
      'entries, other names',
      'map<string,int>',
      [mapGroup, inner('entries'), { ...text, name: 'str' }, { ...int, name: 'num' }],
    ],
    [
      'a list as value',
      'map<string,array<int>>',
      [mapGroup, inner('key_value'), key, { ...list, name: 'value' }, repeated(group('list', 1)), int],
    ],
    [
      'a map as value',
      'map<string,map<string,int>>',
      [mapGroup, inner('key_value'), key, { ...mapGroup, name: 'value' }, inner('key_value'), key, value],
    ],
    [
      'a date as key',
      'map<date,int>',
      [mapGroup, inner('key_value'), { ...key, type: 'INT32', converted_type: 'DATE' }, value],
    ],
  ])('%s', async (_, type, elements) => {
    const { columns, problems } = await map(flat(...elements));
    expect(problems).toEqual([]);
    expect(columns.map((column) => formatHiveType(column.type))).toEqual([type]);
  });

  test.each<[string, RegExp, SchemaElement[]]>([
    ['without values', /without values/, [mapGroup, repeated(group('key_value', 1)), key]],
    ['with structs as keys', /\{key\}: .*primitive/, [mapGroup, inner('key_value'), group('key', 1), int, value]],
    ['with repeated keys', /primitive/, [mapGroup, inner('key_value'), repeated(key), value]],
    [
      'of three fields',
      /a key and a value/,
      [mapGroup, repeated(group('key_value', 3)), key, value, { ...int, name: 'x' }],
    ],
    ['without entries', /a key and a value/, [mapGroup, int]],
    [
      'with keys of a type that cannot be',
      /does not belong/,
      [mapGroup, inner('key_value'), { ...key, type: 'INT32' }, value],
    ],
  ])('a MAP %s is a problem', async (_, reason, elements) => {
    const { columns, problems } = await map(flat(...elements));
    expect(columns).toEqual([]);
    expect(problems).toMatchObject([{ column: 'a', reason: expect.stringMatching(reason) }]);
  });
});

describe('groups', () => {
  test('a struct without fields, a VARIANT and an annotation without meaning are problems', async () => {
    const { columns, problems } = await map(
      flat(
        group('empty', 0),
        group('variant', 2, { logical_type: { type: 'VARIANT' } }),
        { ...text, name: 'metadata' },
        { ...text, name: 'value' },
        group('odd', 1, { converted_type: 'UTF8' }),
        int,
      ),
    );
    expect(columns).toEqual([]);
    expect(problems.map(({ column, found }) => [column, found])).toEqual([
      ['empty', 'group'],
      ['variant', 'group VARIANT'],
      ['odd', 'group STRING'],
    ]);
  });

  test('what is always null is left out, with what holds nothing else', async () => {
    const { columns, problems, notes } = await map(
      flat(
        { ...nothing, name: 'a' },
        list,
        repeated(group('list', 1)),
        nothing,
        group('c', 2),
        { ...nothing, name: 'x' },
        { ...int, name: 'y' },
        group('d', 1),
        nothing,
      ).map((element, index) => (index === 2 ? { ...element, name: 'b' } : element)),
    );
    expect(problems).toEqual([]);
    expect(columns.map(({ name, type }) => `${name} ${formatHiveType(type)}`)).toEqual(['c struct<y:int>']);
    expect(notes.map(({ column, kind }) => `${column} ${kind}`)).toEqual(
      ['a', 'b', 'c', 'd'].map((name) => `${name} always-null`),
    );
    expect(notes[2]?.note).toMatch(/^at c\.x: /);
  });
});

test('1,500 columns and a type of more than 7,000 characters', async () => {
  const wide = Object.fromEntries(Array.from({ length: 1500 }, (_, index) => [`column_${index}`, 'string']));
  const fields = Array.from({ length: 500 }, (_, index) => `field_number_${index}:int`);
  const { columns } = await map(parquetSchema({ ...wide, long: `struct<${fields.join(',')}>` }));
  expect(columns).toHaveLength(1501);
  expect(formatHiveType(columns[1500]?.type ?? { kind: 'other', text: '' }).length).toBeGreaterThan(7000);
});
