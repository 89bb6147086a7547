import { expect, test } from '@jest/globals';
import { applyTable } from '#functions/metastore-sync/apply.ts';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { filledFolders } from '#functions/metastore-sync/partition/filled-folders.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';

const lake = useSyncLake();
const { database, root } = lake;
const { hdfs } = lake.clients;
const file = parquet({ id: 'int' }, [{ id: 1 }]);
const day = 'clicks/2019/09/01';
const hours = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));

test('of a whole day, the hours that vanish or are emptied between plan and apply are not registered', async () => {
  await Promise.all(hours.map((hour) => lake.put(`${day}/${hour}/data.parquet`, file)));
  const [plan] = (await lake.plan()).tables;
  expect(plan?.add).toHaveLength(24);
  await hdfs.remove(`${root}/${day}/05`, { recursive: true });
  await hdfs.remove(`${root}/${day}/06/data.parquet`);
  const calls = hdfs.calls;
  const outcome = await applyTable(plan!, lake.tools());
  expect(hdfs.calls - calls).toBeLessThan(12);
  expect(outcome.added).toBe(22);
  expect(outcome.problems.map(({ code, path }) => `${code} ${path}`).toSorted()).toEqual([
    `partition.empty ${root}/${day}/05`,
    `partition.empty ${root}/${day}/06`,
  ]);
  expect(await lake.clients.metastore.partitionNames(database, 'clicks')).toHaveLength(22);
  expect(await hdfs.statusIfExists(`${root}/${day}/05`)).toBeUndefined();
});

test('all hours of a day that vanished are missing', async () => {
  await Promise.all(hours.map((hour) => lake.put(`gone/2019/09/02/${hour}/data.parquet`, file)));
  const scope = { kind: 'full' as const, topics: ['gone'] };
  const [plan] = (await lake.plan(scope)).tables;
  await hdfs.remove(`${root}/gone/2019/09`, { recursive: true });
  expect(await applyTable(plan!, lake.tools())).toMatchObject({ added: 0 });
  await hdfs.remove(`${root}/gone`, { recursive: true });
  expect(problemsOf(await lake.plan(scope))).not.toEqual([]);
});

test('a parent that may not be listed does not hide the folders that may be looked at', async () => {
  const parent = `${root}/closed/2019/09/03`;
  await Promise.all(hours.map((hour) => lake.put(`closed/2019/09/03/${hour}/data.parquet`, file)));
  await hdfs.setPermission(parent, '711');
  const { settings } = lake;
  const stranger = createClients({ ...settings, hdfs: { ...settings.hdfs, user: 'stranger' } });
  try {
    const paths = hours.map((hour) => `${parent}/${hour}`);
    expect([...(await filledFolders(stranger.hdfs, [...paths, `${parent}/none`], 4))].toSorted()).toEqual(paths);
  } finally {
    stranger.hdfs.close();
  }
});

test('folders far apart among many are found as well as neighbours', async () => {
  const folders = Array.from({ length: 2_500 }, (_, index) => `${root}/flat/dt=${String(index).padStart(4, '0')}`);
  await Promise.all(folders.map((path) => hdfs.mkdirs(path)));
  const full = [folders[3], folders[4], folders[2_499]] as string[];
  await Promise.all(full.map((path) => hdfs.create(`${path}/data.parquet`, file)));
  const asked = async (...paths: (string | undefined)[]): Promise<[string[], number]> => {
    const before = hdfs.calls;
    const filled = await filledFolders(hdfs, paths as string[], 4);
    return [[...filled].toSorted(), hdfs.calls - before];
  };
  expect(await asked(folders[4], folders[5], folders[3])).toEqual([[folders[3], folders[4]], 1]);
  expect(await asked(folders[2_499], folders[3])).toEqual([[folders[3], folders[2_499]], 3]);
});
