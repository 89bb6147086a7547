import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { firstOrigin, lastFailure } from '#functions/dead-letter-triage/letter/letter.ts';
import { planReplay } from '#functions/dead-letter-triage/replay/plan-file.ts';
import type { UnderstoodLetter } from '#functions/dead-letter-triage/understand.ts';
import { ConnectWorker } from '../support/connect-worker.ts';
import { cast, failing, json, written } from '../support/connect-cases.ts';
import { compileJava } from '../support/java-program.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { startOwnLake } from '../support/own-lake.ts';
import { applyPrinted, replayTools } from '../support/replay-site.ts';
import { allJson, understandLetters } from '../support/understood-letters.ts';

const own = await startOwnLake(['connect']);
const { folder, kafka: broker, connect = '' } = own.addresses;
const kafka = await useKafka(broker);
const worker = new ConnectWorker(connect);
afterAll(async () => {
  await own.stop();
  expect(existsSync(folder)).toBe(false);
});

const [raw, dlq, bare, again] = [
  await kafka.create(2),
  await kafka.create(),
  await kafka.create(),
  await kafka.create(),
];

/** A sink into a file that takes JSON. */
function sinkConfig(
  name: string,
  topic: string,
  letters: string,
  more: Readonly<Record<string, string | boolean>> = {},
) {
  const converters = ['key', 'value', 'header'].flatMap((part) => [
    [`${part}.converter`, json],
    [`${part}.converter.schemas.enable`, false],
  ]);
  return {
    ...Object.fromEntries(converters),
    'connector.class': 'FileStreamSink',
    topics: topic,
    file: join(folder, 'tmp', name),
    'consumer.override.auto.offset.reset': 'earliest',
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': letters,
    'errors.deadletterqueue.topic.replication.factor': 1,
    'errors.deadletterqueue.context.headers.enable': true,
    ...more,
  };
}
const startSink = (...[name, ...others]: Parameters<typeof sinkConfig>): Promise<void> =>
  worker.start(name, sinkConfig(name, ...others));
const byTime = (a: { readonly timestamp: bigint }, b: { readonly timestamp: bigint }): number =>
  Number(a.timestamp - b.timestamp);
const transforms = {
  transforms: 'cast,first',
  'transforms.cast.type': cast,
  'transforms.cast.spec': 'amount:int32',
  'transforms.first.type': 'FirstItem',
};
const linesOf = (name: string): string[] =>
  readFileSync(join(folder, 'tmp', name), 'utf8')
    .trimEnd()
    .split('\n');

/** The letters of a topic by the places of their records above. */
async function lettersOf(topic: string): Promise<Map<number, UnderstoodLetter>> {
  const letters = await understandLetters(kafka.link, topic, failing.length, allJson);
  return new Map(letters.map((judged) => [Number(judged.letter.record.timestamp - 1_700_000_000_000n), judged]));
}

function originOf(index: number) {
  return { topic: raw, partition: index % 2, offset: BigInt(Math.floor(index / 2)) };
}

beforeAll(async () => {
  // A folder of the worker's class path, in which it looks when a connector is made.
  const classes = join(folder, 'conf', 'connect');
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  await Promise.all([compileJava('connect', 'FirstItem.java', classes), kafka.java.write(raw, 'snappy', written)]);
  await startSink('orders-sink', raw, dlq, transforms);
  await startSink('silent-sink', raw, bare, {
    ...transforms,
    'errors.deadletterqueue.context.headers.enable': false,
  });
});

test('Connect of the lake in a box carries lines from a file through a topic to a file', async () => {
  const addresses = [
    'folder',
    'kafka',
    'kafkaSecure',
    'kafkaMutual',
    'kafkaCa',
    'kafkaPassword',
    'kafkaStore',
    'connect',
  ];
  expect(Object.keys(own.addresses)).toEqual(addresses);
  const [from, to] = ['from', 'to'].map((name) => join(folder, 'tmp', name)) as [string, string];
  const lines = 'one\ntwo\nthree\n';
  writeFileSync(from, lines);
  const plain = {
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    topic: 'lines',
    topics: 'lines',
  };
  await worker.start('lines-source', { ...plain, 'connector.class': 'FileStreamSource', file: from });
  await worker.start('lines-sink', { ...plain, 'connector.class': 'FileStreamSink', file: to });
  const until = performance.now() + 60_000;
  while (!(existsSync(to) && readFileSync(to, 'utf8') === lines) && performance.now() < until) await sleep(50);
  expect(readFileSync(to, 'utf8')).toBe(lines);
});

describe('letters of a sink of Kafka Connect', () => {
  test('are the records that they were, and every field of their context is understood', async () => {
    const letters = await lettersOf(dlq);
    for (const { index, stage, step, error, verdicts } of failing) {
      const { letter, verdict } = letters.get(index) as UnderstoodLetter;
      const { key, value, timestamp, headers: all } = letter.record;
      const before = { ...written[index], partition: 0 };
      expect({ partition: 0, key, value, timestamp, headers: all.slice(0, 6) }).toEqual(before);
      expect(letter.hops).toEqual([
        {
          family: 'connect',
          kind: 'failure',
          stage,
          component: 'orders-sink',
          task: '0',
          origin: originOf(index),
          error: { ...error, stack: expect.stringMatching(`^${error?.class}[:\n]`) },
          extras: { executingClass: step },
          undecoded: [],
        },
      ]);
      expect([index, verdict.class]).toEqual([index, verdicts?.[0]]);
    }
    expect(linesOf('orders-sink').toSorted()).toEqual(['{amount=5, id=1}', '{items=[1], amount=null, id=12}']);
  });

  test('group by their reasons, at each run the same', async () => {
    const letters = await lettersOf(dlq);
    const byReason = Map.groupBy(failing, ({ reason }) => reason);
    const ids = [...byReason.values()].map(
      (same) => new Set(same.map(({ index }) => letters.get(index)?.fingerprint.id)),
    );
    expect(ids.map(({ size }) => size)).toEqual(ids.map(() => 1));
    expect(new Set(ids.flatMap((set) => [...set])).size).toBe(byReason.size);
    expect(letters.get(1)?.fingerprint).toMatchObject({
      id: 'v1:e3b3378278bec64e',
      errorClass: 'com.fasterxml.jackson.core.io.JsonEOFException',
      message: 'Unexpected end-of-input: expected close marker for Object (start marker at [Source: *])',
    });
  });

  test('without context are told apart by their bytes', async () => {
    const letters = await lettersOf(bare);
    for (const { index, verdicts } of failing) {
      const { letter, verdict } = letters.get(index) as UnderstoodLetter;
      expect(letter.hops).toEqual([]);
      expect(letter.record.headers).toEqual(written[index]?.headers);
      expect([index, verdict.class]).toEqual([index, verdicts?.[1]]);
    }
    const idOf = (index: number): string | undefined => letters.get(index)?.fingerprint.id;
    expect([idOf(2), idOf(3), idOf(5), idOf(10)]).toEqual([idOf(1), idOf(1), idOf(4), idOf(9)]);
    expect(new Set([1, 4, 6, 7, 9, 13].map(idOf)).size).toBe(6);
  });

  test('that fail again tell of both failures, the newest last', async () => {
    // Headers of context are no JSON, so that nothing is good for this sink.
    await startSink('second-sink', dlq, again);
    const letters = await lettersOf(again);
    for (const { index } of failing) {
      const { letter } = letters.get(index) as UnderstoodLetter;
      expect(letter.hops.map(({ component }) => component)).toEqual(['orders-sink', 'second-sink']);
      expect(firstOrigin(letter)).toEqual(originOf(index));
      expect(lastFailure(letter)?.origin.topic).toBe(dlq);
    }
  });

  test('are taken by the repaired sink when they are replayed, byte for byte', async () => {
    // It takes any headers, and does without the careless transform.
    await worker.change('orders-sink', {
      ...sinkConfig('orders-sink', raw, dlq, { ...transforms, transforms: 'cast' }),
      'header.converter': 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    });
    const letters = await lettersOf(dlq);
    const idsOf = (...reasons: string[]) =>
      failing
        .filter(({ reason = '' }) => reasons.includes(reason))
        .map(({ index }) => letters.get(index)?.fingerprint.id);
    const tools = replayTools(kafka.link, kafka.name());
    const replay = async (fingerprints: readonly unknown[], transformed: readonly object[]) => {
      const filter = { topic: dlq, fingerprints };
      const plan = await planReplay(JSON.stringify({ name: 'mend', filter, transforms: transformed }), 'plan', tools);
      expect(await applyPrinted(plan, tools)).toMatchObject({ end: 'done', summary: plan.summary });
    };
    await replay(idsOf('header', 'first', 'null'), []);
    await replay(idsOf('cast'), [{ set: '/amount', value: '7' }]);

    const replayed = (await kafka.java.read(raw)).filter(({ headers: all }) => all.length > 6);
    expect(
      replayed
        .map(({ partition, timestamp, key, value, headers: all }) => ({
          partition,
          timestamp,
          key,
          value,
          headers: all.slice(0, 6),
        }))
        .toSorted(byTime),
    ).toEqual(
      [8, 9, 10, 11, 12, 13, 14].map((index) =>
        index === 9 || index === 10
          ? { ...written[index], value: Buffer.from(`{"id":${index - 1},"amount":"7"}`) }
          : written[index],
      ),
    );
    const good = ['{amount=7, id=8}', '{amount=7, id=9}', '{amount=null, id=7}', '{items=[], amount=null, id=10}'];
    const until = performance.now() + 30_000;
    while (linesOf('orders-sink').length < 9 && performance.now() < until) await sleep(50);
    const taken = linesOf('orders-sink').slice(2).toSorted();
    expect(taken).toEqual([...good, '{items=[], amount=null, id=11}', 'null', 'null'].toSorted());
    expect((await lettersOf(dlq)).size).toBe(failing.length);
  });
});
