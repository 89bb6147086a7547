import { describe, expect, test } from '@jest/globals';
import { doJob, expectEnd, hourRows, type JobName, passTime, putHour, tryTo } from '../support/compaction-jobs.ts';
import { useCompactionLake } from '../support/compaction-lake.ts';
import { atEveryCall, isThorough } from '../support/every-call.ts';
import { overtaken } from '../support/mortal.ts';

const lake = useCompactionLake({ minFiles: 2 });

/** Who takes over from whom; of several, in turn, or where LAKEWARDEN_EVERY_FAULT is set, each at every call. */
const pairs: [JobName, JobName[]][] = [
  ['merge', ['merge']],
  ['undo', ['merge', 'undo']],
  ['rename', ['merge']],
  ['swap', ['undo']],
];
const each = pairs.flatMap(([slow, all]) =>
  isThorough ? all.map((one) => ({ slow, fast: [one] })) : [{ slow, fast: all }],
);

describe.each(each)('at every call, a $slow that stops for so long that $fast takes over', ({ slow, fast }) => {
  test('wakes up and harms no row', async () => {
    let turn = 0;
    const count = await atEveryCall(async (n) => {
      const topic = `${slow}_${fast.join('_')}_${n}`;
      const taker = fast[turn++ % fast.length] ?? slow;
      const hour = await putHour(lake, topic, slow);
      const { client, calls } = overtaken(lake.hdfs, n, async () => {
        await passTime(lake, hour);
        await tryTo(doJob(lake, taker, topic));
        // Behind the gate of an undo, queries fail.
        const seen = await lake.rows(hour).catch(() => hourRows);
        expect([n, seen]).toEqual([n, hourRows]);
      });
      await tryTo(doJob(lake, slow, topic, client));
      expect([n, await lake.rows(hour)]).toEqual([n, hourRows]);
      await expectEnd(lake, topic, n);
      return calls;
      // Whoever is overtaken sooner finds it out at the last look before a write.
    }, 'around writes');
    expect(count).toBeGreaterThan(20);
  });
});
