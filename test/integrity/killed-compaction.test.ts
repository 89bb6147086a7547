import { describe, expect, test } from '@jest/globals';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import { statusOf } from '#functions/partition-compaction/run.ts';
import { undoMerge } from '#functions/partition-compaction/undo.ts';
import { everything, useCompactionLake } from '../support/compaction-lake.ts';
import { atEveryCall } from '../support/every-call.ts';
import { fates } from '../support/mortal.ts';
import { parquetBytes } from '../support/parquet-file.ts';

const lake = useCompactionLake({ minFiles: 2 });
const files = [0, 1, 2].map((first) => parquetBytes({ id: 'int' }, [{ id: first * 2 }, { id: first * 2 + 1 }]));
const rows = [0, 1, 2, 3, 4, 5].map((id) => `{"id":${id}}`);

async function putHour(topic: string): Promise<string> {
  const hour = `${topic}/2019/09/01/00`;
  for (const [index, bytes] of files.entries()) await lake.put(`${hour}/part-${index}.parquet`, bytes);
  return hour;
}

/** Lets the time of a journal be over without waiting for it. */
async function passTime(hour: string): Promise<void> {
  for (const name of await lake.hidden(hour))
    await lake.hdfs.setTimes(`${lake.root}/${hour}/${name}`, { modificationTime: 1_000_000 });
}

const only = (topic: string) => ({ ...everything, topics: [topic] });

describe.each(fates)('at every call of a merge, a process that %s', (fate, which, disturb) => {
  test('harms no row, and the next run comes to the same end', async () => {
    const count = await atEveryCall(async (n) => {
      const topic = `${fate.replaceAll(' ', '_')}_${n}`;
      const hour = await putHour(topic);
      const { hdfs, calls } = disturb({ hdfs: lake.hdfs }, n);
      const tools = lake.tools({ hdfs, reader: new PieceReader(hdfs) });
      await lake.apply(only(topic), tools).catch((error: unknown) => {
        expect(String(error)).toMatch(/this process is dead|the answer was lost/);
      });
      expect([n, await lake.rows(hour)]).toEqual([n, rows]);
      await passTime(hour);
      const outcome = await lake.apply(only(topic));
      expect([n, outcome.problems, outcome.partitions.flatMap(({ problems }) => problems)]).toEqual([n, [], []]);
      expect([n, await lake.rows(hour)]).toEqual([n, rows]);
      expect([n, (await lake.visible(hour)).map(({ name }) => name)]).toEqual([n, ['part-0.parquet']]);
      expect([n, await lake.hidden(hour)]).toEqual([n, []]);
      expect([n, statusOf(await lake.apply(only(topic)))]).toEqual([n, 'nothing']);
      // Whoever performed the merge, somebody has told of it.
      const told = lake.events.filter(({ subject }) => subject === `${lake.root}/${hour}`);
      expect([n, told.length > 0, new Set(told.map(({ id }) => id)).size]).toEqual([n, true, 1]);
      return calls;
    }, which);
    expect(count).toBeGreaterThan(20);
  });
});

describe.each(fates)('at every call of an undo, a process that %s', (fate, which, disturb) => {
  test('leaves all pieces or none, and readers never count a row wrongly', async () => {
    const count = await atEveryCall(async (n) => {
      const topic = `undo_${fate.replaceAll(' ', '_')}_${n}`;
      const hour = await putHour(topic);
      await lake.apply(only(topic));
      const [merged] = await lake.visible(hour);
      const { hdfs, calls } = disturb({ hdfs: lake.hdfs }, n);
      await undoMerge(merged?.path ?? '', lake.undoTools(hdfs), { keep: true }).catch((error: unknown) => {
        expect(String(error)).toMatch(/this process is dead|the answer was lost/);
      });
      const seen = await lake.rows(hour).catch(() => 'the query failed');
      expect([n, seen === 'the query failed' || JSON.stringify(seen) === JSON.stringify(rows)]).toEqual([n, true]);
      await passTime(hour);
      await lake.apply(only(topic));
      expect([n, await lake.rows(hour)]).toEqual([n, rows]);
      const isUndone = (await lake.visible(hour)).length > 1;
      expect([n, await lake.hidden(hour)]).toEqual([n, isUndone ? ['.lakewarden-keep'] : []]);
      return calls;
    }, which);
    expect(count).toBeGreaterThan(20);
  });
});
