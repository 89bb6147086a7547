import { describe, expect, test } from '@jest/globals';
import { undoMerge } from '#functions/partition-compaction/undo.ts';
import { statusOf } from '#functions/partition-compaction/run.ts';
import { useCompactionLake } from '../support/compaction-lake.ts';
import { parquetBytes } from '../support/parquet-file.ts';

const lake = useCompactionLake();

const columns = { id: 'bigint', name: 'string', tags: 'array<string>' };

function file(first: number, count = 50): Uint8Array {
  const rows = Array.from({ length: count }, (_, index) => ({
    id: BigInt(first + index),
    name: `n${first + index}`,
    tags: ['a', null],
  }));
  return parquetBytes(columns, rows, { indexes: true, rowGroupSize: 20, pageSize: 100 });
}

async function putHour(folder: string, files = 8): Promise<void> {
  for (let index = 0; index < files; index += 1) await lake.put(`${folder}/part-${index}.parquet`, file(index * 100));
}

describe('small files become one', () => {
  const hour = 'clicks/2019/09/01/00';

  test('with the same rows, in one file, and nothing else is left', async () => {
    await putHour(hour);
    const before = await lake.rows(hour);
    const plan = await lake.plan();
    expect(plan.partitions).toMatchObject([{ path: `${lake.root}/${hour}`, files: 8, problems: [] }]);
    const outcome = await lake.apply();
    expect(statusOf(outcome)).toBe('done');
    expect(await lake.rows(hour)).toEqual(before);
    expect((await lake.visible(hour)).map(({ name }) => name)).toEqual(['part-0.parquet']);
    expect(await lake.hidden(hour)).toEqual([]);
    expect(lake.events.map(({ type, data }) => [type, data])).toMatchObject([
      ['dev.lakewarden.partition.compacted', { files: { before: 8, after: 1 }, rows: 400 }],
    ]);
    lake.events.length = 0;
  });

  test('a second run does nothing', async () => {
    const calls = lake.hdfs.calls;
    expect(await lake.apply()).toMatchObject({ partitions: [], problems: [], left: [] });
    expect(lake.hdfs.calls - calls).toBeLessThan(12);
    expect(lake.events).toEqual([]);
  });

  test('undo restores the files: bytes, names, owner, mode and times', async () => {
    const folder = 'undo/2019/09/01/00';
    await putHour(folder);
    for (const { path } of await lake.visible(folder)) {
      await lake.hdfs.setOwner(path, { owner: 'connect', group: 'lake' });
      await lake.hdfs.modifyAcl(path, ['user:alice:r--']);
      await lake.hdfs.setPermission(path, '640');
      await lake.hdfs.setTimes(path, { modificationTime: 1_567_300_000_123, accessTime: 1_567_300_000_000 });
    }
    const before = await lake.visible(folder);
    const bytes = await Promise.all(before.map(({ path, length }) => lake.hdfs.read(path, 0, length)));
    const acls = await Promise.all(before.map(({ path }) => lake.hdfs.aclStatus(path)));
    await lake.apply({ kind: 'full', topics: ['undo'] });
    const [merged] = await lake.visible(folder);
    expect(merged?.modificationTime).toBe(1_567_300_000_123);
    const end = await undoMerge(merged?.path ?? '', lake.undoTools());
    expect(end).toMatchObject({ done: { pieces: { length: 8 } } });
    const after = await lake.visible(folder);
    const strip = (files: typeof after) => files.map((status) => ({ ...status, fileId: 0, accessTime: 0 }));
    expect(strip(after)).toEqual(strip(before));
    const again = await Promise.all(after.map(({ path, length }) => lake.hdfs.read(path, 0, length)));
    expect(again).toEqual(bytes);
    expect(await Promise.all(after.map(({ path }) => lake.hdfs.aclStatus(path)))).toEqual(acls);
    expect(await lake.hidden(folder)).toEqual([]);
  });
});
