import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { Announce } from '#functions/metastore-sync/announce.ts';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { settingsSchema } from '#functions/metastore-sync/config.ts';
import type { Scope } from '#functions/metastore-sync/doorbell.ts';
import { applyRun, statusOf } from '#functions/metastore-sync/run.ts';
import { isError } from '#shared/errors/error.ts';
import { createHttpSink } from '#shared/events/sink.ts';
import { EventReceiver } from './event-receiver.ts';
import { type FaultyServices, startFaultyServices } from './faulty-services.ts';
import { lake as sharedLake } from './lake.ts';
import { parquetBytes as parquet } from './parquet-file.ts';
import { useSnapshotLake } from './snapshot-lake.ts';
import { writeSettings, writtenSettings } from './sync-process.ts';

/** A kind of run of metastore-sync. */
export interface Story {
  readonly name: string;
  /** Each round has a new topic; otherwise the next changes of the same one. */
  readonly fresh?: true;
  readonly scope: (topic: string, round: number) => Scope;
}

/** A place whose runs go through proxies and tell their events. */
export interface Lane {
  readonly name: string;
  readonly services: FaultyServices;
  /** As they are written, by the longest time of a call, in seconds. */
  readonly settings: (deadlineSeconds: number) => Record<string, unknown>;
  readonly receiver: EventReceiver;
  readonly sink: string;
}

/** What a round leaves in which nothing is disturbed. */
export interface Round {
  readonly state: unknown;
  readonly effects: readonly string[][];
}

/** A lake whose topics change from round to round, each followed by a run. */
export interface SyncRounds {
  readonly stories: readonly Story[];
  openLane(name: string): Promise<Lane>;
  closeLane(lane: Lane): Promise<void>;
  /** Makes what the run of a round will find, and gives the topic. */
  prepare(story: Story, lane: Lane, round: number): Promise<string>;
  /** Runs in this process. */
  run(lane: Lane, scope: Scope, deadlineSeconds?: number): Promise<string>;
  /** Runs in a process of its own; `condemn` gets what kills it. */
  runKilled(lane: Lane, topic: string, scope: Scope, condemn: (kill: () => void) => void): Promise<void>;
  /** Whoever finds a lock of the dead looks for signs of life for half a minute; this does so in a hurry. */
  breakLock(topic: string): Promise<void>;
  /** What the metastore holds of a topic, but for times, our count of alters, and what only saves work. */
  stateOf(topic: string): Promise<unknown>;
  snapshots(topic: string): Promise<string[]>;
  /** Rounds in which nothing is disturbed, each done when it is first asked for. */
  undisturbed(story: Story, lane: Lane): (round: number) => Promise<Round>;
}

/** In the past, since a recent run looks at whatever lies in the future. */
function day(number: number): string {
  return `19${String(number).padStart(2, '0')}-01-01`;
}

/** A file with a row of ones. */
function file(columns: Parameters<typeof parquet>[0]): Uint8Array {
  const ones = Object.entries(columns).map(([name, type]) => [name, type === 'bigint' ? 1n : 1]);
  return parquet(columns, [Object.fromEntries(ones)]);
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
export function takeEffects({ receiver }: Lane, topic: string, ids: Set<string>): string[][] {
  return receiver.take().map(({ event: { id, type, data } }) => {
    expect([...ids]).not.toContain(id);
    ids.add(id);
    const things = (data?.['partitions'] ?? data?.['changes'] ?? [{}]) as Record<string, unknown>[];
    return things.map((thing) => JSON.stringify([type, { ...thing, because: '' }]).replaceAll(topic, 'TOPIC'));
  });
}

/** Prepares a lake for the tests of a file and removes it after them. */
export function useSyncRounds(): SyncRounds {
  const { lake, allow, snapshots } = useSnapshotLake();
  const { root, database } = lake;
  const { hdfs, metastore } = lake.clients;
  let temp: string;
  beforeAll(() => {
    temp = mkdtempSync(join(tmpdir(), 'lakewarden-faults-'));
  });
  afterAll(() => rmSync(temp, { recursive: true }));

  const rounds: SyncRounds = {
    stories: [
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
    ],
    snapshots,
    async openLane(name) {
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
    },
    async closeLane({ services, receiver }) {
      expect(receiver.faults).toEqual([]);
      receiver.stop();
      await services.close();
    },
    async prepare(story, lane, round) {
      const topic = `${story.name}_${lane.name}${story.fresh === true ? `_${round}` : ''}`;
      const put = (number: number, name: string, columns: Parameters<typeof file>[0]): Promise<void> =>
        lake.put(`${topic}/${day(number)}/${name}.parquet`, file(columns));
      if (story.fresh === true || round === 1) {
        for (const number of [0, 1, 2].slice(Number(story.fresh ?? false))) await put(number, 'a', { id: 'int' });
        if (story.name.endsWith('changes')) await allow(topic);
      }
      if (story.fresh === true) return topic;
      if (round === 1) {
        await rounds.run(lane, { kind: story.name === 'changes' ? 'changes' : 'full', topics: [topic] });
        lane.receiver.take();
      }
      // One day comes, one gets a file with a new column and a wider one, and where the run can notice it, one goes.
      await put(round + 2, 'a', { id: 'int' });
      await put(round, 'b', { id: 'int', [`of_${round - 1}`]: 'bigint', [`of_${round}`]: 'int' });
      if (/full|changes/.test(story.name)) await hdfs.remove(`${root}/${topic}/${day(round - 1)}`, { recursive: true });
      return topic;
    },
    async run(lane, scope, deadlineSeconds = 30) {
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
    },
    async runKilled(lane, topic, scope, condemn) {
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
      condemn(() => void child.kill('SIGKILL'));
      const [code] = await once(child, 'exit');
      expect(code).toBe(lane.services.met() === undefined ? 0 : null);
    },
    breakLock: (topic) => metastore.exclusively(`${database}.${topic}`, () => Promise.resolve(), { beatMs: 20 }),
    async stateOf(topic) {
      const plain = (parameters: ReadonlyMap<string, string> | undefined): string[] =>
        [...(parameters ?? [])]
          .filter(([name]) => !/ddlTime$|^lakewarden\.(version|walked-until|snapshot)$/i.test(name))
          .map(([name, value]) => `${name} ${withoutTimes(name, value)}`)
          .toSorted((a, b) => (a < b ? -1 : 1));
      const table = await metastore.table(database, topic);
      const names = await metastore.partitionNames(database, topic);
      const partitions = await metastore.partitionsByNames(database, topic, names);
      const state = [table, ...partitions.toSorted((a, b) => (String(a.values) < String(b.values) ? -1 : 1))].map(
        (body) => ({ ...body, createTime: 0, id: 0, parameters: plain(body?.parameters) }),
      );
      const text = JSON.stringify(state, (_, value: unknown) =>
        value instanceof Map ? [...value] : typeof value === 'bigint' ? String(value) : value,
      );
      return JSON.parse(text.replaceAll(topic, 'TOPIC'));
    },
    undisturbed(story, lane) {
      const ids = new Set<string>();
      const done: Promise<Round>[] = [];
      const perform = async (number: number): Promise<Round> => {
        if (number > 1) await calm(number - 1);
        const topic = await rounds.prepare(story, lane, number);
        expect(await rounds.run(lane, story.scope(topic, number))).toBe('done');
        return { state: await rounds.stateOf(topic), effects: takeEffects(lane, topic, ids) };
      };
      const calm = (number: number): Promise<Round> => (done[number] ??= perform(number));
      return calm;
    },
  };
  return rounds;
}
