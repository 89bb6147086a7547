import { expect, test } from '@jest/globals';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { type TriageLake, useTriage, writeLetters } from '../support/triage-lake.ts';

const kafka = await useKafka();
const prepare = useTriage(kafka);
const threatened = 'dev.lakewarden.deadletter.retention.threatened';

/** Triage of a topic that keeps letters in some way, and of one letter in it. */
async function triageOne(kept: Readonly<Record<string, string>>): Promise<TriageLake> {
  const topic = await kafka.create(1, kept);
  const triage = await prepare([topic]);
  const letter: NewRecord = {
    topic,
    partition: 0,
    timestamp: BigInt(Date.now() - 60_000),
    key: Buffer.from('k'),
    value: Buffer.from('{"a":'),
    headers: [],
  };
  await writeLetters(kafka, [letter]);
  return triage;
}

test.each([
  ['its age', { 'retention.ms': '7200000' }, { by: 'time' }],
  ['the size of the log', { 'retention.bytes': '10' }, { by: 'size' }],
  ['compaction', { 'cleanup.policy': 'compact' }, { by: 'compaction' }],
] as const)('an unhandled letter that will be deleted by %s is told', async (_, kept, data) => {
  const triage = await triageOne(kept);
  const { problems, standings } = await triage.run();
  expect(problems).toMatchObject([{ code: 'retention.near' }]);
  expect(standings).toMatchObject([{ oldest: expect.any(Number), deletedFrom: expect.any(Number) }]);
  expect(triage.events.filter(({ type }) => type === threatened)).toMatchObject([{ data }]);
});

test('that is told once for a group that waits, and once more when letters of it are gone', async () => {
  const triage = await triageOne({ 'retention.ms': '7200000' });
  const told = (): string[] =>
    triage.events.filter(({ type }) => type === threatened).map(({ data }) => (data as { lost: string }).lost);
  const run = async (): Promise<void> => {
    for (let times = 0; times < 2; times += 1)
      expect((await triage.run()).problems).toMatchObject([{ code: 'retention.near' }]);
  };
  await run();
  expect(told()).toEqual(['0']);
  await kafka.topics.deleteBelow(triage.settings.topics[0] ?? '', 0, 1n);
  await run();
  expect(told()).toEqual(['0', '1']);
});

test.each([
  ['for ever', {}],
  ['for a long time', { 'retention.ms': '864000000' }],
  ['until there is much of it', { 'retention.bytes': '1000000000000' }],
] as const)('one that is kept %s is no news', async (_, kept) => {
  const triage = await triageOne(kept);
  expect((await triage.run()).problems).toEqual([]);
  expect(triage.events.filter(({ type }) => type === threatened)).toEqual([]);
});
