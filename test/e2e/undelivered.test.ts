import { expect, test } from '@jest/globals';
import { settingsSchema } from '#functions/dead-letter-triage/config.ts';
import { UndeliveredLetters } from '#functions/dead-letter-triage/undelivered/undelivered.ts';
import { isError } from '#shared/errors/error.ts';
import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { collect } from '../support/collect.ts';
import { useKafka } from '../support/kafka-lake.ts';

const kafka = await useKafka();
const hour = 3_600_000;

/** An instance of the function, so far as it takes such events. */
function instance(topic: string): UndeliveredLetters {
  const settings = settingsSchema.parse({
    topics: [topic],
    group: topic,
    knativeLetters: { topic },
    kafka: { brokers: [kafka.broker] },
  });
  return new UndeliveredLetters(settings, { link: kafka.link, admin: new TopicAdmin(kafka.link) });
}

const event = (id: string): CloudEventIn => ({
  specversion: '1.0',
  id,
  source: '/s',
  type: 't',
  data: undefined,
  extensions: { knativeerrordest: 'http://x', knativeerrorcode: '400' },
});
const idsIn = async (topic: string): Promise<string[]> =>
  (await collect(new RecordReader(kafka.link).read(topic, 0, 0n)))
    .flatMap(({ records }) => records)
    .map(({ headers }) => String(headers.find(([name]) => String(name) === 'ce_id')?.[1]));

test('a delivery that is repeated after a thousand others is known, by the same instance and by a new one', async () => {
  const topic = kafka.name();
  const first = instance(topic);
  const now = Date.now();
  await first.keep(event('a'), now - hour);
  await kafka.java.write(
    topic,
    'lz4',
    Array.from({ length: 1_000 }, () => ({
      partition: 0,
      timestamp: BigInt(now),
      key: null,
      value: null,
      headers: [],
    })),
  );
  await first.keep(event('b'), now);
  for (const one of [first, instance(topic)]) for (const id of ['a', 'b', 'a']) await one.keep(event(id), now);
  expect((await idsIn(topic)).filter((id) => id !== 'undefined')).toEqual(['a', 'b']);
});

test('what is repeated after more than three hours is another letter', async () => {
  const topic = kafka.name();
  const now = Date.now();
  await instance(topic).keep(event('a'), now - 4 * hour);
  await instance(topic).keep(event('b'), now - 2 * hour);
  await instance(topic).keep(event('a'), now);
  expect(await idsIn(topic)).toEqual(['a', 'b', 'a']);
});

test('many deliveries at once, of one event to several instances, are one letter each', async () => {
  const topic = kafka.name();
  await instance(topic).keep(event('0'), Date.now());
  const instances = [instance(topic), instance(topic)];
  const keep = async (one: UndeliveredLetters, id: string): Promise<void> => {
    for (;;) {
      try {
        return void (await one.keep(event(id), Date.now()));
      } catch (error) {
        // Knative tries again: another instance was at it.
        if (!isError(error, 'kafka.fenced', 'kafka.unavailable')) throw error;
      }
    }
  };
  await Promise.all(instances.flatMap((one) => ['1', '2', '1', '3', '2'].map((id) => keep(one, id))));
  expect((await idsIn(topic)).toSorted()).toEqual(['0', '1', '2', '3']);
});

test('a topic that was made anew knows nothing', async () => {
  const topic = kafka.name();
  const one = instance(topic);
  await one.keep(event('a'), Date.now());
  await kafka.topics.delete(topic);
  const link = new KafkaLink({ brokers: [kafka.broker], deadlineMs: 15_000 });
  const admin = new TopicAdmin(link);
  while ((await admin.describe(topic)) !== undefined);
  await one.keep(event('a'), Date.now());
  await link.close();
  expect(await idsIn(topic)).toEqual(['a']);
});

test('text that is no text, and ids of any kind, are known again', async () => {
  const topic = kafka.name();
  const ids = ['\ud800', '__proto__', ' ', '\u0000', 'é'.repeat(5_000)];
  for (const one of [instance(topic), instance(topic)]) for (const id of ids) await one.keep(event(id), Date.now());
  expect(await idsIn(topic)).toHaveLength(ids.length);
  await expect(instance(topic).keep(event('x'.repeat(2_000_000)), Date.now())).rejects.toMatchObject({
    code: 'kafka.invalid',
  });
});
