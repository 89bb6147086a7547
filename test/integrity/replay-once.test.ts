import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { planReplay, type PrintedPlan, readPlan } from '#functions/dead-letter-triage/replay/plan-file.ts';
import { LedgerView } from '#functions/dead-letter-triage/replay/ledger-view.ts';
import { replayHeaders } from '#functions/dead-letter-triage/letter/replay-headers.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import { connectHeaders, failure } from '../support/dead-letters.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { applyPrinted, replayTools, startReplayRun } from '../support/replay-site.ts';

const kafka = await useKafka();
/** `make kills` asks for more; each costs the start of a process. */
const wantedKills = Number(process.env['LAKEWARDEN_KILLS'] ?? 6);

/** Topics of one story. */
interface Site {
  readonly origin: string;
  readonly dlq: string;
  readonly ledger: string;
}

async function newSite(partitions = 1, dlqPartitions = 1): Promise<Site> {
  const [origin, dlq] = [await kafka.create(partitions), await kafka.create(dlqPartitions)];
  return { origin, dlq, ledger: kafka.name() };
}

function letter({ origin, dlq }: Site, index: number, changes: Partial<NewRecord> = {}): NewRecord {
  return {
    topic: dlq,
    partition: 0,
    timestamp: 1_700_000_000_000n + BigInt(index),
    key: Buffer.from(`k${index % 7}`),
    value: Buffer.from(JSON.stringify({ index })),
    headers: connectHeaders({ ...failure, topic: origin, partition: 0, offset: BigInt(index) }),
    ...changes,
  };
}

async function write(records: readonly NewRecord[]): Promise<void> {
  const writer = new TransactionalWriter(kafka.link, `write-${records[0]?.topic}`);
  await writer.begin();
  await writer.send(records);
  await writer.commit();
  await writer.settle();
  await writer.close();
}

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
/** Everything that is written, to the end of the last transactions, as Kafka's own client reads it. */
async function readAll(topic: string, partitions = 1): Promise<KafkaRecord[]> {
  for (let partition = 0; partition < partitions; partition += 1) await kafka.topics.settle(topic, partition);
  return kafka.java.read(topic);
}
const values = (records: readonly KafkaRecord[]): string[] => records.map(({ value }) => String(value));
const headersOf = ({ headers }: KafkaRecord): Record<string, string> =>
  Object.fromEntries(headers.map(([name, value]) => [String(name), String(value)]));
const source = ({ dlq }: Site, rest: object = {}): string =>
  JSON.stringify({ name: 'mend', filter: { topic: dlq }, ...rest });
const planOf = (site: Site, rest: object = {}): Promise<PrintedPlan> =>
  planReplay(source(site, rest), 'replay.yaml', replayTools(kafka.link, site.ledger));

test('a dry run prints exactly what the run does', async () => {
  const site = await newSite(3);
  await write(times(60, (index) => letter(site, index)));
  const plan = await planOf(site, { to: { partition: 'key' }, transforms: [{ set: '/mended', value: true }] });
  expect(await readAll(site.origin)).toEqual([]);
  const outcome = await applyPrinted(plan, replayTools(kafka.link, site.ledger));
  expect(outcome).toMatchObject({ end: 'done', written: 60 });
  expect(outcome.summary).toEqual(plan.summary);
  const written = await readAll(site.origin, 3);
  const counts = times(3, (partition) => written.filter((record) => record.partition === partition).length);
  expect(plan.summary.targets.map(({ records }) => records)).toEqual(counts.filter((count) => count > 0));
  expect(values(written)).toContain('{"index":0,"mended":true}');
  expect(headersOf(written[0] as KafkaRecord)).toEqual({
    [replayHeaders.id]: plan.plan,
    [replayHeaders.count]: '1',
    [replayHeaders.origin]: expect.stringMatching(`^${site.dlq}/0/`),
  });
  const again = await applyPrinted(plan, replayTools(kafka.link, site.ledger));
  expect(again).toMatchObject({ end: 'done', written: 0, summary: plan.summary });
  expect(await readAll(site.origin, 3)).toHaveLength(60);
});

test('whoever is killed, at whatever moment, nothing is lost and nothing is written twice', async () => {
  const letters = 160;
  const killed = { times: 0 };
  const kill = async (): Promise<void> => {
    const site = await newSite();
    await write(times(letters, (index) => letter(site, index)));
    const plan = await planOf(site, { window: 20 });
    for (;;) {
      const run = startReplayRun({ broker: kafka.broker, ledger: site.ledger, plan });
      const ended = once(run, 'exit');
      let dots = 1 + Math.floor(Math.random() * 2);
      run.stdout.on('data', (text: Buffer) => {
        dots -= text.length;
        if (dots <= 0 && killed.times < wantedKills) setTimeout(() => run.kill('SIGKILL'), Math.random() * 40);
      });
      const [code, signal] = (await ended) as [number | null, string | null];
      if (signal === null) {
        expect(code).toBe(0);
        break;
      }
      killed.times += 1;
    }
    const written = await readAll(site.origin);
    expect(values(written)).toEqual(times(letters, (index) => JSON.stringify({ index })));
  };
  while (killed.times < wantedKills) await Promise.all([kill(), kill()]);
}, 1_800_000);

test('an older run is fenced off by a younger one, and both together write each letter once', async () => {
  const site = await newSite();
  await write(times(200, (index) => letter(site, index)));
  const plan = await planOf(site, { window: 5 });
  const ends: string[] = [];
  // The next one begins whenever the one before is somewhere in the middle.
  for (let round = 0; !ends.includes('done'); round += 1) {
    const runs: Promise<void>[] = [];
    for (let rival = 0; rival < 4; rival += 1) {
      const run = applyPrinted(plan, replayTools(kafka.link, site.ledger));
      runs.push(run.then(({ end }) => void ends.push(end)));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 400));
    }
    await Promise.all(runs);
    expect(round).toBeLessThan(10);
  }
  expect(values(await readAll(site.origin))).toEqual(times(200, (index) => JSON.stringify({ index })));
});

test('a replay that is edited halfway is another plan, and leaves out what the first one wrote', async () => {
  const site = await newSite();
  await write(times(100, (index) => letter(site, index)));
  const first = await planOf(site, { window: 10 });
  let steps = 5;
  const half = await applyPrinted(first, replayTools(kafka.link, site.ledger, { hasTime: () => (steps -= 1) >= 0 }));
  expect(half).toMatchObject({ end: 'left', written: 50 });
  const edited = JSON.stringify({ ...first, source: source(site, { window: 10, order: 'none' }) });
  expect(() => readPlan(edited, 'plan.json')).toThrow('edited');
  const second = await planOf(site, { window: 10, order: 'none' });
  expect(second.plan).not.toBe(first.plan);
  expect(second.summary).toMatchObject({
    replayed: 50,
    skipped: [{ count: 50, reason: `plan ${first.plan} replayed it` }],
  });
  expect(await applyPrinted(second, replayTools(kafka.link, site.ledger))).toMatchObject({ end: 'done', written: 50 });
  await expect(applyPrinted(first, replayTools(kafka.link, site.ledger))).rejects.toMatchObject({ code: 'plan.stale' });
  expect(values(await readAll(site.origin))).toEqual(times(100, (index) => JSON.stringify({ index })));
});

test('a ledger that is not there knows of nothing, and whoever would write without it does not', async () => {
  const { ledger } = replayTools(kafka.link, `gone-${await kafka.create()}`);
  const view = await ledger.read(new LedgerView('p'));
  expect(view.positions.size).toBe(0);
  await expect(ledger.readAll(view, { topic: 'orders-dlq', partition: 0 })).rejects.toMatchObject({
    code: 'kafka.not_found',
  });
});
