import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Partition, Table } from '#shared/hive/metastore.ts';
import { startLake } from '#lake-in-a-box/lake.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { everything, problemsOf, useSyncLake } from '../support/sync-lake.ts';

const folder = mkdtempSync(join(tmpdir(), 'lakewarden-housekeeping-'));
// PostgreSQL runs as another user where the tests run as root.
chmodSync(folder, 0o755);
const { addresses, stop } = await startLake({
  folder,
  parts: ['metastore'],
  temporary: true,
  metastoreSettings: {
    'metastore.task.threads.always': 'org.apache.hadoop.hive.metastore.PartitionManagementTask',
    'metastore.partition.management.task.frequency': '1s',
    // What the task drops it names by an expression, which the metastore must be able to read.
    'metastore.expression.proxy': 'org.apache.hadoop.hive.metastore.MsckPartitionExpressionProxy',
  },
});
const { webhdfs = '', defaultFs = '', metastore: uri = '' } = addresses;
const byKeys = { templates: ['year={year}/month={month}'] };
const lake = useSyncLake({ topics: { keyed: byKeys, aged: byKeys } }, { webhdfs, defaultFs, metastore: uri });
afterAll(stop);

const { database } = lake;
const { metastore } = lake.clients;
const put = (path: string, id: number): Promise<void> =>
  lake.put(`${path}/data.parquet`, parquet({ id: 'int' }, [{ id }]));

async function setParameters(name: string, parameters: Readonly<Record<string, string>>): Promise<void> {
  const table = (await metastore.table(database, name)) as Table;
  const all = new Map([...(table.parameters ?? []), ...Object.entries(parameters)]);
  await metastore.alterTable(database, name, { ...table, parameters: all });
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await sleep(100);
}

/** Waits until the task went through all tables once more: it takes a partition of plain folders that we hand to it. */
async function letHiveCleanUp(): Promise<void> {
  await setParameters('bait', { 'discover.partitions': 'false' });
  await lake.apply({ kind: 'full', topics: ['bait'] });
  expect(await metastore.partitionNames(database, 'bait')).toHaveLength(1);
  await setParameters('bait', { 'discover.partitions': 'true' });
  await until(async () => (await metastore.partitionNames(database, 'bait')).length === 0);
}

describe("Hive's partition management", () => {
  test('drops partitions of plain folders where somebody asked for discovery, and none of ours', async () => {
    for (const topic of ['plain', 'bait']) await put(`${topic}/2019/09/01/00`, 1);
    for (const month of ['08', '09']) await put(`keyed/year=2019/month=${month}`, 1);
    await lake.apply();
    // The second time begins after the first one's end.
    for (const _ of [1, 2]) await letHiveCleanUp();
    expect(await metastore.partitionNames(database, 'plain')).toEqual(['year=2019/month=09/day=01/hour=00']);
    expect(await metastore.partitionNames(database, 'keyed')).toEqual(['year=2019/month=08', 'year=2019/month=09']);
    // The table that somebody put into Hive's hands is told of and not fought over.
    const outcome = await lake.apply();
    expect(problemsOf(outcome)).toMatchObject([{ code: 'table.discovered_by_hive', topic: 'bait' }]);
    expect(await metastore.partitionNames(database, 'bait')).toEqual([]);
  });

  test('finds the create time of a partition as it was before its table evolved and its files changed', async () => {
    const [aged, changed, young] = ['year=2017/month=01', 'year=2017/month=02', 'year=2019/month=09'] as const;
    for (const name of [aged, changed, young]) await put(`aged/${name}`, 1);
    await lake.apply(everything);
    const bodies = (names: readonly string[]): Promise<readonly Partition[]> =>
      metastore.partitionsByNames(database, 'aged', names);
    const createTimes = async (): Promise<Record<string, number | undefined>> =>
      Object.fromEntries(
        (await bodies([aged, changed, young])).map((body) => [body.values?.join('-'), body.createTime]),
      );
    const longAgo = 1_500_000_000;
    const old = (await bodies([aged, changed])).map((body) => ({ ...body, createTime: longAgo }));
    await metastore.alterPartitions(database, 'aged', old);
    const before = await createTimes();
    expect(before).toEqual({ '2017-01': longAgo, '2017-02': longAgo, '2019-09': expect.any(Number) });

    await lake.put(`aged/${changed}/more.parquet`, parquet({ id: 'bigint', note: 'string' }, [{ id: 2n, note: 'n' }]));
    expect((await lake.apply(everything)).tables).toContainEqual(
      expect.objectContaining({ table: `${database}.aged`, evolved: 2, changed: 1 }),
    );
    const [widened] = await bodies([aged]);
    expect(widened?.sd?.cols?.map(({ type }) => type)).toEqual(['bigint', 'string']);
    expect(await createTimes()).toEqual(before);

    await setParameters('aged', { 'discover.partitions': 'true', 'partition.retention.period': '7d' });
    // What Hive drops for its age it registers again, as new, when it looks at the folders the next time.
    await until(async () => (await bodies([aged, changed])).every(({ createTime }) => createTime !== longAgo));
    expect((await createTimes())['2019-09']).toBe(before['2019-09']);
  });
});
