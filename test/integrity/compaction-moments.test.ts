import { describe, expect, test } from '@jest/globals';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { doJob, expectEnd, hourRows, jobNames, mergedName, putHour } from '../support/compaction-jobs.ts';
import { useCompactionLake } from '../support/compaction-lake.ts';
import { eachCall } from '../support/mortal.ts';
import { readRows } from '../support/read-rows.ts';

const lake = useCompactionLake({ minFiles: 2 });

/** The rows of files as they were listed; undefined when the query fails, as it does loudly. */
async function rowsOf(files: readonly FileStatus[]): Promise<string[] | undefined> {
  try {
    const found = files.map(async ({ path, length }) => {
      const bytes = await lake.hdfs.read(path, 0, length);
      // Engines look for the footer where the listed file ended.
      if (bytes.length < length) throw new Error(`${path} ends too early`);
      return readRows(bytes);
    });
    return (await Promise.all(found))
      .flat()
      .map((row) => JSON.stringify(row))
      .toSorted();
  } catch {
    return undefined;
  }
}

describe.each(jobNames)('at every moment of a %s', (job) => {
  test('the highest offset is in a name, and no reader sees a row twice or misses one, whenever it listed', async () => {
    const hour = await putHour(lake, job, job);
    const listings = [await lake.visible(hour)];
    const opened = await Promise.all(
      (listings[0] ?? []).map(async ({ path, length }) => ({ length, stream: await lake.hdfs.open(path) })),
    );
    const seen = { whole: 0, failed: 0 };
    const look = async (): Promise<void> => {
      const now = await lake.visible(hour);
      expect(now.map(({ name }) => name)).toContain(mergedName);
      if (JSON.stringify(now) !== JSON.stringify(listings.at(-1))) listings.push(now);
      for (const listing of listings) {
        const rows = await rowsOf(listing);
        seen[rows === undefined ? 'failed' : 'whole'] += 1;
        if (rows !== undefined) expect(rows).toEqual(hourRows);
      }
    };
    await doJob(lake, job, job, eachCall(lake.hdfs, look));
    await look();
    expect(listings.length).toBeGreaterThan(1);
    expect(seen.whole).toBeGreaterThan(20);
    // No query that begins behind a merge or a rewrite fails.
    expect(await rowsOf(await lake.visible(hour))).toEqual(hourRows);
    for (const { length, stream } of opened) {
      let bytes = 0;
      for await (const part of stream) bytes += (part as Uint8Array).length;
      expect(bytes).toBe(length);
    }
    await expectEnd(lake, job, job);
  });
});
