import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { packageFunction } from '../../tools/package.ts';
import { useCompactionLake } from '../support/compaction-lake.ts';
import { deadRecord } from '../support/dead-letters.ts';
import { EventReceiver } from '../support/event-receiver.ts';
import { eventHeaders, type FunctionProcess, type Received, startFunction } from '../support/function-process.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { lake } from '../support/lake.ts';
import { parquetBytes } from '../support/parquet-file.ts';
import { useTriage, writeLetters } from '../support/triage-lake.ts';

const functions = ['compliance-scan', 'dead-letter-triage', 'partition-compaction'] as const;
type Name = (typeof functions)[number];

const temp = mkdtempSync(join(tmpdir(), 'lakewarden-revisions-'));
const golden = useCompactionLake();
const kafka = await useKafka();
const prepareTriage = useTriage(kafka);
const receiver = new EventReceiver();
const stateFolder = `${golden.root.replace('/golden', '')}/scan`;
const started: FunctionProcess[] = [];
let sink: string;
/** Tells names apart. */
let number = 0;

beforeAll(async () => {
  sink = await receiver.start();
  for (const name of functions)
    await packageFunction(join(import.meta.dirname, '../../functions', name), join(temp, name));
});
afterEach(async () => {
  for (const process of started.splice(0)) await process.end();
  receiver.judge = () => 202;
  receiver.take();
  expect(receiver.faults).toEqual([]);
});
afterAll(() => {
  receiver.stop();
  rmSync(temp, { recursive: true });
});

/** A packaged function in a process of its own. */
async function start(name: Name, settings: Record<string, unknown>): Promise<FunctionProcess> {
  const entry = join(temp, name, 'index.cjs');
  const LAKEWARDEN_CONFIG = join(temp, `${name}-${(number += 1)}.json`);
  writeFileSync(LAKEWARDEN_CONFIG, JSON.stringify(settings));
  const env = { LAKEWARDEN_CONFIG, K_SINK: sink, K_SERVICE: name };
  const process = await startFunction({ entry, command: [globalThis.process.execPath, entry], env });
  started.push(process);
  return process;
}

function ring(process: FunctionProcess, { type, data }: Ring): Promise<Received> {
  const headers = eventHeaders(type, { 'content-type': 'application/json' });
  return process.send({ headers, body: JSON.stringify(data) });
}

interface Ring {
  readonly type: string;
  readonly data: unknown;
}

/** The ids of events of a type that came, by what they are about. */
function idsOf(type: string): Map<string, Set<string>> {
  const ids = new Map<string, Set<string>>();
  for (const { event } of receiver.take())
    if (event.type === `dev.lakewarden.${type}`)
      ids.set(event.subject ?? '', (ids.get(event.subject ?? '') ?? new Set()).add(event.id));
  return ids;
}

/** Work that is to be done, and what is to be told of it. */
interface Work {
  readonly name: Name;
  readonly settings: Record<string, unknown>;
  /** What another revision has otherwise. */
  readonly other: Record<string, unknown>;
  readonly event: Ring;
  /** The type of the events that tell of it, and how many things they are about. */
  readonly told: string;
  readonly things: number;
  /** That it was done once. */
  check(): Promise<void>;
}

const works: [Name, () => Promise<Work>][] = [
  ['partition-compaction', compaction],
  ['compliance-scan', scan],
  ['dead-letter-triage', triage],
];

async function compaction(): Promise<Work> {
  const hour = `clicks${(number += 1)}/2019/09/01/00`;
  for (let index = 0; index < 6; index += 1)
    await golden.put(`${hour}/part-${index}.parquet`, parquetBytes({ id: 'bigint' }, [{ id: BigInt(index) }]));
  const rows = (await golden.rows(hour)).toSorted();
  const { webhdfs, defaultFs } = lake();
  const { root } = golden;
  const hdfs = { addresses: [webhdfs], defaultFs, user: superuser };
  return {
    name: 'partition-compaction',
    settings: { root, hdfs, quietSeconds: 0, latePartitions: 0, acceptShortAnswers: true },
    other: { minFiles: 2, concurrency: 2, verifyPieces: false },
    event: { type: 'dev.lakewarden.compaction.requested', data: { paths: [`${root}/${hour}`] } },
    told: 'partition.compacted',
    things: 1,
    async check() {
      expect((await golden.rows(hour)).toSorted()).toEqual(rows);
      expect(await golden.visible(hour)).toHaveLength(1);
      expect(await golden.hidden(hour)).toEqual([]);
    },
  };
}

async function scan(): Promise<Work> {
  const manifests = join(temp, `manifests-${(number += 1)}`);
  mkdirSync(manifests);
  for (let index = 0; index < 5; index += 1) {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `s${index}` },
      spec: { type: 'LoadBalancer' },
    };
    writeFileSync(join(manifests, `s${index}.json`), JSON.stringify(service));
  }
  const { webhdfs, defaultFs } = lake();
  const rules = ['kubernetes-no-open-load-balancers'];
  return {
    name: 'compliance-scan',
    settings: {
      sources: { manifests: { folder: manifests } },
      hdfs: { addresses: [webhdfs], defaultFs, user: superuser },
      state: { folder: `${stateFolder}-${number}` },
    },
    other: { host: { concurrency: 100 } },
    event: { type: 'dev.lakewarden.scan.requested', data: { rules } },
    told: 'finding.opened',
    things: 5,
    check: async () => {},
  };
}

async function triage(): Promise<Work> {
  const topic = await kafka.create();
  const letters = await prepareTriage([topic]);
  await writeLetters(
    kafka,
    Array.from({ length: 20 }, () => ({ ...deadRecord(), topic, partition: 0 })),
  );
  return {
    name: 'dead-letter-triage',
    settings: letters.written,
    other: { host: { concurrency: 100 } },
    event: { type: 'dev.knative.sources.ping', data: {} },
    told: 'deadletter.group.opened',
    things: 1,
    async check() {
      expect(Object.values(await letters.counts(topic))).toEqual([20]);
    },
  };
}

describe('SIGTERM while an effect is being told', () => {
  test.each(works)('%s answers 503, ends with 0, and the next process goes on', async (_name, prepare) => {
    const work = await prepare();
    const { name, settings, event, told, things } = work;
    const reached = Promise.withResolvers<void>();
    receiver.judge = async (type) => {
      if (type !== `dev.lakewarden.${told}`) return 202;
      reached.resolve();
      return new Promise<number>(() => {});
    };
    const first = await start(name, { ...settings, host: { drainSeconds: 0, graceSeconds: 5 } });
    const answer = ring(first, event);
    await reached.promise;
    first.signal('SIGTERM');
    expect((await answer).status).toBe(503);
    expect(await first.exited).toBe(0);
    receiver.judge = () => 202;
    receiver.take();
    const second = await start(name, settings);
    expect((await ring(second, event)).status).toBe(204);
    expect(idsOf(told).size).toBe(things);
    await work.check();
  });
});

describe('two revisions that take events at once', () => {
  test.each(works)('%s: the same lake, and each effect under one id', async (_name, prepare) => {
    const work = await prepare();
    const { name, settings, other, event, told, things } = work;
    const processes = await Promise.all([start(name, settings), start(name, { ...settings, ...other })]);
    const answers = await Promise.all(
      processes.flatMap((process) => Array.from({ length: 4 }, () => ring(process, event))),
    );
    for (const { status } of answers) expect([204, 503]).toContain(status);
    // What a source does with 503.
    for (const process of processes) expect((await ring(process, event)).status).toBe(204);
    expect([...idsOf(told).values()].map((ids) => ids.size)).toEqual(Array.from({ length: things }, () => 1));
    await work.check();
  });
});
