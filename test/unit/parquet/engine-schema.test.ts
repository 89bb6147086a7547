import { describe, expect, test } from '@jest/globals';
import type { SchemaElement } from 'hyparquet';
import { adoptRowGroups } from '#shared/parquet/adopted-footer.ts';
import { findSchemaChanges, isCompatible } from '#shared/parquet/engine-schema.ts';
import { parseFooter, readFooter } from '#shared/parquet/footer.ts';
import { bytesSource, type ColumnSpec, parquetBytes, parquetSchema } from '../../support/parquet-file.ts';

const schema = (columns: Record<string, ColumnSpec>): SchemaElement[] => parquetSchema(columns);
const renamed = (elements: SchemaElement[], names: Record<string, string>): SchemaElement[] =>
  elements.map((element) => ({ ...element, name: names[element.name] ?? element.name }));

const columns = {
  userId: 'bigint',
  tags: 'array<string>',
  counts: 'map<string,int>',
  at: 'timestamp',
  place: 'struct<x:int>',
};

describe('what does not show in the bytes is no change', () => {
  test('the root, letter case, names within lists and maps, field ids, and how an annotation is written', () => {
    const before = schema(columns);
    const after = renamed(before, {
      schema: 'hive_schema',
      userId: 'userid',
      list: 'bag',
      element: 'array_element',
      key_value: 'map',
    });
    const marked = before.map((element, index) => ({ ...element, field_id: index }));
    const logical = after.map((element): SchemaElement =>
      element.converted_type === 'UTF8' ? { ...element, logical_type: { type: 'STRING' } } : element,
    );
    const entry = logical.map((element): SchemaElement =>
      element.name === 'map' ? { ...element, converted_type: 'MAP_KEY_VALUE' } : element,
    );
    expect(findSchemaChanges(marked, entry)).toEqual([]);
  });
});

describe('what shows in the bytes, or in their meaning, is a change', () => {
  const one = (spec: ColumnSpec): SchemaElement[] => schema({ a: spec });
  test.each<[string, ColumnSpec, ColumnSpec, string]>([
    [
      'required to optional',
      { type: 'INT32', repetition_type: 'REQUIRED' },
      'int',
      'a was required INT32 and is optional INT32',
    ],
    [
      'a timestamp to INT96',
      'timestamp',
      { type: 'INT96' },
      'a was optional INT64 TIMESTAMP(MICROS) and is optional INT96',
    ],
    ['its unit', 'timestamp', { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' }, 'TIMESTAMP(MILLIS)'],
    [
      'its zone',
      'timestamp',
      { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' } },
      'without zone',
    ],
    [
      'how a decimal is stored',
      'decimal(9,2)',
      { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 4, converted_type: 'DECIMAL', precision: 9, scale: 2 },
      'FIXED_LEN_BYTE_ARRAY(4)',
    ],
    ['its scale', 'decimal(9,2)', 'decimal(9,3)', 'DECIMAL(9,3)'],
    [
      'its length',
      { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 },
      { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 12 },
      '(12)',
    ],
    ['signs', { type: 'INT32', converted_type: 'UINT_32' }, 'int', 'INTEGER(32,unsigned)'],
    ['text to bytes', 'string', 'binary', 'a was optional BYTE_ARRAY STRING and is optional BYTE_ARRAY'],
    ['a field that is gone', 'struct<x:int,y:int>', 'struct<x:int>', 'a had 2 fields and has 1'],
    ['fields that changed places', 'struct<x:int,y:int>', 'struct<y:int,x:int>', 'a.x is called y'],
  ])('%s', (_, before, after, told) => {
    expect(findSchemaChanges(one(before), one(after)).join('; ')).toContain(told);
  });

  test('the name of a column, a list that became a plain group', () => {
    expect(findSchemaChanges(schema({ a: 'int' }), schema({ b: 'int' }))).toEqual(['a is called b']);
    const plain = schema({ a: 'array<int>' }).map((element): SchemaElement => {
      const { converted_type: _annotation, ...rest } = element;
      return rest;
    });
    expect(findSchemaChanges(schema({ a: 'array<int>' }), plain)).toEqual([
      'a was optional group LIST and is optional group',
    ]);
  });
});

test('a change is compatible when a table over the old file notices nothing', () => {
  const old = schema({ a: { type: 'INT32', repetition_type: 'REQUIRED' }, b: 'timestamp', c: 'decimal(9,2)' });
  const binary = {
    type: 'FIXED_LEN_BYTE_ARRAY',
    type_length: 4,
    converted_type: 'DECIMAL',
    precision: 9,
    scale: 2,
  } as const;
  expect(isCompatible(old, schema({ a: 'int', b: { type: 'INT96' }, c: binary }))).toBe(true);
  expect(isCompatible(schema({ a: 'int' }), schema({ a: 'bigint' }))).toBe(false);
  expect(isCompatible(schema({ a: 'bigint' }), schema({ a: 'int' }))).toBe(false);
  expect(isCompatible(schema({ a: 'int', b: 'int' }), schema({ a: 'int' }))).toBe(false);
});

test('row groups stand under the old schema, to the byte, and under its names', async () => {
  const rows = [
    { userId: 1n, tags: ['a'] },
    { userId: 2n, tags: [] },
  ];
  const shape = { userId: 'bigint', tags: 'array<string>' };
  const old = await readFooter(bytesSource(parquetBytes(shape, rows, { createdBy: 'theirs', keyValues: { k: 'v' } })));
  const other = renamed(parquetSchema(shape), { userId: 'userid', list: 'bag', element: 'array_element' });
  const made = await readFooter(
    bytesSource(
      parquetBytes(
        other,
        rows.map(({ userId, tags }) => ({ userid: userId, tags })),
      ),
    ),
  );
  const adopted = parseFooter(adoptRowGroups(old, made), 'adopted');
  expect(adopted.schema).toEqual(old.schema);
  expect([adopted.createdBy, adopted.keyValueMetadata.get('k'), adopted.rows]).toEqual(['theirs', 'v', 2n]);
  const paths = adopted.metadata.row_groups[0]?.columns.map((chunk) => chunk.meta_data?.path_in_schema.join('.'));
  expect(paths).toEqual(['userId', 'tags.list.element']);
  expect(adopted.metadata.row_groups[0]?.columns.map((chunk) => chunk.meta_data?.data_page_offset)).toEqual(
    made.metadata.row_groups[0]?.columns.map((chunk) => chunk.meta_data?.data_page_offset),
  );
});
