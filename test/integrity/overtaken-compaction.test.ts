import { describe, expect, test } from '@jest/globals';
import { doJob, expectEnd, hourRows, passTime, putHour, tryTo } from '../support/compaction-jobs.ts';
import { useCompactionLake } from '../support/compaction-lake.ts';
import { atEveryCall } from '../support/every-call.ts';
import { overtaken } from '../support/mortal.ts';

const lake = useCompactionLake({ minFiles: 2 });

describe.each([
  { slow: 'merge', fast: 'merge' },
  { slow: 'undo', fast: 'merge' },
  { slow: 'undo', fast: 'undo' },
  { slow: 'rename', fast: 'merge' },
  { slow: 'swap', fast: 'undo' },
] as const)('at every call, a $slow that stops for so long that $fast takes over', ({ slow, fast }) => {
  test('wakes up and harms no row', async () => {
    const calls = await atEveryCall(async (n) => {
      const topic = `${slow}_${fast}_${n}`;
      const hour = await putHour(lake, topic, slow);
      const { client, wasOvertaken } = overtaken(lake.hdfs, n, async () => {
        await passTime(lake, hour);
        await tryTo(doJob(lake, fast, topic));
        // Behind the gate of an undo, queries fail.
        const seen = await lake.rows(hour).catch(() => hourRows);
        expect([n, seen]).toEqual([n, hourRows]);
      });
      await tryTo(doJob(lake, slow, topic, client));
      expect([n, await lake.rows(hour)]).toEqual([n, hourRows]);
      await expectEnd(lake, topic, n);
      return wasOvertaken();
    });
    expect(calls).toBeGreaterThan(20);
  });
});
