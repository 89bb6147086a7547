import { describe, expect, test } from '@jest/globals';
import { Announce } from '#functions/partition-compaction/announce.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { useCompactionLake } from '../support/compaction-lake.ts';
import { parquetBytes } from '../support/parquet-file.ts';

const lake = useCompactionLake();
const columns = { id: 'bigint' };

async function putHour(folder: string): Promise<void> {
  for (let index = 0; index < 5; index += 1)
    await lake.put(`${folder}/part-${index}.parquet`, parquetBytes(columns, [{ id: BigInt(index) }]));
}

/** Announces to a sink that is away. */
function deaf(): Announce {
  const away = () => Promise.reject(new LakewardenError('sink.unavailable', 'the event sink answered 503'));
  return new Announce(away, 'test', lake.settings.hdfs.defaultFs);
}

describe('a merge that could not be told', () => {
  const hour = 'clicks/2019/09/01/00';

  test('has happened, fails the run, and is told by the next one, once', async () => {
    await putHour(hour);
    const rows = await lake.rows(hour);
    await expect(lake.apply(undefined, lake.tools({ announce: deaf() }))).rejects.toMatchObject({
      code: 'sink.unavailable',
    });
    expect((await lake.visible(hour)).map(({ name }) => name)).toEqual(['part-0.parquet']);
    expect(await lake.rows(hour)).toEqual(rows);
    // Again and again, as a source does.
    await expect(lake.apply(undefined, lake.tools({ announce: deaf() }))).rejects.toMatchObject({
      code: 'sink.unavailable',
    });
    expect(lake.events).toEqual([]);
    await lake.apply();
    expect(lake.events).toMatchObject([
      { type: 'dev.lakewarden.partition.compacted', subject: `${lake.root}/${hour}`, data: { rows: 5 } },
    ]);
    lake.events.length = 0;
    await lake.apply();
    expect([lake.events, await lake.hidden(hour)]).toEqual([[], []]);
  });
});
