import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { readLetter } from '#functions/dead-letter-triage/letter/read-letter.ts';
import { type FetchOriginal, originalsOf } from '#functions/dead-letter-triage/letter/originals.ts';
import { makeSample } from '#functions/dead-letter-triage/privacy/sample.ts';
import { completeLetter } from '#functions/dead-letter-triage/replay/complete-letter.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { deadRecord, failure, headers, shareGroupHeaders } from '../support/dead-letters.ts';
import { useKafka } from '../support/kafka-lake.ts';

const kafka = await useKafka();
const admin = new TopicAdmin(kafka.link);
const topic = await kafka.create();
const record = {
  timestamp: 1_700_000_000_000n,
  key: Buffer.from('k'),
  value: Buffer.from('{'),
  headers: headers(['h', '1']),
};
await kafka.java.write(
  topic,
  'none',
  [0, 1, 2].map(() => ({ ...record, partition: 0 })),
);
await kafka.topics.deleteBelow(topic, 0, 1n);
const aborted = await kafka.create();
await kafka.topics.transact(aborted, [[0, 1]], 'abort');

/** A topic's id as brokers write it: Base64 for URLs. */
const idOf = async (name: string): Promise<string> =>
  Buffer.from(((await admin.describe(name))?.id ?? '').replaceAll('-', ''), 'hex').toString('base64url');
const pointTo = (told: string, offset: bigint) =>
  readLetter(
    deadRecord({
      key: null,
      value: null,
      headers: shareGroupHeaders({ ...failure, topic: told, partition: 0, offset }),
    }),
    [],
  );
const follow = (told: string, offset: bigint, fetchOriginal: FetchOriginal = originalsOf(kafka.link)) =>
  completeLetter(pointTo(told, offset), { fetchOriginal, sources: [] });

test('a pointer leads to its record, whether the broker wrote the name of the topic or its id', async () => {
  const id = await idOf(topic);
  expect(id).toHaveLength(22);
  for (const told of [topic, id]) {
    const { record: found, hops, payload } = await follow(told, 2n);
    expect(found).toMatchObject(record);
    expect(payload.kind).toBe('record');
    expect(hops[0]?.origin).toEqual({ topic, partition: 0, offset: 2n });
  }
});

test('a name that looks like an id is a name', async () => {
  const name = randomUUID().slice(0, 22);
  await kafka.topics.create(name, 1);
  try {
    await kafka.topics.write(name, [[0, 1]]);
    expect((await follow(name, 0n)).record.value).toEqual(Buffer.from('v'));
  } finally {
    await kafka.topics.delete(name);
  }
});

test('why a record is not there is told, and shown with the letter', async () => {
  const gone = `test-${randomUUID()}`;
  await kafka.topics.create(gone, 1);
  const id = await idOf(gone);
  await kafka.topics.delete(gone);
  for (const [told, offset, missing] of [
    [topic, 0n, 'expired'],
    [aborted, 0n, 'removed'],
    [topic, 3n, 'ahead'],
    [topic, 9_999n, 'ahead'],
    [gone, 0n, 'topic'],
    [id, 0n, 'topic'],
    ['../x y', 0n, 'topic'],
  ] as const)
    expect([told, (await follow(told, offset)).payload]).toMatchObject([told, { kind: 'elsewhere', missing }]);
  expect(makeSample(await follow(topic, 0n)).fault).toBe('its record was deleted by retention');
});

test('ids of any number cost one question', async () => {
  const fetchOriginal = originalsOf(kafka.link);
  const ask = (index: number) => follow(String(index).padStart(22, 'x'), 0n, fetchOriginal);
  await ask(0);
  const before = kafka.link.calls;
  for (let index = 0; index < 20; index += 1) expect((await ask(index)).payload).toMatchObject({ missing: 'topic' });
  expect(kafka.link.calls).toBe(before);
});

test('topics are described together, without those that are not there or could never be', async () => {
  const found = await admin.describeAll({ topics: [topic, 'gone-for-ever', '..', topic] });
  expect(found).toEqual(new Map([[topic, await admin.describe(topic)]]));
  expect(await admin.describeAll({ topics: [] })).toEqual(new Map());
  expect((await admin.describeAll()).get(topic)).toEqual(await admin.describe(topic));
});
