import { afterAll, describe, expect, test } from '@jest/globals';
import { createHdfs } from '#shared/hdfs/hdfs-settings.ts';
import { doJob, expectEnd, hourOf, hourRows, putHour } from '../support/compaction-jobs.ts';
import { useCompactionLake } from '../support/compaction-lake.ts';
import { atEveryCall } from '../support/every-call.ts';
import { overtaken } from '../support/mortal.ts';

const lake = useCompactionLake({ minFiles: 2 });
const user = 'compactor';
const hdfs = createHdfs({ ...lake.settings.hdfs, user });
afterAll(() => hdfs.close());

/** Gives an hour and all in it to somebody. */
async function give(topic: string, owner: string): Promise<void> {
  const hour = `${lake.root}/${hourOf(topic)}`;
  for await (const { path } of lake.hdfs.list(hour)) await lake.hdfs.setOwner(path, { owner, group: owner });
  await lake.hdfs.setOwner(hour, { owner, group: owner });
}

// These two have the most steps that need rights.
describe.each(['undo', 'rename'] as const)('at every call of a %s', (job) => {
  test('the right to write is lost: no row is, and who has it again finishes or undoes', async () => {
    const count = await atEveryCall(async (n) => {
      const topic = `${job}_${n}`;
      const hour = await putHour(lake, topic, job);
      await give(topic, user);
      const { client, calls } = overtaken(hdfs, n, () =>
        lake.hdfs.setOwner(`${lake.root}/${hour}`, { owner: 'other', group: 'other' }),
      );
      await doJob(lake, job, topic, client).catch(() => {});
      const seen = await lake.rows(hour).catch(() => hourRows);
      expect([n, seen]).toEqual([n, hourRows]);
      await expectEnd(lake, topic, n);
      return calls;
    }, 'writes');
    expect(count).toBeGreaterThan(20);
  });
});
