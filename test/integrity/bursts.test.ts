import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { statusOf } from '#functions/metastore-sync/run.ts';
import { packageFunction } from '../../tools/package.ts';
import { EventReceiver } from '../support/event-receiver.ts';
import { eventHeaders, type FunctionProcess, startFunction } from '../support/function-process.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { useSyncLake } from '../support/sync-lake.ts';
import { writeSettings, writtenSettings } from '../support/sync-process.ts';

const lake = useSyncLake();
const { database, root } = lake;
const receiver = new EventReceiver();
const closed = 'dev.lakewarden.file.closed';
/** `make kills` sends 10,000. */
const events = Number(process.env['LAKEWARDEN_EVENTS'] ?? 2_000);
const hours = Array.from({ length: 12 }, (_, hour) => String(hour).padStart(2, '0'));
const filesPerHour = 2;

let temp: string;
let bundle: string;
let settings: string;
let sink: string;
beforeAll(async () => {
  temp = mkdtempSync(join(tmpdir(), 'lakewarden-bursts-'));
  ({ folder: bundle } = await packageFunction(
    join(import.meta.dirname, '../../functions/metastore-sync'),
    join(temp, 'metastore-sync'),
  ));
  sink = await receiver.start();
  settings = writeSettings(temp, 'settings', writtenSettings(lake));
});
afterAll(() => {
  receiver.stop();
  rmSync(temp, { recursive: true });
});
beforeEach(() => void receiver.take());
afterEach(() => expect(receiver.faults).toEqual([]));

function startOne(service = 'metastore-sync'): Promise<FunctionProcess> {
  const entry = join(bundle, 'index.cjs');
  const env = { LAKEWARDEN_CONFIG: settings, K_SERVICE: service, K_SINK: sink };
  return startFunction({ entry, command: [process.execPath, entry], env });
}

/** The files of some topics, a few in each hour of a day, some with a column that the others lack. */
async function putFiles(topics: readonly string[]): Promise<string[]> {
  const paths = topics.flatMap((topic) =>
    hours.flatMap((hour) =>
      Array.from({ length: filesPerHour }, (_, file) => `${topic}/2019/09/01/${hour}/${file}.parquet`),
    ),
  );
  const plain = parquet({ id: 'int' }, [{ id: 1 }]);
  const wide = parquet({ id: 'int', extra: 'string' }, [{ id: 2, extra: 'x' }]);
  const left = [...paths];
  const worker = async (): Promise<void> => {
    for (let path = left.pop(); path !== undefined; path = left.pop())
      await lake.put(path, path.endsWith('/07/1.parquet') ? wide : plain);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return paths.map((path) => `${root}/${path}`);
}

/** Most memory that a process ever had, in MiB. */
function peakMemory(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}

/** Sends an event to one of the processes, and as Knative does to another one as long as the answer asks for it. */
async function deliver(syncs: readonly FunctionProcess[], path: string, id: number): Promise<void> {
  const headers = {
    ...eventHeaders(closed, { 'ce-id': String(id) }),
    'content-type': 'application/json',
  };
  for (let attempt = id; attempt < id + 20; attempt += 1) {
    const sync = syncs[attempt % syncs.length] as FunctionProcess;
    const answer = await sync.send({ headers, body: JSON.stringify({ path }) }).catch(() => undefined);
    if (answer?.status === 204) return;
    if (answer !== undefined && answer.status !== 503) throw new Error(`${path} was answered ${answer.status}`);
    await sleep(500);
  }
  throw new Error(`${path} was never taken`);
}

/** Sends events that name all the files, all at once. */
async function burst(syncs: readonly FunctionProcess[], paths: readonly string[], count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, id) => deliver(syncs, paths[(id * 7) % paths.length] as string, id)),
  );
}

/** What was told of each topic: how often it was looked at, and each change in a word. Takes the events. */
function told(topic: string): { looks: number; requests: number; changes: string[] } {
  const all = receiver.peek().map(({ event }) => event);
  const ids = all.filter(({ subject }) => subject !== undefined).map(({ id }) => id);
  expect(ids).toHaveLength(new Set(ids).size);
  const looks = all
    .filter(({ type }) => type === 'dev.lakewarden.sync.completed')
    .flatMap(({ data }) => data?.['topics'] as { topic: string; requests: number }[])
    .filter((look) => look.topic === topic);
  const changes = all
    .filter(({ subject }) => subject === `${database}.${topic}`)
    .flatMap(({ type, data }) => {
      const kind = type.replace('dev.lakewarden.', '');
      const partitions = data?.['partitions'] as { name: string; files: number }[] | undefined;
      return partitions?.map(({ name, files }) => `${kind} ${name} ${files}`) ?? [kind];
    });
  return { looks: looks.length, requests: looks.reduce((sum, { requests }) => sum + requests, 0), changes };
}

/** Expects each hour of a topic once, in the table and in the events, and nothing left to do. */
async function expectWhole(topic: string): Promise<void> {
  const { changes } = told(topic);
  expect(changes).toHaveLength(new Set(changes).size);
  const names = hours.map((hour) => `year=2019/month=09/day=01/hour=${hour}`);
  const added = changes.filter((change) => change.startsWith('partitions.added'));
  expect(new Set(added.map((change) => change.split(' ')[1]))).toEqual(new Set(names));
  expect(added).toHaveLength(names.length);
  expect(changes).toContain('table.created');
  expect(new Set(await lake.clients.metastore.partitionNames(database, topic))).toEqual(new Set(names));
  const rows = await lake.sql(`SELECT id, extra FROM DB.${topic}`);
  expect([rows.length, rows.filter(({ extra }) => extra !== null)]).toEqual([
    hours.length * filesPerHour,
    [{ id: 2, extra: 'x' }],
  ]);
  expect(statusOf(await lake.apply({ kind: 'full', topics: [topic] }))).toBe('nothing');
}

test('thousands of events at once become few plans for each table, and every one is answered', async () => {
  const topics = ['one_a', 'one_b', 'one_c'];
  const paths = await putFiles(topics);
  const sync = await startOne();
  try {
    await burst([sync], paths, events);
    for (const topic of topics) {
      expect(told(topic).looks).toBeLessThanOrEqual(10);
      await expectWhole(topic);
    }
    expect(topics.reduce((sum, topic) => sum + told(topic).requests, 0)).toBe(events);
    // 10,000 open requests take most of 768 MiB.
    expect(peakMemory(sync.pid)).toBeLessThan(256 + events * 0.0512);
  } finally {
    await sync.end();
  }
}, 240_000);

test('three instances that get the same events at once double nothing', async () => {
  const topics = ['shared_a', 'shared_b'];
  const paths = await putFiles(topics);
  const syncs = await Promise.all([startOne(), startOne(), startOne()]);
  try {
    await Promise.all(syncs.map((sync) => burst([sync], paths, events / 10)));
    for (const topic of topics) {
      expect(told(topic).looks).toBeLessThanOrEqual(10 * syncs.length);
      await expectWhole(topic);
    }
  } finally {
    await Promise.all(syncs.map((sync) => sync.end()));
  }
}, 240_000);

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'after %s to one of two instances while it holds a table and many wait, the other one does what was left',
  async (signal) => {
    const topics = [`${signal}_a`, `${signal}_b`].map((topic) => topic.toLowerCase());
    const paths = await putFiles(topics);
    const syncs = [await startOne('doomed'), await startOne('other')] as const;
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    // It has just created a table, which is done under the table's lock.
    receiver.judge = async (type, source) => {
      if (type !== 'dev.lakewarden.table.created' || source?.endsWith('/doomed') !== true) return 202;
      reached.resolve();
      await released.promise;
      return 202;
    };
    try {
      const first = deliver([syncs[0], syncs[1]], paths[0] as string, 0);
      await reached.promise;
      const rest = burst(syncs, paths, events / 5);
      await sleep(2_000);
      syncs[0].signal(signal);
      released.resolve();
      await Promise.all([first, rest]);
      for (const topic of topics) await expectWhole(topic);
    } finally {
      receiver.judge = () => 202;
      released.resolve();
      await Promise.all(syncs.map((sync) => sync.end()));
    }
  },
  240_000,
);
