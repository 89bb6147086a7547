import { describe, expect, test } from '@jest/globals';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import { everything, useCompactionLake } from '../support/compaction-lake.ts';
import { atEveryCall } from '../support/every-call.ts';
import { age, leftoverSettings, recordName, remembered } from '../support/leftovers.ts';
import { fates } from '../support/mortal.ts';
import { parquetBytes } from '../support/parquet-file.ts';

const lake = useCompactionLake({ leftovers: leftoverSettings });
const { hdfs, root } = lake;
const half = '.part-1f-0.snappy.parquet.inprogress.aa';

describe.each(fates)('at every call of a removal, a process that %s', (fate, which, disturb) => {
  /** @returns the calls of the process whose n-th one is disturbed */
  async function story(n: number): Promise<readonly string[]> {
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
    return client.calls;
  }

  test('ends with the file removed and told, and nothing else is changed', async () => {
    expect(await atEveryCall(story, which)).toBeGreaterThan(20);
  });
});
