import { beforeAll, describe, expect, test } from '@jest/globals';
import { type RunOutcome, statusOf } from '#functions/metastore-sync/run.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { parquetBytes, parquetSchema } from '../support/parquet-file.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake();
const { root } = lake;
const good = parquet({ id: 'int' }, [{ id: 1 }]);

describe('hostile names of columns', () => {
  const files: [topic: string, column: string, reason: RegExp][] = [
    ['with_comma', 'a,b', /comma/],
    ['without_name', '', /empty/],
    ['with_control', 'a\nb', /control/],
    ['with_blank', 'a b', /fails on each query/],
    ['with_semicolon', 'a;b', /fails on each query/],
    ['with_bracket', 'a(b', /fails on each query/],
    ['with_equals', 'a=b', /fails on each query/],
    ['with_dot', 'a.b', /way to a field/],
    ['with_colon', 'a:b', /way to a field/],
    ['as_virtual', 'input__file__name', /virtual column/],
  ];

  test.each(files)('%s are refused by name', async (topic, column, reason) => {
    await lake.put(`${topic}/2019/09/01/00/bad.parquet`, parquet({ id: 'int', [column]: 'int' }, [{ id: 1 }]));
    await lake.put(`${topic}/2019/09/01/01/good.parquet`, good);
    const outcome = await lake.apply({ kind: 'full', topics: [topic] });
    expect(problemsOf(outcome)).toMatchObject([
      { code: 'column.unsupported', column, message: expect.stringMatching(reason) },
      { code: 'partition.held', path: `${root}/${topic}/2019/09/01/00` },
    ]);
    expect(await lake.sql(`SELECT id FROM DB.${topic}`)).toEqual([{ id: 1 }]);
  });

  test('a struct field whose name would make each query fail is refused by name', async () => {
    const schema = parquetSchema({ id: 'int', s: 'struct<a:int>' }).map((element) =>
      element.name === 'a' ? { ...element, name: 'a b' } : element,
    );
    await lake.put('with_field/2019/09/01/00/bad.parquet', parquetBytes(schema, [{ id: 1, s: { 'a b': 2 } }]));
    expect(problemsOf(await lake.apply({ kind: 'full', topics: ['with_field'] }))).toMatchObject([
      { code: 'column.unsupported', column: 's', message: expect.stringMatching(/at s\.a b: .*fails on each query/) },
      { code: 'partition.held' },
    ]);
  });

  test('two equal but for case are refused by name', async () => {
    const twins = parquetBytes({ ID: 'int', id: 'int', other: 'int' }, [{ ID: 1, id: 2, other: 3 }]);
    await lake.put('twins/2019/09/01/00/bad.parquet', twins);
    await lake.put('twins/2019/09/01/01/good.parquet', good);
    const problems = problemsOf(await lake.apply({ kind: 'full', topics: ['twins'] }));
    expect(problems).toContainEqual(
      expect.objectContaining({ code: 'column.unsupported', column: 'id', message: expect.stringMatching(/case/) }),
    );
    expect(await lake.sql('SELECT id FROM DB.twins')).toEqual([{ id: 1 }]);
  });

  test('one that is a partition key shows the value of the path, and that is told', async () => {
    const bytes = parquet({ id: 'int', hour: 'int', Day: 'string' }, [{ id: 1, hour: 99, Day: 'Sunday' }]);
    await lake.put('shadowed/2019/09/01/07/data.parquet', bytes);
    const outcome = await lake.apply({ kind: 'full', topics: ['shadowed'] });
    expect(problemsOf(outcome)).toMatchObject([
      { code: 'column.note', column: 'hour' },
      { code: 'column.note', column: 'day' },
    ]);
    expect(await lake.sql('SELECT id, day, hour FROM DB.shadowed WHERE id > 0')).toEqual([
      { id: 1, day: '01', hour: '07' },
    ]);
  });

  test('reserved words, letters of every script, quotes and punctuation are columns like any other', async () => {
    const names = ['order', 'date', 'größe', '温度', '😀', 'a`b', "o'brien", '1', 'a-b', '$x', '%41', 'null'];
    const columns = { id: 'int', ...Object.fromEntries(names.map((name) => [name, 'int'])) };
    const row = Object.fromEntries(['id', ...names].map((name, index) => [name, index]));
    await lake.put('words/2019/09/01/00/data.parquet', parquet(columns, [row]));
    expect(problemsOf(await lake.apply({ kind: 'full', topics: ['words'] }))).toEqual([]);
    const quoted = names.map((name) => `\`${name.replaceAll('`', '``')}\``);
    const [answer] = await lake.sql(`SELECT ${quoted.join(', ')} FROM DB.words WHERE \`order\` = 1`);
    expect(answer).toEqual(Object.fromEntries(names.map((name, index) => [name, index + 1])));
  });

  test('1,500 columns and a type of more than 7,000 characters are taken whole, and evolve', async () => {
    const columns = Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`column_${index}`, 'int']));
    const fields = Array.from({ length: 300 }, (_, index) => `a_rather_long_field_${index}:int`);
    const type = `struct<${fields.join(',')}>`;
    expect(type.length).toBeGreaterThan(7_000);
    const row = { column_1499: 7, s: { a_rather_long_field_299: 5 } };
    await lake.put('wide/2019/09/01/00/data.parquet', parquet({ ...columns, s: type }, [row]));
    await lake.apply({ kind: 'full', topics: ['wide'] });
    await lake.put(
      'wide/2019/09/01/01/data.parquet',
      parquet({ ...columns, column_1499: 'bigint', s: type.replace('>', ',last:int>') }, [
        { column_1499: 8n, s: { a_rather_long_field_299: 6, last: 1 } },
      ]),
    );
    expect(problemsOf(await lake.apply({ kind: 'full', topics: ['wide'] }))).toEqual([]);
    expect(
      await lake.sql(
        'SELECT cast(column_1499 AS int) AS c, s.a_rather_long_field_299 AS f, s.last AS l FROM DB.wide ORDER BY c',
      ),
    ).toEqual([
      { c: 7, f: 5, l: null },
      { c: 8, f: 6, l: 1 },
    ]);
  });
});

describe('hostile names of topics', () => {
  const zone = useSyncLake();
  const named: [topic: string, table: string][] = [
    ['größe tag', 'gr_e_tag'],
    ['%2Fetc%2Fpasswd', '_2fetc_2fpasswd'],
    ["x'; drop", 'x_drop'],
    ['"quoted"', '_quoted_'],
    ['1st', '1st'],
    ['order', 'order'],
    ['a+b&c=d#e', 'a_b_c_d_e'],
    ['constructor', 'constructor'],
  ];
  const globs = ['g*a', 'h?a', 'i[x]a', 'j{x}a', 'k\\a'];
  const long = 'T'.repeat(200);
  let outcome: RunOutcome;
  beforeAll(async () => {
    for (const topic of [...named.map(([name]) => name), ...globs, 'gxa', 'ixa', long, '温度'])
      await zone.put(`${topic}/2019/09/01/00/data.parquet`, good);
    outcome = await zone.apply({ kind: 'full' });
  });

  test.each(named)('%s becomes the table %s', async (topic, table) => {
    expect(outcome.tables).toContainEqual(
      expect.objectContaining({ topic, table: `${zone.database}.${table}`, created: true, added: 1, problems: [] }),
    );
    expect(await zone.sql(`SELECT id, hour FROM DB.\`${table}\` WHERE id = 1`)).toEqual([{ id: 1, hour: '00' }]);
  });

  test('of 200 letters become tables of 200 letters', async () => {
    expect(outcome.tables).toContainEqual(expect.objectContaining({ topic: long, added: 1, problems: [] }));
    expect(await zone.sql(`SELECT id FROM DB.${long}`)).toEqual([{ id: 1 }]);
  });

  test('of which no table name can be made are named and block nothing', () => {
    expect(outcome.problems.filter(({ code }) => code === 'table.name').map(({ topic }) => topic)).toEqual(['温度']);
  });

  test('that Hive takes for patterns get no table, which would show the rows of another topic', () => {
    const refused = outcome.problems.filter(({ code }) => code === 'path.glob');
    expect(new Set(refused.map(({ topic }) => topic))).toEqual(new Set(globs));
  });
});

describe('hostile values of partitions', () => {
  const zone = useSyncLake({ templates: ['{key}'] });
  const values = ['a b', 'ü', '温度', '😀', "o'brien", '"', '%41', '100%', '#1', 'a;b', '$x', 'a,b', '^', '1e3', '+1'];

  test('are shown by Hive as the folders are called', async () => {
    for (const value of values) await zone.put(`valued/${value}/data.parquet`, good);
    const outcome = await zone.apply({ kind: 'full', topics: ['valued'] });
    expect(outcome.tables).toMatchObject([{ added: values.length, problems: [] }]);
    const shown = await zone.sql('SELECT key FROM DB.valued WHERE id = 1');
    expect(new Set(shown.map(({ key }) => key))).toEqual(new Set(values));
    for (const value of ["o'brien", '%41', 'a b']) {
      const literal = `'${value.replaceAll("'", "\\'")}'`;
      expect(await zone.sql(`SELECT key FROM DB.valued WHERE key = ${literal}`)).toEqual([{ key: value }]);
    }
    expect(statusOf(await zone.apply({ kind: 'full', topics: ['valued'] }))).toBe('nothing');
  });

  test('that Hive takes for patterns are not registered, as it would answer with rows of other partitions', async () => {
    const globs = ['v*w', 'v?w', 'v[x]w', 'v{x}w', 'v\\w'];
    for (const value of [...globs, 'vxw']) await zone.put(`globs/${value}/data.parquet`, good);
    const outcome = await zone.apply({ kind: 'full', topics: ['globs'] });
    expect(outcome.tables).toMatchObject([{ added: 1 }]);
    expect(problemsOf(outcome).map(({ code, path }) => `${code} ${path?.split('/').at(-1)}`)).toEqual(
      globs.toSorted().map((value) => `path.glob ${value}`),
    );
    expect(await zone.sql('SELECT key FROM DB.globs')).toEqual([{ key: 'vxw' }]);
  });

  test('that the metastore refuses are found in their batch and block no other', async () => {
    // 255 quotes are `%27` each in the partition's name, which then is longer than the 767 characters of PART_NAME.
    const poisons = ["'".repeat(255), '"'.repeat(255)];
    const fine = Array.from({ length: 20 }, (_, index) => `v${index}`);
    for (const value of [...fine, ...poisons]) await zone.put(`poisoned/${value}/data.parquet`, good);
    const outcome = await zone.apply({ kind: 'full', topics: ['poisoned'] });
    expect(outcome.tables).toMatchObject([{ created: true, added: fine.length }]);
    const refused = problemsOf(outcome);
    expect(refused.map(({ code }) => code)).toEqual(['partition.failed', 'partition.failed']);
    expect(new Set(refused.map(({ path }) => path?.split('/').at(-1)))).toEqual(new Set(poisons));
    expect(await zone.ids('poisoned')).toHaveLength(20);
    for (const value of poisons) await zone.clients.hdfs.remove(`${zone.root}/poisoned/${value}`, { recursive: true });
    expect(statusOf(await zone.apply({ kind: 'full', topics: ['poisoned'] }))).toBe('nothing');
  });
});
