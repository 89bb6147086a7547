import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import { type RunTools, statusOf } from '#functions/partition-compaction/run.ts';
import { asError, isError, LakewardenError } from '#shared/errors/error.ts';
import { createHdfs } from '#shared/hdfs/hdfs-settings.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { everything, useCompactionLake } from '../support/compaction-lake.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { condemn, type Fate, startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const lake = useCompactionLake({ minFiles: 2 });
const file = (first: number): Uint8Array => parquetBytes({ id: 'int' }, [{ id: first }, { id: first + 1 }]);
const row = (id: number): string => `{"id":${id}}`;
const only = (topic: string) => ({ ...everything, topics: [topic] });

async function putHour(topic: string, count = 4): Promise<string> {
  const hour = `${topic}/2019/09/01/00`;
  for (let index = 0; index < count; index += 1) await lake.put(`${hour}/part-${index}.parquet`, file(index * 2));
  return hour;
}

async function passTime(hour: string): Promise<void> {
  for (const name of await lake.hidden(hour))
    await lake.hdfs.setTimes(`${lake.root}/${hour}/${name}`, { modificationTime: 1_000_000 });
}

/** Expects that the next run ends in one file with these rows, and that nothing is left over. */
async function expectOne(topic: string, hour: string, rows: readonly string[]): Promise<void> {
  await passTime(hour);
  expect((await lake.apply(only(topic))).partitions.flatMap(({ problems }) => problems)).toEqual([]);
  expect(await lake.rows(hour)).toEqual(rows.toSorted());
  expect(await lake.visible(hour)).toHaveLength(1);
  expect(await lake.hidden(hour)).toEqual([]);
}

/** A client that does something right before its CONCAT. */
function beforeConcat(work: () => Promise<void>, withoutBlocks = false): Pick<RunTools, 'hdfs' | 'reader'> {
  let done = false;
  const hdfs = new Proxy(lake.hdfs, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name === 'blocks' && withoutBlocks)
        return () => Promise.reject(new LakewardenError('hdfs.unsupported', 'HDFS tells no blocks'));
      if (name !== 'concat') return value.bind(target) as unknown;
      return async (...args: Parameters<WebHdfs['concat']>) => {
        if (!done) await work();
        done = true;
        await target.concat(...args);
      };
    },
  });
  return { hdfs, reader: new PieceReader(hdfs) };
}

describe('a connection that breaks', () => {
  let proxy: TcpProxy;
  let hdfs: WebHdfs;
  beforeAll(async () => {
    proxy = await startTcpProxy(lake.settings.hdfs.addresses[0] as string);
    hdfs = createHdfs({
      ...lake.settings.hdfs,
      addresses: [`http://127.0.0.1:${proxy.port}`],
      deadlineSeconds: 1,
    });
  });
  afterAll(async () => {
    hdfs.close();
    await proxy.close();
  });

  const rows = Array.from({ length: 8 }, (_, id) => row(id));
  const cases: [string, number, Fate][] = [
    ['op=CONCAT', 1, 'drop'],
    ['op=CONCAT', 1, 'cut'],
    ['op=CONCAT', 1, 'mute'],
    ['op=CONCAT', 1, 'hold'],
    ['op=CREATE', 2, 'cut'],
    ['op=RENAME', 1, 'cut'],
    ['op=RENAME', 1, 'hold'],
    ['op=RENAME', 2, 'hold'],
    ['op=DELETE', 1, 'cut'],
  ];
  test.each(cases)('at %s, number %d: %s', async (call, nth, fate) => {
    const topic = `broken_${call.slice(3)}_${nth}_${fate}`;
    const hour = await putHour(topic);
    const sentence = condemn(call, fate, nth);
    proxy.judge = sentence.judge;
    await lake.apply(only(topic), lake.tools({ hdfs, reader: new PieceReader(hdfs) })).catch((error: unknown) => {
      expect(asError(error).disposition).toBe('retry');
    });
    expect(sentence.executed()).toBe(true);
    expect(await lake.rows(hour)).toEqual(rows);
    // What was on its way for so long comes at last, when nobody waits for it any more.
    await proxy.release();
    expect(await lake.rows(hour)).toEqual(rows);
    proxy.judge = () => 'pass';
    await expectOne(topic, hour, rows);
  });
});

describe('others at work on the same partition', () => {
  test('a run that is overtaken right before its CONCAT merges nothing twice', async () => {
    const topic = 'overtaken';
    const hour = await putHour(topic);
    const slow = beforeConcat(async () => {
      await passTime(hour);
      expect(statusOf(await lake.apply(only(topic)))).toBe('done');
      await lake.put(`${hour}/late-0.parquet`, file(100));
      await lake.put(`${hour}/late-1.parquet`, file(102));
    });
    await lake.apply(only(topic), lake.tools(slow)).catch((error: unknown) => {
      expect(asError(error).disposition).not.toBe('bug');
    });
    const rows = [0, 1, 2, 3, 4, 5, 6, 7, 100, 101, 102, 103].map(row).toSorted();
    expect(await lake.rows(hour)).toEqual(rows);
    await expectOne(topic, hour, rows);
  });

  test('a run that comes while another holds the partition leaves it alone and says who has it', async () => {
    const topic = 'held';
    const hour = await putHour(topic);
    const slow = beforeConcat(async () => {
      const { partitions } = await lake.apply(only(topic));
      expect(partitions).toMatchObject([
        { merges: [], problems: [{ code: 'partition.busy', message: expect.stringContaining('by test') }] },
      ]);
    });
    expect(statusOf(await lake.apply(only(topic), lake.tools(slow)))).toBe('done');
    expect(await lake.visible(hour)).toHaveLength(1);
  });

  test('several runs, a writer and readers at once: no reader ever counts a row twice or misses one', async () => {
    const topic = 'busy';
    const hour = await putHour(topic, 12);
    const written = new Set(await lake.rows(hour));
    const work = { isUnderWay: true };
    const write = async (): Promise<void> => {
      for (let index = 0; index < 15; index += 1) {
        const first = 1_000 + index * 2;
        written.add(row(first)).add(row(first + 1));
        // As writers do: under a hidden name first.
        await lake.put(`${hour}/_late-${index}`, file(first));
        await lake.hdfs.rename(
          `${lake.root}/${hour}/_late-${index}`,
          `${lake.root}/${hour}/late-${index}.parquet`,
          'none',
        );
      }
      work.isUnderWay = false;
    };
    let reads = 0;
    const readAll = async (): Promise<void> => {
      while (work.isUnderWay) {
        try {
          const found = await lake.rows(hour);
          expect(new Set(found).size).toBe(found.length);
          expect(found.filter((one) => !written.has(one))).toEqual([]);
          for (let id = 0; id < 24; id += 1) expect(found).toContain(row(id));
          reads += 1;
        } catch (error) {
          // A reader that listed the folder before the merge fails loudly, as it must, and asks again.
          if (!isError(error, 'hdfs.not_found', 'hdfs.invalid')) throw error;
        }
      }
    };
    const compact = async (owner: string): Promise<void> => {
      while (work.isUnderWay) {
        const outcome = await lake.apply(only(topic), lake.tools({ owner }));
        expect(outcome.problems).toEqual([]);
      }
    };
    await Promise.all([write(), readAll(), readAll(), compact('one'), compact('two'), compact('three')]);
    expect(reads).toBeGreaterThan(0);
    await lake.put(`${hour}/zz-last.parquet`, file(5_000));
    await lake.put(`${hour}/zz-very-last.parquet`, file(5_002));
    await expectOne(topic, hour, [...written, ...[5_000, 5_001, 5_002, 5_003].map(row)]);
  });

  test('a reader that has the target or a source open reads on to its end', async () => {
    const topic = 'open_readers';
    const hour = await putHour(topic);
    const opened = await Promise.all(
      (await lake.visible(hour)).map(async ({ path, length }) => ({ length, stream: await lake.hdfs.open(path) })),
    );
    expect(statusOf(await lake.apply(only(topic)))).toBe('done');
    for (const { length, stream } of opened) {
      let bytes = 0;
      for await (const part of stream) bytes += (part as Uint8Array).length;
      expect(bytes).toBe(length);
    }
  });
});

/** A file whose rows are others, though its footer says nothing of it. */
function withFirstValue(bytes: Uint8Array, value: number): Uint8Array {
  const changed = Buffer.from(bytes);
  const ids = Buffer.from(Int32Array.of(2, 3).buffer);
  const at = changed.indexOf(ids);
  changed.writeInt32LE(value, at);
  changed.writeInt32LE(value + 1, at + 4);
  return changed;
}

describe('a file that is replaced between the last look and the CONCAT', () => {
  const kept = [0, 1, 4, 5, 6, 7].map(row);

  test.each<[string, string, Uint8Array, boolean?]>([
    [
      'a longer source',
      'part-1.parquet',
      parquetBytes({ id: 'int' }, [{ id: 900 }, { id: 901 }, { id: 902 }], { keyValues: { a: 'b' } }),
    ],
    ['a source of the same length', 'part-1.parquet', file(900)],
    ['a source of the same length and footer', 'part-1.parquet', withFirstValue(file(2), 900)],
    [
      'the target',
      'part-0.parquet',
      parquetBytes(
        { id: 'int' },
        Array.from({ length: 9 }, (_, index) => ({ id: 910 + index })),
      ),
    ],
    ['a source of the same length, where HDFS tells no blocks', 'part-1.parquet', file(900), true],
  ])('%s: all files are whole again, the new one among them', async (what, name, bytes, withoutBlocks = false) => {
    const topic = `replaced_${what.replaceAll(/\W/g, '_')}`;
    const hour = await putHour(topic);
    const sneaky = beforeConcat(() => lake.put(`${hour}/${name}`, bytes), withoutBlocks);
    const outcome = await lake.apply(only(topic), lake.tools(sneaky));
    expect(
      outcome.partitions.flatMap(({ problems }) => problems).filter(({ code }) => code === 'merge.unverified'),
    ).toEqual([]);
    const found = await lake.rows(hour);
    for (const one of kept.slice(name === 'part-0.parquet' ? 2 : 0)) expect(found).toContain(one);
    expect(found.filter((one) => /"id":9\d\d/.test(one)).length).toBeGreaterThanOrEqual(2);
    expect(found.length).toBe(new Set(found).size);
    expect(await lake.hidden(hour)).toEqual([]);
  });
});
