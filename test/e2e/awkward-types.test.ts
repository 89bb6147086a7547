import { expect, test } from '@jest/globals';
import type { RunOutcome } from '#functions/metastore-sync/run.ts';
import { type ColumnSpec, parquetBytes as parquet } from '../support/parquet-file.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake();
const put = (topic: string, hour: string, bytes: Uint8Array): Promise<void> =>
  lake.put(`${topic}/2019/09/01/${hour}/data.parquet`, bytes);
const walk = (topic: string): Promise<RunOutcome> => lake.apply({ kind: 'full', topics: [topic] });
const columnsOf = async (topic: string): Promise<string[] | undefined> =>
  (await lake.clients.metastore.table(lake.database, topic))?.sd?.cols?.map(({ name, type }) => `${name} ${type}`);

test('a column that holds nothing but nulls is left out while it has no type, and appended with the first one', async () => {
  const unknown: ColumnSpec = { type: 'INT32', logical_type: { type: 'NULL' } };
  await put('nulls', '00', parquet({ id: 'int', c: unknown }, [{ id: 1 }]));
  expect(problemsOf(await walk('nulls'))).toMatchObject([{ code: 'column.note', column: 'c' }]);
  expect(await columnsOf('nulls')).toEqual(['id int']);
  await put('nulls', '01', parquet({ id: 'int', c: 'string' }, [{ id: 2, c: 'typed' }]));
  expect((await walk('nulls')).tables).toMatchObject([{ evolved: 1, added: 1, problems: [] }]);
  expect(await lake.sql('SELECT id, c FROM DB.nulls ORDER BY id')).toEqual([
    { id: 1, c: null },
    { id: 2, c: 'typed' },
  ]);
  expect(await lake.sql("SELECT id FROM DB.nulls WHERE c = 'typed' OR c IS NULL ORDER BY id")).toHaveLength(2);
});

test('a column that holds nothing but nulls of a wrong type refuses the files of the right one by name', async () => {
  await put('guessed', '00', parquet({ id: 'int', c: 'int' }, [{ id: 1 }]));
  await walk('guessed');
  await put('guessed', '01', parquet({ id: 'int', c: 'string' }, [{ id: 2, c: 'typed' }]));
  expect(problemsOf(await walk('guessed'))).toMatchObject([
    { code: 'file.conflict', column: 'c', declared: 'int', found: 'string' },
    { code: 'partition.held' },
  ]);
});

test('timestamps of INT96 beside milliseconds, microseconds and nanoseconds are one column', async () => {
  // Hive itself writes INT96.
  const folder = `${lake.settings.hdfs.defaultFs}${lake.root}/moments/2019/09/01/00`;
  await lake.sql(`CREATE EXTERNAL TABLE DB.writer (id bigint, old timestamp) STORED AS PARQUET LOCATION '${folder}'`);
  await lake.sql("INSERT INTO DB.writer VALUES (0, timestamp '2019-09-01 03:04:05')");
  await lake.clients.metastore.dropTable(lake.database, 'writer');
  const units = { '01': 'MILLIS', '02': 'MICROS', '03': 'NANOS' } as const;
  for (const [hour, unit] of Object.entries(units)) {
    const old: ColumnSpec = {
      type: 'INT64',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit },
    };
    const second = { MILLIS: 1_000n, MICROS: 1_000_000n, NANOS: 1_000_000_000n }[unit];
    await put('moments', hour, parquet({ id: 'bigint', old }, [{ id: BigInt(hour), old: 1_567_307_045n * second }]));
  }
  const outcome = await walk('moments');
  expect(outcome.tables).toMatchObject([{ added: 4 }]);
  expect(problemsOf(outcome).filter(({ column }) => column === 'old')).toMatchObject([
    { code: 'column.note', message: expect.stringContaining('nanoseconds') },
  ]);
  expect(await columnsOf('moments')).toContain('old timestamp');
  expect(await lake.sql('SELECT id, cast(old AS string) AS o FROM DB.moments ORDER BY id')).toEqual(
    [0n, 1n, 2n, 3n].map((id) => ({ id, o: '2019-09-01 03:04:05' })),
  );
});

test('unsigned integers are told of, since Hive answers NULL where their sign would change', async () => {
  const [small, large]: ColumnSpec[] = [
    { type: 'INT32', converted_type: 'UINT_32' },
    { type: 'INT64', converted_type: 'UINT_64' },
  ];
  await put(
    'unsigned',
    '00',
    parquet({ id: 'int', small: small!, large: large! }, [
      { id: 1, small: 2 ** 31 - 1, large: 2n ** 63n - 1n },
      { id: 2, small: 2 ** 31, large: 2n ** 63n },
    ]),
  );
  const outcome = await walk('unsigned');
  expect(problemsOf(outcome).map(({ code, column }) => `${code} ${column}`)).toEqual([
    'column.note small',
    'column.note large',
  ]);
  expect(await columnsOf('unsigned')).toEqual(['id int', 'small bigint', 'large bigint']);
  expect(await lake.sql('SELECT id, small, large FROM DB.unsigned ORDER BY id')).toEqual([
    { id: 1, small: 2n ** 31n - 1n, large: 2n ** 63n - 1n },
    { id: 2, small: null, large: null },
  ]);
});
