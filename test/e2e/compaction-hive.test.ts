import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDoorbell } from '#functions/metastore-sync/doorbell.ts';
import { applyRun } from '#functions/metastore-sync/run.ts';
import { lakewarden } from '../support/cli.ts';
import { useCompactionLake } from '../support/compaction-lake.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { EventReceiver } from '../support/event-receiver.ts';
import { packageFunction } from '../../tools/package.ts';
import type { FunctionProcess, Received } from '../support/function-process.ts';
import { ring, startSync, writeSettings } from '../support/sync-process.ts';

const lake = useSyncLake();
const { root, database } = lake;
const { hdfs, metastore } = lake.clients;
const compactor = useCompactionLake({ root });
const receiver = new EventReceiver();
let temp: string;
let settingsFile: string;
let sink: string;

const compaction = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  root,
  quietSeconds: 0,
  latePartitions: 0,
  hdfs: lake.settings.hdfs,
  ...more,
});

beforeAll(async () => {
  temp = mkdtempSync(join(tmpdir(), 'lakewarden-compaction-'));
  settingsFile = writeSettings(temp, 'settings', compaction());
  sink = await receiver.start();
});
afterAll(() => {
  receiver.stop();
  rmSync(temp, { recursive: true });
});

const columns = { id: 'bigint', name: 'string', price: 'decimal(9,2)', tags: 'array<string>', at: 'timestamp' };

async function putHours(topic: string, hours: readonly string[], files = 6): Promise<void> {
  for (const hour of hours)
    for (let index = 0; index < files; index += 1) {
      const rows = Array.from({ length: 40 }, (_, row) => ({
        id: BigInt(index * 100 + row),
        name: row % 7 === 0 ? null : `n${row}`,
        price: BigInt(row),
        tags: ['a', `b${row}`],
        at: BigInt(row) * 1_000_000n,
      }));
      const path = `${topic}/2019/09/01/${hour}/${topic}+0+${index * 100}+${index * 100 + 39}.snappy.parquet`;
      await lake.put(path, parquetBytes(columns, rows, { indexes: true, rowGroupSize: 15 }));
      await hdfs.setTimes(`${root}/${path}`, { modificationTime: Date.now() - 3_600_000 });
    }
}

const filesIn = async (folder: string): Promise<string[]> => {
  const names: string[] = [];
  for await (const { name } of hdfs.list(`${root}/${folder}`)) names.push(name);
  return names;
};

/** All rows, and those that filters leave, as Hive fetches them without a job. */
async function askHive(topic: string): Promise<string[][]> {
  const answers = [];
  for (const filter of ['', 'WHERE id >= 230 AND id < 310']) {
    const rows = await lake.sql(
      `SELECT hour, id, name, price, at, tags[0] AS a, tags[1] AS b FROM DB.${topic} ${filter}`,
    );
    const texts = rows.map((row) =>
      JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)),
    );
    answers.push(texts.toSorted());
  }
  return answers;
}

/** What jobs of Hive, with their own reader, must find in so many hours. */
async function expectInJobs(topic: string, hours: number): Promise<void> {
  const found = await lake.sql(`SELECT count(name) AS names, sum(id) AS ids, sum(size(tags)) AS tags FROM DB.${topic}`);
  const each = BigInt(hours);
  expect(found).toEqual([{ names: 204n * each, ids: 64_680n * each, tags: 480n * each }]);
}

test('Hive answers the same before, after, and after the undo; the metastore counts the files anew', async () => {
  const topic = 'asked';
  await putHours(topic, ['00', '01']);
  await lake.apply({ kind: 'full', topics: [topic] });
  const ask = () => askHive(topic);
  const before = await ask();
  expect(before.map((rows) => new Set(rows).size)).toEqual([480, 40]);

  const plan = await lakewarden(['compact', 'plan', '--full', '--config', settingsFile, '--exit-code'], { cwd: temp });
  expect(plan.code).toBe(4);
  expect(plan.out).toContain('10 files fewer by 2 merges');
  const env = { K_SINK: sink };
  const done = await lakewarden(['compact', 'apply', '--full', '--config', settingsFile], { cwd: temp, env });
  expect([done.code, done.out]).toEqual([0, expect.stringContaining('6 -> 1')]);
  const [target = ''] = await filesIn(`${topic}/2019/09/01/00`);
  expect(await filesIn(`${topic}/2019/09/01/00`)).toEqual(['asked+0+500+539.snappy.parquet']);
  expect(await ask()).toEqual(before);
  await expectInJobs(topic, 2);

  const told = receiver.take().map(({ event }) => event);
  expect(receiver.faults).toEqual([]);
  expect(told.map(({ type }) => type)).toEqual(Array(2).fill('dev.lakewarden.partition.compacted'));
  for (const event of told) {
    const request = readDoorbell({ type: event.type, data: event.data }, lake.settings);
    await applyRun(request, lake.tools());
  }
  const names = await metastore.partitionNames(database, topic);
  for (const partition of await metastore.partitionsByNames(database, topic, names)) {
    const { length } = await hdfs.status(`${root}/${topic}/2019/09/01/${partition.values.at(-1)}/${target}`);
    expect(partition.parameters?.get('numFiles')).toBe('1');
    expect(partition.parameters?.get('totalSize')).toBe(String(length));
  }

  const again = await lakewarden(['compact', 'plan', '--full', '--config', settingsFile, '--exit-code'], { cwd: temp });
  expect([again.code, again.out]).toEqual([0, expect.stringContaining('nothing would change')]);

  const merged = `${root}/${topic}/2019/09/01/00/${target}`;
  const dry = await lakewarden(['compact', 'undo', merged, '--dry-run', '--config', settingsFile], { cwd: temp });
  expect([dry.code, dry.out]).toEqual([0, expect.stringContaining('6 files')]);
  expect(await filesIn(`${topic}/2019/09/01/00`)).toHaveLength(1);
  const undone = await lakewarden(['compact', 'undo', merged, '--gate-seconds', '0', '--config', settingsFile], {
    cwd: temp,
  });
  expect([undone.code, undone.out]).toEqual([0, expect.stringContaining('restored')]);
  expect((await filesIn(`${topic}/2019/09/01/00`)).filter((name) => !name.startsWith('.'))).toHaveLength(6);
  expect(await ask()).toEqual(before);
  const twice = await lakewarden(['compact', 'undo', merged, '--config', settingsFile], { cwd: temp });
  expect([twice.code, twice.err]).toEqual([1, expect.stringContaining('cannot be taken apart')]);
  const kept = await lakewarden(['compact', 'plan', '--full', '--config', settingsFile, '--exit-code'], { cwd: temp });
  expect([kept.code, kept.out]).toEqual([0, expect.stringContaining('until compact allow')]);
  const hour = `${root}/${topic}/2019/09/01/00`;
  const allowed = await lakewarden(['compact', 'allow', hour, '--config', settingsFile], { cwd: temp });
  expect([allowed.code, allowed.out]).toEqual([0, expect.stringContaining('merged again')]);
  expect((await compactor.plan({ kind: 'full', topics: [topic] })).partitions).toHaveLength(1);
});

describe.each(['rename', 'concat'] as const)('files that are written anew, by %s', (swap) => {
  const topic = `anew_${swap}`;
  const deepMerge = { swap, coldSeconds: 0, minRowGroups: 4 };

  test('give Hive the same answers; only a plan that is true is carried out; the metastore counts anew', async () => {
    await putHours(topic, ['00']);
    await lake.apply({ kind: 'full', topics: [topic] });
    const ask = () => askHive(topic);
    const before = await ask();
    const config = writeSettings(temp, `anew-${swap}`, compaction({ deepMerge, acceptShortAnswers: true }));
    const args = ['--topic', topic, '--full', '--config', config];
    const joined = await compactor.apply({ kind: 'full', topics: [topic] });
    expect(joined.partitions).toMatchObject([{ merges: [{ kind: 'merge' }] }]);

    const plan = await lakewarden(['compact', 'plan', ...args, '--exit-code'], { cwd: temp });
    expect([plan.code, plan.out]).toEqual([4, expect.stringMatching(/18 -> 1\b.*\b(rename|concat)/)]);
    expect(plan.out).toMatch(/1 file \(.*\) written anew: compact apply/);
    const { out } = await lakewarden(['compact', 'plan', ...args, '--json'], { cwd: temp });
    const file = join(temp, `anew-${swap}-plan.json`);
    const edited = JSON.parse(out) as { partitions: { rewrites: { way: string }[] }[] };
    for (const rewrite of edited.partitions.flatMap(({ rewrites }) => rewrites)) rewrite.way = 'other';
    writeFileSync(file, JSON.stringify(edited));
    const stale = await lakewarden(['compact', 'apply', '--plan', file, '--config', config], { cwd: temp });
    expect([stale.code, stale.err]).toEqual([1, expect.stringContaining('plan.stale')]);
    writeFileSync(file, out);
    const env = { K_SINK: sink };
    receiver.take();
    const done = await lakewarden(['compact', 'apply', '--plan', file, '--config', config], { cwd: temp, env });
    expect([done.code, done.out]).toEqual([0, expect.stringContaining('18 -> 1')]);
    expect(await ask()).toEqual(before);
    await expectInJobs(topic, 1);

    const [told] = receiver.take().map(({ event }) => event);
    expect([receiver.faults, told?.type]).toEqual([[], 'dev.lakewarden.partition.compacted']);
    await applyRun(readDoorbell({ type: told?.type ?? '', data: told?.data }, lake.settings), lake.tools());
    const [partition] = await metastore.partitionsByNames(
      database,
      topic,
      await metastore.partitionNames(database, topic),
    );
    const [name = ''] = await filesIn(`${topic}/2019/09/01/00`);
    const { length } = await hdfs.status(`${root}/${topic}/2019/09/01/00/${name}`);
    expect([partition?.parameters?.get('numFiles'), partition?.parameters?.get('totalSize')]).toEqual([
      '1',
      String(length),
    ]);
    expect(partition?.parameters?.get('numRows')).toBe('240');
    const again = await lakewarden(['compact', 'plan', ...args, '--exit-code'], { cwd: temp });
    expect([again.code, again.out]).toEqual([0, expect.stringContaining('nothing would change')]);

    const undone = await lakewarden(['compact', 'undo', `${root}/${topic}/2019/09/01/00/${name}`, '--config', config], {
      cwd: temp,
    });
    expect([undone.code, undone.err]).toEqual(
      swap === 'concat' ? [0, ''] : [1, expect.stringContaining('its rows were written anew')],
    );
    expect(await ask()).toEqual(before);
  });
});

describe('a plan in a file', () => {
  test('is carried out when it is still true, and refused when it is not', async () => {
    const topic = 'approved';
    await putHours(topic, ['00']);
    const args = ['--topic', topic, '--full', '--config', settingsFile];
    const { out } = await lakewarden(['compact', 'plan', ...args, '--json'], { cwd: temp });
    const file = join(temp, 'plan.json');
    writeFileSync(file, out);
    const folder = `${topic}/2019/09/01/00`;
    await hdfs.rename(`${root}/${folder}/${topic}+0+0+39.snappy.parquet`, `${root}/${folder}/_away`, 'none');
    const stale = await lakewarden(['compact', 'apply', '--plan', file, '--config', settingsFile], { cwd: temp });
    expect([stale.code, stale.err]).toEqual([1, expect.stringContaining('plan.stale')]);
    await hdfs.rename(`${root}/${folder}/_away`, `${root}/${folder}/${topic}+0+0+39.snappy.parquet`, 'none');
    const done = await lakewarden(['compact', 'apply', '--plan', file, '--config', settingsFile, '--json'], {
      cwd: temp,
    });
    expect([done.code, JSON.parse(done.out)]).toMatchObject([0, { status: 'done' }]);
    const wrong = await lakewarden(['compact', 'apply', '--plan', settingsFile, '--config', settingsFile], {
      cwd: temp,
    });
    expect(wrong.code).toBe(2);
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(out) as object), partitions: [null] }));
    const edited = await lakewarden(['compact', 'apply', '--plan', file, '--config', settingsFile], { cwd: temp });
    expect([edited.code, edited.err]).toEqual([2, expect.stringContaining('lacks path, merges or rewrites')]);
  });
});

const resultOf = ({ body }: Received): unknown => (JSON.parse(body) as { result: unknown }).result;

describe('the function', () => {
  let running: FunctionProcess;
  const start = async (name: string, more: Record<string, unknown>): Promise<FunctionProcess> =>
    startSync(join(temp, 'bundle'), writeSettings(temp, name, compaction(more)), sink);
  beforeAll(async () => {
    await packageFunction(join(import.meta.dirname, '../../functions/partition-compaction'), join(temp, 'bundle'));
  });

  test('new partitions and requests wake it; a dry run answers the plan; nothing is told twice', async () => {
    const topic = 'rung';
    await putHours(topic, ['00', '01']);
    running = await start('plain', {});
    try {
      receiver.take();
      const paths = [`${root}/${topic}/2019/09/01/00`];
      const dry = await ring(running, 'dev.lakewarden.compaction.requested', { paths, dryRun: true });
      expect(resultOf(dry)).toMatchObject({ partitions: [{ files: 6, merges: [{ rows: 240 }] }] });
      expect(receiver.take()).toEqual([]);
      const asked = await ring(running, 'dev.lakewarden.compaction.requested', { topic, paths, small: 6 });
      expect([asked.status, resultOf(asked)]).toMatchObject([200, { status: 'done', merges: 1, filesRemoved: 5 }]);
      const added = { topic, table: `${database}.${topic}`, partitions: [] };
      const woken = await ring(running, 'dev.lakewarden.partitions.added', added);
      expect(resultOf(woken)).toMatchObject({ status: 'done', merges: 1 });
      expect((await ring(running, 'dev.lakewarden.partitions.added', added)).headers['lakewarden-outcome']).toBe(
        'nothing',
      );
      expect(receiver.take().map(({ event }) => event.type)).toEqual(
        Array(2).fill('dev.lakewarden.partition.compacted'),
      );
      expect((await ring(running, 'dev.lakewarden.sync.completed', {})).status).toBe(415);
      expect(receiver.faults).toEqual([]);
    } finally {
      await running.end();
    }
  });

  test('shares work by an event for each partition', async () => {
    const topic = 'shared';
    await putHours(topic, ['00', '01', '02']);
    running = await start('fan', { fanOut: true });
    try {
      receiver.take();
      const answer = await ring(running, 'dev.knative.sources.ping', { topics: [topic], scope: 'full' });
      expect(resultOf(answer)).toMatchObject({ requested: 3 });
      const requests = receiver.take().map(({ event }) => event);
      expect(requests.map(({ type }) => type)).toEqual(Array(3).fill('dev.lakewarden.compaction.requested'));
      // The Broker delivers them, some twice, all at once.
      const answers = await Promise.all([...requests, ...requests].map(({ type, data }) => ring(running, type, data)));
      expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
      for (const hour of ['00', '01', '02'])
        expect((await filesIn(`${topic}/2019/09/01/${hour}`)).filter((name) => !name.startsWith('.'))).toHaveLength(1);
      expect(receiver.faults).toEqual([]);
    } finally {
      await running.end();
    }
  });

  test('hands what it has no time for to itself', async () => {
    const topic = 'long';
    await putHours(topic, ['00', '01', '02'], 5);
    running = await start('short', { maxFilesPerRun: 4 });
    try {
      receiver.take();
      const answer = await ring(running, 'dev.knative.sources.ping', { topics: [topic], scope: 'full' });
      expect(resultOf(answer)).toMatchObject({ status: 'partial', merges: 1, left: 2 });
      const resumed = receiver.take().find(({ event }) => event.type.endsWith('.resumed'));
      expect(resumed?.event.data).toMatchObject({ paths: { length: 2 } });
      await ring(running, resumed?.event.type ?? '', resumed?.event.data);
      expect(receiver.take().filter(({ event }) => event.type.endsWith('.resumed'))).toHaveLength(1);
    } finally {
      await running.end();
    }
  });
});
