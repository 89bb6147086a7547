import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Announce } from '#functions/metastore-sync/announce.ts';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { applyRun } from '#functions/metastore-sync/run.ts';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { javaTool } from '#lake-in-a-box/jvm.ts';
import { readRecord } from '#lake-in-a-box/record.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { startOwnLake } from '../support/own-lake.ts';
import { everything, useSyncLake } from '../support/sync-lake.ts';

// Two NameNodes that share their edits: metastore-sync knows both addresses, the one on standby first.
const own = await startOwnLake(['standby', 'metastore']);
const { folder, webhdfs = '', webhdfsStandby = '', defaultFs = '', metastore = '' } = own.addresses;
const hdfs = { addresses: [webhdfsStandby, webhdfs], defaultFs, user: superuser, deadlineSeconds: 60 };
const lake = useSyncLake({ hdfs }, { webhdfs, defaultFs, metastore });
afterAll(() => own.stop());

const clicks = parquet({ id: 'int' }, [{ id: 1 }]);

/** Runs one of Hadoop's own tools on the pair. */
async function runHadoop(tool: 'haadmin' | 'dfsadmin', ...args: string[]): Promise<string> {
  const env = { ...process.env, HADOOP_USER_NAME: superuser };
  const all = [`@${join(folder, 'conf', `${tool}.args`)}`, ...args];
  return (await promisify(execFile)(javaTool('java'), all, { env, timeout: 60_000 })).stdout;
}

describe('a pair of NameNodes', () => {
  test('is used although the first address is on standby', async () => {
    expect(await runHadoop('haadmin', '-getServiceState', 'nn2')).toContain('standby');
    await lake.put('clicks/2019/09/01/01/data.parquet', clicks);
    expect((await lake.apply()).tables).toMatchObject([{ created: true, added: 1, problems: [] }]);
    const table = await lake.clients.metastore.table(lake.database, 'clicks');
    expect(table?.sd?.location).toBe(`hdfs://lake${lake.root}/clicks`);
  });

  test('may change roles between two runs', async () => {
    await lake.put('clicks/2019/09/01/02/data.parquet', clicks);
    await runHadoop('haadmin', '-failover', 'nn1', 'nn2');
    expect((await lake.apply()).tables).toMatchObject([{ created: false, added: 1, problems: [] }]);
    await lake.put('clicks/2019/09/01/03/data.parquet', clicks);
    expect((await lake.apply()).tables).toMatchObject([{ created: false, added: 1, problems: [] }]);
  });

  test('may change roles between the look and the writes of a run', async () => {
    await lake.put('clicks/2019/09/01/04/data.parquet', clicks);
    class FailoverAnnounce extends Announce {
      override async conflicts(): Promise<void> {
        await runHadoop('haadmin', '-failover', 'nn2', 'nn1');
      }
    }
    const announce = new FailoverAnnounce(() => Promise.resolve(), 'test', defaultFs);
    const outcome = await applyRun({ scope: everything, dryRun: false, problems: [] }, lake.tools({ announce }));
    expect(outcome.tables).toMatchObject([{ created: false, added: 1, problems: [] }]);
    expect((await lake.apply()).tables).toMatchObject([{ added: 0, changed: 0, problems: [] }]);
  });

  test('with nobody active is passing trouble, and nothing is taken for gone', async () => {
    const before = await lake.clients.metastore.partitionNames(lake.database, 'clicks');
    const clients = createClients({ ...lake.settings, hdfs: { ...lake.settings.hdfs, deadlineSeconds: 3 } });
    await runHadoop('haadmin', '-transitionToStandby', 'nn1');
    try {
      const run = applyRun({ scope: everything, dryRun: false, problems: [] }, lake.tools({ clients }));
      await expect(run).rejects.toMatchObject({ disposition: 'retry' });
    } finally {
      await runHadoop('haadmin', '-transitionToActive', 'nn1');
      await clients.metastore.close();
      clients.hdfs.close();
    }
    expect(await lake.clients.metastore.partitionNames(lake.database, 'clicks')).toEqual(before);
    expect((await lake.apply()).tables).toMatchObject([{ added: 0, changed: 0, problems: [] }]);
  });
});

describe('safe mode', () => {
  test('refuses writes as passing trouble, while a run that only reads HDFS goes on', async () => {
    await lake.put('clicks/2019/09/01/05/data.parquet', clicks);
    const clients = createClients({ ...lake.settings, hdfs: { ...lake.settings.hdfs, deadlineSeconds: 3 } });
    await runHadoop('dfsadmin', '-safemode', 'enter');
    try {
      await expect(clients.hdfs.mkdirs(`${lake.root}/more`)).rejects.toMatchObject({
        code: 'hdfs.safe_mode',
        disposition: 'retry',
      });
      const outcome = await applyRun({ scope: everything, dryRun: false, problems: [] }, lake.tools({ clients }));
      expect(outcome.tables).toMatchObject([{ added: 1, problems: [] }]);
    } finally {
      await runHadoop('dfsadmin', '-safemode', 'leave');
      await clients.metastore.close();
      clients.hdfs.close();
    }
    await expect(lake.clients.hdfs.mkdirs(`${lake.root}/.more`)).resolves.toBeUndefined();
  });
});

describe('a NameNode that dies', () => {
  test('is replaced by the other one, and a sync goes on there', async () => {
    const active = readRecord(folder)?.processes.find(({ name }) => name === 'namenode');
    await lake.put('clicks/2019/09/01/06/data.parquet', clicks);
    process.kill(active?.pid ?? 0, 'SIGKILL');
    await runHadoop('haadmin', '-transitionToActive', '--forceactive', 'nn2');
    expect((await lake.apply()).tables).toMatchObject([{ created: false, added: 1, problems: [] }]);
  });
});
