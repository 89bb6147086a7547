import { beforeAll, expect, test } from '@jest/globals';
import { familyHeaders } from '#functions/dead-letter-triage/letter/read-headers.ts';
import { planReplay } from '#functions/dead-letter-triage/replay/plan-file.ts';
import type { UnderstoodLetter } from '#functions/dead-letter-triage/understand.ts';
import { headers } from '../support/dead-letters.ts';
import { startJavaProgram } from '../support/java-program.ts';
import { applyPrinted, replayTools } from '../support/replay-site.ts';
import { understandLetters } from '../support/understood-letters.ts';
import { useKafka } from '../support/kafka-lake.ts';

const kafka = await useKafka();
const { broker, java, link } = kafka;

const written = [1, 2, 3].map((id) => ({
  partition: id % 2,
  timestamp: 1_700_000_000_000n + BigInt(id),
  key: id === 3 ? null : Buffer.from([id]),
  value: Buffer.from(`{"id": ${id}, "amount":`),
  headers: headers(['trace', `${id}`], ['nothing', null]),
}));
const raw = await kafka.create(2);
await java.write(raw, 'lz4', written);
const originals = await java.read(raw);

/** The letters that the broker wrote as pointers, and those that it wrote as copies, when a share group rejected all records. */
let rejected: UnderstoodLetter[][];
beforeAll(async () => {
  // Brokers want this beginning of the name, and that the topic says what it is for.
  const newTopic = () => kafka.create(1, { 'errors.deadletterqueue.group.enable': 'true' }, 'dlq.');
  const topics = [await newTopic(), await newTopic()];
  const groups = topics.flatMap((dlq, index) => [`${raw}-${index === 1}`, dlq, String(index === 1)]);
  const reader = await startJavaProgram('kafka', 'ShareReader.java', [broker, raw, String(written.length), ...groups]);
  await reader.end();
  rejected = [];
  for (const dlq of topics) rejected.push(await understandLetters(link, dlq, written.length));
});

test.each([
  [false, 'as pointers'],
  [true, 'as copies'],
])('letters of a share group (copied: %s) are understood %s with every field', (isCopied) => {
  const letters = rejected[isCopied ? 1 : 0] ?? [];
  expect(letters).toHaveLength(originals.length);
  for (const { key, value, partition, offset } of originals) {
    const isOf = ({ letter }: UnderstoodLetter): boolean =>
      letter.hops[0]?.origin.partition === partition && letter.hops[0].origin.offset === offset;
    const { letter, verdict } = letters.find(isOf) as UnderstoodLetter;
    const origin = { topic: raw, partition, offset };
    expect(letter.hops).toEqual([
      {
        family: 'share-group',
        kind: 'failure',
        group: `${raw}-${isCopied}`,
        origin,
        error: { message: 'Offset rejected by client.' },
        attempts: 1,
        extras: {},
        undecoded: [],
      },
    ]);
    const { record, payload } = letter;
    expect([record.key, record.value]).toEqual(isCopied ? [key, value] : [null, null]);
    // The broker does not copy the headers that the record had (Kafka 4.4.0): only the original has them.
    expect(record.headers.every(([name]) => familyHeaders.has(String(name)))).toBe(true);
    expect(payload).toEqual(isCopied ? { kind: 'record' } : { kind: 'enclosed', key, value, isExact: true });
    expect(verdict.class).toBe('undecodable.truncated');
  }
  expect(new Set(letters.map(({ fingerprint }) => fingerprint.id)).size).toBe(1);
});

test.each([false, true])(
  'letters (copied: %s) are replayed as their originals were, headers and times too',
  async (isCopied) => {
    const dlq = rejected[isCopied ? 1 : 0]?.[0]?.letter.record.topic;
    const target = await kafka.create(2, {}, 'replayed-');
    const replay = { name: 'share', filter: { topic: dlq }, to: { topic: target, partition: 'key' }, order: 'none' };
    const tools = replayTools(link, kafka.name());
    const plan = await planReplay(JSON.stringify(replay), 'replay.yaml', tools);
    expect(plan.summary).toMatchObject({ replayed: originals.length, held: [], headersLost: 0 });
    expect(await applyPrinted(plan, tools)).toMatchObject({ end: 'done', written: originals.length });
    await Promise.all([0, 1].map((partition) => kafka.topics.settle(target, partition)));
    const told = ({ key, value, timestamp, headers: all }: (typeof originals)[number]) =>
      JSON.stringify([
        key && Buffer.from(key).toString('hex'),
        value && Buffer.from(value).toString('hex'),
        String(timestamp),
        all
          .filter(([name]) => !String(name).startsWith('lake-replay'))
          .map((pair) => pair.map((part) => part && String(part))),
      ]);
    expect((await java.read(target)).map(told).toSorted()).toEqual(originals.map(told).toSorted());
  },
);

test('letters whose originals are gone stay pointers', async () => {
  await kafka.topics.deleteBelow(raw, 1, 1n);
  const [dlq = ''] = rejected[0]?.map(({ letter }) => letter.record.topic) ?? [];
  const letters = await understandLetters(link, dlq, written.length);
  const pointers = letters.filter(({ verdict }) => verdict.class === 'pointer');
  expect(pointers.map(({ letter }) => letter.payload)).toEqual([
    { kind: 'elsewhere', origin: { topic: raw, partition: 1, offset: 0n }, missing: 'expired' },
  ]);
});
