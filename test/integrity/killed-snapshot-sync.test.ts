import { expect, test } from '@jest/globals';
import { applyRun, statusOf } from '#functions/metastore-sync/run.ts';
import { mortal } from '../support/mortal-clients.ts';
import { storedStatistics } from '../support/footer-statistics.ts';
import { useSnapshotLake } from '../support/snapshot-lake.ts';

const { lake, put, snapshots, look, cursor, numFiles, settle } = useSnapshotLake({ statistics: 'columns' });
const { root, database } = lake;
const { hdfs, metastore } = lake.clients;

const perTest = 6;
const firstCalls = [1, 7, 13, 19, 25, 31, 37, 43];
// What dies before a call leaves what dies after the one before it leaves, so `make kills` alone tries both.
const moments =
  process.env['LAKEWARDEN_EVERY_FAULT'] === undefined ? ['after' as const] : (['before', 'after'] as const);
const cases = moments.flatMap((when) => firstCalls.map((first) => ({ when, first })));

test.each(cases)('a process that dies right $when call $first, and so on, harms no later run', async (story) => {
  const { when, first } = story;
  const topic = `killed_${when}_${first}`;
  await settle(topic, ['00']);
  const request = { scope: { kind: 'changes' as const, topics: [topic] }, dryRun: false, problems: [] };
  const files = `${root}/${topic}/2019/09/01/00`;
  let rounds = 0;
  for (let whole = false; rounds < perTest && !whole;) {
    // A new partition, a new file, and one that goes, so that the run makes every call that there is.
    rounds += 1;
    await put(`${topic}/2020/01/01/0${rounds}/a.parquet`, rounds);
    await put(`${topic}/2019/09/01/00/${rounds}.parquet`, rounds);
    for await (const { name, path } of hdfs.list(files)) if (name !== `${rounds}.parquet`) await hdfs.remove(path);
    const clients = mortal(lake.clients, first + rounds - 1, when);
    await applyRun(request, lake.tools({ clients })).catch((error: unknown) => {
      expect(error).toMatchObject({ message: expect.stringContaining('this process is dead') });
    });
    whole = !clients.died();
    expect((await look(topic)).tables).toMatchObject([{ way: 'snapshot', problems: [] }]);
    expect(await numFiles(topic, '00')).toBe('1');
    for (const name of ['year=2019/month=09/day=01/hour=00', `year=2020/month=01/day=01/hour=0${rounds}`])
      expect(await storedStatistics(lake, topic, name)).toMatchObject({
        id: { longStats: { lowValue: BigInt(rounds), highValue: BigInt(rounds) } },
      });
    expect(await metastore.partitionNames(database, topic)).toHaveLength(1 + rounds);
  }
  // The last calls of all are among those of the last case.
  if (first === firstCalls.at(-1)) expect(rounds).toBeLessThan(perTest);
  expect(statusOf(await look(topic))).toBe('nothing');
  expect(await lake.ids(topic)).toHaveLength(rounds + 1);
  // What a dead process left is cleared away by the next run that moves the cursor.
  await put(`${topic}/2019/09/01/00/end.parquet`);
  await hdfs.remove(`${files}/${rounds}.parquet`);
  await look(topic);
  expect(await snapshots(topic)).toEqual([JSON.parse((await cursor(topic)) ?? '').snapshot]);
});
