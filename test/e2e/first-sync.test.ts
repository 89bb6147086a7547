import { describe, expect, test } from '@jest/globals';
import { applyRun, planRun, statusOf } from '#functions/metastore-sync/run.ts';
import type { Table } from '#shared/hive/metastore.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake();
const { database, root } = lake;
const clicks = parquet({ id: 'int', url: 'string' }, [
  { id: 1, url: '/a' },
  { id: 2, url: '/b' },
]);

describe('a topic that no table knows', () => {
  test('is planned without writing, created, and answers SQL', async () => {
    await lake.put('Clicks-v2.EU/2019/09/01/01/datafoo.snappy.parquet', clicks);
    await lake.put('Clicks-v2.EU/2019/09/01/02/datafoo.snappy.parquet', clicks);
    const [plan] = (await lake.plan()).tables;
    expect(plan).toMatchObject({
      topic: 'Clicks-v2.EU',
      table: 'clicks_v2_eu',
      create: {
        columns: [
          { name: 'id', type: 'int' },
          { name: 'url', type: 'string' },
        ],
        keys: ['year', 'month', 'day', 'hour'].map((name) => ({ name, type: 'string' })),
      },
      add: [
        { name: 'year=2019/month=09/day=01/hour=01', files: 1, bytes: clicks.length, rows: 2 },
        { name: 'year=2019/month=09/day=01/hour=02' },
      ],
    });
    expect(await lake.clients.metastore.tables(database)).toEqual([]);

    const outcome = await lake.apply();
    expect(outcome.tables).toMatchObject([{ created: true, added: 2, changed: 0, problems: [] }]);
    expect(
      await lake.sql(
        "SELECT hour, count(*) AS n, max(url) AS url FROM DB.clicks_v2_eu WHERE day = '01' GROUP BY hour ORDER BY hour",
      ),
    ).toEqual([
      { hour: '01', n: 2n, url: '/b' },
      { hour: '02', n: 2n, url: '/b' },
    ]);
    expect(await lake.ids("clicks_v2_eu WHERE hour > '01' AND id = 2")).toEqual([2]);
  });

  test('gets an external table that says whose it is and that Hive leaves alone', async () => {
    expect(await lake.clients.metastore.table(database, 'clicks_v2_eu')).toMatchObject({
      owner: 'lakewarden',
      tableType: 'EXTERNAL_TABLE',
      sd: { location: `${lake.settings.hdfs.defaultFs}${root}/Clicks-v2.EU` },
      parameters: expect.objectContaining({}),
    });
    const parameters = (await lake.clients.metastore.table(database, 'clicks_v2_eu'))?.parameters;
    expect(Object.fromEntries(parameters ?? [])).toMatchObject({
      'discover.partitions': 'false',
      'lakewarden.topic': 'Clicks-v2.EU',
      EXTERNAL: 'TRUE',
    });
  });

  test('tells each change by one event', () => {
    expect(lake.events.map(({ type, subject }) => `${type} ${subject}`)).toEqual([
      `dev.lakewarden.table.created ${database}.clicks_v2_eu`,
      `dev.lakewarden.partitions.added ${database}.clicks_v2_eu`,
    ]);
  });

  test('is not written to by a run with nothing to do', async () => {
    const before = await lake.clients.metastore.table(database, 'clicks_v2_eu');
    const calls = lake.clients.metastore.calls;
    const outcome = await lake.apply();
    expect(statusOf(outcome)).toBe('nothing');
    // The table, the names of its partitions, and the bodies of those that changed in the second of the first walk.
    expect(lake.clients.metastore.calls - calls).toBeLessThanOrEqual(3);
    expect(await lake.clients.metastore.table(database, 'clicks_v2_eu')).toEqual(before);
  });
});

describe('however an event comes', () => {
  const paths = (hour: string): { kind: 'paths'; paths: string[] } => ({
    kind: 'paths',
    paths: [`${root}/storm/2019/09/01/${hour}/data.parquet`],
  });

  test('ten at once end in one table, each partition announced once', async () => {
    for (const hour of ['00', '01', '02']) await lake.put(`storm/2019/09/01/${hour}/data.parquet`, clicks);
    lake.events.length = 0;
    const scopes = Array.from({ length: 10 }, (_, index) => paths(`0${index % 3}`));
    await Promise.all(scopes.map((scope) => lake.apply(scope)));
    expect(await lake.ids('storm')).toHaveLength(6);
    const announced = lake.events
      .filter((event) => event.type.endsWith('.added'))
      .flatMap((event) => (event.data as { partitions: { name: string }[] }).partitions.map(({ name }) => name));
    expect(announced.toSorted()).toEqual(['00', '01', '02'].map((hour) => `year=2019/month=09/day=01/hour=${hour}`));
    expect(lake.events.filter((event) => event.type.endsWith('table.created'))).toHaveLength(1);
  });

  test('late and twice', async () => {
    expect(statusOf(await lake.apply(paths('00')))).toBe('nothing');
    expect(statusOf(await lake.apply(paths('00')))).toBe('nothing');
  });

  test('for a file that is not there any more', async () => {
    await lake.clients.hdfs.remove(`${root}/storm/2019/09/01/02`, { recursive: true });
    await lake.clients.metastore.dropPartitions(database, 'storm', ['year=2019/month=09/day=01/hour=02']);
    expect(statusOf(await lake.apply(paths('02')))).toBe('nothing');
    expect(await lake.clients.metastore.partitionNames(database, 'storm')).toHaveLength(2);
    expect(await lake.clients.hdfs.statusIfExists(`${root}/storm/2019/09/01/02`)).toBeUndefined();
  });

  test('a partition that vanishes between plan and apply is not registered, and its folder not made anew', async () => {
    await lake.put('storm/2019/09/01/05/data.parquet', clicks);
    await lake.put('storm/2019/09/01/06/data.parquet', clicks);
    const { applyTable } = await import('#functions/metastore-sync/apply.ts');
    const tools = lake.tools();
    const [plan] = (await lake.plan({ kind: 'full', topics: ['storm'] })).tables;
    expect(plan?.add).toHaveLength(2);
    await lake.clients.hdfs.remove(`${root}/storm/2019/09/01/05`, { recursive: true });
    const outcome = await applyTable(plan!, tools);
    expect(outcome).toMatchObject({
      added: 1,
      problems: [{ code: 'partition.empty', path: `${root}/storm/2019/09/01/05` }],
    });
    expect(await lake.clients.hdfs.statusIfExists(`${root}/storm/2019/09/01/05`)).toBeUndefined();
  });
});

describe('what people set stays', () => {
  test('owner, comments, parameters, unknown fields and every create time survive an evolution', async () => {
    const { metastore } = lake.clients;
    await lake.put('kept/2019/09/01/00/data.parquet', clicks);
    await lake.apply({ kind: 'full', topics: ['kept'] });
    const made = (await metastore.table(database, 'kept')) as Table;
    const cols = made.sd?.cols?.map((column) => ({ ...column, comment: `about ${column.name} – ü` })) ?? [];
    await metastore.alterTable(database, 'kept', {
      ...made,
      owner: 'data-team',
      ownerType: 2,
      sd: {
        ...made.sd,
        cols,
        skewedInfo: { skewedColNames: ['url'], skewedColValues: [['/a']] },
        serdeInfo: { ...made.sd?.serdeInfo, description: 'set by hand' },
      },
      parameters: new Map([...(made.parameters ?? []), ['classification', 'internal'], ['Umlaut', 'ä%:=']]),
    });
    const before = (await metastore.table(database, 'kept')) as Table;
    const [partition] = await metastore.partitionsByNames(database, 'kept', ['year=2019/month=09/day=01/hour=00']);
    await metastore.alterPartitions(database, 'kept', [
      { ...partition!, parameters: new Map([...(partition?.parameters ?? []), ['hand', 'made']]) },
    ]);

    await lake.put(
      'kept/2019/09/01/00/more.parquet',
      parquet({ id: 'bigint', url: 'string', added_on: 'date' }, [
        { id: 3n, url: '/c', added_on: new Date('2019-09-01') },
      ]),
    );
    await lake.apply({ kind: 'full', topics: ['kept'] });

    const after = (await metastore.table(database, 'kept')) as Table;
    expect(after.sd?.cols).toEqual([{ ...cols[0], type: 'bigint' }, cols[1], { name: 'added_on', type: 'date' }]);
    const still = ({ sd, parameters, ...rest }: Table): unknown => ({
      ...rest,
      sd: { ...sd, cols: [] },
      parameters: Object.fromEntries(
        [...(parameters ?? [])].filter(
          ([name]) =>
            !/^(lakewarden\.(version|walked-until|schema-history)|transient_lastDdlTime|last_modified_.*)$/.test(name),
        ),
      ),
    });
    expect(still(after)).toEqual(still(before));
    const [changed] = await metastore.partitionsByNames(database, 'kept', ['year=2019/month=09/day=01/hour=00']);
    expect(changed?.createTime).toBe(partition?.createTime);
    expect(changed?.parameters?.get('hand')).toBe('made');
    expect(changed?.parameters?.get('numFiles')).toBe('2');
    expect(await lake.sorted('SELECT cast(id AS string) AS id, added_on FROM DB.kept', 'id')).toEqual([
      { id: '1', added_on: null },
      { id: '2', added_on: null },
      { id: '3', added_on: '2019-09-01' },
    ]);
  });
});

describe('tables that are not ours to change', () => {
  const columns = parquet({ id: 'int' }, [{ id: 1 }]);
  const alterations: [string, (table: Table) => Table, string][] = [
    [
      'a table without our mark',
      (table) => ({
        ...table,
        parameters: new Map([...(table.parameters ?? [])].filter(([name]) => name !== 'lakewarden.topic')),
      }),
      'table.not_ours',
    ],
    [
      'a table of another topic',
      (table) => ({ ...table, parameters: new Map([...(table.parameters ?? []), ['lakewarden.topic', 'other']]) }),
      'table.collision',
    ],
    [
      'an Iceberg table',
      (table) => ({ ...table, parameters: new Map([...(table.parameters ?? []), ['table_type', 'ICEBERG']]) }),
      'table.unsupported',
    ],
    [
      'a Delta table',
      (table) => ({
        ...table,
        parameters: new Map([...(table.parameters ?? []), ['spark.sql.sources.provider', 'DELTA']]),
      }),
      'table.unsupported',
    ],
    [
      'a Hudi table',
      (table) => ({ ...table, sd: { ...table.sd, inputFormat: 'org.apache.hudi.hadoop.HoodieParquetInputFormat' } }),
      'table.unsupported',
    ],
    [
      'a text table',
      (table) => ({ ...table, sd: { ...table.sd, inputFormat: 'org.apache.hadoop.mapred.TextInputFormat' } }),
      'table.unsupported',
    ],
    [
      'a table that Hive discovers',
      (table) => ({ ...table, parameters: new Map([...(table.parameters ?? []), ['discover.partitions', 'TRUE']]) }),
      'table.discovered_by_hive',
    ],
    [
      'a table at another place',
      (table) => ({ ...table, sd: { ...table.sd, location: `${lake.settings.hdfs.defaultFs}/elsewhere` } }),
      'table.location_differs',
    ],
  ];
  test.each(alterations)('%s is reported and not touched', async (name, change, code) => {
    const topic = name.replaceAll(/\W+/g, '_');
    await lake.put(`${topic}/2019/09/01/00/data.parquet`, columns);
    await lake.apply({ kind: 'full', topics: [topic] });
    const table = (await lake.clients.metastore.table(database, topic)) as Table;
    await lake.clients.metastore.alterTable(database, topic, change(table));
    const before = await lake.clients.metastore.table(database, topic);
    await lake.put(
      `${topic}/2019/09/01/01/data.parquet`,
      parquet({ id: 'bigint', more: 'int' }, [{ id: 2n, more: 3 }]),
    );
    const outcome = await lake.apply({ kind: 'full', topics: [topic] });
    expect(problemsOf(outcome)).toMatchObject([{ code, topic }]);
    expect(await lake.clients.metastore.table(database, topic)).toEqual(before);
    expect(await lake.clients.metastore.partitionNames(database, topic)).toHaveLength(1);
  });

  test('a view is reported and not touched', async () => {
    await lake.sql('CREATE VIEW DB.looked_at AS SELECT 1 AS id');
    await lake.put('looked_at/2019/09/01/00/data.parquet', columns);
    expect(problemsOf(await lake.apply({ kind: 'full', topics: ['looked_at'] }))).toMatchObject([
      { code: 'table.unsupported', message: expect.stringContaining('view') },
    ]);
    await lake.sql('DROP VIEW DB.looked_at');
  });

  test('a table that the settings name for adoption is kept from then on', async () => {
    await lake.sql(
      `CREATE EXTERNAL TABLE DB.adopted (id int) PARTITIONED BY (year string, month string, day string, hour string) STORED AS PARQUET LOCATION '${root}/adopted' TBLPROPERTIES ('discover.partitions'='false')`,
    );
    await lake.put('adopted/2019/09/01/00/data.parquet', parquet({ id: 'bigint' }, [{ id: 5n }]));
    const settings = { ...lake.settings, topics: { adopted: { adopt: true, allow: [] } } };
    const request = { scope: { kind: 'full' as const, topics: ['adopted'] }, dryRun: false, problems: [] };
    expect(problemsOf(await planRun(request, lake.tools()))).toMatchObject([{ code: 'table.not_ours' }]);
    expect(statusOf(await applyRun(request, lake.tools({ settings })))).toBe('done');
    expect(await lake.sql('SELECT cast(id AS string) AS id FROM DB.adopted')).toEqual([{ id: '5' }]);
  });
});

test('topics that would share a table are refused, the others go on', async () => {
  for (const topic of ['pay-ments', 'pay.ments', 'fine']) await lake.put(`${topic}/2019/09/01/00/data.parquet`, clicks);
  const outcome = await lake.apply({ kind: 'recent', topics: ['pay-ments', 'pay.ments', 'fine'] });
  expect(outcome.problems.map(({ code, topic }) => `${code} ${topic}`)).toEqual([
    'table.collision pay-ments',
    'table.collision pay.ments',
  ]);
  expect(outcome.tables).toMatchObject([{ topic: 'fine', created: true }]);
  await lake.clients.hdfs.remove(`${root}/pay.ments`, { recursive: true });
});
