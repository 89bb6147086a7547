import { requireApprovedMerges } from '../../cli/compaction-plan-file.ts';
import type { PartitionPlan } from '#functions/partition-compaction/plan.ts';
import { describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import type { RunOutcome } from '#functions/partition-compaction/run.ts';
import { createHdfs } from '#shared/hdfs/hdfs-settings.ts';
import { everything, useCompactionLake } from '../support/compaction-lake.ts';
import { type FileOptions, parquetBytes } from '../support/parquet-file.ts';

const lake = useCompactionLake({ minFiles: 2 });
const { hdfs, root } = lake;
const only = (topic: string) => ({ ...everything, topics: [topic] });
const file = (id: number, options: FileOptions = {}): Uint8Array => parquetBytes({ id: 'int' }, [{ id }], options);
const rowsOf = (...ids: number[]): string[] => ids.map((id) => `{"id":${id}}`).toSorted();

async function putHour(topic: string, ids: readonly number[] = [1, 2, 3]): Promise<string> {
  const hour = `${topic}/2019/09/01/00`;
  for (const id of ids) await lake.put(`${hour}/part-${id}.parquet`, file(id));
  return hour;
}

const problemsOf = ({ problems, partitions }: RunOutcome): { code: string; path?: string }[] =>
  [...problems, ...partitions.flatMap((partition) => partition.problems)].map(({ code, path }) => ({
    code,
    ...(path !== undefined && { path: path.slice(root.length + 1) }),
  }));

/** True when somebody is writing to a file: then HDFS joins nothing to it, not even a file that is not there. */
async function isOpen(path: string): Promise<boolean> {
  const refusal: unknown = await hdfs.concat(path, [`${path}-none`]).catch((error: unknown) => error);
  return String(refusal).includes('under construction');
}

const namesIn = async (hour: string): Promise<string[]> => (await lake.visible(hour)).map(({ name }) => name);

describe('a file that cannot be merged is named and left as it is, and the others become one', () => {
  const whole = file(9);
  const encrypted = whole.slice();
  encrypted.set(new TextEncoder().encode('PARE'), encrypted.length - 4);
  const lying = whole.slice();
  new DataView(lying.buffer).setUint32(lying.length - 8, 4_000_000, true);

  test.each<[string, Uint8Array, string]>([
    ['truncated', whole.slice(0, -20), 'file.unreadable'],
    ['foreign', new TextEncoder().encode('{"a": 1}\n{"a": 2}\n'), 'file.unreadable'],
    ['of a lying footer', lying, 'file.unreadable'],
    ['encrypted', encrypted, 'file.encrypted'],
    ['without bytes', new Uint8Array(0), 'file.empty'],
  ])('%s', async (what, bytes, code) => {
    const topic = `bad_${what.replaceAll(' ', '_')}`;
    const hour = await putHour(topic);
    await lake.put(`${hour}/part-2-bad.parquet`, bytes);
    lake.events.length = 0;
    expect(problemsOf(await lake.apply(only(topic)))).toEqual([{ code, path: `${hour}/part-2-bad.parquet` }]);
    expect(await namesIn(hour)).toEqual(['part-1.parquet', 'part-2-bad.parquet']);
    expect(await hdfs.status(`${root}/${hour}/part-2-bad.parquet`)).toMatchObject({ length: bytes.length });
    const told = lake.events.map(({ type, data }) => [type.slice('dev.lakewarden.'.length), data]);
    expect(told).toContainEqual(['partition.compacted', expect.objectContaining({ rows: 3 })]);
    if (code !== 'file.empty')
      expect(told).toContainEqual([
        'compaction.refused',
        expect.objectContaining({ count: 1, reasons: [expect.objectContaining({ code })] }),
      ]);
  });

  test('with a comma in its name', async () => {
    const hour = await putHour('comma');
    await lake.put(`${hour}/part,4.parquet`, file(4));
    expect(problemsOf(await lake.apply(only('comma')))).toEqual([
      { code: 'file.name', path: `${hour}/part,4.parquet` },
    ]);
    expect(await namesIn(hour)).toEqual(['part,4.parquet', 'part-1.parquet']);
    const other = await putHour('comma, too');
    expect(problemsOf(await lake.apply(only('comma, too'))).map(({ code }) => code)).toEqual(
      (await namesIn(other)).map(() => 'file.name'),
    );
  });

  test('that somebody is writing to', async () => {
    const hour = await putHour('writing', [1, 2, 3, 4]);
    const gate = Promise.withResolvers<void>();
    async function* more(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
      await gate.promise;
    }
    const path = `${root}/${hour}/part-2.parquet`;
    const { modificationTime } = await hdfs.status(path);
    const appending = hdfs.append(path, more());
    while (!(await isOpen(path))) await sleep(50);
    await hdfs.setTimes(path, { modificationTime });
    try {
      const { partitions } = await lake.plan(only('writing'));
      const approved = { doorbell: { type: '', data: {} }, partitions };
      const onPlan = (plan: PartitionPlan): void => requireApprovedMerges(approved, plan);
      // Without that file it is another plan than the approved one; the reason is told, and nothing else is done.
      const strict = await lake.apply(only('writing'), lake.tools({ onPlan }));
      expect(problemsOf(strict)).toEqual([{ code: 'merge.refused', path: `${hour}/part-2.parquet` }]);
      expect(await namesIn(hour)).toHaveLength(4);
      const outcome = await lake.apply(only('writing'));
      expect(problemsOf(outcome)).toEqual([{ code: 'merge.refused', path: `${hour}/part-2.parquet` }]);
      expect(await namesIn(hour)).toEqual(['part-1.parquet', 'part-2.parquet']);
      expect(await lake.hidden(hour)).toEqual([]);
    } finally {
      gate.resolve();
      await appending;
    }
  });

  test('that a snapshot holds; files that came later become one', async () => {
    const hour = await putHour('pinned');
    await hdfs.allowSnapshot(`${root}/pinned`);
    await hdfs.createSnapshot(`${root}/pinned`, 's1');
    try {
      for (const id of [5, 6, 7]) await lake.put(`${hour}/part-${id}.parquet`, file(id));
      const problems = problemsOf(await lake.apply(only('pinned')));
      expect(problems).toEqual([1, 2, 3].map((id) => ({ code: 'file.pinned', path: `${hour}/part-${id}.parquet` })));
      expect(await namesIn(hour)).toEqual(['part-1.parquet', 'part-2.parquet', 'part-3.parquet', 'part-5.parquet']);
      expect(await lake.rows(hour)).toEqual(rowsOf(1, 2, 3, 5, 6, 7));
    } finally {
      await hdfs.deleteSnapshot(`${root}/pinned`, 's1');
      await hdfs.disallowSnapshot(`${root}/pinned`);
    }
    expect(problemsOf(await lake.apply(only('pinned')))).toEqual([]);
    expect(await namesIn(hour)).toHaveLength(1);
  });
});

describe('what differs is not mixed', () => {
  test('owners, modes and schemas: one file for each', async () => {
    const hour = await putHour('mixed', [1, 2, 3, 4, 5, 6, 7, 8]);
    for (const id of [2, 4]) await hdfs.setPermission(`${root}/${hour}/part-${id}.parquet`, '600');
    for (const id of [5, 6]) await hdfs.setOwner(`${root}/${hour}/part-${id}.parquet`, { owner: 'alice' });
    for (const id of [7, 8])
      await lake.put(`${hour}/part-${id}.parquet`, parquetBytes({ id: 'int', more: 'string' }, [{ id, more: 'x' }]));
    expect(problemsOf(await lake.apply(only('mixed')))).toEqual([{ code: 'schema.several', path: hour }]);
    const files = await lake.visible(hour);
    expect(files.map(({ name, permission, owner }) => [name, permission, owner])).toEqual([
      ['part-1.parquet', '644', 'root'],
      ['part-2.parquet', '600', 'root'],
      ['part-5.parquet', '644', 'alice'],
      ['part-7.parquet', '644', 'root'],
    ]);
    expect(await lake.rows(hour)).toHaveLength(8);
  });

  test('files of no rows are merged like others, also when none has any', async () => {
    const hour = await putHour('no_rows');
    await lake.put(`${hour}/part-0.parquet`, parquetBytes({ id: 'int' }, []));
    await lake.put(`${hour}/part-4.parquet`, parquetBytes({ id: 'int' }, []));
    await lake.apply(only('no_rows'));
    expect(await namesIn(hour)).toEqual(['part-0.parquet']);
    expect(await lake.rows(hour)).toEqual(rowsOf(1, 2, 3));
    for (const id of [1, 2, 3]) await lake.put(`none/2019/09/01/00/${id}.parquet`, parquetBytes({ id: 'int' }, []));
    await lake.apply(only('none'));
    expect(await namesIn('none/2019/09/01/00')).toEqual(['1.parquet']);
    expect(await lake.rows('none/2019/09/01/00')).toEqual([]);
  });

  test('blocks of other sizes', async () => {
    const hour = 'blocks/2019/09/01/00';
    for (const id of [1, 2, 3, 4])
      await lake.put(`${hour}/part-${id}.parquet`, file(id), { blockSize: (id % 2 === 0 ? 2 : 1) << 20 });
    await lake.apply(only('blocks'));
    expect((await lake.visible(hour)).map(({ name, blockSize }) => [name, blockSize])).toEqual([
      ['part-1.parquet', 1 << 20],
      ['part-2.parquet', 2 << 20],
    ]);
  });
});

describe('folders and names', () => {
  test('hidden files and folders are left alone, and names may hold anything but a comma', async () => {
    const hour = 'names/2019/09/01/00';
    const names = ['a+b', 'a b', '100%25', 'a#b', 'a?b', 'a&b=c;d', 'ümläut 漢字', 'a\u0301'];
    for (const [id, name] of names.entries()) await lake.put(`${hour}/${name}.parquet`, file(id));
    for (const hidden of ['_SUCCESS', '.part-0.parquet.crc', '+tmp/x.parquet', 'x.parquet.tmp', 'part-0.parquet.crc'])
      await lake.put(`${hour}/${hidden}`, file(99));
    expect(problemsOf(await lake.apply(only('names')))).toEqual([]);
    const left = (await lake.visible(hour)).map(({ name }) => name).filter((name) => name !== 'part-0.parquet.crc');
    expect(left).toHaveLength(1);
    expect(await lake.hidden(hour)).toEqual(['+tmp', '.part-0.parquet.crc', '_SUCCESS', 'x.parquet.tmp']);
    await hdfs.remove(`${root}/${hour}/part-0.parquet.crc`);
    expect(await lake.rows(hour)).toEqual(rowsOf(0, 1, 2, 3, 4, 5, 6, 7));
  });

  test('a summary of the folder speaks against any merge', async () => {
    const hour = await putHour('summary');
    await lake.put(`${hour}/_metadata`, file(1));
    expect(problemsOf(await lake.apply(only('summary')))).toEqual([{ code: 'partition.summary', path: hour }]);
    expect(await namesIn(hour)).toHaveLength(3);
  });

  test('the newest partitions, and those written to lately, are left alone', async () => {
    for (const hour of ['00', '01', '02']) await lake.put(`late/2019/09/01/${hour}/a.parquet`, file(1));
    for (const hour of ['00', '01', '02']) await lake.put(`late/2019/09/01/${hour}/b.parquet`, file(2));
    await hdfs.setTimes(`${root}/late/2019/09/01/00/b.parquet`, { modificationTime: Date.now() });
    const tools = lake.tools({}, { latePartitions: 1, quietSeconds: 600 });
    expect(problemsOf(await lake.apply(only('late'), tools))).toEqual([
      { code: 'partition.open', path: 'late/2019/09/01/00' },
    ]);
    expect(await namesIn('late/2019/09/01/00')).toHaveLength(2);
    expect(await namesIn('late/2019/09/01/01')).toHaveLength(1);
    expect(await namesIn('late/2019/09/01/02')).toHaveLength(2);
  });

  test('more names than one request holds become several files, and a second run leaves them', async () => {
    const hour = 'many/2019/09/01/00';
    const long = 'x'.repeat(200);
    await Promise.all(
      Array.from({ length: 300 }, (_, id) =>
        lake.put(`${hour}/${long}${String(id).padStart(3, '0')}.parquet`, file(id)),
      ),
    );
    expect(problemsOf(await lake.apply(only('many')))).toEqual([]);
    const after = await namesIn(hour);
    expect(after).toHaveLength(2);
    expect(await lake.rows(hour)).toHaveLength(300);
    expect((await lake.apply(only('many'))).partitions).toEqual([]);
    expect(await namesIn(hour)).toEqual(after);
  });

  test('late files are found by the next run', async () => {
    const hour = await putHour('again');
    await lake.apply(only('again'));
    await lake.put(`${hour}/part-4.parquet`, file(4));
    await lake.apply(only('again'));
    expect(await namesIn(hour)).toEqual(['part-1.parquet']);
    expect(await lake.rows(hour)).toEqual(rowsOf(1, 2, 3, 4));
  });
});

describe('what HDFS does not allow', () => {
  test('a folder that we may not write to, and a sticky one, are named and stay as they are', async () => {
    const mallory = createHdfs({ ...lake.settings.hdfs, user: 'mallory' });
    try {
      const tools = lake.tools({ hdfs: mallory, reader: new PieceReader(mallory) });
      const [closed, sticky] = [await putHour('forbidden'), await putHour('sticky')];
      await hdfs.setPermission(`${root}/${sticky}`, '1777');
      for (const [topic, hour] of [
        ['forbidden', closed],
        ['sticky', sticky],
      ] as const) {
        const outcome = await lake.apply(only(topic), tools);
        expect(problemsOf(outcome).map(({ code }) => code)).toContainEqual(expect.stringMatching(/refused|failed/));
        expect(await lake.rows(hour)).toEqual(rowsOf(1, 2, 3));
        expect(await namesIn(hour)).toHaveLength(3);
        expect(await lake.hidden(hour)).toEqual([]);
      }
    } finally {
      mallory.close();
    }
  });
});
