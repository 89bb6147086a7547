import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Announce } from '#functions/metastore-sync/announce.ts';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { settingsSchema } from '#functions/metastore-sync/config.ts';
import type { Scope } from '#functions/metastore-sync/doorbell.ts';
import { applyRun, statusOf } from '#functions/metastore-sync/run.ts';
import { isError } from '#shared/errors/error.ts';
import { createHttpSink } from '#shared/events/sink.ts';
import { EventReceiver } from '../support/event-receiver.ts';
import { type Fault, faults, type FaultyServices, startFaultyServices } from '../support/faulty-services.ts';
import { lake as sharedLake } from '../support/lake.ts';
import { parquetBytes as parquet } from '../support/parquet-file.ts';
import { useSnapshotLake } from '../support/snapshot-lake.ts';
import { writeSettings, writtenSettings } from '../support/sync-process.ts';

const { lake, allow, snapshots } = useSnapshotLake();
const { root, database } = lake;
const { hdfs, metastore } = lake.clients;
let temp: string;
beforeAll(() => {
  temp = mkdtempSync(join(tmpdir(), 'lakewarden-faults-'));
});
afterAll(() => rmSync(temp, { recursive: true }));

/** A kind of run. */
interface Story {
  readonly name: string;
  /** Each round has a new topic; otherwise the next changes of the same one. */
  readonly fresh?: true;
  readonly scope: (topic: string, round: number) => Scope;
}

const stories: Story[] = [
  { name: 'fresh_full', fresh: true, scope: (topic) => ({ kind: 'full', topics: [topic] }) },
  { name: 'fresh_changes', fresh: true, scope: (topic) => ({ kind: 'changes', topics: [topic] }) },
  { name: 'full', scope: (topic) => ({ kind: 'full', topics: [topic] }) },
  { name: 'changes', scope: (topic) => ({ kind: 'changes', topics: [topic] }) },
  { name: 'recent', scope: (topic) => ({ kind: 'recent', topics: [topic], partitions: 3 }) },
  {
    name: 'paths',
    scope: (topic, round) => ({
      kind: 'paths',
      paths: [`${root}/${topic}/${day(round)}/b.parquet`, `${root}/${topic}/${day(round + 2)}`],
    }),
  },
];

/** In the past, since a recent run looks at whatever lies in the future. */
function day(number: number): string {
  return `19${String(number).padStart(2, '0')}-01-01`;
}

/** A file with a row of ones. */
function file(columns: Parameters<typeof parquet>[0]): Uint8Array {
  const ones = Object.entries(columns).map(([name, type]) => [name, type === 'bigint' ? 1n : 1]);
  return parquet(columns, [Object.fromEntries(ones)]);
}

/** Makes what the run of a round will find, and gives the topic. */
async function prepare(story: Story, lane: Lane, round: number): Promise<string> {
  const topic = `${story.name}_${lane.name}${story.fresh === true ? `_${round}` : ''}`;
  const put = (number: number, name: string, columns: Parameters<typeof file>[0]): Promise<void> =>
    lake.put(`${topic}/${day(number)}/${name}.parquet`, file(columns));
  if (story.fresh === true || round === 1) {
    for (const number of [0, 1, 2].slice(Number(story.fresh ?? false))) await put(number, 'a', { id: 'int' });
    if (story.name.endsWith('changes')) await allow(topic);
  }
  if (story.fresh === true) return topic;
  if (round === 1) {
    await run(lane, { kind: story.name === 'changes' ? 'changes' : 'full', topics: [topic] });
    lane.receiver.take();
  }
  // One day comes, one gets a file with a new column and a wider one, and where the run can notice it, one goes.
  await put(round + 2, 'a', { id: 'int' });
  await put(round, 'b', { id: 'int', [`of_${round - 1}`]: 'bigint', [`of_${round}`]: 'int' });
  if (/full|changes/.test(story.name)) await hdfs.remove(`${root}/${topic}/${day(round - 1)}`, { recursive: true });
  return topic;
}

/** A place whose runs go through proxies and tell their events. */
interface Lane {
  readonly name: string;
  readonly services: FaultyServices;
  /** As they are written, by the longest time of a call, in seconds. */
  readonly settings: (deadlineSeconds: number) => Record<string, unknown>;
  readonly receiver: EventReceiver;
  readonly sink: string;
}

async function openLane(name: string): Promise<Lane> {
  const services = await startFaultyServices(sharedLake());
  const receiver = new EventReceiver();
  const { hdfs: ownHdfs, metastore: ownMetastore, ...own } = writtenSettings(lake) as Record<string, object>;
  return {
    name,
    services,
    settings: (deadlineSeconds) => ({
      ...own,
      templates: ['{dt}'],
      hdfs: { ...ownHdfs, addresses: [services.hdfs], deadlineSeconds },
      // One call after the other, in the same order in each run.
      metastore: {
        ...ownMetastore,
        uris: [services.metastore],
        connections: 1,
        deadlineSeconds,
        cascadeDeadlineSeconds: deadlineSeconds,
      },
      concurrency: 1,
      partitionsPerCall: 1,
      vanished: 'drop',
      maxDropShare: 0.5,
    }),
    receiver,
    sink: await receiver.start(),
  };
}

async function closeLane({ services, receiver }: Lane): Promise<void> {
  expect(receiver.faults).toEqual([]);
  receiver.stop();
  await services.close();
}

/** Runs in this process. */
async function run(lane: Lane, scope: Scope, deadlineSeconds = 30): Promise<string> {
  const settings = settingsSchema.parse(lane.settings(deadlineSeconds));
  const clients = createClients(settings);
  const target = createHttpSink({ url: lane.sink });
  const announce = new Announce((event) => target.send(event), 'cli', settings.hdfs.defaultFs);
  try {
    const request = { scope, dryRun: false, problems: [] };
    return statusOf(await applyRun(request, lake.tools({ settings, clients, announce })));
  } catch (error) {
    if (isError(error) && error.disposition === 'retry') return 'retry';
    throw error;
  } finally {
    await clients.metastore.close();
    clients.hdfs.close();
  }
}

/** Runs in a process of its own, which is killed at a call. */
async function runKilled(lane: Lane, topic: string, scope: Scope, call: number): Promise<void> {
  const what =
    scope.kind === 'paths'
      ? ['--path', ...scope.paths]
      : [
          '--topic',
          ...(scope.topics ?? []),
          ...(scope.kind === 'recent' ? ['--partitions', '3'] : [`--${scope.kind}`]),
        ];
  const program = join(import.meta.dirname, '../../cli/lakewarden.ts');
  const config = writeSettings(temp, topic, lane.settings(30));
  const child = spawn(process.execPath, [program, 'sync', 'apply', ...what, '--config', config], {
    env: { PATH: process.env['PATH'] ?? '', K_SINK: lane.sink },
    stdio: 'ignore',
  });
  lane.services.condemn(call, 'kill', { kill: () => void child.kill('SIGKILL') });
  const [code] = await once(child, 'exit');
  expect(code).toBe(lane.services.met() === undefined ? 0 : null);
  // Who waits for a lock of the dead looks for signs of life for half a minute; here it does so in a hurry.
  await metastore.exclusively(`${database}.${topic}`, () => Promise.resolve(), { beatMs: 20 });
}

/** What the metastore holds of a topic, but for times, our count of alters, and what only saves work. */
async function stateOf(topic: string): Promise<unknown> {
  const plain = (parameters: ReadonlyMap<string, string> | undefined): string[] =>
    [...(parameters ?? [])]
      .filter(([name]) => !/ddlTime$|^lakewarden\.(version|walked-until|snapshot)$/i.test(name))
      .map(([name, value]) => `${name} ${withoutTimes(name, value)}`)
      .toSorted((a, b) => (a < b ? -1 : 1));
  const table = await metastore.table(database, topic);
  const names = await metastore.partitionNames(database, topic);
  const partitions = await metastore.partitionsByNames(database, topic, names);
  const state = [table, ...partitions.toSorted((a, b) => (String(a.values) < String(b.values) ? -1 : 1))].map(
    (body) => ({
      ...body,
      createTime: 0,
      id: 0,
      parameters: plain(body?.parameters),
    }),
  );
  const text = JSON.stringify(state, (_, value: unknown) =>
    value instanceof Map ? [...value] : typeof value === 'bigint' ? String(value) : value,
  );
  return JSON.parse(text.replaceAll(topic, 'TOPIC'));
}

function withoutTimes(name: string, value: string): string {
  // A digest holds times; it begins with the number of files.
  if (name === 'lakewarden.files') return value.replace(/:.*/, '');
  if (name !== 'lakewarden.schema-history') return value;
  // It keeps as many of the latest changes as fit, so that the length of a topic's name decides which is the first.
  const { changes } = JSON.parse(value) as { changes: readonly object[] };
  return JSON.stringify(changes.slice(-4).map((change) => ({ ...change, at: undefined })));
}

/** The effects that events told since the last time: for each event, a line for each thing. */
function takeEffects({ receiver }: Lane, topic: string, ids: Set<string>): string[][] {
  return receiver.take().map(({ event: { id, type, data } }) => {
    expect([...ids]).not.toContain(id);
    ids.add(id);
    const things = (data?.['partitions'] ?? data?.['changes'] ?? [{}]) as Record<string, unknown>[];
    return things.map((thing) => JSON.stringify([type, { ...thing, because: '' }]).replaceAll(topic, 'TOPIC'));
  });
}

/** What a round leaves in which nothing is disturbed. */
interface Round {
  readonly state: unknown;
  readonly effects: readonly string[][];
}

/** Rounds in which nothing is disturbed, each done when it is first asked for. */
function undisturbedRounds(story: Story, lane: Lane): (number: number) => Promise<Round> {
  const ids = new Set<string>();
  const rounds: Promise<Round>[] = [];
  const perform = async (number: number): Promise<Round> => {
    if (number > 1) await calm(number - 1);
    const topic = await prepare(story, lane, number);
    expect(await run(lane, story.scope(topic, number))).toBe('done');
    return { state: await stateOf(topic), effects: takeEffects(lane, topic, ids) };
  };
  const calm = (number: number): Promise<Round> => (rounds[number] ??= perform(number));
  return calm;
}

/**
 * Lets one call after the other meet a fault, each in a round of its own, until a run makes no further one, and compares each
 * round with an undisturbed one. @returns how many calls met it
 */
async function disturb(
  story: Story,
  faultOf: (nth: number) => Fault,
  lane: Lane,
  calm: (number: number) => Promise<Round>,
): Promise<number> {
  const { services } = lane;
  const ids = new Set<string>();
  let nth = 1;
  let patience = 0.4;
  for (let round = 1; ; round += 1) {
    const topic = await prepare(story, lane, round);
    const scope = story.scope(topic, round);
    const fault = faultOf(nth);
    let end = 'killed';
    if (fault === 'kill') {
      await runKilled(lane, topic, scope, nth);
    } else {
      // To who only reads it is all the same whether the server knew of the call.
      services.condemn(nth, fault, { writes: fault === 'drop' });
      end = await run(lane, scope, fault === 'mute' ? patience : undefined);
    }
    const call = services.met();
    services.forgive();
    const effects = takeEffects(lane, topic, ids);
    const where = `${story.name}: ${fault} at call ${nth}, ${call?.name}`;
    expect(['nothing', 'done']).toContainEqual(await run(lane, scope));
    effects.push(...takeEffects(lane, topic, ids));

    const wanted = await calm(round);
    expect([where, await stateOf(topic)]).toEqual([where, wanted.state]);
    const [told, expected] = [effects.flat(), wanted.effects.flat()];
    const wrong = told.filter((line, place) => told.indexOf(line) < place || !expected.includes(line));
    expect([where, wrong]).toEqual([where, []]);
    // Only who cannot know whether a write was performed misses its event.
    const lost = wanted.effects.filter((lines) => !lines.every((line) => told.includes(line)));
    const inDoubt =
      (call?.writes === true && ['cut', 'mute', 'kill'].includes(fault)) ||
      // On a busy machine another call than the condemned one may be the late one.
      (fault === 'mute' && end === 'retry');
    expect([where, lost]).toEqual([where, lost.slice(0, inDoubt ? 1 : 0)]);

    if (call !== undefined) nth += 1;
    else if (fault === 'mute' && end !== 'done') patience *= 2;
    else {
      // What killed runs left behind goes with the first one that comes to its end.
      if (story.name.endsWith('changes')) expect(await snapshots(topic)).toHaveLength(1);
      return nth - 1;
    }
  }
}

/**
 * Disturbs a kind of run: each of its calls meets one fault, in turn, or where LAKEWARDEN_EVERY_FAULT is set, every fault, in lanes
 * of their own at once.
 */
async function disturbAll(story: Story): Promise<void> {
  const turns: Fault[] = ['kill', 'mute', 'cut', 'error'];
  const ways = new Map<string, (nth: number) => Fault>(
    process.env['LAKEWARDEN_EVERY_FAULT'] === undefined
      ? [['turns', (nth) => turns[nth % turns.length]!]]
      : faults.map((fault) => [fault, () => fault] as const),
  );
  const calmLane = await openLane('calm');
  const calm = undisturbedRounds(story, calmLane);
  await Promise.all(
    [...ways].map(async ([name, faultOf]) => {
      const lane = await openLane(name);
      const count = await disturb(story, faultOf, lane, calm);
      if (name !== 'drop') expect(count).toBeGreaterThan(15);
      await closeLane(lane);
    }),
  );
  await closeLane(calmLane);
}

// Silence is waited for, so two kinds of runs go side by side.
test.each([
  ['the first run of a topic', ['fresh_full', 'fresh_changes']],
  ['a whole walk, and a look at the newest', ['full', 'recent']],
  ['a look at changes, and at paths', ['changes', 'paths']],
])(
  '%s: whatever happens to any call, the next run ends as if nothing had',
  async (_, names) => {
    await Promise.all(stories.filter(({ name }) => names.includes(name)).map(disturbAll));
  },
  900_000,
);
