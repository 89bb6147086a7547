import { describe, expect, test } from '@jest/globals';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import { statusOf } from '#functions/partition-compaction/run.ts';
import { undoMerge } from '#functions/partition-compaction/undo.ts';
import { asError } from '#shared/errors/error.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { atEveryCall } from '../support/every-call.ts';
import { everything, useCompactionLake } from '../support/compaction-lake.ts';
import { overtaken } from '../support/mortal.ts';
import { parquetBytes } from '../support/parquet-file.ts';

const lake = useCompactionLake({ minFiles: 2 });
const file = (first: number): Uint8Array => parquetBytes({ id: 'int' }, [{ id: first }, { id: first + 1 }]);
const only = (topic: string) => ({ ...everything, topics: [topic] });
const rows = [0, 1, 2, 3, 4, 5, 100, 101].map((id) => `{"id":${id}}`).toSorted();

type Job = (topic: string, hour: string, hdfs: WebHdfs) => Promise<unknown>;

const jobs: Record<string, Job> = {
  merge: (topic, _, hdfs) => lake.apply(only(topic), lake.tools({ hdfs, reader: new PieceReader(hdfs) })),
  undo: (_, hour, hdfs) => undoMerge(`${lake.root}/${hour}/part-0.parquet`, lake.undoTools(hdfs)),
};

/** What a run ends with that lost the partition to another: nothing worse than a refusal. */
async function tryTo(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    expect([String(error), asError(error).disposition]).not.toEqual([String(error), 'bug']);
  });
}

/** Three files, merged where there is to be something to undo, and a late one. */
async function putHour(topic: string, merged: boolean): Promise<string> {
  const hour = `${topic}/2019/09/01/00`;
  for (const index of [0, 1, 2]) await lake.put(`${hour}/part-${index}.parquet`, file(index * 2));
  if (merged) await lake.apply(only(topic));
  await lake.put(`${hour}/part-9.parquet`, file(100));
  return hour;
}

async function passTime(hour: string): Promise<void> {
  for (const name of await lake.hidden(hour))
    await lake.hdfs.setTimes(`${lake.root}/${hour}/${name}`, { modificationTime: 1_000_000 });
}

const pairs = ['merge', 'undo'].flatMap((slow) => ['merge', 'undo'].map((fast) => ({ slow, fast })));

describe.each(pairs)('at every call, a $slow that stops for so long that an $fast takes over', ({ slow, fast }) => {
  test('wakes up and harms no row', async () => {
    const calls = await atEveryCall(async (n) => {
      const topic = `${slow}_${fast}_${n}`;
      const hour = await putHour(topic, slow === 'undo');
      const { client, wasOvertaken } = overtaken(lake.hdfs, n, async () => {
        await passTime(hour);
        await tryTo((jobs[fast] as Job)(topic, hour, lake.hdfs));
        // Behind the gate of an undo, queries fail.
        const seen = await lake.rows(hour).catch(() => rows);
        expect([n, seen]).toEqual([n, rows]);
      });
      await tryTo((jobs[slow] as Job)(topic, hour, client));
      expect([n, await lake.rows(hour)]).toEqual([n, rows]);
      await passTime(hour);
      const outcome = await lake.apply(only(topic));
      expect([n, outcome.problems, outcome.partitions.flatMap(({ problems }) => problems)]).toEqual([n, [], []]);
      expect([n, await lake.rows(hour)]).toEqual([n, rows]);
      expect([n, await lake.hidden(hour)]).toEqual([n, []]);
      expect([n, statusOf(await lake.apply(only(topic)))]).toEqual([n, 'nothing']);
      return wasOvertaken();
    });
    expect(calls).toBeGreaterThan(20);
  });
});
