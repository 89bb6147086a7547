import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { deadLetterTriage } from '#functions/dead-letter-triage/function.ts';
import { readEnvironment } from '#shared/config/environment.ts';
import { type Host, startHost } from '#shared/host/host.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { createLog } from '#shared/observe/log.ts';
import { EventReceiver } from '../support/event-receiver.ts';
import { connectHeaders, deadRecord, failure, shareGroupHeaders } from '../support/dead-letters.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { useTriage, writeLetters } from '../support/triage-lake.ts';

const kafka = await useKafka();
const prepare = useTriage(kafka);
const receiver = new EventReceiver();
const sink = await receiver.start();
const ping = 'dev.knative.sources.ping';
const undelivered = kafka.name();
const topic = await kafka.create(2);
const triage = await prepare([topic, undelivered], { knativeLetters: { topic: undelivered } });
const host: Host = await startHost(deadLetterTriage, {
  env: {},
  environment: readEnvironment({ K_SINK: sink }),
  values: triage.written,
  log: createLog({ function: 'dead-letter-triage', level: 'silent' }),
});
afterAll(async () => {
  await host.stop();
  receiver.stop();
  expect(receiver.faults).toEqual([]);
});

/** Posts an event in binary mode and asks for an answer. */
async function post(headers: Record<string, string>, body: string | Uint8Array = '') {
  const given = {
    'ce-specversion': '1.0',
    'ce-id': randomUUID(),
    'ce-source': '/test',
    accept: 'application/json',
    ...headers,
  };
  const answer = await host.answer({
    method: 'POST',
    url: '/',
    rawHeaders: Object.entries(given).flat(),
    body: Buffer.from(body),
  });
  return {
    status: answer.statusCode,
    body: JSON.parse(answer.body) as { status?: string; result?: Record<string, unknown> },
  };
}

const letter = (partition = 0) => ({ ...deadRecord(), topic, partition });

test('a tick, a KafkaSource, a feed and our own event each find the letters', async () => {
  const json = { 'content-type': 'application/json' };
  await writeLetters(kafka, [letter()]);
  expect(await post({ 'ce-type': ping, ...json }, '{}')).toMatchObject({
    status: 200,
    body: { result: { letters: 1 } },
  });
  await writeLetters(kafka, [letter(1)]);
  const record = { 'ce-type': 'dev.knative.kafka.event', 'ce-source': `/s#${topic}`, 'ce-subject': 'partition:1#0' };
  expect(await post(record, 'rubbish')).toMatchObject({ body: { status: 'done', result: { letters: 1 } } });
  // The same bell again, and one for a letter that is not there.
  expect(await post(record, 'rubbish')).toMatchObject({ body: { status: 'nothing' } });
  expect(await post({ ...record, 'ce-subject': 'partition:1#999999' })).toMatchObject({ body: { status: 'nothing' } });
  await writeLetters(kafka, [letter()]);
  const messages = JSON.stringify([{ topic, partition: 0, offset: 1 }]);
  const feed = { 'ce-type': 'org.apache.openwhisk.kafka.messages', ...json };
  expect(await post(feed, messages)).toMatchObject({ body: { result: { letters: 1 } } });
  await writeLetters(kafka, [letter()]);
  const resumed = { 'ce-type': 'dev.lakewarden.dead-letter-triage.resumed', ...json };
  const places = JSON.stringify({ places: [{ topic, partition: 0 }] });
  expect(await post(resumed, places)).toMatchObject({ body: { result: { letters: 1 } } });
  const types = receiver.take().map(({ event }) => event.type);
  expect(types.filter((type) => type === 'dev.lakewarden.deadletter.group.opened')).toHaveLength(2);
});

test('an event that nobody took becomes a letter, once however often it is delivered', async () => {
  const captured = JSON.parse(readFileSync('test/fixtures/events/broker-dead-letter.json', 'utf8')) as {
    headers: Record<string, string>;
    body: string;
  };
  for (let times = 0; times < 3; times += 1) expect((await post(captured.headers, captured.body)).status).toBe(200);
  const other = { ...captured.headers, 'ce-id': 'b2' };
  await post(other, captured.body);
  const groups = await triage.groups(undelivered);
  expect(groups.map(({ count, about }) => [count, about.family])).toEqual([[2, 'knative']]);
});

test('a pointer of a share group is looked into by its original', async () => {
  const origin = await kafka.create();
  await writeLetters(kafka, [{ ...deadRecord(), topic: origin, partition: 0, value: Buffer.from('{"a":1,}') }]);
  const told = { topic: origin, partition: 0, offset: 0n, errorClass: '', message: null, stack: '' };
  const pointer = { ...letter(), key: null, value: null, headers: shareGroupHeaders(told) };
  const gone = { ...pointer, headers: shareGroupHeaders({ ...told, topic: 'gone-for-ever' }) };
  await writeLetters(kafka, [pointer, gone]);
  await post({ 'ce-type': ping });
  const classes = (await triage.groups(topic))
    .filter(({ about }) => about.family === 'share-group')
    .map(({ verdict }) => verdict.class);
  expect(classes.toSorted()).toEqual(['pointer', 'undecodable.json']);
});

test.each<[string, Record<string, string>, string, number]>([
  ['an unknown type', { 'ce-type': 'x.y' }, '', 415],
  ['broken JSON', { 'ce-type': ping, 'content-type': 'application/json' }, '{', 400],
  ['another topic', { 'ce-type': ping, 'content-type': 'application/json' }, '{"topics":["x"]}', 400],
  ['a KafkaSource of another topic', { 'ce-type': 'dev.knative.kafka.event', 'ce-subject': 'partition:0#0' }, '', 400],
  [
    '15 kB of headers and a malformed body',
    { 'ce-type': 'dev.knative.kafka.event', 'ce-kafkaheaderx': 'y'.repeat(15_000), 'content-type': 'application/json' },
    '{"',
    400,
  ],
])('%s is answered by 4xx, which nobody repeats', async (_, headers, body, status) => {
  expect((await post(headers, body)).status).toBe(status);
});

test('a sink that is away makes letters wait, and nothing is lost', async () => {
  await writeLetters(kafka, [{ ...letter(), value: Buffer.from('<new kind of letter') }]);
  receiver.judge = () => 503;
  expect((await post({ 'ce-type': ping })).status).toBe(503);
  receiver.judge = () => 202;
  expect(await post({ 'ce-type': ping })).toMatchObject({ body: { result: { letters: 1 } } });
});

test('events of two topics are two, also when they have one id', async () => {
  await writeLetters(kafka, [letter(), { ...letter(), topic: undelivered }]);
  for (const name of [topic, undelivered]) {
    const bell = { 'ce-id': 'partition:0/offset:0', 'ce-source': `/s#${name}`, 'ce-subject': 'partition:0#0' };
    expect(await post({ 'ce-type': 'dev.knative.kafka.event', ...bell })).toMatchObject({
      body: { result: { letters: 1 } },
    });
  }
});

test('metrics do not grow with the groups that an attacker makes', async () => {
  const series = async (): Promise<number> =>
    (await host.metrics.text()).split('\n').filter((line) => line.startsWith('lakewarden_triage_')).length;
  const attack = (round: number): NewRecord[] =>
    Array.from({ length: 200 }, (_, index) => {
      const name = `x${String.fromCodePoint(0x4e00 + index)}${round}`;
      const told = { ...failure, errorClass: name, message: name, stack: '', topic: name };
      return { ...letter(), headers: connectHeaders(told, name) };
    });
  await writeLetters(kafka, attack(1));
  await post({ 'ce-type': ping });
  const before = await series();
  const groups = (await triage.groups(topic)).length;
  await writeLetters(kafka, attack(2));
  await post({ 'ce-type': ping });
  expect((await triage.groups(topic)).length).toBe(groups + 200);
  expect(await series()).toBe(before);
});
