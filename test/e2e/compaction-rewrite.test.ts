import { describe, expect, test } from '@jest/globals';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import { statusOf } from '#functions/partition-compaction/run.ts';
import { undoMerge } from '#functions/partition-compaction/undo.ts';
import { createHdfs } from '#shared/hdfs/hdfs-settings.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { decodeManifest, manifestKey, writtenPieces } from '#shared/parquet/piece-manifest.ts';
import { everything, useCompactionLake } from '../support/compaction-lake.ts';
import { parquetBytes } from '../support/parquet-file.ts';

const lake = useCompactionLake({ minFiles: 2 });
const { hdfs, root } = lake;

const columns = { id: 'bigint', name: 'string', tags: 'array<string>' };

function file(first: number, count = 30): Uint8Array {
  const rows = Array.from({ length: count }, (_, index) => ({
    id: BigInt(first + index),
    name: index % 7 === 0 ? null : `n${(first + index) % 50}`,
    tags: ['a', null],
  }));
  return parquetBytes(columns, rows, { indexes: true, rowGroupSize: 10, pageSize: 100 });
}

const only = (topic: string) => ({ ...everything, topics: [topic] });

async function putHour(topic: string, files = 4): Promise<string> {
  const hour = `${topic}/2019/09/01/00`;
  for (let index = 0; index < files; index += 1) await lake.put(`${hour}/part-${index}.parquet`, file(index * 100));
  return hour;
}

const deep = (more: object = {}) => lake.tools({}, { deepMerge: { swap: 'rename', coldSeconds: 0, ...more } });

async function footerOf(path: string) {
  const { length } = await hdfs.status(path);
  const footer = await readFooter({ path, length, read: (from, count) => hdfs.read(path, from, count) });
  return { ...footer, manifest: decodeManifest(footer.keyValueMetadata.get(manifestKey) ?? '') };
}

describe.each(['rename', 'concat'] as const)('many row groups become few, by %s', (swap) => {
  const topic = `deep_${swap}`;

  test('with the same rows, attributes and time, and nothing else is left; a second run does nothing', async () => {
    const hour = await putHour(topic);
    for (const { path } of await lake.visible(hour)) {
      await hdfs.setOwner(path, { owner: 'connect', group: 'lake' });
      await hdfs.modifyAcl(path, ['user:alice:r--']);
      await hdfs.setPermission(path, '640');
      await hdfs.setTimes(path, { modificationTime: 1_567_300_000_123, accessTime: 1_567_300_000_000 });
    }
    const before = await lake.rows(hour);
    const first = await lake.apply(only(topic), deep({ swap }));
    expect(first.partitions).toMatchObject([{ merges: [{}], rewrites: [] }]);
    const path = `${root}/${hour}/part-0.parquet`;
    await hdfs.setXattr(path, 'user.origin', Buffer.from('here'));
    const old = await hdfs.status(path);
    const acl = await hdfs.aclStatus(path);
    lake.events.length = 0;

    const plan = await lake.plan(only(topic), deep({ swap }));
    expect(plan.partitions).toMatchObject([
      { merges: [], rewrites: [{ way: swap, rowGroups: { before: 12, after: 1 }, file: { length: old.length } }] },
    ]);
    const second = await lake.apply(only(topic), deep({ swap }));
    expect([statusOf(second), second.partitions[0]?.problems]).toEqual(['done', []]);
    expect(await lake.rows(hour)).toEqual(before);
    expect(await lake.hidden(hour)).toEqual([]);

    const now = await hdfs.status(path);
    const { fileId, length, accessTime } = now;
    expect({ ...now, fileId: 0 }).toEqual({ ...old, fileId: 0, length, accessTime });
    expect(fileId === old.fileId).toBe(swap === 'concat');
    expect(await hdfs.aclStatus(path)).toEqual(acl);
    expect(Buffer.from((await hdfs.getXattrs(path)).get('user.origin') ?? []).toString()).toBe('here');
    const footer = await footerOf(path);
    expect(footer.metadata.row_groups.length).toBe(1);
    expect(footer.manifest.form).toBe(swap === 'concat' ? 'swapped' : 'rewritten');
    expect([...writtenPieces(footer.manifest)].map(({ name, firstRow }) => [name, firstRow])).toEqual(
      [0, 1, 2, 3].map((index) => [`part-${index}.parquet`, index * 30]),
    );
    expect(lake.events.map(({ type, data }) => [type, data])).toEqual([
      [
        'dev.lakewarden.partition.compacted',
        expect.objectContaining({
          way: swap === 'concat' ? 'concat-swap' : 'rename',
          files: { before: 1, after: 1 },
          rowGroups: { before: 12, after: 1 },
          bytes: {
            before: old.length,
            after: length,
            written: swap === 'concat' ? length - old.length : length,
            notMoved: 0,
            dead: swap === 'concat' ? old.length : 0,
          },
          rows: 120,
        }),
      ],
    ]);
    lake.events.length = 0;
    expect(await lake.apply(only(topic), deep({ swap }))).toMatchObject({ partitions: [], problems: [], left: [] });
    expect(lake.events).toEqual([]);
  });
});

test('what would become longer than queries know that were planned before is left as it is', async () => {
  const hour = 'longer/2019/09/01/00';
  const rows = Array.from({ length: 60 }, (_, id) => ({ id, text: `${id}`.padStart(2_000, 'a') }));
  const text = { id: 'int', text: 'string' } as const;
  await lake.put(`${hour}/part-0.parquet`, parquetBytes(text, rows, { codec: 'SNAPPY', rowGroupSize: 10 }));
  const before = await lake.visible(hour);
  const { partitions } = await lake.apply(only('longer'), deep({ codec: 'uncompressed', minRowGroups: 2 }));
  const problem = {
    code: 'file.unsupported',
    message: expect.stringContaining('queries planned before would miss rows'),
  };
  expect(partitions).toMatchObject([{ rewrites: [], problems: [problem] }]);
  expect((await lake.visible(hour)).map(({ fileId }) => fileId)).toEqual(before.map(({ fileId }) => fileId));
  expect(await lake.hidden(hour)).toEqual([]);
  // Behind the old bytes it may be as long as it likes.
  const appended = await lake.apply(only('longer'), deep({ codec: 'uncompressed', minRowGroups: 2, swap: 'concat' }));
  expect(appended.partitions).toMatchObject([{ rewrites: [{}], problems: [] }]);
});

/** An hour that was joined and then written anew. */
async function putRewritten(topic: string, swap: 'rename' | 'concat'): Promise<{ hour: string; path: string }> {
  const hour = await putHour(topic);
  await lake.apply(only(topic), deep({ swap }));
  await lake.apply(only(topic), deep({ swap }));
  const path = `${root}/${hour}/part-0.parquet`;
  expect((await footerOf(path)).metadata.row_groups.length).toBe(1);
  return { hour, path };
}

describe('undo', () => {
  test('restores what a CONCAT swapped, then the files that it was made of', async () => {
    const topic = 'undo_concat';
    const hour = await putHour(topic);
    const pieces = await lake.visible(hour);
    await lake.apply(only(topic));
    const path = `${root}/${hour}/part-0.parquet`;
    const joined = await hdfs.status(path);
    const bytes = await hdfs.read(path, 0, joined.length);
    await lake.apply(only(topic), deep({ swap: 'concat' }));
    expect((await footerOf(path)).manifest.form).toBe('swapped');
    expect(await undoMerge(path, lake.undoTools())).toMatchObject({ done: { pieces: [{ name: 'part-0.parquet' }] } });
    expect(Buffer.from(await hdfs.read(path, 0, joined.length + 1)).equals(bytes)).toBe(true);
    const now = await hdfs.status(path);
    expect(now).toEqual({ ...joined, fileId: now.fileId, accessTime: now.accessTime });
    expect(await undoMerge(path, lake.undoTools())).toMatchObject({ done: { pieces: { length: 4 } } });
    expect((await lake.visible(hour)).map(({ name, length }) => [name, length])).toEqual(
      pieces.map(({ name, length }) => [name, length]),
    );
    expect(await lake.hidden(hour)).toEqual([]);
  });

  test('refuses what a rename replaced, since its old bytes are gone', async () => {
    const { path } = await putRewritten('undo_rename', 'rename');
    await expect(undoMerge(path, lake.undoTools())).rejects.toThrow('its rows were written anew');
  });
});

test('late files are joined to a file that was written anew, and all of it is written anew again', async () => {
  const { hour, path } = await putRewritten('late', 'concat');
  for (const index of [7, 8]) await lake.put(`${hour}/part-${index}.parquet`, file(index * 100, 40));
  const before = await lake.rows(hour);
  await lake.apply(only('late'), deep({ swap: 'concat' }));
  expect((await footerOf(path)).metadata.row_groups.length).toBe(9);
  await lake.apply(only('late'), deep({ swap: 'concat' }));
  const { metadata, manifest } = await footerOf(path);
  expect([metadata.row_groups.length, await lake.rows(hour)]).toEqual([1, before]);
  expect([...writtenPieces(manifest)].map(({ name, rows }) => [name, rows])).toEqual([
    ...[0, 1, 2, 3].map((index) => [`part-${index}.parquet`, 30]),
    ['part-7.parquet', 40],
    ['part-8.parquet', 40],
  ]);
});

test('dead bytes are given back by a rename, when they are many and old enough', async () => {
  const topic = 'reclaim';
  const { hour, path } = await putRewritten(topic, 'concat');
  const before = await lake.rows(hour);
  const { length } = await hdfs.status(path);
  const patient = deep({ swap: 'concat', maxDeadShare: 0.3, reclaimSeconds: 1_000 });
  expect((await lake.plan(only(topic), patient)).partitions).toEqual([]);
  const eager = deep({ swap: 'concat', maxDeadShare: 0.3, reclaimSeconds: 0 });
  expect((await lake.apply(only(topic), eager)).partitions).toMatchObject([
    { rewrites: [{ deadBytes: 0, work: { rewrite: { way: 'rename' } } }] },
  ]);
  expect(await lake.rows(hour)).toEqual(before);
  expect((await hdfs.status(path)).length).toBeLessThan(length / 2 + 2_000);
  const { manifest } = await footerOf(path);
  expect([manifest.form, [...writtenPieces(manifest)].length]).toEqual(['rewritten', 4]);
  expect((await lake.plan(only(topic), eager)).partitions).toEqual([]);
});

test('the codec can be another one', async () => {
  const topic = 'zstd';
  const hour = await putHour(topic);
  const before = await lake.rows(hour);
  await lake.apply(only(topic));
  await lake.apply(only(topic), deep({ codec: 'zstd' }));
  const { metadata } = await footerOf(`${root}/${hour}/part-0.parquet`);
  const codecs = metadata.row_groups.flatMap((group) => group.columns.map((chunk) => chunk.meta_data?.codec));
  expect(new Set(codecs)).toEqual(new Set(['ZSTD']));
  expect(await lake.rows(hour)).toEqual(before);
});

test('a file as a writer wrote it is written anew, too, and remembers what it was', async () => {
  const topic = 'lone';
  const hour = `${topic}/2019/09/01/00`;
  await lake.put(`${hour}/lone+0+0+99.parquet`, file(0, 100));
  const before = await lake.rows(hour);
  await lake.apply(only(topic), deep());
  expect(await lake.rows(hour)).toEqual(before);
  const { manifest, metadata } = await footerOf(`${root}/${hour}/lone+0+0+99.parquet`);
  expect(metadata.row_groups.length).toBe(1);
  expect([...writtenPieces(manifest)]).toMatchObject([{ name: 'lone+0+0+99.parquet', rows: 100, firstRow: 0 }]);
});

describe('what is left as it is', () => {
  test('a partition that is not cold yet, and files with few row groups', async () => {
    const topic = 'warm';
    const hour = await putHour(topic);
    await lake.apply(only(topic));
    expect((await lake.plan(only(topic), deep({ coldSeconds: 86_400 }))).partitions).toEqual([]);
    expect((await lake.plan(only(topic), deep({ minRowGroups: 13 }))).partitions).toEqual([]);
    expect((await lake.plan(only(topic), deep({ groupRows: 10 }))).partitions).toEqual([]);
    expect(await lake.visible(hour)).toHaveLength(1);
  });

  test('a file that is too large, which is told', async () => {
    const topic = 'large';
    await putHour(topic);
    await lake.apply(only(topic));
    const { partitions } = await lake.plan(only(topic), deep({ maxBytes: 1_000 }));
    expect(partitions).toMatchObject([{ rewrites: [], problems: [{ code: 'file.too_big' }] }]);
  });

  test('a file with a page that is broken; others are written anew', async () => {
    const topic = 'broken';
    const hour = await putHour(topic);
    await lake.apply(only(topic));
    const path = `${root}/${hour}/part-0.parquet`;
    const { length, modificationTime } = await hdfs.status(path);
    const bytes = Buffer.from(await hdfs.read(path, 0, length));
    const { metadata } = await footerOf(path);
    const at = Number(metadata.row_groups[5]?.columns[0]?.meta_data?.data_page_offset);
    bytes.fill(0xff, at, at + 12);
    await lake.put(`${hour}/part-0.parquet`, bytes);
    await hdfs.setTimes(path, { modificationTime });
    await lake.put(`${topic}/2019/09/01/01/part-0.parquet`, file(0, 100));
    lake.events.length = 0;
    const { partitions } = await lake.apply(only(topic), deep());
    expect(partitions).toMatchObject([
      { rewrites: [], problems: [{ code: 'file.unreadable', path, message: expect.stringContaining('row group 5') }] },
      { rewrites: [{ rowGroups: 1 }], problems: [] },
    ]);
    expect(Buffer.from(await hdfs.read(path, 0, length)).equals(bytes)).toBe(true);
    expect(await lake.hidden(hour)).toEqual([]);
    expect(lake.events.map(({ type }) => type.split('.').at(-1))).toEqual(['refused', 'compacted']);
  });

  test('a file whose owner we may not give to another one; a CONCAT needs no such right', async () => {
    const topic = 'foreign';
    const hour = await putHour(topic);
    await lake.apply(only(topic));
    const path = `${root}/${hour}/part-0.parquet`;
    await hdfs.setPermission(`${root}/${hour}`, '777');
    await hdfs.setOwner(path, { owner: 'connect' });
    await hdfs.setPermission(path, '666');
    const before = await hdfs.status(path);
    const others = createHdfs({ ...lake.settings.hdfs, user: 'somebody' });
    try {
      const as = (swap: string) => ({ ...deep({ swap }), hdfs: others, reader: new PieceReader(others) });
      const refused = await lake.apply(only(topic), as('rename'));
      expect(refused.partitions).toMatchObject([{ rewrites: [], problems: [{ code: 'merge.refused', path }] }]);
      expect(await hdfs.status(path)).toEqual({ ...before, accessTime: expect.any(Number) });
      expect(await lake.hidden(hour)).toEqual([]);
      const done = await lake.apply(only(topic), as('concat'));
      expect(done.partitions).toMatchObject([{ rewrites: [{ rowGroups: 1 }], problems: [] }]);
      expect((await hdfs.status(path)).owner).toBe('connect');
    } finally {
      others.close();
    }
  });
});

describe('budgets', () => {
  test('what passes the bytes of a run, or its time, is left for the next one', async () => {
    const topic = 'budget';
    for (const hour of ['00', '01']) await lake.put(`${topic}/2019/09/01/${hour}/part-0.parquet`, file(0, 100));
    const { settings } = deep();
    const small = { ...deep(), settings: { ...settings, maxRewrittenBytesPerRun: 1 } };
    const hurried = { ...deep(), timeLeft: () => 0 };
    expect(await lake.apply(only(topic), hurried)).toMatchObject({
      partitions: [{ problems: [{ code: 'file.too_big' }] }, { problems: [{ code: 'file.too_big' }] }],
    });
    const times = [1e9, 1e9];
    const late = { ...deep(), timeLeft: () => times.shift() ?? 0 };
    for (const tools of [late, small]) {
      const { partitions, left } = await lake.apply(only(topic), tools);
      const isLate = tools === late;
      expect([partitions.flatMap(({ rewrites }) => rewrites).length, left.length]).toEqual([1, isLate ? 1 : 0]);
    }
  });
});
