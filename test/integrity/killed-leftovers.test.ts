import { describe, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { everything, useCompactionLake } from '../support/compaction-lake.ts';
import { age, leftoverSettings, recordName, remembered } from '../support/leftovers.ts';
import { forgetful, mortal } from '../support/mortal.ts';
import { parquetBytes } from '../support/parquet-file.ts';

const lake = useCompactionLake({ leftovers: leftoverSettings });
const { hdfs, root } = lake;
const half = '.part-1f-0.snappy.parquet.inprogress.aa';
const together = pLimit(4);
const batch = 8;

type Disturb = (clients: { hdfs: WebHdfs }, n: number) => { hdfs: WebHdfs; died: () => boolean };

describe.each<[string, Disturb]>([
  ['dies right before it', (clients, n) => mortal(clients, n, 'before')],
  ['dies right after it', (clients, n) => mortal(clients, n, 'after')],
  ['loses its answer', forgetful],
])('at every call of a removal, a process that %s', (fate, disturb) => {
  /** @returns whether the process came to its n-th call */
  async function story(n: number): Promise<boolean> {
    const topic = `${fate.replaceAll(' ', '_')}_${n}`;
    const hour = `${topic}/2019/09/01/00`;
    await lake.put(`${hour}/part-0.parquet`, parquetBytes({ id: 'int' }, [{ id: 1 }]));
    await hdfs.create(`${root}/${hour}/${half}`, Buffer.from('PAR1 and no more'));
    await age(hdfs, `${root}/${hour}/${half}`);
    await remembered(hdfs, `${root}/${hour}`, half);
    const client = disturb({ hdfs }, n);
    const scope = { ...everything, topics: [topic] };
    await lake
      .apply(scope, lake.tools({ hdfs: client.hdfs, reader: new PieceReader(client.hdfs) }))
      .catch((error: unknown) => {
        expect(String(error)).toMatch(/this process is dead|the answer was lost/);
      });
    for (const name of await lake.hidden(hour))
      if (/^\.lakewarden-(compaction|draft)/.test(name))
        await hdfs.setTimes(`${root}/${hour}/${name}`, { modificationTime: 1_000_000 });
    await lake.apply(scope);
    // Where the first look was lost, it is taken again: the file is still there.
    const left = await lake.hidden(hour);
    expect([n, left.every((name) => name === half || name === recordName)]).toEqual([n, true]);
    expect([n, await lake.rows(hour)]).toEqual([n, ['{"id":1}']]);
    const told = lake.events.filter(({ subject }) => subject === `${root}/${hour}/${half}`);
    expect([n, left.includes(half), new Set(told.map(({ id }) => id)).size]).toEqual([n, false, 1]);
    expect([n, (await lake.apply(scope)).partitions]).toEqual([n, []]);
    return client.died();
  }

  test('ends with the file removed and told, and nothing else is changed', async () => {
    let last = Number.POSITIVE_INFINITY;
    for (let start = 1; start <= last; start += batch) {
      const numbers = Array.from({ length: batch }, (_, index) => start + index);
      const ends = await Promise.all(
        numbers.map((n) => together(async () => ((await story(n)) ? Number.POSITIVE_INFINITY : n - 1))),
      );
      last = Math.min(last, ...ends);
    }
    expect(last).toBeGreaterThan(20);
  });
});
