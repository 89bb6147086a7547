import { expect, test } from '@jest/globals';
import { allowMerges } from '#functions/partition-compaction/journal/keep.ts';
import { statusOf } from '#functions/partition-compaction/run.ts';
import { undoMerge } from '#functions/partition-compaction/undo.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { everything, useCompactionLake } from '../support/compaction-lake.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { readRows } from '../support/read-rows.ts';

const lake = useCompactionLake({ minFiles: 2 });
const rows = [0, 1, 2, 3, 4, 5].map((id) => `{"id":${id}}`);
const only = (topic: string) => ({ ...everything, topics: [topic] });

async function putMerged(
  topic: string,
): Promise<{ readonly hour: string; readonly folder: string; readonly path: string }> {
  const hour = `${topic}/2019/09/01/00`;
  for (const id of [0, 2, 4])
    await lake.put(`${hour}/part-${id}.parquet`, parquetBytes({ id: 'int' }, [{ id }, { id: id + 1 }]));
  await lake.apply(only(topic));
  const folder = `${lake.root}/${hour}`;
  return { hour, folder, path: `${folder}/part-0.parquet` };
}

/** A query that was planned before the undo: it knows the one file, and opens it when its turn comes. */
async function readLate(path: string): Promise<object[]> {
  const { length } = await lake.hdfs.status(path);
  return readRows(await lake.hdfs.read(path, 0, length));
}

async function passTime(folder: string): Promise<void> {
  for await (const { name, path } of lake.hdfs.list(folder))
    if (name.startsWith('.')) await lake.hdfs.setTimes(path, { modificationTime: 1_000_000 });
}

test('while the gate stands, a query planned before the undo fails in the place of a short answer, and so does a new one', async () => {
  const { hour, path } = await putMerged('gated');
  expect(await readLate(path)).toHaveLength(6);
  let looked = false;
  const onGate = async (): Promise<void> => {
    await expect(readLate(path)).rejects.toThrow();
    await expect(lake.rows(hour)).rejects.toThrow();
    await expect(undoMerge(path, lake.undoTools())).rejects.toMatchObject({ code: 'parquet.foreign' });
    looked = true;
  };
  await undoMerge(path, lake.undoTools(), { gateSeconds: 0.1, onGate });
  expect(looked).toBe(true);
  expect(await lake.rows(hour)).toEqual(rows);
  expect(await lake.visible(hour)).toHaveLength(3);
});

test('a process that dies while the gate stands leaves it there until its time is over; then the next run opens it', async () => {
  const { hour, folder, path } = await putMerged('died');
  let isDead = false;
  const hdfs = new Proxy(lake.hdfs, {
    get(target, name) {
      if (isDead) throw new LakewardenError('deadline.exceeded', 'this process is dead');
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const onGate = (): void => void (isDead = true);
  const undone = undoMerge(path, lake.undoTools(hdfs), { gateSeconds: 0.1, onGate, keep: true });
  await expect(undone).rejects.toThrow('this process is dead');
  await lake.apply(only('died'));
  await expect(lake.rows(hour)).rejects.toThrow();
  await passTime(folder);
  await lake.apply(only('died'));
  expect(await lake.rows(hour)).toEqual(rows);
  expect([(await lake.visible(hour)).length, await lake.hidden(hour)]).toEqual([3, ['.lakewarden-keep']]);
});

test('what was undone stays so, is told at each run, and is merged again when somebody allows it', async () => {
  const { hour, folder, path } = await putMerged('kept');
  await undoMerge(path, lake.undoTools(), { keep: true });
  for (const scope of [only('kept'), { kind: 'paths', paths: [folder] } as const]) {
    const outcome = await lake.apply(scope);
    expect(statusOf(outcome)).toBe('nothing');
    expect(outcome.partitions).toMatchObject([{ merges: [], problems: [{ code: 'partition.kept', path: folder }] }]);
  }
  expect((await lake.visible(hour)).length).toBe(3);
  expect([await allowMerges(folder, lake.hdfs), await allowMerges(folder, lake.hdfs)]).toEqual([true, false]);
  expect(statusOf(await lake.apply(only('kept')))).toBe('done');
  expect([await lake.rows(hour), await lake.hidden(hour)]).toEqual([rows, []]);
});
