import { randomBytes } from 'node:crypto';
import { afterAll } from '@jest/globals';
import { Announce } from '#functions/dead-letter-triage/announce.ts';
import { closeClients, createClients } from '#functions/dead-letter-triage/clients.ts';
import { type Settings, settingsSchema } from '#functions/dead-letter-triage/config.ts';
import { type Doorbell, readDoorbell } from '#functions/dead-letter-triage/doorbell.ts';
import type { Group } from '#functions/dead-letter-triage/group/group.ts';
import { applyRun, type RunOutcome, type RunTools } from '#functions/dead-letter-triage/run.ts';
import { openState } from '#functions/dead-letter-triage/state/open-state.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import { superuser } from '#lake-in-a-box/addresses.ts';
import type { KafkaLake } from './kafka-lake.ts';
import { lake } from './lake.ts';

/** Dead letter topics of a test, with dead-letter-triage at work on them. */
export interface TriageLake {
  readonly tools: RunTools;
  readonly settings: Settings;
  /** The same settings as they are written, for a process of its own. */
  readonly written: Record<string, unknown>;
  /** Events that were sent, in order. */
  readonly events: CloudEventOut[];
  /** Rings, and works through what waits. */
  run(doorbell?: Doorbell, more?: Partial<RunTools>): Promise<RunOutcome>;
  /** Letters of each group of a topic's first partition. */
  counts(topic: string): Promise<Record<string, number>>;
  groups(topic: string): Promise<Group[]>;
  /** Files of the quarantine below a topic's folder, by their paths. */
  files(topic: string): Promise<Map<string, Buffer>>;
}

/** Asks for every dead letter topic of the settings. */
export const sweep: Doorbell = { type: 'dev.knative.sources.ping', data: {} };

/** Prepares triage of some topics, with further settings. */
type Prepare = (topics: readonly string[], more?: Record<string, unknown>) => Promise<TriageLake>;

/** Triage on the lake of the test run; what it makes is removed when the tests of the file end. */
export function useTriage(kafka: KafkaLake): Prepare {
  const endings: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const end of endings) await end();
  });
  return (topics, more = {}) => prepare(kafka, topics, more, endings);
}

async function prepare(
  kafka: KafkaLake,
  topics: readonly string[],
  more: Record<string, unknown>,
  endings: (() => Promise<void>)[],
): Promise<TriageLake> {
  const { webhdfs, defaultFs } = lake();
  const root = `/triage_${randomBytes(6).toString('hex')}`;
  const written = {
    topics,
    group: `triage-${randomBytes(6).toString('hex')}`,
    state: { topic: kafka.name(), partitions: 2 },
    quarantine: { root, format: 'jsonl' },
    kafka: { brokers: [kafka.broker] },
    hdfs: { addresses: [webhdfs], defaultFs, user: superuser },
    ...more,
  };
  const settings = settingsSchema.parse(written);
  const clients = createClients(settings);
  const events: CloudEventOut[] = [];
  const tools: RunTools = {
    clients,
    settings,
    state: await openState(settings.state, clients),
    announce: new Announce(async (event) => void events.push(event), 'test'),
    now: Date.now,
  };
  endings.push(async () => {
    await clients.hdfs?.remove(root, { recursive: true });
    await closeClients(clients);
  });
  const groups = async (topic: string): Promise<Group[]> => {
    const state = await tools.state.load<Group>({ topic, partition: 0 });
    return [...state.groups.values()];
  };
  return {
    tools,
    settings,
    written,
    events,
    run: (doorbell = sweep, changed = {}) => applyRun(readDoorbell(doorbell, settings), { ...tools, ...changed }),
    groups,
    counts: async (topic) => Object.fromEntries((await groups(topic)).map(({ id, count }) => [id, count])),
    async files(topic) {
      const found = new Map<string, Buffer>();
      const walk = async (folder: string): Promise<void> => {
        for await (const { name, type, length } of clients.hdfs?.list(folder) ?? []) {
          const path = `${folder}/${name}`;
          if (type === 'DIRECTORY') await walk(path);
          else found.set(path, Buffer.from((await clients.hdfs?.read(path, 0, length)) ?? []));
        }
      };
      if ((await clients.hdfs?.statusIfExists(`${root}/${topic}`)) !== undefined) await walk(`${root}/${topic}`);
      return found;
    },
  };
}

/** Writes records in one transaction. */
export async function writeLetters(
  { link }: Pick<KafkaLake, 'link'>,
  records: readonly NewRecord[],
  end: 'commit' | 'abort' = 'commit',
): Promise<void> {
  const writer = new TransactionalWriter(link, `write-${randomBytes(6).toString('hex')}`);
  await writer.begin();
  await writer.send(records);
  await writer[end]();
  if (end === 'commit') await writer.settle();
  await writer.close();
}
