import { describe, expect, test } from '@jest/globals';
import { hasChanges, planTable } from '#functions/metastore-sync/plan.ts';
import type { TopicView, ViewedFile, ViewedPartition } from '#functions/metastore-sync/view.ts';
import type { Partition, Table } from '#shared/hive/metastore.ts';
import { digestFiles } from '#shared/lake/file-digest.ts';
import { parseTemplate } from '#shared/lake/path-template.ts';
import type { Column } from '#shared/parquet/columns.ts';
import { parseHiveType } from '#shared/parquet/hive-type.ts';
import { clicksSettings } from '../../support/topic-settings.ts';

const settings = { ...clicksSettings, database: 'lake', templates: [parseTemplate('{day}')] };

/** Columns written as `id int, url string`. */
function columns(text: string): Column[] {
  return text.split(', ').map((column) => {
    const [name = '', ...type] = column.split(' ');
    return { name, type: parseHiveType(type.join(' ')) };
  });
}

function file(path: string, schema?: string): ViewedFile {
  const footer = schema === undefined ? {} : { footer: { columns: columns(schema), rows: 10, problems: [] } };
  return { path, name: path.split('/').at(-1) ?? '', length: 100, modificationTime: 1, ...footer };
}

function partition(day: string, schemas: readonly string[], registered?: Partition): ViewedPartition {
  const path = `/golden/clicks/${day}`;
  const files = schemas.map((schema, index) => file(`${path}/${index}.parquet`, schema));
  return { path, values: [day], modificationTime: 1, files, ...(registered === undefined ? {} : { registered }) };
}

function table(schema: string): Table {
  const cols = schema
    .split(', ')
    .map((column) => ({ name: column.split(' ')[0] ?? '', type: column.split(' ').slice(1).join(' ') }));
  const parameters = new Map([['lakewarden.version', '3']]);
  return { tableName: 'clicks', dbName: 'lake', sd: { cols }, parameters };
}

function view(partitions: readonly ViewedPartition[], more: Partial<TopicView> = {}): TopicView {
  return { settings, defaultFs: 'hdfs://lake', partitions, folders: partitions.length, problems: [], ...more };
}

describe('a missing table', () => {
  test('is created with the join of all schemas, in the order of the paths', () => {
    const plan = planTable(view([partition('02', ['id bigint, z string']), partition('01', ['id int, a double'])]));
    expect(plan.create?.columns).toEqual([
      { name: 'id', type: 'bigint' },
      { name: 'a', type: 'double' },
      { name: 'z', type: 'string' },
    ]);
    expect(plan.evolve).toBeUndefined();
    expect(plan.add.map(({ name, rows }) => `${name} ${rows}`)).toEqual(['day=01 10', 'day=02 10']);
  });

  test('is not created when there is no good file', () => {
    const bad = {
      ...file('/golden/clicks/01/x'),
      footer: { problem: { code: 'file.unreadable', message: 'broken', path: '/golden/clicks/01/x' } as const },
    };
    const plan = planTable(view([{ path: '/golden/clicks/01', values: ['01'], modificationTime: 1, files: [bad] }]));
    expect(hasChanges(plan)).toBe(false);
    expect(plan.problems.map(({ code }) => code)).toEqual(['file.unreadable', 'partition.held']);
  });

  test('gives the same plan in whatever order the folders were seen', () => {
    const seen = ['03', '01', '02'].map((day) =>
      partition(day, [`id ${day === '03' ? 'bigint' : 'int'}, c${day} string`]),
    );
    expect(planTable(view(seen.toReversed()))).toEqual(planTable(view(seen)));
  });
});

describe('a table that is there', () => {
  const old = table('id int, s struct<a:int>');

  test('is left alone when new files bring nothing new', () => {
    const plan = planTable(view([partition('01', ['id smallint, s struct<a:int>'])], { table: old }));
    expect(plan.evolve).toBeUndefined();
    expect(plan.add).toHaveLength(1);
  });

  test.each([
    ['id bigint', [{ column: 'id', change: 'widen', from: 'int', to: 'bigint' }], true],
    ['id int, more date', [{ column: 'more', change: 'append', to: 'date' }], false],
    [
      's struct<a:int,b:int>',
      [{ column: 's', change: 'extend', from: 'struct<a:int>', to: 'struct<a:int,b:int>' }],
      false,
    ],
    [
      's struct<a:bigint,b:int>',
      [{ column: 's', change: 'widen', from: 'struct<a:int>', to: 'struct<a:bigint,b:int>' }],
      true,
    ],
  ])('evolves by %s', (schema, changes, cascade) => {
    const { evolve } = planTable(view([partition('01', [schema])], { table: old }));
    expect(evolve).toMatchObject({ changes, cascade });
  });

  test('names each change once, by the first file that asked for it', () => {
    const { evolve } = planTable(
      view([partition('02', ['id bigint']), partition('01', ['id int', 'id bigint, x int'])], { table: old }),
    );
    expect(evolve?.changes.map(({ column, because }) => `${column} ${because}`)).toEqual([
      'id /golden/clicks/01/1.parquet',
      'x /golden/clicks/01/1.parquet',
    ]);
  });

  test('does not take a column from a file that conflicts elsewhere', () => {
    const plan = planTable(
      view([partition('01', ['id string, extra int']), partition('02', ['id int'])], { table: old }),
    );
    expect(plan.evolve).toBeUndefined();
    expect(plan.add.map(({ name }) => name)).toEqual(['day=02']);
    expect(plan.problems.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'file.conflict /golden/clicks/01/0.parquet',
      'partition.held /golden/clicks/01',
    ]);
  });
});

describe('a registered partition', () => {
  const known = partition('01', ['id int']);
  const body = (files: readonly ViewedFile[], schema = 'id int'): Partition => ({
    values: ['01'],
    sd: { cols: table(schema).sd?.cols ?? [] },
    parameters: new Map([['lakewarden.files', digestFiles(files)]]),
  });

  test('is not written to when its files are accounted for', () => {
    const plan = planTable(view([{ ...known, registered: body(known.files) }], { table: table('id int') }));
    expect(hasChanges(plan)).toBe(false);
  });

  test('gets new files accounted for, and the columns only when it needs them', () => {
    const two = partition('01', ['id int', 'id int']);
    const same = planTable(view([{ ...two, registered: body(known.files) }], { table: table('id int') }));
    expect(same.change).toMatchObject([{ files: 2 }]);
    expect(same.change[0]?.columns).toBeUndefined();
    const more = partition('01', ['id int', 'id int, x int']);
    expect(
      planTable(view([{ ...more, registered: body(known.files) }], { table: table('id int') })).change[0]?.columns,
    ).toBe(true);
  });

  test('stays as it is when a new file of it conflicts', () => {
    const mixed = partition('01', ['id int', 'id string']);
    const plan = planTable(view([{ ...mixed, registered: body(known.files) }], { table: table('id int') }));
    expect(hasChanges(plan)).toBe(false);
    expect(plan.problems.map(({ code }) => code)).toEqual(['file.conflict']);
  });

  test('that lost all its files is told of and kept', () => {
    const plan = planTable(view([{ ...known, files: [], registered: body(known.files) }], { table: table('id int') }));
    expect(hasChanges(plan)).toBe(false);
    expect(plan.problems).toMatchObject([{ code: 'partition.empty' }]);
  });
});

describe('statistics', () => {
  const first = partition('01', ['id int']);
  const twice = partition('01', ['id int', 'id int']);
  const lake = { table: table('id int') };
  const registered = (parameters: Record<string, string> = {}): Partition => ({
    values: ['01'],
    sd: { cols: table('id int').sd?.cols ?? [] },
    parameters: new Map([['lakewarden.files', digestFiles(first.files)], ...Object.entries(parameters)]),
  });
  /** The second file is new, and the first one was not read again. */
  const grown = (parameters: Record<string, string>, schema = 'id int'): ViewedPartition => ({
    ...twice,
    files: [file('/golden/clicks/01/0.parquet'), file('/golden/clicks/01/1.parquet', schema)],
    registered: registered(parameters),
  });
  const columnsOn = { settings: { ...settings, statistics: 'columns' as const } };

  test('count the rows of all files: of those that were read, and of the others by the count of an earlier run', () => {
    expect(planTable(view([twice], lake)).add).toMatchObject([{ rows: 20, numRows: 20 }]);
    expect(planTable(view([grown({ 'lakewarden.rows': '7' })], lake)).change).toMatchObject([
      { rows: 10, numRows: 17 },
    ]);
  });

  test.each(['', '-1', '1e3', '9007199254740993', 'seven'])('are not guessed from the count %j', (rows) => {
    const [planned] = planTable(view([grown({ 'lakewarden.rows': rows })], lake)).change;
    expect(planned).toMatchObject({ rows: 10 });
    expect(planned?.numRows).toBeUndefined();
  });

  test('of more rows than can be told exactly are none', () => {
    const [planned] = planTable(view([grown({ 'lakewarden.rows': '9007199254740990' })], lake)).change;
    expect(planned?.numRows).toBeUndefined();
  });

  test('are none when the setting says so', () => {
    const { add, columnStatistics } = planTable(
      view([first], { ...lake, settings: { ...settings, statistics: 'none' } }),
    );
    expect(add[0]).not.toHaveProperty('numRows');
    expect(columnStatistics).toBeUndefined();
  });

  test('say what was left out: files that were refused, folders inside', () => {
    const spoilt = partition('01', ['id int', 'id int', 'id string']);
    const { change } = planTable(view([{ ...spoilt, registered: registered() }], lake));
    expect(change).toMatchObject([{ files: 2, numRows: 20, leftOut: 1 }]);
    expect(planTable(view([{ ...first, foldersInside: 2 }], lake)).add).toMatchObject([{ numRows: 10, leftOut: 2 }]);
  });

  test('of columns are planned when there is a partition to write', () => {
    const asked = { ...columnsOn, ...lake };
    expect(planTable(view([first], asked)).columnStatistics).toEqual({ distinctValues: false });
    expect(planTable(view([], asked)).columnStatistics).toBeUndefined();
  });

  test('are refused once on a table from which Hive would answer queries by them', () => {
    const managed = { ...lake, ...columnsOn, statisticsRefusal: 'it is a MANAGED_TABLE' };
    const plan = planTable(view([first, partition('02', ['id int'])], managed));
    expect(plan.problems).toMatchObject([
      { code: 'statistics.refused', message: expect.stringContaining('it is a MANAGED_TABLE') },
    ]);
    expect(plan.columnStatistics).toBeUndefined();
    expect(plan.add.map(({ numRows }) => numRows)).toEqual([undefined, undefined]);
    expect(planTable(view([], managed)).problems).toEqual([]);
  });

  test('have the next walk look at folders older than the last one, until they are written', () => {
    const walked = (more: Record<string, string>): Table => ({
      ...lake.table,
      parameters: new Map([['lakewarden.walked-until', '5000'], ...Object.entries(more)]),
    });
    const again = (more: Record<string, string>, rest: Partial<TopicView> = {}): unknown =>
      planTable(view([{ ...first, modificationTime: 4_000 }], { ...columnsOn, table: walked(more), ...rest }))
        .walkAgain;
    expect(again({})).toEqual({ during: '3999' });
    expect(again({}, { settings })).toBeUndefined();
    expect(again({ 'lakewarden.walked-until': '3000' })).toBeUndefined();
    // What another run left is for a whole walk to clear away.
    const left = { 'lakewarden.walk-again-from': '2000' };
    expect(again(left)).toBeUndefined();
    expect(again(left, { walkedUntil: 6_000 })).toEqual({ during: '2000' });
    expect(again({ 'lakewarden.walk-again-from': '4500' })).toEqual({ during: '3999', after: '4500' });
  });
});

test('the mark of a whole walk moves only along with something else', () => {
  const walked = { table: table('id int'), walkedUntil: 5_000 };
  expect(planTable(view([], walked)).walkedUntil).toBeUndefined();
  expect(planTable(view([partition('01', ['id int'])], walked)).walkedUntil).toBe(5_000);
});
