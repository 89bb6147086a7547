import { describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import { createHdfs } from '#shared/hdfs/hdfs-settings.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { everything, useCompactionLake } from '../support/compaction-lake.ts';
import { age, leftoverSettings, recordName, remembered, secondLook } from '../support/leftovers.ts';
import { parquetBytes } from '../support/parquet-file.ts';

const lake = useCompactionLake({ leftovers: leftoverSettings });
const { hdfs, root } = lake;
const only = (topic: string) => ({ ...everything, topics: [topic] });
const half = '.part-1f-0.snappy.parquet.inprogress.aa';

/** An hour with one file to be read, and half-written ones. */
async function putHour(topic: string, names: readonly string[] = [half]): Promise<string> {
  const hour = `${topic}/2019/09/01/00`;
  await lake.put(`${hour}/part-0.parquet`, parquetBytes({ id: 'int' }, [{ id: 1 }]));
  for (const name of names) await hdfs.create(`${root}/${hour}/${name}`, Buffer.from('PAR1 and no more'));
  for (const name of names) await age(hdfs, `${root}/${hour}/${name}`);
  return hour;
}

const states = async (topic: string): Promise<string[]> =>
  (await lake.plan(only(topic))).partitions.flatMap(({ leftovers }) => leftovers.files.map(({ state }) => state));
const codes = (outcome: Awaited<ReturnType<typeof lake.apply>>): string[] =>
  outcome.partitions.flatMap(({ problems }) => problems.map(({ code }) => code));
const removals = (topic: string): unknown[] =>
  lake.events.filter(
    ({ type, data }) => type.endsWith('leftover.removed') && (data as { topic: string }).topic === topic,
  );

test('half-written files are reported with bytes and age, and nothing is written, unless the policy removes them', async () => {
  const hour = await putHour('reported');
  const before = await hdfs.status(`${root}/${hour}`);
  const tools = lake.tools({}, { leftovers: { ...leftoverSettings, remove: false } });
  const outcome = await lake.apply(only('reported'), tools);
  expect(outcome.partitions.flatMap(({ problems }) => problems)).toMatchObject([
    {
      code: 'leftover.found',
      message: expect.stringMatching(/1 half-written file.* 16 bytes, the oldest \d+ days old/),
    },
  ]);
  expect(await lake.hidden(hour)).toEqual([half]);
  expect(await hdfs.status(`${root}/${hour}`)).toEqual(before);
});

test('what was there at two looks is removed and told; between them nothing is written', async () => {
  const hour = await putHour('removed', [half, 'x.csv._COPYING_']);
  expect(await states('removed')).toEqual(['new', 'new']);
  expect(await lake.hidden(hour)).toEqual([half, 'x.csv._COPYING_']);
  await lake.apply(only('removed'));
  expect(await lake.hidden(hour)).toEqual([recordName, half, 'x.csv._COPYING_']);
  const record = await hdfs.status(`${root}/${hour}/${recordName}`);
  expect(await states('removed')).toEqual(['waiting', 'waiting']);
  await lake.apply(only('removed'));
  expect(await hdfs.status(`${root}/${hour}/${recordName}`)).toMatchObject({ fileId: record.fileId });
  await secondLook(hdfs, `${root}/${hour}`);
  expect(await states('removed')).toEqual(['due', 'due']);
  expect(await lake.apply(only('removed'))).toMatchObject({
    partitions: [{ removed: [{ name: half }, { name: 'x.csv._COPYING_' }], problems: [] }],
  });
  expect(await lake.hidden(hour)).toEqual([]);
  expect(await lake.visible(hour)).toHaveLength(1);
  expect(removals('removed')).toMatchObject([
    { subject: `${root}/${hour}/${half}`, data: { bytes: 16 } },
    { subject: `${root}/${hour}/x.csv._COPYING_` },
  ]);
  expect((await lake.apply(only('removed'))).partitions).toEqual([]);
});

test('a file that a writer has open is never removed, however old it is', async () => {
  const hour = await putHour('open', []);
  const path = `${root}/${hour}/${half}`;
  const gate = Promise.withResolvers<void>();
  async function* slowly(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('PAR1');
    await gate.promise;
    yield Buffer.from(' and more');
  }
  const writing = hdfs.create(path, slowly());
  while (!(await hdfs.isOpenForWrite(path).catch(() => false))) await sleep(20);
  try {
    await age(hdfs, path);
    expect(await states('open')).toEqual(['open']);
    expect(codes(await lake.apply(only('open')))).toEqual(['leftover.found']);
    // Even when it was remembered as closed, as when its writer came back.
    await remembered(hdfs, `${root}/${hour}`, half);
    expect(codes(await lake.apply(only('open')))).toEqual(['leftover.found']);
  } finally {
    gate.resolve();
    await writing;
  }
  expect(Buffer.from(await hdfs.read(path, 0, 100)).toString()).toBe('PAR1 and more');
  expect(removals('open')).toEqual([]);
});

describe('what changed between the looks is seen as new', () => {
  test.each<[string, (path: string) => Promise<void>]>([
    ['grew', (path) => hdfs.append(path, Buffer.from('more'))],
    [
      'was written anew with as many bytes',
      (path) => hdfs.create(path, Buffer.from('PAR1 and no mure'), { overwrite: true }),
    ],
    ['was written to, and is as long', async (path) => hdfs.setTimes(path, { modificationTime: 1_500_000_000_000 })],
  ])('a file that %s', async (what, change) => {
    const topic = what.replaceAll(/\W/g, '_');
    const hour = await putHour(topic);
    await lake.apply(only(topic));
    await secondLook(hdfs, `${root}/${hour}`);
    const path = `${root}/${hour}/${half}`;
    await change(path);
    if (what !== 'was written to, and is as long') await age(hdfs, path);
    expect(await states(topic)).toEqual(['new']);
    await lake.apply(only(topic));
    expect(await states(topic)).toEqual(['waiting']);
    expect(await lake.hidden(hour)).toEqual([recordName, half]);
  });

  test('a file that is young is none of ours', async () => {
    const hour = await putHour('young');
    await hdfs.setTimes(`${root}/${hour}/${half}`, { modificationTime: Date.now() - 600_000 });
    expect((await lake.apply(only('young'))).partitions).toEqual([]);
    expect(await lake.hidden(hour)).toEqual([half]);
  });
});

describe('in the last moment before the removal', () => {
  /** HDFS, where something happens right before the file is put aside. */
  function before(happens: (path: string) => Promise<void>): WebHdfs {
    return new Proxy(hdfs, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (name !== 'rename') return typeof value === 'function' ? value.bind(target) : value;
        return async (from: string, to: string, mode: 'none' | 'overwrite'): Promise<void> => {
          if (from.endsWith(half)) await happens(from);
          await hdfs.rename(from, to, mode);
        };
      },
    });
  }

  async function lateChange(topic: string, happens: (path: string) => Promise<void>): Promise<string> {
    const hour = await putHour(topic);
    await remembered(hdfs, `${root}/${hour}`, half);
    expect(await states(topic)).toEqual(['due']);
    let done = false;
    const client = before(async (path) => {
      if (!done) await happens(path);
      done = true;
    });
    await lake.apply(only(topic), lake.tools({ hdfs: client, reader: new PieceReader(client) }));
    expect(done).toBe(true);
    expect(removals(topic)).toEqual([]);
    return hour;
  }

  test('a writer that gives the file its last name keeps it', async () => {
    const hour = await lateChange('committed', (path) =>
      hdfs.rename(path, path.replace(half, 'part-1.parquet'), 'none'),
    );
    expect((await lake.visible(hour)).map(({ name }) => name)).toEqual(['part-0.parquet', 'part-1.parquet']);
    expect(await lake.hidden(hour)).toEqual([]);
  });

  test('another file of that name goes back to it', async () => {
    const hour = await lateChange('replaced', (path) => hdfs.create(path, Buffer.from('new'), { overwrite: true }));
    expect((await lake.hidden(hour)).filter((name) => name !== recordName)).toEqual([half]);
    expect(await hdfs.status(`${root}/${hour}/${half}`)).toMatchObject({ length: 3 });
  });

  test('a file that is written to again goes back to its name', async () => {
    const hour = await lateChange('resumed', (path) => hdfs.append(path, Buffer.from('!')));
    expect(await hdfs.status(`${root}/${hour}/${half}`)).toMatchObject({ length: 17 });
  });
});

describe('limits', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['of files in a partition', { maxFiles: 1 }, {}],
    ['of the share of a partition', { maxShare: 0.6 }, {}],
    ['of files in a run', {}, { maxLeftoversPerRun: 1 }],
  ])('%s: beyond it none is removed, and somebody is told', async (what, policy, more) => {
    const topic = what.replaceAll(' ', '_');
    const other = half.replace('1f', '2f');
    const hour = await putHour(topic, [half, other]);
    const tools = lake.tools({}, { leftovers: { ...leftoverSettings, ...policy }, ...more });
    await lake.apply(only(topic), tools);
    await secondLook(hdfs, `${root}/${hour}`);
    expect(codes(await lake.apply(only(topic), tools))).toContain('leftover.refused');
    expect(await lake.hidden(hour)).toEqual([recordName, half, other]);
    expect(
      lake.events.filter(({ type, subject }) => type.endsWith('refused') && subject === `${root}/${hour}`),
    ).toHaveLength(1);
  });

  test('no pattern reaches what engines read, what is ours, or what lies in folders', async () => {
    const hour = await putHour('greedy', [half]);
    await lake.put(`${hour}/_temporary/0/part-0.parquet`, Buffer.from('x'));
    await age(hdfs, `${root}/${hour}/part-0.parquet`);
    const tools = lake.tools({}, { leftovers: { ...leftoverSettings, patterns: ['*'], maxShare: 1 } });
    await lake.apply(only('greedy'), tools);
    await secondLook(hdfs, `${root}/${hour}`);
    await lake.apply(only('greedy'), tools);
    expect(await lake.hidden(hour)).toEqual(['_temporary']);
    expect(await hdfs.status(`${root}/${hour}/_temporary/0/part-0.parquet`)).toMatchObject({ length: 1 });
    expect(await lake.visible(hour)).toHaveLength(1);
  });

  test('where we may not write, the file stays and the reason is told', async () => {
    const hour = await putHour('forbidden');
    await remembered(hdfs, `${root}/${hour}`, half);
    await hdfs.setPermission(`${root}/${hour}`, '1777');
    const mallory = createHdfs({ ...lake.settings.hdfs, user: 'mallory' });
    try {
      const outcome = await lake.apply(
        only('forbidden'),
        lake.tools({ hdfs: mallory, reader: new PieceReader(mallory) }),
      );
      expect(codes(outcome)).toEqual(['leftover.refused']);
      expect(await lake.hidden(hour)).toContain(half);
    } finally {
      mallory.close();
    }
  });

  test('a file that somebody names as if it were put aside never becomes data', async () => {
    const hour = await putHour('forged');
    const forged = '.lakewarden-aside-part-9.parquet';
    await hdfs.create(`${root}/${hour}/${forged}`, Buffer.from('x'));
    await lake.apply(only('forged'));
    expect((await lake.visible(hour)).map(({ name }) => name)).toEqual(['part-0.parquet']);
    expect(await lake.hidden(hour)).toContain(forged);
  });

  test('a record that is none counts as no look', async () => {
    const hour = await putHour('no_record');
    await hdfs.create(`${root}/${hour}/${recordName}`, Buffer.from('{"version": 1, "looks": [7]}'));
    expect(await states('no_record')).toEqual(['new']);
    await lake.apply(only('no_record'));
    expect(await states('no_record')).toEqual(['waiting']);
  });
});
