import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { decodeLine } from '#functions/dead-letter-triage/quarantine/json-lines.ts';
import { previewRun } from '#functions/dead-letter-triage/preview.ts';
import { readDoorbell } from '#functions/dead-letter-triage/doorbell.ts';
import { summarise } from '#functions/dead-letter-triage/summary.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { connectHeaders, failure } from '../support/dead-letters.ts';
import { foreignHeaders, hostileHeaders } from '../support/hostile-records.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { sweep, type TriageLake, useTriage, writeLetters } from '../support/triage-lake.ts';

const kafka = await useKafka();
const prepare = useTriage(kafka);
const hour = 1_700_000_000_000n;

/** Letters of a sink that could not read its input, and of a job that says nothing of what it could not read. */
function letters(topic: string, count: number, partition = 0): NewRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    topic,
    partition,
    timestamp: hour + BigInt(index),
    key: null,
    value: Buffer.from(index % 2 === 0 ? `{"id":${index},` : `{"id":"${index}"} `),
    headers: index % 2 === 0 ? [] : connectHeaders({ ...failure, offset: BigInt(index) }),
  }));
}

test('letters become groups that are told, and files that hold them byte for byte', async () => {
  const topic = await kafka.create();
  const triage = await prepare([topic]);
  const records = letters(topic, 40);
  await writeLetters(kafka, records);
  await writeLetters(kafka, letters(topic, 10), 'abort');
  const outcome = await triage.run();
  expect(outcome.problems).toEqual([]);
  expect(summarise(outcome)).toMatchObject({ status: 'done', letters: 40, setAside: 40, groups: { opened: 2 } });
  const groups = await triage.groups(topic);
  expect(groups.map(({ count }) => count)).toEqual([20, 20]);
  expect(groups.map(({ verdict }) => verdict.class)).toContain('undecodable.truncated');
  expect(triage.events.map(({ type }) => type).toSorted()).toEqual([
    'dev.lakewarden.deadletter.group.grown',
    'dev.lakewarden.deadletter.group.grown',
    'dev.lakewarden.deadletter.group.opened',
    'dev.lakewarden.deadletter.group.opened',
    'dev.lakewarden.file.closed',
  ]);
  await expectStored(triage, topic);
});

/** Every record of the topic is in the quarantine as it is in Kafka. */
async function expectStored(triage: TriageLake, topic: string): Promise<void> {
  const files = [...(await triage.files(topic)).values()];
  const lines = files.flatMap((file) => gunzipSync(file).toString().trimEnd().split('\n'));
  const stored = lines.map(decodeLine).toSorted((a, b) => Number(a.offset - b.offset));
  const read: KafkaRecord[] = [];
  for await (const piece of new RecordReader(kafka.link).read(topic, 0, 0n)) read.push(...piece.records);
  expect(stored.map(comparable)).toEqual(read.map(comparable));
}

/** A record with its bytes as text: two long ones are compared byte by byte for ages. */
function comparable(record: KafkaRecord): object {
  const text = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('base64');
  const { key, value, headers } = record;
  return { ...record, key: text(key), value: text(value), headers: headers.map((pair) => pair.map(text)) };
}

test('a dry run tells exactly what the run does, and changes nothing', async () => {
  const topic = await kafka.create(2);
  const triage = await prepare([topic], { limits: { batchRecords: 7 } });
  await writeLetters(kafka, [...letters(topic, 30), ...letters(topic, 5, 1)]);
  const request = readDoorbell(sweep, triage.settings);
  const preview = await previewRun(request, triage.tools);
  expect(await previewRun(request, triage.tools)).toEqual(preview);
  expect(triage.events).toEqual([]);
  const outcome = await triage.run();
  expect(outcome.partitions.map(({ letters: count }) => count)).toEqual(preview.partitions.map((one) => one.letters));
  expect(await triage.counts(topic)).toEqual(
    Object.fromEntries(preview.partitions[0]?.groups.map(({ id, count }) => [id, count]) ?? []),
  );
  const root = triage.settings.quarantine?.root;
  const planned = preview.partitions.flatMap(({ files }) => files.map((file) => `${root}/${file}`));
  expect([...(await triage.files(topic)).keys()].toSorted()).toEqual(planned.toSorted());
  const told = triage.events.filter(({ type }) => type !== 'dev.lakewarden.file.closed');
  expect(told).toHaveLength(preview.partitions.flatMap(({ transitions }) => transitions).length);
  expect(await previewRun(request, triage.tools)).toMatchObject({ partitions: [] });
});

test('a run with nothing to do writes nothing, and a new letter of a resolved group opens it again', async () => {
  const topic = await kafka.create();
  const triage = await prepare([topic], { alerts: { quietSeconds: 3_600 } });
  await writeLetters(kafka, letters(topic, 1));
  const earlier = { now: () => Date.now() - 7_200_000 };
  await triage.run(sweep, earlier);
  triage.events.length = 0;
  expect(summarise(await triage.run(sweep, earlier)).status).toBe('nothing');
  expect(triage.events).toEqual([]);
  expect(summarise(await triage.run()).groups.resolved).toBe(1);
  await writeLetters(kafka, letters(topic, 1));
  expect(summarise(await triage.run()).groups).toMatchObject({ opened: 0, regressed: 1 });
  expect(triage.events.map(({ type }) => type.split('.').at(-1))).toEqual(['resolved', 'closed', 'regressed']);
  expect(Object.values(await triage.counts(topic))).toEqual([2]);
});

const sumOf = (counts: Record<string, number>): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

test('a topic that was deleted and made anew is read from its beginning', async () => {
  const topic = await kafka.create();
  const triage = await prepare([topic], { limits: { batchRecords: 10 } });
  await writeLetters(kafka, letters(topic, 30));
  await triage.run();
  // Somebody was killed within the next batch.
  const { state } = triage.tools;
  await writeLetters(kafka, state.records({ topic, partition: 0 }, { batch: { first: 31n, last: 40n } }, 0));
  await kafka.topics.delete(topic);
  await kafka.topics.create(topic, 1, { 'retention.ms': '-1' });
  await writeLetters(kafka, letters(topic, 50));
  expect((await triage.run()).partitions).toMatchObject([{ letters: 50 }]);
  expect(sumOf(await triage.counts(topic))).toBe(80);
});

test('a log that ends before our position is told, and nothing is skipped', async () => {
  const topic = await kafka.create();
  const triage = await prepare([topic]);
  await writeLetters(kafka, letters(topic, 3));
  const { clients, settings } = triage.tools;
  const moveTo = async (next: bigint): Promise<void> => {
    const writer = new TransactionalWriter(clients.link, `move-${topic}`);
    await writer.begin();
    await writer.commitPositions(settings.group, [{ topic, partition: 0, next }]);
    await writer.commit();
    await writer.close();
  };
  await moveTo(99n);
  const message = expect.stringContaining('the log ends at 4, before our position 99');
  for (let times = 0; times < 2; times += 1)
    expect(await triage.run()).toMatchObject({ problems: [{ code: 'partition.failed', message }], partitions: [] });
  await moveTo(0n);
  expect((await triage.run()).partitions).toMatchObject([{ letters: 3 }]);
});

test('hostile letters are counted and set aside like all others', async () => {
  const topic = await kafka.create(1, { 'message.timestamp.after.max.ms': String(2n ** 63n - 1n) });
  const triage = await prepare([topic]);
  const plain = { topic, partition: 0, timestamp: hour, key: null, value: null, headers: [] };
  const hostile: NewRecord[] = [
    plain,
    { ...plain, timestamp: 0n, key: Buffer.alloc(0), value: Buffer.alloc(0) },
    { ...plain, timestamp: 253_402_300_800_000n, headers: [...hostileHeaders, ...foreignHeaders] },
    { ...plain, value: Buffer.from('['.repeat(100_000)) },
    {
      ...plain,
      value: Buffer.from([0, 0, 0, 0, 1]),
      headers: connectHeaders({ ...failure, stack: 'at '.repeat(50_000) }),
    },
    { ...plain, headers: Array.from({ length: 4_000 }, () => [Buffer.from('__connect.errors.topic'), null] as const) },
  ];
  await writeLetters(kafka, hostile);
  expect(summarise(await triage.run())).toMatchObject({
    letters: hostile.length,
    setAside: hostile.length,
    problems: 0,
  });
  await expectStored(triage, topic);
});

test('letters of ever new groups are counted together beyond a number of groups', async () => {
  const topic = await kafka.create();
  const triage = await prepare([topic], { limits: { groups: 20, opened: 5, batchRecords: 50 } });
  const name = (index: number): string => String(index).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '');
  const attack = Array.from({ length: 300 }, (_, index) => ({
    ...(letters(topic, 1)[0] as NewRecord),
    headers: connectHeaders({ ...failure, errorClass: `x.${name(index)}`, stack: '' }),
  }));
  await writeLetters(kafka, attack);
  const outcome = await triage.run();
  const counts = await triage.counts(topic);
  expect(Object.keys(counts)).toHaveLength(21);
  expect(counts['overflow']).toBe(280);
  expect(outcome.problems).toMatchObject([{ code: 'groups.many' }]);
  expect(triage.events.filter(({ type }) => type.endsWith('.opened'))).toHaveLength(5);
});

test('partitions in which nothing waits are asked for together, and a letter in one of them is found', async () => {
  const partitions = 40;
  const topic = await kafka.create(partitions);
  const triage = await prepare([topic]);
  const { link } = triage.tools.clients;
  const callsOf = async (): Promise<number> => {
    const before = link.calls;
    await triage.run();
    return link.calls - before;
  };
  await callsOf();
  expect(await callsOf()).toBeLessThan(partitions);
  await writeLetters(
    kafka,
    letters(topic, 1).map((one) => ({ ...one, partition: partitions - 1 })),
  );
  expect((await triage.run()).partitions).toMatchObject([{ partition: partitions - 1, letters: 1 }]);
  expect(await callsOf()).toBeLessThan(partitions);
  expect((await triage.run()).partitions).toEqual([]);
});
