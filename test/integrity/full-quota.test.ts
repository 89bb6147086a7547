import { expect, test } from '@jest/globals';
import type { RunOutcome } from '#functions/partition-compaction/run.ts';
import { isError } from '#shared/errors/error.ts';
import { doJob, expectEnd, hourRows, type JobName, putHour } from '../support/compaction-jobs.ts';
import { useCompactionLake } from '../support/compaction-lake.ts';
import { atEveryCall } from '../support/every-call.ts';
import { overtaken } from '../support/mortal.ts';

const lake = useCompactionLake({ minFiles: 2 });

type Quota = 'namespacequota' | 'storagespacequota';

/** Lets a folder have so many files and folders, or bytes; HDFS takes also less than what is there. No limit: -1. */
async function setQuota(path: string, quota: Quota, limit: number): Promise<void> {
  const { addresses, user } = lake.settings.hdfs;
  const query = `op=SETQUOTA&user.name=${user}&${quota}=${limit}`;
  const response = await fetch(`${addresses[0]}/webhdfs/v1${path}?${query}`, { method: 'PUT' });
  if (!response.ok) throw new Error(await response.text());
}

/** The codes of what was refused for want of room. */
function codesOf(end: unknown): string[] {
  if (isError(end)) return [end.code];
  const { problems = [], partitions = [] } = end as Partial<RunOutcome>;
  const all = [...problems, ...partitions.flatMap((partition) => partition.problems)];
  return all.filter(({ message }) => message.includes('QuotaExceeded')).map(({ code }) => code);
}

// Without room for a name nothing is made; without room for bytes an empty file is left where one was to be written.
test.each<[Quota, JobName, string[]]>([
  ['namespacequota', 'undo', ['hdfs.quota']],
  ['storagespacequota', 'rename', ['merge.refused', 'partition.failed']],
])(
  'the %s is full from any call of a job (%s) on: no row is lost or doubled, the reason is told, and with room again the next run ends it',
  async (quota, job, codes) => {
    const told = new Set<string>();
    const count = await atEveryCall(async (n) => {
      const topic = `${job}_${n}`;
      const hour = await putHour(lake, topic, job);
      const { client, calls } = overtaken(lake.hdfs, n, () => setQuota(`${lake.root}/${hour}`, quota, 1));
      for (const code of codesOf(await doJob(lake, job, topic, client).catch((error: unknown) => error)))
        told.add(code);
      const seen = await lake.rows(hour).catch(() => hourRows);
      expect([n, seen]).toEqual([n, hourRows]);
      await setQuota(`${lake.root}/${hour}`, quota, -1);
      await expectEnd(lake, topic, n);
      return calls;
    }, 'writes');
    expect(count).toBeGreaterThan(20);
    expect([...told].toSorted()).toEqual(codes);
  },
);
