import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import { useKafka } from '../support/kafka-lake.ts';

const kafka = await useKafka();
const admin = new TopicAdmin(kafka.link);
const own = kafka.name();

test('a topic is made with its settings, once, and can be used at once', async () => {
  const settings = {
    'cleanup.policy': 'compact',
    'message.timestamp.before.max.ms': '5000',
    'max.message.bytes': '2000',
  };
  expect(await admin.describe(own)).toBeUndefined();
  expect(await admin.create(own, { partitions: 3, settings })).toBe(true);
  expect(await admin.bounds(own, [0, 1, 2])).toEqual(
    new Map([0, 1, 2].map((partition) => [partition, { earliest: 0n, end: 0n }])),
  );
  const described = await admin.describe(own);
  expect(described).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), partitions: 3 });
  expect(await admin.create(own, { partitions: 3 })).toBe(false);
  expect(await admin.limits(own)).toEqual({
    compacts: true,
    deletes: false,
    retentionMs: 604_800_000n,
    retentionBytes: undefined,
    timestampType: 'create',
    oldestMs: 5_000n,
    youngestMs: 3_600_000n,
    maxBatchBytes: 2_000,
    minInSync: 1,
  });
  await expect(admin.limits(`${own}-not`)).rejects.toMatchObject({ code: 'kafka.not_found' });
});

test('a topic that brokers refuse is told with the reason', async () => {
  const name = randomUUID();
  for (const [asked, more] of [
    [name, { settings: { 'cleanup.policy': 'burn' } }],
    [name, { replicas: 9 }],
    ['a/b', {}],
  ] as const)
    await expect(admin.create(asked, { partitions: 1, ...more })).rejects.toMatchObject({ disposition: 'reject' });
  expect(await admin.describe(name)).toBeUndefined();
});

test('offsets are found by time, and bounds after records were deleted', async () => {
  const topic = await kafka.create(2);
  await kafka.topics.write(topic, [
    [0, 1_000],
    [0, 2_000],
    [0, 3_000],
    [1, 500],
  ]);
  await kafka.topics.deleteBelow(topic, 0, 1n);
  expect(await admin.offsetsAt(topic, [0, 1], 1_500n)).toEqual(new Map([[0, 1n]]));
  expect(await admin.bounds(topic, [0, 1])).toEqual(
    new Map([
      [0, { earliest: 1n, end: 3n }],
      [1, { earliest: 0n, end: 1n }],
    ]),
  );
});

test('positions of a group are those that are committed, and wait for a transaction that is not ended', async () => {
  const topic = await kafka.create();
  const group = randomUUID();
  expect(await admin.groupPositions(group, topic, [0])).toEqual(new Map());
  const writer = new TransactionalWriter(kafka.link, randomUUID());
  await writer.begin();
  await writer.commitPositions(group, [{ topic, partition: 0, next: 7n }]);
  await expect(admin.groupPositions(group, topic, [0], { limitMs: 300 })).rejects.toMatchObject({
    code: 'kafka.unavailable',
  });
  const asked = admin.groupPositions(group, topic, [0]);
  await writer.commit();
  await writer.close();
  expect(await asked).toEqual(new Map([[0, 7n]]));
});
