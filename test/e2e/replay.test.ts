import { expect, test } from '@jest/globals';
import { replayHeaders } from '#functions/dead-letter-triage/letter/replay-headers.ts';
import { planReplay, type PrintedPlan, readPlan } from '#functions/dead-letter-triage/replay/plan-file.ts';
import type { ReplayTools } from '#functions/dead-letter-triage/replay/replay-tools.ts';
import { readStatus } from '#functions/dead-letter-triage/replay/replay-status.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import type { KafkaHeader, KafkaRecord } from '#shared/kafka/record.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import { collect } from '../support/collect.ts';
import { connectHeaders, failure, headers, shareGroupHeaders } from '../support/dead-letters.ts';
import { Dice } from '../support/dice.ts';
import { foreignHeaders, hostileRecords } from '../support/hostile-records.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { applyPrinted, replayTools } from '../support/replay-site.ts';

const kafka = await useKafka();
/** `make kills` asks for more. */
const randomLetters = Number(process.env['LAKEWARDEN_RANDOM_LETTERS'] ?? 2_000);

interface Site {
  readonly origin: string;
  readonly dlq: string;
  readonly ledger: string;
}

async function newSite(partitions = 1): Promise<Site> {
  return { origin: await kafka.create(partitions), dlq: await kafka.create(), ledger: kafka.name() };
}

async function write(records: readonly NewRecord[]): Promise<void> {
  const writer = new TransactionalWriter(kafka.link, `write-${records[0]?.topic}`);
  await writer.begin();
  await writer.send(records);
  await writer.commit();
  await writer.settle();
  await writer.close();
}

function record(topic: string, key: string | null, value: string, own: readonly KafkaHeader[] = []): NewRecord {
  const bytes = key === null ? null : Buffer.from(key);
  return { topic, partition: 0, timestamp: 1_700_000_000_000n, key: bytes, value: Buffer.from(value), headers: own };
}

const toolsOf = ({ ledger }: Site, changes: Partial<ReplayTools> = {}): ReplayTools =>
  replayTools(kafka.link, ledger, changes);
const planOf = (site: Site, rest: object = {}, name = 'mend'): Promise<PrintedPlan> =>
  planReplay(JSON.stringify({ name, filter: { topic: site.dlq }, ...rest }), 'replay.yaml', toolsOf(site));
/** Everything that is written, to the end of the last transaction. */
const readOwn = (topic: string): Promise<KafkaRecord[]> =>
  kafka.topics
    .settle(topic, 0)
    .then(() => collect(new RecordReader(kafka.link).read(topic, 0, 0n)))
    .then((pieces) => pieces.flatMap(({ records }) => records));
const told = (offset: number, topic: string): KafkaHeader[] =>
  connectHeaders({ ...failure, topic, partition: 0, offset: BigInt(offset), stack: 'x.Y: z' });
const hex = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('hex');
const values = (records: readonly KafkaRecord[]): string[] => records.map(({ value }) => String(value));
const ours = new Set<string>(Object.values(replayHeaders));
const faithful = ({ key, value, timestamp, headers: all }: Omit<NewRecord, 'topic' | 'partition'>) =>
  JSON.stringify([
    hex(key),
    hex(value),
    String(timestamp),
    all.filter(([name]) => !ours.has(String(name))).map(([name, content]) => [hex(name), hex(content)]),
  ]);

/** Records of any bytes, with times far from each other. */
function randomRecords(dice: Dice, count: number): Omit<NewRecord, 'topic' | 'partition'>[] {
  const bytes = (length: number): Buffer | null =>
    dice.oneIn(6) ? null : Buffer.from(dice.times(dice.below(length), () => dice.below(256)));
  return dice.times(count, () => ({
    key: bytes(8),
    value: bytes(24),
    timestamp: dice.oneIn(3) ? BigInt(dice.below(2 ** 31)) * 700n : 1_700_000_000_000n,
    headers: dice.times(dice.below(4), () => [Buffer.from(dice.pick(['a', 'b', '', '1', '__proto__', 'é'])), bytes(6)]),
  }));
}

test('every byte of thousands of records of any kind is as it was: keys, values, times, headers in their order', async () => {
  const site = await newSite();
  const hostile = hostileRecords(1).filter(({ value }) => (value?.length ?? 0) < 100_000);
  const foreign = { key: null, value: null, timestamp: 5n, headers: foreignHeaders };
  const records = [foreign, ...hostile, ...randomRecords(new Dice(7), randomLetters)];
  const letters = records.map((one, offset) => ({
    ...one,
    topic: site.dlq,
    partition: 0,
    // What failed may put its headers in front of others, or behind.
    headers:
      offset % 2 === 0
        ? [...one.headers, ...told(offset, site.origin)]
        : [...told(offset, site.origin), ...one.headers],
  }));
  await write(letters);
  const rest = { newerData: 'ignore', budget: { perLetter: 3, total: 2 * randomLetters } };
  const plan = await planOf(site, rest);
  expect(plan.summary).toMatchObject({ replayed: records.length, held: [], skipped: [] });
  const outcome = await applyPrinted(plan, toolsOf(site));
  expect(outcome.summary).toEqual(plan.summary);
  const written = await readOwn(site.origin);
  expect(written.map(faithful).findIndex((one, index) => one !== faithful(records[index] as NewRecord))).toBe(-1);
  expect(written).toHaveLength(records.length);
}, 600_000);

test('a target that has grown is reached by key as Java would, and held by its partition where there is none', async () => {
  const site = await newSite(5);
  await write(
    Array.from({ length: 50 }, (_, index) => record(site.dlq, `key ${index}`, '1', told(index, site.origin))),
  );
  await applyPrinted(await planOf(site, { to: { partition: 'key' } }), toolsOf(site));
  for (let partition = 0; partition < 5; partition += 1) await kafka.topics.settle(site.origin, partition);
  const written = await kafka.java.read(site.origin);
  const keys = written.map(({ key }) => key ?? Buffer.alloc(0));
  expect(written.map(({ partition }) => partition)).toEqual(await kafka.java.partitionsOf(keys, 5));
});

test('newer data of a key is told, and keeps its old letters back when that is wanted', async () => {
  const site = await newSite();
  // Offsets 0 and 2 failed; 1 is newer data of the first key, 3 of nobody.
  await write(['a', 'a', 'b', 'c'].map((key, index) => record(site.origin, key, String(index))));
  await write([record(site.dlq, 'a', '0', told(0, site.origin)), record(site.dlq, 'b', '2', told(2, site.origin))]);
  const plan = await planOf(site);
  expect(plan.warnings[0]).toContain('1 letters are older than other records of their key');
  const careful = await planOf(site, { newerData: 'hold' });
  expect(careful.summary.held).toEqual([
    { reason: 'its key has newer records in the topic it came from', count: 1, letters: [`${site.dlq}/0/0`] },
  ]);
  expect(await applyPrinted(careful, toolsOf(site))).toMatchObject({ end: 'done', written: 1 });
  expect(await applyPrinted(careful, toolsOf(site))).toMatchObject({
    end: 'done',
    written: 0,
    summary: careful.summary,
  });
});

test('a letter that cannot be changed is held by its name, and the others go on', async () => {
  const site = await newSite();
  const bodies = ['{"a":1}', '{', '{"a":3}', '{"a":4}'];
  await write(
    bodies.map((body, index) => record(site.dlq, index === 2 ? 'k1' : `k${index}`, body, told(index, site.origin))),
  );
  const plan = await planOf(site, { transforms: [{ rename: '/a', to: '/b' }] });
  expect(await applyPrinted(plan, toolsOf(site))).toMatchObject({ end: 'done', written: 2 });
  expect(values(await readOwn(site.origin))).toEqual(['{"b":1}', '{"b":4}']);
  const { held } = await readStatus(readPlan(JSON.stringify(plan), 'p'), toolsOf(site));
  expect(held.map(({ letter, reason }) => [letter, reason])).toEqual([
    [`${site.dlq}/0/1`, 'the value is not JSON'],
    [`${site.dlq}/0/2`, 'a letter of the same key before it is held'],
  ]);
});

test('letters with false headers are held, and do not keep the others back', async () => {
  const site = await newSite();
  const from = (claims: Partial<typeof failure>): KafkaHeader[] =>
    connectHeaders({ ...failure, topic: site.origin, partition: 0, offset: 1n, ...claims });
  await write([
    record(site.dlq, 'a', '0', from({ partition: 7 })),
    record(site.dlq, 'b', '1', from({ topic: 'no such/topic' })),
    record(site.dlq, 'c', '2', from({ topic: `never-${site.origin}` })),
    record(site.dlq, 'd', '3', from({ offset: 2n ** 62n })),
    record(site.dlq, 'e', '4', from({ partition: 2 ** 31 - 1 })),
  ]);
  const plan = await planOf(site);
  const held = plan.summary.held.flatMap(({ letters }) => letters.map((place) => place.at(-1) ?? ''));
  expect(new Set(held)).toEqual(new Set(['0', '1', '2', '4']));
  expect(await applyPrinted(plan, toolsOf(site))).toMatchObject({ end: 'done', written: 1 });
});

/** A consumer that fails at every record, and whose dead letters keep our headers, or drop them. */
async function failAgain(site: Site, from: number, until: number, keepsHeaders: boolean): Promise<void> {
  const records = (await readOwn(site.origin)).slice(from, until);
  await write(
    records.map((one) => ({
      ...one,
      topic: site.dlq,
      headers: [...(keepsHeaders ? one.headers : []), ...told(Number(one.offset), site.origin)],
    })),
  );
}

test.each([true, false])(
  'a letter that fails for ever is replayed as often as it may, with our headers: %s',
  async (keeps) => {
    const site = await newSite();
    await write([record(site.dlq, 'k', 'v', told(99, site.origin))]);
    for (let round = 1; round <= 2; round += 1) {
      const plan = await planOf(site, { budget: { perLetter: 2 } }, `round-${round}`);
      expect(await applyPrinted(plan, toolsOf(site))).toMatchObject({ end: 'done', written: 1 });
      await failAgain(site, round - 1, round, keeps);
    }
    const last = await planOf(site, { budget: { perLetter: 2 } }, 'round-3');
    expect(last.summary).toMatchObject({ replayed: 0, held: [{ reason: 'it was replayed 2 times before', count: 1 }] });
  },
);

test.each([true, false])('a plan whose letters come back is stopped, with our headers: %s', async (keeps) => {
  const site = await newSite();
  await write(
    Array.from({ length: 60 }, (_, index) => record(site.dlq, `k${index}`, `v${index}`, told(index, site.origin))),
  );
  const rest = {
    newerData: 'ignore',
    breaker: { share: 0.3, least: 10, seconds: 0, probe: { letters: 20, seconds: 1 } },
  };
  const plan = await planOf(site, rest);
  // While the plan waits, its consumer fails.
  const wait = (): Promise<void> => failAgain(site, 0, 20, keeps);
  const outcome = await applyPrinted(plan, toolsOf(site, { wait }));
  expect(outcome).toMatchObject({ end: 'stopped', written: 20, returned: 20, returns: { replayed: 20, returned: 20 } });
  expect(outcome.reason).toBe('20 of 20 replayed letters came back, more than 30 %');
  // It stays stopped, for whoever tries.
  expect(await applyPrinted(plan, toolsOf(site))).toMatchObject({ end: 'stopped', written: 0, returned: 0 });
  expect(await readOwn(site.origin)).toHaveLength(20);
});

test('records are written no faster than they may', async () => {
  const site = await newSite();
  await write(Array.from({ length: 50 }, (_, index) => record(site.dlq, null, `v${index}`, told(index, site.origin))));
  // A clock that only waiting moves.
  let now = Date.now();
  const started = now;
  const wait = async (ms: number): Promise<void> => void (now += ms);
  const plan = await planOf(site, { rate: 10 });
  expect(await applyPrinted(plan, toolsOf(site, { now: () => now, wait }))).toMatchObject({ end: 'done', written: 50 });
  expect(now - started).toBe(4_000);
});

test('a share group\u2019s letter is replayed with the headers of its original, and held when that is gone', async () => {
  const site = await newSite();
  const own = headers(['h', '1'], ['h', null]);
  await write([record(site.origin, 'k', 'whole', own), record(site.origin, 'k', 'copied', own)]);
  const at = (offset: bigint) => shareGroupHeaders({ ...failure, topic: site.origin, partition: 0, offset });
  const pointer = { ...record(site.dlq, null, '', at(0n)), value: null };
  await write([
    pointer,
    record(site.dlq, 'k', 'copied', at(1n)),
    record(site.dlq, 'k', 'lost', at(99n)),
    { ...pointer, headers: at(98n) },
  ]);
  const rest = { newerData: 'ignore', order: 'none' };
  const gone = 'the headers of its record are lost: the original is gone';
  const plan = await planOf(site, rest);
  expect(plan.summary).toMatchObject({ replayed: 2, headersLost: 0 });
  expect(plan.summary.held.map(({ reason, letters }) => [reason, letters])).toEqual([
    ['the letter is only a pointer, and its record is not there yet: the topic was made anew', [`${site.dlq}/0/3`]],
    [gone, [`${site.dlq}/0/2`]],
  ]);
  await applyPrinted(plan, toolsOf(site));
  const written = (await readOwn(site.origin)).slice(2);
  expect(written.map(faithful).toSorted()).toEqual(
    ['copied', 'whole'].map((value) => faithful(record('', 'k', value, own))),
  );
  // Whoever asks for them gets copies without headers; pointers hold nothing. Keys are those of the originals.
  const inexact = await planOf(site, { ...rest, inexact: true });
  expect(inexact.summary).toMatchObject({ replayed: 1, headersLost: 1, held: [{ count: 1 }] });
  const byKey = { name: 'keys', filter: { topic: site.dlq, keys: ['k'] }, ...rest };
  expect((await planReplay(JSON.stringify(byKey), 'replay.yaml', toolsOf(site))).summary.selected).toBe(3);
});
