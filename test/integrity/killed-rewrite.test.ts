import { describe, expect, test } from '@jest/globals';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import { statusOf } from '#functions/partition-compaction/run.ts';
import { everything, useCompactionLake } from '../support/compaction-lake.ts';
import { atEveryCall } from '../support/every-call.ts';
import { fates } from '../support/mortal.ts';
import { parquetBytes } from '../support/parquet-file.ts';

const deepMerge = { coldSeconds: 0, minRowGroups: 2 };
const lake = useCompactionLake({ minFiles: 2, deepMerge });
const bytes = parquetBytes(
  { id: 'int' },
  Array.from({ length: 6 }, (_, id) => ({ id })),
  { rowGroupSize: 1 },
);
const rows = Array.from({ length: 6 }, (_, id) => `{"id":${id}}`);
const name = 'part-0.parquet';

describe.each(fates)('at every call of a rewrite, a process that %s', (fate, which, disturb) => {
  test.each(['rename', 'concat'] as const)(
    'harms no row, and the next run comes to the same end by %s',
    async (swap) => {
      const count = await atEveryCall(async (n) => {
        const topic = `${swap}_${fate.replaceAll(' ', '_')}_${n}`;
        const scope = { ...everything, topics: [topic] };
        const hour = `${topic}/2019/09/01/00`;
        const settings = { deepMerge: { ...deepMerge, swap } };
        await lake.put(`${hour}/${name}`, bytes);
        const { hdfs, calls } = disturb({ hdfs: lake.hdfs }, n);
        const tools = lake.tools({ hdfs, reader: new PieceReader(hdfs) }, settings);
        await lake.apply(scope, tools).catch((error: unknown) => {
          expect(String(error)).toMatch(/this process is dead|the answer was lost/);
        });
        expect([n, await lake.rows(hour)]).toEqual([n, rows]);
        for (const hidden of await lake.hidden(hour))
          await lake.hdfs.setTimes(`${lake.root}/${hour}/${hidden}`, { modificationTime: 1_000_000 });
        const outcome = await lake.apply(scope, lake.tools({}, settings));
        expect([n, outcome.problems, outcome.partitions.flatMap(({ problems }) => problems)]).toEqual([n, [], []]);
        expect([n, await lake.rows(hour)]).toEqual([n, rows]);
        expect([n, (await lake.visible(hour)).map((file) => file.name)]).toEqual([n, [name]]);
        expect([n, await lake.hidden(hour)]).toEqual([n, []]);
        expect([n, statusOf(await lake.apply(scope, lake.tools({}, settings)))]).toEqual([n, 'nothing']);
        // Whoever swapped the file, somebody has told of it.
        const told = lake.events.filter(({ subject }) => subject === `${lake.root}/${hour}`);
        expect([n, told.length > 0, new Set(told.map(({ id }) => id)).size]).toEqual([n, true, 1]);
        return calls;
      }, which);
      expect(count).toBeGreaterThan(20);
    },
  );
});
