import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { Announce } from '#functions/dead-letter-triage/announce.ts';
import { closeClients, createClients } from '#functions/dead-letter-triage/clients.ts';
import { settingsSchema } from '#functions/dead-letter-triage/config.ts';
import { readDoorbell } from '#functions/dead-letter-triage/doorbell.ts';
import type { Group } from '#functions/dead-letter-triage/group/group.ts';
import { planReplay } from '#functions/dead-letter-triage/replay/plan-file.ts';
import { applyRun, type RunTools } from '#functions/dead-letter-triage/run.ts';
import { openState } from '#functions/dead-letter-triage/state/open-state.ts';
import { asError, isError } from '#shared/errors/error.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import { collect } from '../support/collect.ts';
import { connectHeaders, failure } from '../support/dead-letters.ts';
import { KafkaTopics } from '../support/kafka-topics.ts';
import { useOwnBroker } from '../support/own-broker.ts';
import { applyPrinted, replayTools } from '../support/replay-site.ts';
import { sweep, writeLetters } from '../support/triage-lake.ts';

const broker = await useOwnBroker();
const kafka = { brokers: [broker.address], deadlineSeconds: 1 };
const topics = new KafkaTopics(broker.address);
const patientLink = new KafkaLink({ brokers: [broker.address], deadlineMs: 5_000 });
const opened: RunTools['clients'][] = [];
afterAll(() => Promise.all([topics.close(), patientLink.close(), ...opened.map(closeClients)]));
const letters = 300;
const kinds = ['no room', 'no way', 'no idea'];

/** Writes letters of a topic whose records failed in another. */
async function write(dlq: string, origin: string, { clients }: RunTools, count = letters): Promise<void> {
  for (const topic of [dlq, origin])
    await clients.admin.create(topic, { partitions: 1, settings: { 'retention.ms': '-1' } });
  const records = Array.from({ length: count }, (_, index): NewRecord => {
    const message = kinds[index % kinds.length] as string;
    const told = { ...failure, topic: origin, partition: 0, offset: BigInt(index), message, stack: `x.Y: ${message}` };
    return {
      topic: dlq,
      partition: 0,
      timestamp: 1_700_000_000_000n,
      key: null,
      value: Buffer.from(String(index)),
      headers: connectHeaders(told),
    };
  });
  await writeLetters(clients, records);
}

/** Triage of a topic with a state and positions of its own. */
async function triageOf(topic: string, events: CloudEventOut[]): Promise<RunTools> {
  const settings = settingsSchema.parse({
    topics: [topic],
    group: `triage-${topic}`,
    state: { topic: `${topic}-state`, partitions: 1 },
    limits: { batchRecords: 10 },
    kafka,
  });
  const clients = createClients(settings);
  opened.push(clients);
  const announce = new Announce(async (event) => void events.push(event), 'test');
  return { clients, settings, state: await openState(settings.state, clients), announce, now: Date.now };
}

/** Tries until all is done; all errors must be such as pass. */
async function insist(work: () => Promise<boolean>): Promise<void> {
  for (;;)
    try {
      if (await work()) return;
      await sleep(200);
    } catch (error) {
      expect(asError(error).disposition).toBe('retry');
      await sleep(200);
    }
}

const troubles = [
  ['is killed and comes back', () => broker.kill()],
  ['hangs for longer than we wait', () => broker.hang(2_500)],
] as const;

test.each(troubles)(
  'when the broker %s, each letter counts once and is replayed once',
  async (name, begin) => {
    const [dlq, events] = [`letters-${name.replaceAll(' ', '-')}`, [] as CloudEventOut[]];
    const [origin, ledger] = [`${dlq}-origin`, `${dlq}-ledger`];
    const tools = await triageOf(dlq, events);
    const { link } = tools.clients;
    await write(dlq, origin, tools);
    const source = JSON.stringify({ name: 'mend', filter: { topic: dlq }, window: 10, newerData: 'ignore' });
    const plan = await planReplay(source, 'replay.yaml', replayTools(link, ledger));

    expect(plan.summary).toMatchObject({ replayed: letters });
    let [batches, isReplayed, trouble] = [0, false, undefined as Promise<void> | undefined];
    const replayBegan = Promise.withResolvers<void>();
    const isBroken = Promise.withResolvers<never>();
    const replay = insist(async () => {
      const hasTime = (): true => (replayBegan.resolve(), true);
      isReplayed = (await applyPrinted(plan, replayTools(link, ledger, { hasTime }))).end === 'done';
      return isReplayed;
    });
    await replayBegan.promise;
    const request = readDoorbell(sweep, tools.settings);
    const count = insist(async () => {
      const hasTime = (): true => {
        batches += 1;
        // Both are in the middle of it.
        if (batches === 3 && !isReplayed) {
          trouble = begin();
          trouble.catch(isBroken.reject);
        }
        return true;
      };
      const { partitions, problems } = await applyRun(request, { ...tools, hasTime });
      expect(problems).toEqual([]);
      return partitions.length === 0;
    });
    // A broker that does not come back is told at once.
    await Promise.race([Promise.all([count, replay]), isBroken.promise]);
    expect(trouble).toBeDefined();
    await trouble;

    const { groups, batch } = await tools.state.load<Group>({ topic: dlq, partition: 0 });
    expect(batch).toBeUndefined();
    const counts = [...groups.values()].map((group) => [group.about.message, group.count]);
    expect(counts).toEqual(kinds.map((message) => [message, letters / kinds.length]));
    // Opened, 10 and 100: each told once, however often it was tried.
    expect(new Set(events.map(({ id }) => id)).size).toBe(kinds.length * 3);
    await topics.settle(origin, 0);
    const pieces = await collect(new RecordReader(link).read(origin, 0, 0n));
    const values = pieces.flatMap(({ records }) => records.map(({ value }) => Number(value)));
    expect(values).toEqual(Array.from({ length: letters }, (_, index) => index));
  },
  300_000,
);

test('a state that the broker compacts all the time stays the same, and each letter counts once', async () => {
  const [dlq, events] = ['letters-compacted', [] as CloudEventOut[]];
  const state = `${dlq}-state`;
  const eager = { 'segment.ms': '50', 'min.cleanable.dirty.ratio': '0.01', 'delete.retention.ms': '0' };
  await topics.create(state, 1, { 'cleanup.policy': 'compact', ...eager });
  const tools = await triageOf(dlq, events);
  const { link, admin } = tools.clients;
  const request = readDoorbell(sweep, tools.settings);
  let written = 0;
  // The newest segment of a log is never compacted: what comes later makes it an older one.
  const count = async (more: number): Promise<void> => {
    await write(dlq, `${dlq}-origin`, tools, more);
    await applyRun(request, tools);
    written += more;
    const { groups, batch } = await tools.state.load<Group>({ topic: dlq, partition: 0 });
    expect(batch).toBeUndefined();
    expect([...groups.values()].map((group) => group.count)).toEqual(kinds.map(() => written / kinds.length));
  };
  const readState = async (): Promise<number> =>
    (await collect(new RecordReader(link).read(state, 0, 0n))).flatMap(({ records }) => records).length;
  await count(300);
  expect((await admin.bounds(state, [0])).get(0)?.end).toBeGreaterThan(100n);
  for (let rounds = 0; rounds < 5 || (await readState()) > 30; rounds += 1) {
    await count(kinds.length);
    await sleep(100);
  }
  expect(events.filter(({ type }) => type.endsWith('.opened'))).toHaveLength(kinds.length);
});

test('a broker that is killed and comes back while we read and write loses and doubles nothing', async () => {
  const values = Array.from({ length: 1_500 }, (_, index) => String(index));
  await new TopicAdmin(patientLink).create('source', { partitions: 1 });
  await new TopicAdmin(patientLink).create('target', { partitions: 1 });
  const writer = new TransactionalWriter(patientLink, 'fill');
  await writer.begin();
  const record = { topic: 'source', partition: 0, timestamp: BigInt(Date.now()), key: null, headers: [] };
  // A hundred of them are a batch.
  for (let at = 0; at < values.length; at += 100)
    await writer.send(values.slice(at, at + 100).map((value) => ({ ...record, value: Buffer.from(value) })));
  await writer.commit();
  await writer.settle();
  await writer.close();

  let killed: Promise<void> | undefined;
  const killOnce = (pieces: number): void => void (pieces === 5 && (killed = broker.kill()));
  const [read] = await Promise.all([readAll('source', killOnce), copy()]);
  expect(read).toEqual(values);
  expect(await readAll('target')).toEqual(values);
  await killed;
});

async function readAll(topic: string, onPiece: (pieces: number) => void = () => {}): Promise<string[]> {
  const read: string[] = [];
  let pieces = 0;
  for await (const { records, gap } of new RecordReader(patientLink).read(topic, 0, 0n, undefined, { maxBytes: 1 })) {
    expect(gap).toBeUndefined();
    read.push(...records.map(({ value }) => String(value)));
    onPiece((pieces += 1));
  }
  return read;
}

/** Copies all records, each piece and its position in one transaction, and begins anew whenever that fails. */
async function copy(): Promise<void> {
  for (let isDone = false; !isDone;) {
    const writer = new TransactionalWriter(patientLink, 'copy');
    try {
      await writer.begin();
      const positions = await writer.committedPositions('copy', 'source', [0]);
      let isOpen = true;
      for await (const { records, next } of new RecordReader(patientLink).read(
        'source',
        0,
        positions.get(0) ?? 0n,
        undefined,
        {
          maxBytes: 1,
        },
      )) {
        if (!isOpen) await writer.begin();
        await writer.send(records.map((each) => ({ ...each, topic: 'target' })));
        await writer.commitPositions('copy', [{ topic: 'source', partition: 0, next }]);
        await writer.commit();
        isOpen = false;
        await sleep(50);
      }
      // A transaction that was begun and not used came after all others had ended.
      if (!isOpen) await writer.settle();
      isDone = true;
    } catch (error) {
      if (!isError(error, 'kafka.unavailable', 'kafka.fenced', 'kafka.not_found')) throw error;
      await sleep(200);
    } finally {
      await writer.close();
    }
  }
}
