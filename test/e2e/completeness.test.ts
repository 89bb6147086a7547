import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { settingsSchema } from '#functions/metastore-sync/config.ts';
import { readOffsetState } from '#functions/metastore-sync/completeness/offset-state.ts';
import { Announce as CompactionAnnounce } from '#functions/partition-compaction/announce.ts';
import { settingsSchema as compactionSchema } from '#functions/partition-compaction/config.ts';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import { applyRun as compactRun } from '#functions/partition-compaction/run.ts';
import { applyRun, type RunOutcome, statusOf } from '#functions/metastore-sync/run.ts';
import { encodeManifest } from '#shared/parquet/piece-manifest.ts';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { lakewarden } from '../support/cli.ts';
import { readSchemas } from '../support/event-receiver.ts';
import { KafkaTopics, type NewRecord } from '../support/kafka-topics.ts';
import { lake as sharedLake } from '../support/lake.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { problemsOf, useSyncLake } from '../support/sync-lake.ts';

const { webhdfs, defaultFs, metastore: metastoreUri, kafka: broker = '', ...addresses } = sharedLake();
/** A name of this run of the tests alone. */
const ours = (name: string): string => `${name}_${randomBytes(4).toString('hex')}`;
const clicks = ours('clicks');
const exact = ours('exact');
const mixed = ours('mixed');
const old = ours('old');
const beheaded = ours('beheaded');
const wide = ours('wide');
const merged = ours('merged');
const alone = ours('alone');
const down = ours('down');
const nowhere = ours('nowhere');
const anew = ours('anew');
const completeness = { latenessMinutes: 0 };
const lake = useSyncLake({ kafka: { brokers: [broker] }, completeness, vanished: 'drop', maxDropShare: 1 });
const { database, root } = lake;
const { hdfs, metastore } = lake.clients;
const kafka = new KafkaTopics(broker);
const created: string[] = [];
const create = async (topic: string, partitions: number): Promise<void> => {
  await kafka.create(topic, partitions);
  created.push(topic);
};
afterAll(async () => {
  await kafka.delete(...created);
  await kafka.close();
});

const hourMs = 3_600_000;
/** Six hours ago: whatever the test says of these hours, they are over. */
const start = Math.floor(Date.now() / hourMs - 6) * hourMs;
const label = (hour: number): string => new Date(start + hour * hourMs).toISOString().slice(0, 13);
const folder = (hour: number): string => label(hour).replaceAll(/[-T]/g, '/');
const partitionName = (hour: number): string => {
  const [year, month, day, of] = folder(hour).split('/');
  return `year=${year}/month=${month}/day=${day}/hour=${of}`;
};
const records = (partition: number, hour: number, count: number): NewRecord[] =>
  Array.from({ length: count }, (_, index) => [partition, start + hour * hourMs + index * 1_000]);
const fileName = (topic: string, partition: number, first: number, last: number): string =>
  `${topic}+${partition}+${String(first).padStart(10, '0')}+${String(last).padStart(10, '0')}.snappy.parquet`;
const rows = (count: number): { id: number }[] => Array.from({ length: count }, (_, id) => ({ id }));

/** Writes what a sink would: a file of these offsets in an hour's folder. */
async function sink(
  topic: string,
  hour: number,
  partition: number,
  first: number,
  last: number,
  count = last - first + 1,
): Promise<string> {
  const name = fileName(topic, partition, first, last);
  await lake.put(`${topic}/${folder(hour)}/${name}`, parquetBytes({ id: 'int' }, rows(count)));
  return name;
}

const sync = (topic: string): Promise<RunOutcome> => lake.apply({ kind: 'recent', topics: [topic], partitions: 20 });
const state = async (topic: string) => readOffsetState(await metastore.table(database, topic));
const schemas = readSchemas();

/** What was told since the last call, all of which suits its schema; without what registering tells. */
function told(): { type: string; data: Record<string, unknown> }[] {
  const events = lake.events.splice(0);
  for (const { type, data, dataschema = '' } of events) {
    const validate = schemas.get(dataschema);
    expect([type, validate?.(data), validate?.errors]).toEqual([type, true, null]);
  }
  return events
    .map(({ type, data }) => ({ type: type.replace('dev.lakewarden.', ''), data: data as Record<string, unknown> }))
    .filter(({ type }) => /^(offsets|data|partition)\./.test(type));
}
const types = (): string[] => told().map(({ type }) => type);

beforeAll(async () => {
  await create(clicks, 3);
  for (const partition of [0, 1, 2])
    for (const hour of [0, 1, 2]) await kafka.write(clicks, records(partition, hour, 10));
});

describe('a topic whose names tell offsets', () => {
  test('is complete up to the hour after which Kafka has records that are not queryable', async () => {
    for (const partition of [0, 1, 2])
      for (const hour of [0, 1]) await sink(clicks, hour, partition, hour * 10, hour * 10 + 9);
    const outcome = await sync(clicks);
    expect(outcome.tables).toMatchObject([
      {
        added: 2,
        problems: [],
        progress: {
          asked: true,
          partitions: [0, 1, 2].map((partition) => ({ partition, from: '0', next: '20', end: '30', lag: '10' })),
          lag: { records: '30' },
          complete: { label: label(1), until: new Date(start + 2 * hourMs).toISOString() },
        },
      },
    ]);
    const grown = lake.events.filter(({ type }) => type === 'dev.lakewarden.lag.grown').map(({ data }) => data);
    expect(grown).toMatchObject([{ records: '30', seconds: expect.any(Number) }]);
    expect((grown[0] as { seconds: number }).seconds).toBeGreaterThan(3 * 3_600);
    expect(told()).toMatchObject([{ type: 'partition.completed', data: { partition: partitionName(1), lost: [] } }]);
  });

  test('costs no write when nothing came', async () => {
    const before = await metastore.table(database, clicks);
    expect(statusOf(await sync(clicks))).toBe('nothing');
    expect(await metastore.table(database, clicks)).toEqual(before);
    expect(types()).toEqual([]);
  });

  test('has missing offsets that are told of once, after a second look', async () => {
    await sink(clicks, 2, 0, 25, 29);
    await sync(clicks);
    expect(types()).toEqual([]);
    await sync(clicks);
    expect(told()).toMatchObject([
      { type: 'offsets.missing', data: { kafkaTopic: clicks, partition: 0, offsets: '20-24', log: 'readable' } },
    ]);
    await sync(clicks);
    expect(types()).toEqual([]);
    expect((await state(clicks))?.complete).toBe(label(1));
  });

  test('is complete when the missing file came, by an event or later than those after it', async () => {
    const name = await sink(clicks, 2, 0, 20, 24);
    await lake.apply({ kind: 'paths', paths: [`${root}/${clicks}/${folder(2)}/${name}`] });
    expect((await state(clicks))?.partitions.get(0)).toEqual({
      covered: [{ first: 0n, last: 29n }],
      lost: [],
      told: [],
    });
    for (const partition of [1, 2]) await sink(clicks, 2, partition, 20, 29);
    const outcome = await sync(clicks);
    expect(outcome.tables[0]?.progress).toMatchObject({ lag: { records: '0', seconds: 0 } });
    const completed = told().filter(({ type }) => type === 'partition.completed');
    // Hours without records, too, up to the present one.
    expect(completed.slice(0, 2).map(({ data }) => data['partition'])).toEqual([partitionName(2), partitionName(3)]);
    expect((await state(clicks))?.complete?.localeCompare(label(5))).toBeGreaterThanOrEqual(0);
  });

  test('tells of files that come for an hour that was declared complete', async () => {
    await kafka.write(clicks, [[0, start + 1]]);
    const name = await sink(clicks, 0, 0, 30, 30);
    await lake.apply({ kind: 'paths', paths: [`${root}/${clicks}/${folder(0)}/${name}`] });
    expect(told()).toMatchObject([
      { type: 'data.late', data: { partition: partitionName(0), files: [name], rows: 1 } },
    ]);
    // Only the newest partitions are seen by later runs, so the event itself takes note of the offset.
    expect((await state(clicks))?.partitions.get(0)?.covered.at(-1)?.last).toBe(30n);
    await sync(clicks);
    expect(types()).toEqual([]);
  });

  test('tells of rows that are there twice, in one folder and in two', async () => {
    const twice = await sink(clicks, 0, 1, 5, 14, 10);
    await sink(clicks, 4, 2, 20, 29);
    await sync(clicks);
    const overlaps = told().filter(({ type }) => type === 'offsets.overlapped');
    expect(overlaps.map(({ data: { partition, offsets, locations } }) => [partition, offsets, locations])).toEqual([
      [
        1,
        '5-9',
        [fileName(clicks, 1, 0, 9), twice].map((name) => `${defaultFs}${root}/${clicks}/${folder(0)}/${name}`),
      ],
      [1, '10-14', [0, 1].map((hour) => `${defaultFs}${root}/${clicks}/${folder(hour)}`)],
      [2, '20-29', [2, 4].map((hour) => `${defaultFs}${root}/${clicks}/${folder(hour)}`)],
    ]);
    await sync(clicks);
    expect(types()).toEqual([]);
  });

  test('loses nothing when files are merged, and nothing when old partitions go', async () => {
    const path = `${root}/${clicks}/${folder(1)}`;
    const pieces = [0, 1, 2].map((partition) => ({
      name: fileName(clicks, partition, 10, 19),
      length: 100,
      modificationTime: 1,
      accessTime: 1,
      fileId: partition + 1,
      rows: 10,
    }));
    const common = { owner: 'o', group: 'g', permission: '644', replication: 1, acl: [] };
    const manifest = encodeManifest({ form: 'rewritten', ...common, pieces });
    await lake.put(
      `${clicks}/${folder(1)}/merged.parquet`,
      parquetBytes({ id: 'int' }, rows(30), { keyValues: { 'lakewarden.pieces': manifest } }),
    );
    for (const { name } of pieces) await hdfs.remove(`${path}/${name}`);
    await hdfs.remove(`${root}/${clicks}/${folder(0)}`, { recursive: true });
    const before = await state(clicks);
    const outcome = await lake.apply({ kind: 'full', topics: [clicks] });
    expect(outcome.tables).toMatchObject([{ changed: 1, dropped: 1 }]);
    await lake.apply({ kind: 'full', topics: [clicks] });
    expect(types()).toEqual([]);
    expect((await state(clicks))?.partitions).toEqual(before?.partitions);
    const [body] = await metastore.partitionsByNames(database, clicks, [partitionName(1)]);
    expect(body?.parameters?.get('lakewarden.offsets')).toBe('0:10-19/10;1:10-19/10;2:10-19/10');
  });

  test('misses what was taken out of a partition, and knows it again in another one', async () => {
    const name = fileName(clicks, 1, 20, 29);
    await hdfs
      .rename(`${root}/${clicks}/${folder(2)}/${name}`, `${root}/${clicks}/${folder(3)}/${name}`, 'none')
      .catch(() => hdfs.mkdirs(`${root}/${clicks}/${folder(3)}`));
    await sink(clicks, 3, 1, 20, 29);
    await hdfs.remove(`${root}/${clicks}/${folder(2)}/${name}`);
    await sync(clicks);
    await sync(clicks);
    expect(types().filter((type) => type === 'offsets.missing')).toEqual([]);
    await hdfs.remove(`${root}/${clicks}/${folder(2)}/${fileName(clicks, 0, 20, 24)}`);
    await sync(clicks);
    await sync(clicks);
    expect(told().filter(({ type }) => type === 'offsets.missing')).toMatchObject([
      { data: { partition: 0, offsets: '20-24', log: 'readable' } },
    ]);
  });
});

test('offsets of transaction markers and of aborted records are not missing', async () => {
  await create(exact, 1);
  await kafka.transact(exact, records(0, 0, 3), 'commit');
  await kafka.transact(exact, records(0, 0, 3), 'abort');
  await kafka.transact(exact, records(0, 1, 3), 'commit');
  await sink(exact, 0, 0, 0, 2);
  await sink(exact, 1, 0, 8, 10);
  for (let run = 0; run < 3; run += 1) await sync(exact);
  expect(types()).toEqual(['partition.completed']);
  expect((await state(exact))?.partitions.get(0)?.covered).toEqual([{ first: 0n, last: 11n }]);
});

test('records of two hours that stand mixed in the log are not there twice', async () => {
  await create(mixed, 1);
  for (let index = 0; index < 10; index += 1) await kafka.write(mixed, records(0, index % 2, 1));
  await sink(mixed, 0, 0, 0, 8, 5);
  await sink(mixed, 1, 0, 1, 9, 5);
  await sync(mixed);
  expect(types()).toEqual(['partition.completed']);
});

test('a topic that is complete costs Kafka three calls, and five when an hour is due', async () => {
  const before = lake.clients.kafka?.calls ?? 0;
  expect(statusOf(await sync(mixed))).toBe('nothing');
  expect((lake.clients.kafka?.calls ?? 0) - before).toBeLessThanOrEqual(5);
});

test('what Kafka deleted before it came is lost, and the hours after it are complete all the same', async () => {
  await create(old, 1);
  await kafka.write(old, [...records(0, 0, 10), ...records(0, 1, 10)]);
  await sink(old, 0, 0, 0, 4);
  await sync(old);
  // Of the hour before the first one.
  expect(types()).toEqual(['partition.completed']);
  await kafka.deleteBelow(old, 0, 10n);
  await sync(old);
  expect(told()).toMatchObject([
    { type: 'offsets.missing', data: { offsets: '5-9', log: 'deleted' } },
    { type: 'partition.completed', data: { partition: partitionName(0), lost: [{ partition: 0, offsets: '5-9' }] } },
  ]);
  await sink(old, 1, 0, 10, 19);
  await sync(old);
  expect(told()).toContainEqual({
    type: 'partition.completed',
    data: expect.objectContaining({ partition: partitionName(1), lost: [{ partition: 0, offsets: '5-9' }] }),
  });
});

test('the first file of all is missed, too, when somebody takes it out of its partition', async () => {
  await create(beheaded, 1);
  await kafka.write(beheaded, records(0, 0, 20));
  const name = await sink(beheaded, 0, 0, 0, 9);
  await sink(beheaded, 0, 0, 10, 19);
  await sync(beheaded);
  await hdfs.remove(`${root}/${beheaded}/${folder(0)}/${name}`);
  await sync(beheaded);
  expect(types()).toEqual(['partition.completed']);
  await sync(beheaded);
  expect(told()).toMatchObject([{ type: 'offsets.missing', data: { offsets: '0-9', log: 'readable' } }]);
});

test.each(['off', 'rename', 'concat'] as const)('partition-compaction takes no offset away, swap: %s', async (swap) => {
  const topic = `${merged}_${swap}`;
  await create(topic, 2);
  for (const partition of [0, 1]) await kafka.write(topic, records(partition, 0, 60));
  for (const partition of [0, 1])
    for (let first = 0; first < 50; first += 10) {
      const name = await sink(topic, 0, partition, first, first + 9);
      await hdfs.setTimes(`${root}/${topic}/${folder(0)}/${name}`, { modificationTime: start });
    }
  await sync(topic);
  const compactionSettings = compactionSchema.parse({
    root,
    quietSeconds: 0,
    latePartitions: 0,
    hdfs: { addresses: [webhdfs], defaultFs, user: superuser },
    acceptShortAnswers: true,
    deepMerge: { swap, coldSeconds: 0, minRowGroups: 2 },
  });
  const compact = () =>
    compactRun(
      { scope: { kind: 'full', topics: [topic] }, dryRun: false, problems: [] },
      {
        hdfs,
        reader: new PieceReader(hdfs),
        settings: compactionSettings,
        owner: 'test',
        announce: new CompactionAnnounce(async () => {}, 'test', defaultFs),
        now: new Date(),
      },
    );
  expect((await compact()).problems).toEqual([]);
  const { partitions, problems } = await compact();
  expect([problems, partitions.flatMap(({ rewrites }) => rewrites.map(({ rowGroups }) => rowGroups))]).toEqual([
    [],
    swap === 'off' ? [] : [1],
  ]);
  const names: string[] = [];
  for await (const { name } of hdfs.list(`${root}/${topic}/${folder(0)}`)) names.push(name);
  // The last file of each Kafka partition keeps its name.
  expect(names.toSorted()).toEqual([fileName(topic, 0, 40, 49), fileName(topic, 1, 40, 49)]);
  await sync(topic);
  for (const partition of [0, 1]) await sink(topic, 0, partition, 50, 59);
  const { tables } = await sync(topic);
  expect(tables[0]?.progress?.partitions.map(({ next, missing }) => [next, missing])).toEqual([
    ['60', undefined],
    ['60', undefined],
  ]);
  await sync(topic);
  expect(types().filter((type) => type !== 'partition.completed')).toEqual([]);
  const [body] = await metastore.partitionsByNames(database, topic, [partitionName(0)]);
  expect(body?.parameters?.get('lakewarden.offsets')).toBe('0:0-59/60;1:0-59/60');
});

test('an idle Kafka partition holds nothing up, a new one with records does', async () => {
  await create(wide, 2);
  await kafka.write(wide, records(0, 0, 5));
  await sink(wide, 0, 0, 0, 4);
  await sync(wide);
  const complete = (await state(wide))?.complete;
  expect(types()).toEqual(['partition.completed']);
  expect(complete?.localeCompare(label(5))).toBeGreaterThanOrEqual(0);
  await kafka.widen(wide, 3);
  await kafka.write(wide, records(2, 5, 5));
  const outcome = await sync(wide);
  expect(outcome.tables[0]?.progress?.partitions).toMatchObject([
    { partition: 0 },
    { partition: 1 },
    { partition: 2, lag: '5' },
  ]);
  expect((await state(wide))?.complete).toBe(complete);
});

describe('lakewarden sync completeness', () => {
  const folderOfSettings = mkdtempSync(join(tmpdir(), 'lakewarden-completeness-'));
  const file = join(folderOfSettings, 'settings.json');
  afterAll(() => rmSync(folderOfSettings, { recursive: true }));
  const ask = (...args: string[]) => {
    writeFileSync(
      file,
      JSON.stringify({
        root,
        database,
        completeness,
        kafka: { brokers: [broker] },
        hdfs: { addresses: [webhdfs], defaultFs, user: superuser },
        metastore: { uris: [metastoreUri], user: superuser },
      }),
    );
    return lakewarden(['sync', 'completeness', '--config', file, ...args], { cwd: folderOfSettings });
  };

  test('shows one line for each Kafka partition, and ends with 3 when something is missing', async () => {
    const { code, out } = await ask('--topic', old);
    expect(code).toBe(3);
    expect(out).toMatch(new RegExp(`${old} {2}topic ${old}, complete until \\d{4}-`));
    expect(out).toMatch(/^partition +from +queryable below +log end +lag +missing +lost$/m);
    expect(out).toMatch(/^ +0 +0 +20 +20 +0 +5-9$/m);
  });

  test('ends with 0 when all is there, and tells it as data', async () => {
    const { code, out } = await ask('--topic', mixed, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      topics: [
        {
          kafkaTopic: mixed,
          progress: { asked: true, partitions: [{ partition: 0, from: '0', next: '10', end: '10', lag: '0' }] },
          overlapped: [],
        },
      ],
      problems: [],
    });
  });

  test('agrees with what runs remember, and finds doubled rows again', async () => {
    const { code, out } = await ask('--topic', clicks, '--json');
    expect(code).toBe(3);
    const [{ progress, overlapped }] = JSON.parse(out).topics;
    expect(progress.partitions[0]).toMatchObject({ from: '0', next: '20', missing: '20-24' });
    expect(overlapped).toContainEqual({
      partition: 2,
      offsets: '20-29',
      paths: [2, 4].map((hour) => `${root}/${clicks}/${folder(hour)}`),
    });
  });
});

describe('the secure listener of a broker', () => {
  const { kafkaSecure = '', kafkaCa = '', kafkaPassword = '' } = addresses;
  const secure = {
    brokers: [kafkaSecure],
    tls: true,
    caFile: kafkaCa,
    username: 'reader',
    passwordFile: kafkaPassword,
  };
  const ask = async (changes: object): Promise<unknown> => {
    const settings = settingsSchema.parse({ ...lake.settings, templates: undefined, kafka: { ...secure, ...changes } });
    const clients = createClients(settings);
    try {
      return await clients.kafka?.ask((log) => log.bounds(mixed));
    } finally {
      await clients.metastore.close();
      clients.hdfs.close();
    }
  };

  test.each(['PLAIN', 'SCRAM-SHA-512'])('lets us in by %s, with the password from a file', async (mechanism) => {
    expect(await ask({ mechanism })).toEqual(new Map([[0, { earliest: 0n, end: 10n }]]));
  });

  test('keeps us out with a wrong password or an unknown CA, and the reason is told without the password', async () => {
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-512'])
      await expect(ask({ mechanism, username: 'stranger' })).rejects.toMatchObject({ code: 'kafka.unauthenticated' });
    await expect(ask({ mechanism: 'PLAIN', caFile: undefined })).rejects.toMatchObject({
      code: 'kafka.unavailable',
      message: expect.stringMatching(/certificate/),
    });
    await expect(ask({ mechanism: 'PLAIN', passwordFile: '/nowhere' })).rejects.toMatchObject({
      message: expect.stringMatching(/\/nowhere/),
    });
  });
});

describe('without Kafka', () => {
  const put = async (topic: string): Promise<void> => {
    await sink(topic, 0, 0, 0, 4);
    await sink(topic, 1, 0, 10, 14);
  };

  test('gaps between files are told of, and no hour is complete', async () => {
    const { kafka: _, ...settings } = lake.settings;
    const clients = createClients(settings);
    await put(alone);
    const run = (): Promise<RunOutcome> =>
      applyRun(
        { scope: { kind: 'recent', topics: [alone] }, dryRun: false, problems: [] },
        lake.tools({ settings, clients }),
      );
    expect(problemsOf(await run())).toEqual([]);
    await run();
    expect(told()).toMatchObject([{ type: 'offsets.missing', data: { offsets: '5-9', log: 'unknown' } }]);
    expect(statusOf(await run())).toBe('nothing');
    expect((await state(alone))?.complete).toBeUndefined();
    await clients.metastore.close();
    clients.hdfs.close();
  });

  test('when it is down partitions are registered, and that completeness is unknown is said', async () => {
    const settings = { ...lake.settings, kafka: { ...lake.settings.kafka!, brokers: ['127.0.0.1:1'] } };
    const clients = createClients(settings);
    await put(down);
    const outcome = await applyRun(
      { scope: { kind: 'recent', topics: [down] }, dryRun: false, problems: [] },
      lake.tools({ settings, clients }),
    );
    expect(outcome.tables).toMatchObject([{ added: 2, progress: { asked: false } }]);
    expect(problemsOf(outcome)).toMatchObject([
      { code: 'completeness.unknown', message: expect.stringMatching(/Kafka.*127\.0\.0\.1:1/) },
    ]);
    await clients.metastore.close();
    clients.hdfs.close();
  });

  test('a topic that Kafka does not have, or has made anew, is not complete, and the reason is told', async () => {
    await put(nowhere);
    expect(problemsOf(await sync(nowhere))).toMatchObject([
      { message: expect.stringMatching(/Kafka has no topic nowhere/) },
    ]);
    await create(anew, 1);
    await kafka.write(anew, records(0, 0, 3));
    await put(anew);
    expect(problemsOf(await sync(anew))).toMatchObject([
      { message: expect.stringMatching(/its log ends before 3: was the topic made anew/) },
    ]);
    expect((await state(anew))?.complete).toBeUndefined();
  });
});
