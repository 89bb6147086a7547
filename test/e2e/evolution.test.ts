import { describe, expect, test } from '@jest/globals';
import { readSchemaHistory } from '#functions/metastore-sync/table/schema-history.ts';
import { allowedChanges, refusedChanges } from '../support/evolution-cases.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { everything, problemsOf, useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake();
const { database } = lake;
const hour = (topic: string, number: number): string =>
  `${topic}/2019/09/01/${String(number).padStart(2, '0')}/data.snappy.parquet`;

describe('a change that every engine reads rightly is made, and Hive answers with old and new rows together', () => {
  test.each(allowedChanges)('$before to $after', async ({ name, before, after, old, young, cascade }) => {
    await lake.put(hour(name, 0), parquet({ id: 'int', c: before }, [{ id: 1, c: old }]));
    await lake.apply({ kind: 'full', topics: [name] });
    await lake.put(hour(name, 1), parquet({ id: 'int', c: after }, [{ id: 2, c: young }]));
    const [plan] = (await lake.plan({ kind: 'full', topics: [name] })).tables;
    expect(plan?.evolve).toMatchObject({
      cascade,
      changes: [{ column: 'c', from: before, to: after, because: `${lake.root}/${hour(name, 1)}` }],
    });
    const outcome = await lake.apply({ kind: 'full', topics: [name] });
    expect(problemsOf(outcome)).toEqual([]);
  });

  test('and the answers are those of the old and the new row of each', async () => {
    // In one statement, since each that is more than a look at files costs Hive a job.
    const asked = allowedChanges.map(
      ({ name, ask }) =>
        `SELECT concat('${name} ', hour) AS place, id, cast(${ask} AS string) AS answer FROM DB.${name} WHERE id > 0`,
    );
    const answered = await lake.sorted(asked.join(' UNION ALL '), 'place');
    const wanted = allowedChanges.flatMap(({ name, answers }) => [
      { place: `${name} 00`, id: 1, answer: answers[0] },
      { place: `${name} 01`, id: 2, answer: answers[1] },
    ]);
    expect(answered).toEqual(wanted.toSorted((a, b) => (a.place < b.place ? -1 : 1)));
  });

  test('a column appended, also when the file has it in the middle', async () => {
    await lake.put(hour('appended', 0), parquet({ id: 'int', z: 'string' }, [{ id: 1, z: 'old' }]));
    await lake.apply(everything);
    await lake.put(
      hour('appended', 1),
      parquet({ id: 'int', m: 'double', z: 'string' }, [{ id: 2, m: 0.5, z: 'new' }]),
    );
    await lake.apply(everything);
    const table = await lake.clients.metastore.table(database, 'appended');
    expect(table?.sd?.cols?.map((column) => `${column.name} ${column.type}`)).toEqual([
      'id int',
      'z string',
      'm double',
    ]);
    const because = `${lake.root}/${hour('appended', 1)}`;
    expect(table && readSchemaHistory(table)).toMatchObject([{ column: 'm', to: 'double', because }]);
    expect(await lake.sorted('SELECT id, z, m FROM DB.appended', 'id')).toEqual([
      { id: 1, z: 'old', m: null },
      { id: 2, z: 'new', m: 0.5 },
    ]);
  });

  test('a late file of the old type neither narrows nor hurts', async () => {
    await lake.put(hour('late', 1), parquet({ id: 'bigint' }, [{ id: 5_000_000_000n }]));
    await lake.apply(everything);
    await lake.put(hour('late', 0), parquet({ id: 'int' }, [{ id: 7 }]));
    const [plan] = (await lake.plan({ kind: 'full', topics: ['late'] })).tables;
    expect(plan?.evolve).toBeUndefined();
    await lake.apply(everything);
    expect(await lake.sql('SELECT cast(id AS string) AS id FROM DB.late WHERE id > 0 ORDER BY hour')).toEqual([
      { id: '7' },
      { id: '5000000000' },
    ]);
  });

  test('a new column in a new file of an old partition is seen in that partition', async () => {
    await lake.put(hour('grown', 0), parquet({ id: 'int' }, [{ id: 1 }]));
    await lake.put(hour('grown', 1), parquet({ id: 'int' }, [{ id: 2 }]));
    await lake.apply(everything);
    await lake.put(
      'grown/2019/09/01/00/more.snappy.parquet',
      parquet({ id: 'int', extra: 'string' }, [{ id: 3, extra: 'seen' }]),
    );
    const [plan] = (await lake.plan({ kind: 'full', topics: ['grown'] })).tables;
    expect(plan?.change).toMatchObject([{ name: 'year=2019/month=09/day=01/hour=00', files: 2, columns: true }]);
    await lake.apply(everything);
    expect(await lake.sorted('SELECT id, extra FROM DB.grown', 'id')).toEqual([
      { id: 1, extra: null },
      { id: 2, extra: null },
      { id: 3, extra: 'seen' },
    ]);
  });
});

describe('a change that some engine answers wrongly is refused by name, and the table stays as it is', () => {
  test.each(refusedChanges)('%s to %s', async (before, after, old, young, engine) => {
    const name = `refused_${before}_${after}`.replaceAll(/[^a-z0-9]+/g, '_').replace(/_$/, '');
    await lake.put(hour(name, 0), parquet({ id: 'int', c: before }, [{ id: 1, c: old }]));
    await lake.apply({ kind: 'full', topics: [name] });
    const untouched = await lake.clients.metastore.table(database, name);
    await lake.put(hour(name, 1), parquet({ id: 'int', c: after }, [{ id: 2, c: young }]));
    await lake.put(hour(name, 2), parquet({ id: 'int', c: before }, [{ id: 3, c: old }]));
    lake.events.length = 0;
    const outcome = await lake.apply({ kind: 'full', topics: [name] });

    const conflict = problemsOf(outcome).find((problem) => problem.code === 'file.conflict');
    expect(conflict).toMatchObject({
      column: 'c',
      declared: before,
      found: after,
      path: `${lake.root}/${hour(name, 1)}`,
      breaks: expect.stringContaining(engine),
    });
    expect(problemsOf(outcome)).toContainEqual(
      expect.objectContaining({ code: 'partition.held', path: `${lake.root}/${name}/2019/09/01/01` }),
    );
    expect(lake.events.map((event) => event.type)).toEqual([
      'dev.lakewarden.table.conflict',
      'dev.lakewarden.partitions.added',
    ]);
    expect(await lake.clients.metastore.table(database, name)).toMatchObject({ sd: { cols: untouched?.sd?.cols } });
    expect(await lake.ids(name)).toEqual([1, 3]);
  });

  test('one that the topic allows is made and named', async () => {
    const tools = lake.tools();
    const settings = {
      ...lake.settings,
      topics: { allowed_double: { adopt: false, allow: ['float->double' as const] } },
    };
    await lake.put(hour('allowed_double', 0), parquet({ c: 'float' }, [{ c: 1.5 }]));
    await lake.apply({ kind: 'full', topics: ['allowed_double'] });
    await lake.put(hour('allowed_double', 1), parquet({ c: 'double' }, [{ c: 2.5 }]));
    const { planRun, applyRun } = await import('#functions/metastore-sync/run.ts');
    const request = { scope: { kind: 'full' as const, topics: ['allowed_double'] }, dryRun: false, problems: [] };
    const [plan] = (await planRun(request, { ...tools, settings })).tables;
    expect(plan?.evolve?.changes).toMatchObject([
      { column: 'c', from: 'float', to: 'double', allowedBy: ['float->double'] },
    ]);
    await applyRun(request, { ...tools, settings });
    expect(await lake.sorted('SELECT c FROM DB.allowed_double', 'c')).toEqual([{ c: 1.5 }, { c: 2.5 }]);
  });
});
