import { describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { decodeManifest, manifestKey } from '#shared/parquet/piece-manifest.ts';
import { everything, useCompactionLake } from '../support/compaction-lake.ts';
import { lake as addresses } from '../support/lake.ts';
import { type ColumnSpec, parquetBytes, type Rows } from '../support/parquet-file.ts';
import { readRows } from '../support/read-rows.ts';
import { condemn, startTcpProxy } from '../support/tcp-proxy.ts';

const deepMerge = { swap: 'rename', coldSeconds: 0, minRowGroups: 2, maxBytes: 1_000 };
const engine = { url: addresses().hiveserver, user: 'hive', timeoutSeconds: 120 };
const lake = useCompactionLake({ minFiles: 50, deepMerge, engine });
const { hdfs, root } = lake;
const only = (topic: string) => ({ ...everything, topics: [topic] });

const plain = {
  userId: 'bigint',
  name: 'string',
  half: 'double',
  day: 'date',
  tags: 'array<string>',
  place: 'struct<X:int,note:string>',
  counts: 'map<string,int>',
  yes: 'boolean',
  weight: 'float',
  total: 'decimal(38,2)',
  raw: 'binary',
  n: 'int',
};
const manyRows = (count: number): Rows =>
  Array.from({ length: count }, (_, index) => ({
    userId: BigInt(index) * 1_000_000_007n,
    name: index % 7 === 0 ? null : `näme ${index}`,
    half: index / 2,
    day: index,
    tags: index % 3 === 0 ? [] : ['a', null, `t${index}`],
    place: index % 5 === 0 ? null : { X: index, note: null },
    counts: [{ key: 'k', value: index }],
    yes: index % 2 === 0,
    weight: index / 4,
    total: BigInt(index) - 50n,
    raw: new Uint8Array([0, index % 256]),
    n: index,
  }));

async function putHour(
  topic: string,
  columns: Record<string, ColumnSpec>,
  rows: Rows,
  name = 'part-0.parquet',
): Promise<string> {
  const hour = `${topic}/2019/09/01/00`;
  await lake.put(
    `${hour}/${name}`,
    parquetBytes(columns, rows, { indexes: true, rowGroupSize: 300, createdBy: 'their writer' }),
    // The smallest that HDFS takes: of several blocks Hive might make several tasks.
    { blockSize: 1 << 20 },
  );
  return hour;
}

async function footerOf(path: string): ReturnType<typeof readFooter> {
  const { length } = await hdfs.status(path);
  return readFooter({ path, length, read: (from, count) => hdfs.read(path, from, count) });
}

async function rowsOf(path: string): Promise<unknown[]> {
  const { length } = await hdfs.status(path);
  const rows = await readRows(await hdfs.read(path, 0, length));
  return rows.map((row) => ({ ...row, userId: String(row['userId']) }));
}

test('a file too large for us is written anew by Hive: the same rows in their order, the same schema to the byte, few row groups', async () => {
  // A name that is told to Hive in SQL.
  const name = 'it\'s ${x}; 100%20 "ä" [1].parquet';
  const hour = await putHour('large', plain, manyRows(20_000), name);
  const path = `${root}/${hour}/${name}`;
  await lake.put(`${hour}/part-late.parquet`, parquetBytes(plain, manyRows(5)));
  await hdfs.setOwner(path, { owner: 'connect', group: 'lake' });
  await hdfs.setPermission(path, '640');
  const before = await footerOf(path);
  const [status, late] = [await hdfs.status(path), await hdfs.status(`${root}/${hour}/part-late.parquet`)];
  const rows = await rowsOf(path);
  const groups = before.metadata.row_groups.length;
  expect(status.length).toBeGreaterThan(1 << 20);
  const plan = await lake.plan(only('large'));
  expect(plan.partitions).toMatchObject([
    { rewrites: [{ engine: 'hive', way: 'rename', rowGroups: { before: groups } }] },
  ]);
  const outcome = await lake.apply(only('large'));
  expect(outcome.partitions.flatMap(({ problems }) => problems)).toEqual([]);
  const after = await footerOf(path);
  expect(after.schema).toEqual(before.schema);
  const groupsAfter = after.metadata.row_groups.length;
  expect([after.createdBy, after.rows, groupsAfter < groups / 4]).toEqual(['their writer', 20_000n, true]);
  const manifest = decodeManifest(after.keyValueMetadata.get(manifestKey) ?? '');
  expect(manifest).toMatchObject({
    form: 'rewritten',
    pieces: [{ name, rows: 20_000, fileId: status.fileId }],
  });
  expect(JSON.stringify(await rowsOf(path)) === JSON.stringify(rows)).toBe(true);
  const { owner, group, permission, modificationTime, blockSize, replication } = status;
  expect(await hdfs.status(path)).toMatchObject({ owner, group, permission, modificationTime, blockSize, replication });
  expect(await hdfs.status(late.path)).toEqual({ ...late, accessTime: expect.any(Number) });
  expect(await lake.hidden(hour)).toEqual([]);
  expect(lake.events.map(({ type, data }) => [type, data])).toMatchObject([
    [
      'dev.lakewarden.partition.compacted',
      { way: 'rename', engine: 'hive', rowGroups: { before: groups, after: groupsAfter }, rows: 20_000 },
    ],
  ]);
  expect((await lake.apply(only('large'))).partitions).toEqual([]);
});

test('what Hive would change is refused with all that it would change; the policy may allow what no table notices', async () => {
  const columns: Record<string, ColumnSpec> = {
    id: { type: 'INT32', repetition_type: 'REQUIRED' },
    price: 'decimal(9,2)',
    at: 'timestamp',
  };
  const rows = Array.from({ length: 800 }, (_, id) => ({ id, price: BigInt(id), at: BigInt(id) * 1_000_000n }));
  const hour = await putHour('changed', columns, rows);
  const path = `${root}/${hour}/part-0.parquet`;
  const before = await hdfs.status(path);
  const outcome = await lake.apply(only('changed'));
  const found = outcome.partitions.flatMap(({ problems }) => problems);
  expect(found).toMatchObject([{ code: 'file.unsupported', path }]);
  for (const change of [
    'id was required INT32 and is optional INT32',
    'price was optional INT32 DECIMAL(9,2) and is optional FIXED_LEN_BYTE_ARRAY(4) DECIMAL(9,2)',
    'at was optional INT64 TIMESTAMP(MICROS) and is optional INT96',
  ])
    expect(found[0]?.message).toContain(change);
  expect(await hdfs.status(path)).toEqual({ ...before, accessTime: expect.any(Number) });
  expect(await lake.hidden(hour)).toEqual([]);
  const answers = await lake.rows(hour);
  const allowed = lake.tools({}, { deepMerge: { ...deepMerge, schemaChange: 'compatible' } });
  expect((await lake.apply(only('changed'), allowed)).partitions).toMatchObject([
    { rewrites: [{ rowGroups: 1 }], problems: [] },
  ]);
  expect(await lake.rows(hour)).toEqual(answers);
  expect(await lake.hidden(hour)).toEqual([]);
});

describe('when it fails in the middle', () => {
  const columns = { id: 'int', name: 'string' };
  const rows = Array.from({ length: 400 }, (_, id) => ({ id, name: `n${id}` }));

  test('Hive that goes away while it writes harms nothing, and others go on', async () => {
    const hour = await putHour('gone', columns, rows);
    await putHour('gone', columns, rows.slice(0, 10), 'part-small.parquet');
    const before = await lake.visible(hour);
    const proxy = await startTcpProxy(addresses().hiveserver);
    const fate = condemn('INSERT INTO TABLE', 'cut');
    proxy.judge = fate.judge;
    try {
      const tools = lake.tools({}, { engine: { ...engine, url: `hive2://127.0.0.1:${proxy.port}` } });
      const outcome = await lake.apply(only('gone'), tools);
      expect(fate.executed()).toBe(true);
      expect(outcome.partitions.flatMap(({ problems }) => problems)).toMatchObject([
        { code: 'merge.refused', message: expect.stringContaining('HiveServer2') },
      ]);
    } finally {
      await proxy.close();
    }
    const after = await lake.visible(hour);
    expect(after.map(({ name, fileId, length }) => [name, fileId, length])).toEqual(
      before.map(({ name, fileId, length }) => [name, fileId, length]),
    );
    // Until Hive notices that nobody listens, it may make its folder again: that is for the next run to remove.
    for (let run = 0; (await lake.hidden(hour)).length > 0; run += 1) {
      expect(run).toBeLessThan(5);
      await lake.apply(only('gone'));
    }
  });

  test('a run that is stopped stops Hive; until then it holds the partition, also beyond the time of its lease', async () => {
    const hour = await putHour('stopped', columns, rows);
    const before = await lake.visible(hour);
    const isClosedByHive = async (): Promise<boolean> => {
      const stop = new AbortController();
      const proxy = await startTcpProxy(addresses().hiveserver);
      const fate = condemn('INSERT INTO TABLE', 'mute');
      proxy.judge = fate.judge;
      try {
        // So long that a busy machine, too, renews it in time.
        const leaseSeconds = 3;
        const slow = { leaseSeconds, engine: { ...engine, url: `hive2://127.0.0.1:${proxy.port}` } };
        const run = lake
          .apply(only('stopped'), lake.tools({ signal: stop.signal }, slow))
          .catch((error: unknown) => error);
        while (!fate.executed()) await sleep(50);
        const hasEnded = async (within: number): Promise<boolean> => {
          const early = await Promise.race([run, sleep(within)]);
          if (early !== undefined) expect(JSON.stringify(early)).toContain('was closed by the server');
          return early !== undefined;
        };
        // Nobody asks for the partition before what lies there is older than a lease, and Hive still writes into it.
        const [work = ''] = (await lake.hidden(hour)).filter((name) => name.includes('engine'));
        const isYoung = async (): Promise<boolean> => {
          const touched = (await hdfs.statusIfExists(`${root}/${hour}/${work}`))?.modificationTime ?? 0;
          return Date.now() < touched + (leaseSeconds + 0.5) * 1_000;
        };
        while (await isYoung()) if (await hasEnded(100)) return true;
        const other = await lake.apply(only('stopped'), lake.tools({}, { ...slow, engine: undefined }));
        const codes = other.partitions.flatMap(({ problems }) => problems.map(({ code }) => code));
        // Who is closed out by Hive gives the partition back before it ends.
        if (!codes.includes('partition.busy') && (await hasEnded(30_000))) return true;
        expect(codes).toContain('partition.busy');
        stop.abort(new Error('enough'));
        expect(String(await run)).toContain('enough');
        return false;
      } finally {
        await proxy.close();
      }
    };
    let closed = 0;
    // Beside the queries of other tests, Hive at times closes a connection by itself: then there is nothing to stop, and it is tried again.
    while (await isClosedByHive()) expect(++closed).toBeLessThan(3);
    expect(await lake.hidden(hour)).toEqual([]);
    expect((await lake.visible(hour)).map(({ fileId }) => fileId)).toEqual(before.map(({ fileId }) => fileId));
  });

  test('a file that Hive cannot read is named with its reason', async () => {
    const hour = await putHour('broken', columns, rows);
    const path = `${root}/${hour}/part-0.parquet`;
    const bytes = Buffer.from(await hdfs.read(path, 0, (await hdfs.status(path)).length));
    bytes.fill(0xff, 4, 60);
    await lake.put(`${hour}/part-0.parquet`, bytes);
    const outcome = await lake.apply(only('broken'));
    expect(outcome.partitions.flatMap(({ problems }) => problems)).toMatchObject([
      { code: 'merge.refused', message: expect.stringMatching(/part-0.parquet is left as it is: Hive failed/) },
    ]);
    expect(await hdfs.status(path)).toMatchObject({ length: bytes.length });
    expect(await lake.hidden(hour)).toEqual([]);
  });

  /** HDFS for a process that dies right after a call. */
  function dyingAfter(isLast: (name: string, args: readonly unknown[]) => boolean): {
    hdfs: WebHdfs;
    died: () => boolean;
  } {
    let dead = false;
    const die = (): never => {
      throw new Error('this process is dead');
    };
    const client = new Proxy(hdfs, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (dead) die();
          const result: unknown = Reflect.apply(value, target, args);
          if (!isLast(String(name), args)) return result;
          dead = true;
          return result instanceof Promise ? result.then(die) : die();
        };
      },
    });
    return { hdfs: client, died: () => dead };
  }

  test.each<[string, (name: string, args: readonly unknown[]) => boolean, boolean]>([
    ['made the folder for Hive', (name) => name === 'mkdirs', false],
    [
      'moved the new file beside the old one',
      (name, [, to]) => name === 'rename' && String(to).includes('-merged-'),
      false,
    ],
    ['put it in its place', (name, [, , mode]) => name === 'rename' && mode === 'overwrite', true],
  ])('a run that dies when it has %s: the next one clears up, and the rows are there', async (what, isLast, isDone) => {
    const topic = what.replaceAll(/\W/g, '_');
    const hour = await putHour(topic, columns, rows);
    const before = await lake.visible(hour);
    const answers = await lake.rows(hour);
    const mortal = dyingAfter(isLast);
    await expect(
      lake.apply(only(topic), lake.tools({ hdfs: mortal.hdfs, reader: new PieceReader(mortal.hdfs) })),
    ).rejects.toThrow('this process is dead');
    expect(mortal.died()).toBe(true);
    expect(await lake.hidden(hour)).not.toEqual([]);
    for (const name of await lake.hidden(hour))
      await hdfs.setTimes(`${root}/${hour}/${name}`, { modificationTime: 1_000_000 });
    await lake.apply(only(topic), lake.tools({}, { engine: undefined }));
    expect(await lake.hidden(hour)).toEqual([]);
    expect(await lake.rows(hour)).toEqual(answers);
    expect((await lake.visible(hour)).map(({ fileId }) => fileId).includes(before[0]?.fileId ?? 0)).toBe(!isDone);
    const told = lake.events.filter(({ type, subject }) => type.endsWith('compacted') && subject === `${root}/${hour}`);
    expect(told).toHaveLength(isDone ? 1 : 0);
  });
});
