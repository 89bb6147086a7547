import { describe, expect, test } from '@jest/globals';
import { readSchemaHistory, rememberChanges } from '#functions/metastore-sync/table/schema-history.ts';
import { historyProperty } from '#functions/metastore-sync/properties.ts';
import type { Table } from '#shared/hive/metastore.ts';

const time = Date.UTC(2019, 8, 1, 2);
const widened = { column: 'delay', change: 'widen', from: 'smallint', to: 'int', because: '/golden/t/a' } as const;
const added = { column: 'late', change: 'append', to: 'boolean', because: '/golden/t/b' } as const;

function tableWith(text?: string, createTime = 7): Table {
  return {
    dbName: 'd',
    tableName: 't',
    createTime,
    parameters: new Map(text === undefined ? [] : [[historyProperty, text]]),
  };
}

describe('the changes of columns that a table remembers', () => {
  test('are told with their times and files, the newest last', () => {
    const first = tableWith(rememberChanges(tableWith(), [widened], time));
    const second = tableWith(rememberChanges(first, [added], time + 3_600_000));
    expect(readSchemaHistory(second)).toEqual([
      { at: '2019-09-01T02:00:00.000Z', column: 'delay', from: 'smallint', to: 'int', because: '/golden/t/a' },
      { at: '2019-09-01T03:00:00.000Z', column: 'late', to: 'boolean', because: '/golden/t/b' },
    ]);
  });

  test('fit into 4,000 characters: the oldest ones go, and long names are cut', () => {
    let table = tableWith();
    for (let index = 0; index < 200; index += 1) {
      const text = rememberChanges(table, [{ ...added, column: `c${index}`, to: 'x'.repeat(9_999) }], time);
      expect(text.length).toBeLessThan(4_000);
      table = tableWith(text);
    }
    const told = readSchemaHistory(table);
    expect(told.length).toBeGreaterThan(5);
    expect(told.at(-1)).toMatchObject({ column: 'c199' });
  });

  test.each(['', 'null', '{}', '[]', '{"table":7}', '{"table":7,"changes":[null,{"at":1}]}'])(
    'are none where %s stands in their place',
    (text) => {
      expect(readSchemaHistory(tableWith(text))).toEqual([]);
    },
  );

  test('are none of a table that was made like another one', () => {
    expect(readSchemaHistory(tableWith(rememberChanges(tableWith(), [added], time), 8))).toEqual([]);
  });
});
