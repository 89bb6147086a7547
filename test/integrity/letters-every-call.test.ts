import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import { decodeLine } from '#functions/dead-letter-triage/quarantine/json-lines.ts';
import { planReplay } from '#functions/dead-letter-triage/replay/plan-file.ts';
import { asError } from '#shared/errors/error.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { superuser } from '#lake-in-a-box/addresses.ts';
import { connectHeaders, failure } from '../support/dead-letters.ts';
import { startFaultyServices } from '../support/faulty-services.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { startKafkaProxy } from '../support/kafka-proxy.ts';
import { lake } from '../support/lake.ts';
import { applyPrinted, replayTools } from '../support/replay-site.ts';
import { sweep, useTriage, writeLetters } from '../support/triage-lake.ts';

const kafka = await useKafka();
const prepare = useTriage(kafka);
const proxy = await startKafkaProxy(kafka.broker);
const services = await startFaultyServices(lake());
const links: KafkaLink[] = [];
afterAll(async () => {
  await Promise.all(links.map((link) => link.close()));
  await Promise.all([proxy.close(), services.close()]);
});

/** Requests by their keys (Kafka protocol guide), as both triage and replays send them. */
const requests = {
  Produce: 0,
  Fetch: 1,
  ListOffsets: 2,
  Metadata: 3,
  OffsetFetch: 9,
  FindCoordinator: 10,
  InitProducerId: 22,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
} as const;
const fates = ['drop', 'cut', 'mute'] as const;
/** `make kills` lets every request meet every fate; otherwise each meets one, in turn. */
const isThorough = process.env['LAKEWARDEN_EVERY_FAULT'] !== undefined;
const size = 4;

/** Requests with their fates; another shift gives each another one. */
function casesOf(shift: number) {
  return Object.entries(requests).flatMap(([name, key], at) =>
    fates
      .filter((_, place) => isThorough || place === (at + shift) % fates.length)
      .map((fate) => ({ name, key, fate })),
  );
}

function newLink(): KafkaLink {
  const link = new KafkaLink({ brokers: [proxy.broker], deadlineMs: 500 });
  links.push(link);
  return link;
}

/** Letters of one cause, from a number on. */
function letters(topic: string, origin: string, from: number): NewRecord[] {
  return Array.from({ length: size }, (_, index) => ({
    topic,
    partition: 0,
    timestamp: 1_700_000_000_000n,
    key: null,
    value: Buffer.from(String(from + index)),
    // Far from where replays write to: a letter from there would be one that came back.
    headers: connectHeaders({ ...failure, topic: origin, partition: 0, offset: BigInt(1_000_000 + from + index) }),
  }));
}

/** Tries until it goes well; all errors must be such as pass. */
async function insist(work: () => Promise<boolean>): Promise<void> {
  for (;;)
    try {
      if (await work()) return;
    } catch (error) {
      expect(asError(error).disposition).toBe('retry');
      await sleep(50);
    }
}

/** Lets the first request of each kind meet its fates while something is done. @returns how many letters that were */
async function throughAll(shift: number, work: (round: number) => Promise<void>): Promise<number> {
  const cases = casesOf(shift);
  for (const [round, { name, key, fate }] of cases.entries()) {
    proxy.condemn(key, fate, 1);
    await work(round);
    expect([name, fate, proxy.met()]).toEqual([name, fate, 1]);
  }
  return cases.length * size;
}

/** All letters until one, each once. */
function allUntil(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** The values of all letters in files of the quarantine, in order. What was left half written is hidden. */
function lettersIn(files: ReadonlyMap<string, Buffer>): number[] {
  return [...files]
    .filter(([path]) => !path.includes('/.part-'))
    .flatMap(([, bytes]) => gunzipSync(bytes).toString().trimEnd().split('\n'))
    .map((line) => Number(String(decodeLine(line).value)))
    .toSorted((a, b) => a - b);
}

test('whatever happens to any request of triage, each letter counts once, and is in one file', async () => {
  const [topic, origin] = [await kafka.create(), await kafka.create()];
  const triage = await prepare([topic], { limits: { batchRecords: 2 } });
  const count = async (): Promise<boolean> => {
    const link = newLink();
    const clients = { ...triage.tools.clients, link, admin: new TopicAdmin(link) };
    return (await triage.run(sweep, { clients })).partitions.length === 0;
  };
  const written = await throughAll(0, async (round) => {
    await writeLetters(kafka, letters(topic, origin, round * size));
    await insist(count);
  });
  expect(Object.values(await triage.counts(topic))).toEqual([written]);
  expect(lettersIn(await triage.files(topic))).toEqual(allUntil(written));
});

test('whatever happens to any request of a replay, each letter is written once', async () => {
  const [topic, origin, ledger] = [await kafka.create(), await kafka.create(), kafka.name()];
  await replayTools(kafka.link, ledger).ledger.prepare();
  const written = await throughAll(1, async (round) => {
    await writeLetters(kafka, letters(topic, origin, round * size));
    const source = JSON.stringify({ name: `round-${round}`, filter: { topic }, window: 2, newerData: 'ignore' });
    let plan: Awaited<ReturnType<typeof planReplay>> | undefined;
    await insist(async () => {
      const tools = replayTools(newLink(), ledger);
      plan ??= await planReplay(source, 'replay.yaml', tools);
      return (await applyPrinted(plan, tools)).end === 'done';
    });
  });
  await kafka.topics.settle(origin, 0);
  const values = (await kafka.java.read(origin)).map(({ value }) => Number(value));
  expect(values).toEqual(allUntil(written));
});

test('whatever happens to any request to HDFS, each letter counts once, and is in one file', async () => {
  const [topic, origin] = [await kafka.create(), await kafka.create()];
  const { defaultFs } = lake();
  const hdfs = { addresses: [services.hdfs], defaultFs, user: superuser, deadlineSeconds: 1 };
  const triage = await prepare([topic], { hdfs });
  let written = 0;
  for (const fault of ['error', ...fates] as const)
    for (let call = 1; ; call += 1) {
      await writeLetters(kafka, letters(topic, origin, written));
      written += size;
      services.condemn(call, fault);
      await insist(async () => (await triage.run()).partitions.length === 0);
      if (services.met() === undefined) break;
    }
  services.forgive();
  expect(written / size).toBeGreaterThan(8);
  expect(Object.values(await triage.counts(topic))).toEqual([written]);
  expect(lettersIn(await triage.files(topic))).toEqual(allUntil(written));
});
