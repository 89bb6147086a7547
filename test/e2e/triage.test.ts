import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { decodeLine } from '#functions/dead-letter-triage/quarantine/json-lines.ts';
import { previewRun } from '#functions/dead-letter-triage/preview.ts';
import { readDoorbell } from '#functions/dead-letter-triage/doorbell.ts';
import { summarise } from '#functions/dead-letter-triage/summary.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { connectHeaders, failure } from '../support/dead-letters.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { sweep, useTriage, writeLetters } from '../support/triage-lake.ts';

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
  const files = [...(await triage.files(topic)).values()];
  const lines = files.flatMap((file) => gunzipSync(file).toString().trimEnd().split('\n'));
  const stored = lines.map(decodeLine);
  const read = [];
  for await (const piece of new RecordReader(kafka.link).read(topic, 0, 0n)) read.push(...piece.records);
  expect(stored).toEqual(read.map((record) => ({ ...record, ...comparable(record) })));
});

/** Buffers of Kafka and of JSON are views of different memory. */
function comparable({ key, value, headers }: Pick<NewRecord, 'key' | 'value' | 'headers'>) {
  const copy = (bytes: Uint8Array | null): Buffer | null => bytes && Buffer.from(bytes);
  return { key: copy(key), value: copy(value), headers: headers.map(([name, own]) => [copy(name), copy(own)]) };
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
