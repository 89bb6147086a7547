import { describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Lease, newJournal } from '#functions/partition-compaction/journal/journal.ts';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import { type RunOutcome, statusOf } from '#functions/partition-compaction/run.ts';
import { asError, LakewardenError } from '#shared/errors/error.ts';
import { createHdfs } from '#shared/hdfs/hdfs-settings.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { everything, useCompactionLake } from '../support/compaction-lake.ts';
import { parquetBytes } from '../support/parquet-file.ts';

const deepMerge = { coldSeconds: 0, minRowGroups: 2 };
const lake = useCompactionLake({ minFiles: 2, deepMerge });
const { hdfs, root } = lake;
const row = (id: number): string => `{"id":${id}}`;
const ids = (first: number, count = 6): number[] => Array.from({ length: count }, (_, index) => first + index);
const file = (first: number, count = 6, keyValues: Record<string, string> = {}): Uint8Array =>
  parquetBytes(
    { id: 'int' },
    ids(first, count).map((id) => ({ id })),
    { rowGroupSize: 1, keyValues },
  );
const only = (topic: string) => ({ ...everything, topics: [topic] });
const ways = ['rename', 'concat'] as const;
type Way = (typeof ways)[number];
const deep = (swap: Way, client: WebHdfs = hdfs) =>
  lake.tools({ hdfs: client, reader: new PieceReader(client) }, { deepMerge: { ...deepMerge, swap } });

async function putHour(topic: string): Promise<{ hour: string; path: string }> {
  const hour = `${topic}/2019/09/01/00`;
  await lake.put(`${hour}/part-0.parquet`, file(0));
  return { hour, path: `${root}/${hour}/part-0.parquet` };
}

/** A client that does something once, right before its first call of a name. */
function before(call: keyof WebHdfs, work: () => Promise<unknown>): WebHdfs {
  let isDone = false;
  return new Proxy(hdfs, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== call) return value.bind(target) as unknown;
      return async (...args: unknown[]) => {
        // The journal is renamed, too.
        const isSwap = call !== 'rename' || String(args[1]).endsWith('.parquet');
        if (!isDone && isSwap) await work();
        isDone ||= isSwap;
        return (await Reflect.apply(value, target, args)) as unknown;
      };
    },
  });
}

/** What was told, but that the file which was restored just now is new. */
function codesOf({ partitions }: RunOutcome): string[] {
  return partitions
    .flatMap(({ problems }) => problems.map(({ code }) => code))
    .filter((code) => code !== 'partition.open');
}

/** Lets a file be so old that nobody writes to it any more. */
async function age(path: string): Promise<void> {
  await hdfs.setTimes(path, { modificationTime: Date.now() - 3_600_000 });
}

async function expectWhole(topic: string, hour: string, way: Way, rows: readonly number[]): Promise<void> {
  expect(await lake.rows(hour)).toEqual(rows.map(row).toSorted());
  expect(await lake.hidden(hour)).toEqual([]);
  await lake.apply(only(topic), deep(way));
  expect(await lake.rows(hour)).toEqual(rows.map(row).toSorted());
  expect(statusOf(await lake.apply(only(topic), deep(way)))).toBe('nothing');
}

describe.each(ways)('a file that changes while it is written anew to be swapped by %s', (way) => {
  test('is left as it is by then, and written anew from that', async () => {
    const topic = `changed_${way}`;
    const { hour } = await putHour(topic);
    const client = before('isOpenForWrite', () => lake.put(`${hour}/part-0.parquet`, file(50, 8)));
    const outcome = await lake.apply(only(topic), deep(way, client));
    expect([outcome.partitions.flatMap(({ rewrites }) => rewrites.length), codesOf(outcome)]).toEqual([[1], []]);
    await expectWhole(topic, hour, way, ids(50, 8));
  });

  test('by an append, too, which is refused while it lasts', async () => {
    const topic = `appended_${way}`;
    const { hour, path } = await putHour(topic);
    const gate = Promise.withResolvers<void>();
    async function* more(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
      await gate.promise;
    }
    const { modificationTime } = await hdfs.status(path);
    const appending = hdfs.append(path, more());
    while (!(await hdfs.isOpenForWrite(path))) await sleep(50);
    await hdfs.setTimes(path, { modificationTime });
    try {
      const { partitions } = await lake.apply(only(topic), deep(way));
      expect(partitions).toMatchObject([
        { rewrites: [], problems: [{ code: 'merge.refused', message: expect.stringContaining('open for writing') }] },
      ]);
      expect(await lake.hidden(hour)).toEqual([]);
    } finally {
      gate.resolve();
      await appending;
    }
  });
});

describe('a file that is replaced between the last look and the CONCAT', () => {
  test.each([
    ['a longer one', file(900, 9, { a: 'b' }), ids(900, 9)],
    ['one of the same length', file(10), ids(10)],
    ['a shorter one', file(900, 2), ids(900, 2)],
  ])('by %s: the new one is whole again', async (what, bytes, rows) => {
    const topic = `replaced_${what.replaceAll(' ', '_')}`;
    const { hour, path } = await putHour(topic);
    const client = before('concat', () => lake.put(`${hour}/part-0.parquet`, bytes));
    const outcome = await lake.apply(only(topic), deep('concat', client));
    expect(codesOf(outcome)).toEqual([]);
    await age(path);
    await expectWhole(topic, hour, 'concat', rows);
  });

  test('and its process dies: the next run sets it back', async () => {
    const topic = 'replaced_and_died';
    const { hour, path } = await putHour(topic);
    const swap = before('concat', () => lake.put(`${hour}/part-0.parquet`, file(900, 9)));
    let isDead = false;
    const mortal = new Proxy(swap, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (isDead) throw new LakewardenError('deadline.exceeded', 'this process is dead');
          isDead = name === 'concat';
          return Reflect.apply(value, target, args);
        };
      },
    });
    await expect(lake.apply(only(topic), deep('concat', mortal))).rejects.toThrow('dead');
    for (const name of await lake.hidden(hour))
      await hdfs.setTimes(`${root}/${hour}/${name}`, { modificationTime: 1_000_000 });
    expect(codesOf(await lake.apply(only(topic), deep('concat')))).toEqual(['merge.unverified']);
    await age(path);
    await expectWhole(topic, hour, 'concat', ids(900, 9));
  });
});

describe('while a file is swapped', () => {
  test.each(ways)('by %s, its name is never away, and no listing shows another one', async (way) => {
    const topic = `listed_${way}`;
    const { hour } = await putHour(topic);
    const work = { isUnderWay: true };
    let looks = 0;
    const look = async (): Promise<void> => {
      while (work.isUnderWay) {
        expect((await lake.visible(hour)).map(({ name }) => name)).toEqual(['part-0.parquet']);
        looks += 1;
      }
    };
    const looking = look();
    for (let round = 0; round < 5; round += 1) {
      expect(statusOf(await lake.apply(only(topic), deep(way)))).toBe('done');
      await lake.put(`${hour}/_next`, file(round * 10));
      await hdfs.rename(`${root}/${hour}/_next`, `${root}/${hour}/part-0.parquet`, 'overwrite');
    }
    work.isUnderWay = false;
    await looking;
    expect(looks).toBeGreaterThan(5);
  });

  test('by CONCAT, a reader that has it open reads on, and one that knows its old length sees the same rows', async () => {
    const topic = 'open_readers';
    const { hour, path } = await putHour(topic);
    const { length } = await hdfs.status(path);
    const bytes = await hdfs.read(path, 0, length);
    const stream = await hdfs.open(path);
    expect(statusOf(await lake.apply(only(topic), deep('concat')))).toBe('done');
    const parts: Uint8Array[] = [];
    for await (const part of stream) parts.push(part as Uint8Array);
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect(Buffer.from(await hdfs.read(path, 0, length)).equals(bytes)).toBe(true);
    expect((await lake.rows(hour)).length).toBe(6);
  });

  test.each(ways)('by %s, a snapshot keeps what it held', async (way) => {
    const topic = `pinned_${way}`;
    const { hour, path } = await putHour(topic);
    const { length } = await hdfs.status(path);
    const bytes = await hdfs.read(path, 0, length);
    await hdfs.allowSnapshot(`${root}/${topic}`);
    const snapshot = await hdfs.createSnapshot(`${root}/${topic}`, 's1');
    try {
      const { partitions } = await lake.apply(only(topic), deep(way));
      expect(partitions).toMatchObject([{ rewrites: [{ rowGroups: 1 }], problems: [] }]);
      const held = await hdfs.read(`${snapshot}/2019/09/01/00/part-0.parquet`, 0, length + 1);
      expect(Buffer.from(held).equals(bytes)).toBe(true);
      await expectWhole(topic, hour, way, ids(0));
    } finally {
      await hdfs.deleteSnapshot(`${root}/${topic}`, 's1');
      await hdfs.disallowSnapshot(`${root}/${topic}`);
    }
  });
});

describe('a lease', () => {
  test('is renewed by whoever owns its journal, and never once another run has it', async () => {
    const folder = `${root}/lease/2019/09/01/00`;
    await hdfs.mkdirs(folder, '777');
    const somebody = createHdfs({ ...lake.settings.hdfs, user: 'somebody' });
    try {
      const take = (client: WebHdfs): Lease => new Lease(client, folder, newJournal({ kind: 'settle' }, 'test', 600));
      const [first, second] = [take(somebody), take(hdfs)];
      const journal = `${folder}/.lakewarden-compaction`;
      expect(await first.acquire()).toBeUndefined();
      await hdfs.setTimes(journal, { modificationTime: 1_000_000 });
      await first.renew();
      expect(await second.acquire()).toMatchObject({ owner: 'test', secondsLeft: expect.any(Number) });
      await hdfs.setTimes(journal, { modificationTime: 1_000_000 });
      expect(await second.acquire()).toBeUndefined();
      const { modificationTime } = await hdfs.status(journal);
      await expect(first.renew()).rejects.toMatchObject({ code: 'plan.stale' });
      expect((await hdfs.status(journal)).modificationTime).toBe(modificationTime);
      await second.release(true);
    } finally {
      somebody.close();
    }
  });

  test('that is lost while a file is written anew ends that', async () => {
    const topic = 'lost_lease';
    const { hour } = await putHour(topic);
    const tools = deep('rename');
    const slow = before('isOpenForWrite', async () => {
      for (const name of await lake.hidden(hour))
        await hdfs.setTimes(`${root}/${hour}/${name}`, { modificationTime: 1_000_000 });
      expect(statusOf(await lake.apply(only(topic), tools))).toBe('done');
    });
    await lake.apply(only(topic), deep('rename', slow)).catch((error: unknown) => {
      expect(asError(error).disposition).not.toBe('bug');
    });
    await expectWhole(topic, hour, 'rename', ids(0));
  });

  test('ends with its run: an aborted one leaves nothing and changes nothing', async () => {
    const topic = 'aborted';
    const { hour, path } = await putHour(topic);
    const { fileId } = await hdfs.status(path);
    const controller = new AbortController();
    const client = before('isOpenForWrite', async () => controller.abort(new LakewardenError('draining', 'the end')));
    const tools = { ...deep('rename', client), signal: controller.signal };
    await expect(lake.apply(only(topic), tools)).rejects.toMatchObject({ code: 'draining' });
    expect([(await hdfs.status(path)).fileId, await lake.hidden(hour)]).toEqual([fileId, []]);
  });
});
