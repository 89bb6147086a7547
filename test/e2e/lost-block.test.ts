import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { statusOf } from '#functions/metastore-sync/run.ts';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { startFunction } from '../support/function-process.ts';
import { lake as sharedLake } from '../support/lake.ts';
import { startOwnLake } from '../support/own-lake.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';
import { ring, writeSettings, writtenSettings } from '../support/sync-process.ts';

// A DataNode of its own, since one of its blocks is destroyed.
const own = await startOwnLake(['hdfs']);
const { webhdfs = '', defaultFs = '', folder } = own.addresses;
const hdfs = { addresses: [webhdfs], defaultFs, user: superuser, deadlineSeconds: 3 };
const lake = useSyncLake({ hdfs }, { webhdfs, defaultFs, metastore: sharedLake().metastore });
const { database, root } = lake;
afterAll(() => own.stop());

const file = parquet({ id: 'int' }, [{ id: 1 }]);
const blocks = async (): Promise<string[]> => {
  const entries = await readdir(join(folder, 'data/datanode'), { recursive: true, withFileTypes: true });
  return entries.filter(({ name }) => name.startsWith('blk_')).map(({ parentPath, name }) => join(parentPath, name));
};

beforeAll(async () => {
  await lake.put('orders/2019/09/01/00/a.parquet', file);
  await lake.apply();
  await lake.put('orders/2019/09/01/00/c.parquet', file);
  await lake.put('orders/2019/09/01/02/a.parquet', file);
  await lake.put('orders/2019/09/01/01/a.parquet', file);
  const before = await blocks();
  await lake.put('orders/2019/09/01/00/lost.parquet', file);
  await lake.put('orders/2019/09/01/01/lost.parquet', file);
  for (const path of (await blocks()).filter((block) => !before.includes(block))) rmSync(path);
});

test('a lost block holds back its new partition, is named, and blocks nothing else', async () => {
  for (const scope of ['full', 'recent'] as const) {
    const outcome = await lake.apply({ kind: scope });
    expect(problemsOf(outcome)).toMatchObject([
      { code: 'file.unavailable', path: `${root}/orders/2019/09/01/00/lost.parquet` },
      { code: 'file.unavailable', path: `${root}/orders/2019/09/01/01/lost.parquet` },
      { code: 'partition.held', path: `${root}/orders/2019/09/01/01` },
    ]);
    expect(statusOf(outcome)).toBe('partial');
  }
  const names = await lake.clients.metastore.partitionNames(database, 'orders');
  expect(names.toSorted()).toEqual(['00', '02'].map((hour) => `year=2019/month=09/day=01/hour=${hour}`));
  const [known] = await lake.clients.metastore.partitionsByNames(database, 'orders', [names.toSorted()[0] ?? '']);
  expect(known?.parameters?.get('numFiles')).toBe('2');
});

test('an event that names the path is repeated by its sender, since no tick comes back to it', async () => {
  const temp = mkdtempSync(join(tmpdir(), 'lakewarden-lost-'));
  const config = writeSettings(temp, 'settings', writtenSettings(lake, { hdfs }));
  const entry = join(import.meta.dirname, '../../functions/metastore-sync/index.ts');
  const sync = await startFunction({ entry, env: { LAKEWARDEN_CONFIG: config } });
  try {
    const path = `${root}/orders/2019/09/01/01/lost.parquet`;
    const answer = await ring(sync, 'dev.lakewarden.file.closed', { path });
    expect([answer.status, answer.headers['retry-after'], answer.body]).toEqual([
      503,
      expect.any(String),
      expect.stringContaining(path),
    ]);
  } finally {
    await sync.end();
    rmSync(temp, { recursive: true });
  }
});

test('without the lost file the partition is registered', async () => {
  for (const hour of ['00', '01']) await lake.clients.hdfs.remove(`${root}/orders/2019/09/01/${hour}/lost.parquet`);
  expect((await lake.apply()).tables).toMatchObject([{ added: 1, changed: 0, problems: [] }]);
});
