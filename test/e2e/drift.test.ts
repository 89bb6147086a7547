import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Partition, Table } from '#shared/hive/metastore.ts';
import { type CliRun, lakewarden } from '../support/cli.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { writeSettings, writtenSettings } from '../support/sync-process.ts';

const lake = useSyncLake();
const { root, database } = lake;
const { hdfs, metastore } = lake.clients;
const file = parquet({ id: 'int', name: 'string' }, [{ id: 1, name: 'a' }]);

let temp: string;
let config: string;
beforeAll(() => {
  temp = mkdtempSync(join(tmpdir(), 'lakewarden-drift-'));
  config = writeSettings(temp, 'settings', writtenSettings(lake));
});
afterAll(() => rmSync(temp, { recursive: true }));

interface Row {
  code: string;
  about: string;
  count: number;
  example: string;
}

const run = (topic: string, ...args: string[]): Promise<CliRun> =>
  lakewarden(['sync', 'drift', '--config', config, '--topic', topic, ...args], { cwd: temp });

async function drift(topic: string): Promise<{ code: number; rows: Row[] }> {
  const { code, out } = await run(topic, '--json');
  const { topics } = JSON.parse(out) as { topics: { findings: Row[] }[] };
  const rows = topics.flatMap(({ findings }) => findings);
  return { code, rows: rows.map(({ code: kind, about, count, example }) => ({ code: kind, about, count, example })) };
}

/** A topic with the hours 00, 01, … of a day, registered. */
async function prepare(topic: string, hours: number): Promise<{ name: (hour: string) => string; day: string }> {
  const day = `${topic}/2019/09/01`;
  for (let hour = 0; hour < hours; hour += 1) await lake.put(`${day}/${String(hour).padStart(2, '0')}/a.parquet`, file);
  await lake.apply({ kind: 'full', topics: [topic] });
  return { day, name: (hour) => `year=2019/month=09/day=01/hour=${hour}` };
}

async function alterTable(name: string, change: (table: Table) => Partial<Table>): Promise<void> {
  const table = (await metastore.table(database, name)) as Table;
  await metastore.alterTable(database, name, { ...table, ...change(table) });
}

async function alterPartition(
  table: string,
  name: string,
  change: (body: Partition) => Partial<Partition>,
): Promise<void> {
  const [body] = (await metastore.partitionsByNames(database, table, [name])) as [Partition];
  await metastore.alterPartitions(database, table, [{ ...body, ...change(body) }]);
}

describe('sync drift', () => {
  test('finds nothing in a table that metastore-sync made, evolved and filled; and writes nothing', async () => {
    const { day } = await prepare('tidy', 2);
    const wider = parquet({ id: 'bigint', name: 'string', more: 'struct<a:int>' }, [
      { id: 2n, name: 'b', more: { a: 1 } },
    ]);
    await lake.put(`${day}/02/b.parquet`, wider);
    await lake.apply({ kind: 'full', topics: ['tidy'] });
    await lake.put(`${day}/01/_SUCCESS`, new Uint8Array());
    const before = await metastore.table(database, 'tidy');
    expect(await run('tidy')).toMatchObject({
      code: 0,
      out: `${database}.tidy  topic tidy, 3 partitions, 3 folders\nnothing found\n\n`,
    });
    expect(await metastore.table(database, 'tidy')).toEqual(before);
  });

  test('lists what somebody changed by hand on partitions, in files and on the table, with exit code 3', async () => {
    const { day, name } = await prepare('touched', 9);
    await alterPartition('touched', name('01'), ({ sd }) => ({
      sd: { ...sd, location: `${lake.settings.hdfs.defaultFs}/tmp/attic` },
    }));
    await hdfs.remove(`${root}/${day}/02`, { recursive: true });
    await hdfs.remove(`${root}/${day}/03/a.parquet`);
    await metastore.dropPartitions(database, 'touched', [name('04')]);
    await alterPartition('touched', name('05'), ({ parameters }) => ({
      parameters: new Map([...(parameters ?? []), ['numFiles', '7']]),
    }));
    await alterPartition('touched', name('06'), ({ sd }) => ({
      sd: { ...sd, cols: [...(sd?.cols ?? []), { name: 'removed', type: 'int' }] },
    }));
    await lake.put(`${day}/07/b.parquet`, parquet({ id: 'string', late: 'int' }, [{ id: 'x', late: 1 }]));
    await alterPartition('touched', name('08'), ({ parameters }) => ({
      parameters: new Map([...(parameters ?? []), ['numRows', '7']]),
    }));
    await alterTable('touched', ({ parameters }) => ({
      parameters: new Map([...(parameters ?? []), ['discover.partitions', 'true']]),
    }));
    expect(await drift('touched')).toEqual({
      code: 3,
      rows: [
        { code: 'column.removed', about: 'removed', count: 1, example: name('06') },
        { code: 'file.ahead', about: 'late', count: 1, example: `${root}/${day}/07/b.parquet` },
        { code: 'file.differs', about: 'id', count: 1, example: `${root}/${day}/07/b.parquet` },
        { code: 'folder.unregistered', about: '', count: 1, example: `${root}/${day}/04` },
        {
          code: 'partition.elsewhere',
          about: '',
          count: 1,
          example: `${name('01')} at ${lake.settings.hdfs.defaultFs}/tmp/attic`,
        },
        { code: 'partition.empty', about: '', count: 1, example: name('03') },
        { code: 'partition.num_files', about: '', count: 2, example: name('05') },
        { code: 'partition.num_rows', about: '', count: 1, example: name('08') },
        { code: 'partition.vanished', about: '', count: 1, example: name('02') },
        { code: 'table.discovered_by_hive', about: '', count: 1, example: `${database}.touched` },
        { code: 'table.property', about: 'discover.partitions', count: 1, example: `${database}.touched` },
      ],
    });
    expect((await run('touched')).out).toMatch(/^partition\.vanished +1 +year=2019.*its folder is not there$/m);
  });

  test('tells of columns that were removed from the table, moved or retyped, by the partitions and the files', async () => {
    const { day } = await prepare('columns', 1);
    await alterTable('columns', ({ sd }) => ({ sd: { ...sd, cols: [{ name: 'name', type: 'string' }] } }));
    expect((await drift('columns')).rows).toEqual([
      expect.objectContaining({ code: 'column.removed', about: 'id' }),
      { code: 'file.ahead', about: 'id', count: 1, example: `${root}/${day}/00/a.parquet` },
    ]);
  });

  test('tells of a type that is none, which the metastore takes all the same', async () => {
    await prepare('broken', 1);
    await alterTable('broken', ({ sd }) => ({
      sd: { ...sd, cols: [...(sd?.cols ?? []), { name: 'odd', type: 'struct<a:int' }] },
    }));
    expect((await drift('broken')).rows).toMatchObject([{ code: 'column.unsupported', about: 'odd' }]);
  });

  test('tells of a table that is missing or not ours', async () => {
    await lake.put('unmade/2019/09/01/00/a.parquet', file);
    expect((await drift('unmade')).rows).toMatchObject([{ code: 'table.missing' }]);
    await prepare('foreign', 1);
    await alterTable('foreign', ({ parameters }) => ({
      parameters: new Map([...(parameters ?? [])].filter(([key]) => key !== 'lakewarden.topic')),
    }));
    expect((await drift('foreign')).rows).toMatchObject([{ code: 'table.not_ours' }]);
  });
});
