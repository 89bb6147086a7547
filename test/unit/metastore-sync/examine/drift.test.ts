import { describe, expect, test } from '@jest/globals';
import { compareColumns, comparePartition, compareTable } from '#functions/metastore-sync/examine/drift.ts';
import type { PlannedColumn, TablePlan } from '#functions/metastore-sync/plan.ts';
import { newPartition, newTable } from '#functions/metastore-sync/table/table-body.ts';
import type { Table } from '#shared/hive/metastore.ts';
import { clicksSettings } from '../../../support/topic-settings.ts';

const lake = { defaultFs: 'hdfs://lake:8020' };
const topic = clicksSettings;
const columns: PlannedColumn[] = [{ name: 'id', type: 'int' }];
const create = { columns, keys: [{ name: 'year', type: 'string' }], owner: 'lakewarden', layout: '{year}' };
const base = { topic: 'clicks', database: 'default', table: 'clicks', path: '/golden/clicks', problems: [] };
const plan: TablePlan = { ...base, add: [], change: [], drop: [] };
const table = newTable(plan, create, lake.defaultFs);

/** The table with parameters changed; undefined takes one away. */
function withParameters(changes: Readonly<Record<string, string | undefined>>): Table {
  const parameters = new Map(table.parameters);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) parameters.delete(name);
    else parameters.set(name, value);
  }
  return { ...table, parameters };
}

describe('a table', () => {
  const compare = (changed: Table, settings = topic): [string[], boolean] => {
    const { findings, comparable } = compareTable(changed, settings, lake);
    return [findings.map(({ code, about }) => `${code} ${about}`), comparable];
  };

  test('as metastore-sync makes it has no drift, whatever the letter case of its properties', () => {
    expect(compare(table)).toEqual([[], true]);
    expect(compare(withParameters({ EXTERNAL: 'true', comment: 'mine', more: '1' }))).toEqual([[], true]);
  });

  test.each<[string, Record<string, string | undefined>, string[], boolean]>([
    [
      'handed to Hive',
      { 'discover.partitions': 'true' },
      ['table.discovered_by_hive ', 'table.property discover.partitions'],
      true,
    ],
    [
      'whose files a drop would remove',
      { 'external.table.purge': 'true' },
      ['table.property external.table.purge'],
      true,
    ],
    ['made internal', { EXTERNAL: undefined }, ['table.property EXTERNAL'], true],
    ['of another layout', { 'lakewarden.layout': '{dt}' }, ['table.property lakewarden.layout'], true],
    ['whose count of alters was lost', { 'lakewarden.version': '' }, ['table.property lakewarden.version'], true],
    ['whose mark was taken away', { 'lakewarden.topic': undefined }, ['table.not_ours '], false],
    ['given to another topic', { 'lakewarden.topic': 'orders' }, ['table.collision '], false],
  ])('%s is told of', (_, changes, told, comparable) => {
    expect(compare(withParameters(changes))).toEqual([told, comparable]);
  });

  test('at another place or with other keys is told of, and its partitions are not compared', () => {
    const moved = { ...table, sd: { ...table.sd, location: 'hdfs://lake:8020/elsewhere' } };
    expect(compare(moved)).toEqual([['table.location_differs '], false]);
    expect(compare({ ...table, partitionKeys: [{ name: 'dt', type: 'string' }] })).toEqual([
      ['table.keys_differ '],
      false,
    ]);
  });

  test('with a column of a type that is none, or that no file holds, is told of', () => {
    for (const type of ['struct<a:int', 'uniontype<int,string>'])
      expect(compare({ ...table, sd: { ...table.sd, cols: [{ name: 'odd', type }] } })).toEqual([
        ['column.unsupported odd'],
        true,
      ]);
  });

  test('that was adopted needs none of our properties', () => {
    const adopted = withParameters({
      'lakewarden.topic': undefined,
      'lakewarden.version': undefined,
      EXTERNAL: undefined,
    });
    expect(compare(adopted, { ...topic, adopt: true })).toEqual([[], true]);
  });
});

describe("a table's columns against those of its partitions", () => {
  const list = (text: string): { name: string; type: string }[] =>
    text.split(' ').map((column) => {
      const [name = '', type = 'int'] = column.split(/:(.*)/);
      return { name, type };
    });
  const compare = (now: string, before: string): string[] =>
    compareColumns(list(now), list(before)).map(({ code, about }) => `${code} ${about}`);

  test.each([
    ['the same', 'a b', 'a b'],
    ['appended columns', 'a b c d', 'a b'],
    ['an appended field', 'a:struct<x:int,y:int>', 'a:struct<x:int>'],
  ])('%s are as metastore-sync leaves them', (_, now, before) => {
    expect(compare(now, before)).toEqual([]);
  });

  test.each([
    ['a column removed', 'a c', 'a b c', ['column.removed b']],
    ['columns swapped', 'b a c', 'a b c', ['column.moved a', 'column.moved b']],
    ['a column put in the middle', 'a new b', 'a b', ['column.inserted new']],
    ['a column put first', 'new a b', 'a b', ['column.inserted new']],
    ['a rename', 'a B2 c', 'a b c', ['column.removed b', 'column.inserted B2']],
    ['a widening without CASCADE', 'a:bigint', 'a:int', ['column.retyped a']],
    ['a narrowing', 'a:int', 'a:bigint', ['column.retyped a']],
    ['another type', 'a:string', 'a:int', ['column.retyped a']],
    ['a field removed', 'a:struct<x:int>', 'a:struct<x:int,y:int>', ['column.retyped a']],
    ['a type that is none', 'a:struct<x:int', 'a:int', ['column.retyped a']],
    ['all columns replaced', 'x y', 'a b', ['column.removed a', 'column.removed b']],
  ])('%s is told of', (_, now, before, told) => {
    expect(compare(now, before)).toEqual(told);
  });
});

test('a partition of another format is told of', () => {
  const planned = { name: 'year=2019', values: ['2019'], path: '/golden/clicks/2019', digest: '' };
  const body = newPartition(table, { ...planned, files: 1, bytes: 1, erasureCoded: 0, rows: 1 }, lake.defaultFs);
  expect(comparePartition(table, body)).toEqual([]);
  const inputFormat = 'org.apache.hadoop.mapred.TextInputFormat';
  expect(comparePartition(table, { ...body, sd: { ...body.sd, inputFormat } })).toMatchObject([
    { code: 'partition.format', about: 'TextInputFormat' },
  ]);
});
