import { describe, expect, test } from '@jest/globals';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import { undoMerge } from '#functions/partition-compaction/undo.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { encodeManifest, manifestKey, type PieceManifest } from '#shared/parquet/piece-manifest.ts';
import { everything, useCompactionLake } from '../support/compaction-lake.ts';
import { bytesSource, parquetBytes } from '../support/parquet-file.ts';

const lake = useCompactionLake({ minFiles: 2 });
const row = (id: number): string => `{"id":${id}}`;
const file = (first: number, keyValues: Record<string, string> = {}): Uint8Array =>
  parquetBytes({ id: 'int' }, [{ id: first }, { id: first + 1 }], { keyValues });
const only = (topic: string) => ({ ...everything, topics: [topic] });

async function expectOne(topic: string, hour: string, ids: readonly number[]): Promise<void> {
  expect((await lake.apply(only(topic))).partitions.flatMap(({ problems }) => problems)).toEqual([]);
  expect(await lake.rows(hour)).toEqual(ids.map(row).toSorted());
  expect((await lake.visible(hour)).length).toBe(1);
}

async function putHour(topic: string, names: readonly string[] = ['part-0', 'part-1', 'part-2']): Promise<string> {
  const hour = `${topic}/2019/09/01/00`;
  for (const [index, name] of names.entries()) await lake.put(`${hour}/${name}.parquet`, file(index * 2));
  return hour;
}

/** A client that does something right before its n-th call of a name. */
function before(call: keyof WebHdfs, work: () => Promise<unknown>, n = 1): WebHdfs {
  let calls = 0;
  return new Proxy(lake.hdfs, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== call) return value.bind(target) as unknown;
      return async (...args: unknown[]) => {
        calls += 1;
        if (calls === n) await work();
        return (await Reflect.apply(value, target, args)) as unknown;
      };
    },
  });
}

describe('undo', () => {
  const piece = (name: string, length: number): PieceManifest['pieces'][number] => ({
    name,
    length,
    modificationTime: 1_567_300_000_000,
    accessTime: 0,
    fileId: 17,
    rows: 2,
  });

  test.each([
    ['pieces that are not in it, as when another program wrote it anew', ['part-0.parquet', 'part-1.parquet']],
    ['one name twice', ['part-0.parquet', 'part-0.parquet']],
    ['a name in another folder', ['part-0.parquet', 'elsewhere/part-1.parquet']],
    ['a hidden name', ['part-0.parquet', '.lakewarden-compaction']],
  ])('leaves a file alone whose list of pieces has %s', async (what, names) => {
    const folder = `list_${what.replaceAll(/\W/g, '_')}/2019/09/01/00`;
    const whole = file(0);
    const isForeign = what.startsWith('pieces');
    const pieces = names.map((name) => piece(name, isForeign ? 100 : whole.length));
    const manifest = {
      form: 'concat',
      owner: 'root',
      group: 'root',
      permission: '644',
      replication: 1,
      acl: [],
      pieces,
    };
    const last = file(2, { [manifestKey]: encodeManifest(manifest as PieceManifest) });
    const bytes = isForeign ? last : Buffer.concat([whole, whole, last]);
    const path = `${lake.root}/${folder}/part-0.parquet`;
    await lake.put(`${folder}/part-0.parquet`, bytes);
    await expect(undoMerge(path, lake.undoTools())).rejects.toMatchObject({ code: 'parquet.unsupported' });
    expect(Buffer.from(await lake.hdfs.read(path, 0, bytes.length)).equals(bytes)).toBe(true);
    expect(await lake.hidden(folder)).toEqual([]);
  });

  // The renames: journal, gate, then the pieces from the last one on.
  test.each([
    ['while it copies', 'setTimes', 1],
    ['before the gate', 'rename', 2],
    ['behind the gate', 'rename', 3],
  ] as const)('keeps all rows when the name of a piece is taken %s', async (_, call, n) => {
    const topic = `taken_${call}_${n}`;
    const hour = await putHour(topic);
    await lake.apply(only(topic));
    const hdfs = before(call, () => lake.put(`${hour}/part-1.parquet`, file(900)), n);
    await undoMerge(`${lake.root}/${hour}/part-0.parquet`, lake.undoTools(hdfs));
    expect(await lake.rows(hour)).toEqual([0, 1, 2, 3, 4, 5, 900, 901].map(row));
    expect(await lake.hidden(hour)).toEqual([]);
    await expectOne(topic, hour, [0, 1, 2, 3, 4, 5, 900, 901]);
  });

  test.each([
    ['while it copies', 'setTimes', 2],
    ['while it makes the gate', 'create', 5],
  ] as const)('keeps what replaces the merged file %s, and brings nothing back', async (_, call, n) => {
    const topic = `rewritten_${call}`;
    const hour = await putHour(topic);
    await lake.apply(only(topic));
    const hdfs = before(call, () => lake.put(`${hour}/part-0.parquet`, file(900)), n);
    const path = `${lake.root}/${hour}/part-0.parquet`;
    await expect(undoMerge(path, lake.undoTools(hdfs))).rejects.toThrow();
    expect(await lake.rows(hour)).toEqual([900, 901].map(row));
    expect(await lake.hidden(hour)).toEqual([]);
  });
});

describe('a piece that is replaced between the last look and the CONCAT', () => {
  test('loses no row of a file that was merged before, though that looks like several pieces', async () => {
    const topic = 'replaced_beside_merged';
    const hour = await putHour(topic);
    await lake.apply(only(topic));
    for (const index of [1, 2]) await lake.put(`${hour}/part-${index}.parquet`, file(100 * index));
    const sneaky = before('concat', () => lake.put(`${hour}/part-1.parquet`, file(900, { a: 'b' })));
    const tools = lake.tools({ hdfs: sneaky, reader: new PieceReader(sneaky) });
    await lake.apply(only(topic), tools);
    expect(await lake.rows(hour)).toEqual([0, 1, 2, 3, 4, 5, 200, 201, 900, 901].map(row).toSorted());
    expect(await lake.hidden(hour)).toEqual([]);
  });

  test('and is no Parquet at all: the others are whole again', async () => {
    const topic = 'replaced_by_garbage';
    const hour = await putHour(topic);
    const sneaky = before('concat', () => lake.put(`${hour}/part-1.parquet`, Buffer.from('no Parquet')));
    const tools = lake.tools({ hdfs: sneaky, reader: new PieceReader(sneaky) });
    await lake.apply(only(topic), tools);
    await lake.hdfs.remove(`${lake.root}/${hour}/part-1.parquet`);
    expect(await lake.rows(hour)).toEqual([0, 1, 4, 5].map(row));
    expect(await lake.hidden(hour)).toEqual([]);
  });
});

describe('a journal', () => {
  const closed = (work: unknown, more: object = {}): string =>
    JSON.stringify({ version: 1, run: 'abcdefabcdef', owner: 'x', leaseSeconds: 1, work, ...more });

  test.each([
    ['garbage', 'garbage'],
    ['null', 'null'],
    ['no work', closed(null)],
    ['foreign work', closed({ kind: 'undo' })],
    ['a merge of nothing', closed({ kind: 'merge', merge: {} })],
    [
      'a run that leads elsewhere',
      closed({ kind: 'undo', name: 'x', fileId: 1, manifest: { pieces: [] } }, { run: '/../x' }),
    ],
    ['no end of its time', closed({ kind: 'settle' }, { leaseSeconds: 1e15 })],
  ])('with %s holds up nobody once its time is over', async (what, text) => {
    for (const name of ['.lakewarden-compaction', '.lakewarden-closed-abcdefabcdef']) {
      const topic = `journal_${what.replaceAll(' ', '_')}_${name.slice(12, 15)}`;
      const hour = await putHour(topic);
      await lake.put(`${hour}/${name}`, Buffer.from(text));
      const outcome = await lake.apply(only(topic));
      expect([outcome.problems, outcome.partitions.flatMap(({ problems }) => problems)]).toEqual([[], []]);
      expect((await lake.visible(hour)).length).toBe(1);
      expect(await lake.rows(hour)).toEqual([0, 1, 2, 3, 4, 5].map(row));
      expect(await lake.hidden(hour)).toEqual([]);
    }
  });

  test('of the future is over its time, too', async () => {
    const topic = 'journal_future';
    const hour = await putHour(topic);
    await lake.put(`${hour}/.lakewarden-compaction`, Buffer.from(closed({ kind: 'settle' })));
    await lake.hdfs.setTimes(`${lake.root}/${hour}/.lakewarden-compaction`, { modificationTime: 4_000_000_000_000 });
    expect((await lake.apply(only(topic))).partitions.flatMap(({ problems }) => problems)).toEqual([]);
    expect((await lake.visible(hour)).length).toBe(1);
  });

  test('of a newer version is left, and its partition too, since only that version can settle it', async () => {
    const topic = 'journal_newer';
    const hour = await putHour(topic);
    const name = '.lakewarden-closed-abcdefabcdef';
    await lake.put(`${hour}/${name}`, Buffer.from(closed({ kind: 'swap' }, { version: 2 })));
    const outcome = await lake.apply(only(topic));
    expect(outcome.problems).toMatchObject([{ code: 'partition.failed', message: expect.stringContaining(name) }]);
    expect(await lake.hidden(hour)).toEqual([name]);
    expect((await lake.visible(hour)).length).toBe(3);
  });
});

test('a file that claims more rows than can be counted is left alone; the others become one', async () => {
  const { encodeFooter, encodeMetadata } = await import('#shared/parquet/footer-codec/codec.ts');
  const topic = 'huge_counts';
  const hour = await putHour(topic);
  const good = file(0);
  const { metadata, bytes } = await readFooter(bytesSource(good));
  const [group] = metadata.row_groups;
  if (group === undefined) throw new Error('no row group');
  const lying = encodeMetadata({
    ...metadata,
    num_rows: 2n ** 60n,
    row_groups: [{ ...group, num_rows: 2n ** 60n }],
  });
  await lake.put(
    `${hour}/part-9.parquet`,
    Buffer.concat([good.subarray(0, good.length - bytes.length - 8), encodeFooter(lying)]),
  );
  const outcome = await lake.apply(only(topic));
  expect(outcome.partitions.flatMap(({ problems }) => problems)).toMatchObject([{ code: 'file.unreadable' }]);
  await lake.hdfs.remove(`${lake.root}/${hour}/part-9.parquet`);
  expect(await lake.rows(hour)).toEqual([0, 1, 2, 3, 4, 5].map(row));
});
