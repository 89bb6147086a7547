import { describe, expect, test } from '@jest/globals';
import type { SchemaElement } from 'hyparquet';
import { hiveColumns } from '#shared/parquet/columns.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { formatHiveType } from '#shared/parquet/hive-type.ts';
import { bytesSource, schemaOnlyBytes } from '../../support/parquet-file.ts';

/** Maps a schema as a file's footer brings it: through bytes. */
async function map(schema: readonly SchemaElement[]) {
  return hiveColumns((await readFooter(bytesSource(schemaOnlyBytes(schema)))).schema);
}

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
  test('the field names of a struct must fit the type text and differ', async () => {
    const { columns, problems } = await map(
      flat(
        { ...group('good', 2) },
        { ...int, name: 'Zip' },
        { ...int, name: 'street_name' },
        { ...group('twins', 2) },
        { ...int, name: 'a' },
        { ...int, name: 'A' },
        { ...group('odd', 1) },
        { ...int, name: 'a-b' },
      ),
    );
    expect(columns.map(({ type }) => formatHiveType(type))).toEqual(['struct<zip:int,street_name:int>']);
    expect(problems.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^at twins\.a: .*letter case/),
      expect.stringMatching(/^at odd\.a-b: /),
    ]);
  });

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
