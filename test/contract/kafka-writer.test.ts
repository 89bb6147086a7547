import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { javaPartition } from '#shared/kafka/java-partition.ts';
import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { TransactionalWriter, type WriterOptions } from '#shared/kafka/transactional-writer.ts';
import { collect } from '../support/collect.ts';
import { foreignHeaders, hostileRecords } from '../support/hostile-records.ts';
import { useKafka } from '../support/kafka-lake.ts';
import { startKafkaProxy } from '../support/kafka-proxy.ts';
import { startReplay } from '../support/replay-process.ts';

const kafka = await useKafka();
const { java } = kafka;

const readOwn = async (topic: string): Promise<KafkaRecord[]> =>
  (await collect(new RecordReader(kafka.link).read(topic, 0, 0n))).flatMap(({ records }) => records);
const content = (records: readonly Omit<NewRecord, 'topic'>[]): object[] =>
  records.map(({ partition, timestamp, key, value, headers }) => ({
    partition,
    timestamp,
    key: hex(key),
    value: hex(value),
    headers: headers.map((pair) => pair.map(hex)),
  }));
const hex = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('base64');
const record = (topic: string, value: string, partition = 0): NewRecord => ({
  topic,
  partition,
  timestamp: 1_700_000_000_000n,
  key: null,
  value: Buffer.from(value),
  headers: [],
});
const values = (records: readonly KafkaRecord[]): string[] => records.map(({ value }) => String(value));

/** Writes with a writer of its own, which is closed whatever happens. */
async function withWriter<Result>(
  work: (writer: TransactionalWriter) => Promise<Result>,
  { id = randomUUID(), link = kafka.link, ...options }: WriterOptions & { id?: string; link?: KafkaLink } = {},
): Promise<Result> {
  const writer = new TransactionalWriter(link, id, options);
  try {
    return await work(writer);
  } finally {
    await writer.close();
  }
}

const write = (records: readonly NewRecord[], options?: WriterOptions): Promise<bigint[]> =>
  withWriter(async (writer) => {
    await writer.begin();
    const offsets = await writer.send(records);
    await writer.commit();
    await writer.settle();
    return offsets;
  }, options);

describe('records are written', () => {
  test('byte for byte, as Java reads them, however far their times are from each other', async () => {
    const topic = await kafka.create(2);
    const records = hostileRecords(2).map((each) => ({ ...each, topic }));
    const offsets = await write(records);
    const read = await java.read(topic);
    expect(content(read)).toEqual(content(records));
    expect(offsets).toEqual(read.map(({ offset }) => offset));
  });

  test('with names of headers that are no UTF-8, and names that are the same object', async () => {
    const topic = await kafka.create();
    const name = Buffer.from('same');
    const headers = [...foreignHeaders, [name, name], [name, null], [name, name]] as const;
    await write([{ ...record(topic, 'v'), headers }]);
    expect(content(await readOwn(topic))).toEqual(content([{ ...record(topic, 'v'), headers }]));
  });

  test('thousands at once, in their order', async () => {
    const topic = await kafka.create();
    const records = Array.from({ length: 3_000 }, (_, index) => record(topic, `${index} ${'x'.repeat(1_700)}`));
    await write(records);
    expect(values(await readOwn(topic))).toEqual(values(records as KafkaRecord[]));
  });

  test('to no other partition than theirs', async () => {
    const topic = await kafka.create(3);
    await expect(write([record(topic, 'v', 7)])).rejects.toMatchObject({ code: 'kafka.not_found' });
    await expect(write([record(topic, 'v', -1)])).rejects.toMatchObject({ code: 'kafka.not_found' });
    expect(await java.read(topic)).toEqual([]);
    await withWriter(async (writer) => {
      await writer.begin();
      await writer.send([record(topic, 'first')]);
      await kafka.topics.widen(topic, 8);
      await writer.send([record(topic, 'second', 7)]);
      await writer.commit();
    });
    expect((await java.read(topic)).map(({ partition }) => partition)).toEqual([0, 7]);
  });

  test('or refused with the reason, and then none of the transaction is seen', async () => {
    const topic = await kafka.create(1, { 'max.message.bytes': '2000' });
    const late = await kafka.create(1, { 'message.timestamp.after.max.ms': '1000' });
    const long = { ...record(topic, 'v'), value: Buffer.alloc(5_000) };
    const future = { ...record(late, 'v'), timestamp: BigInt(Date.now()) + 90_000_000n };
    for (const refused of [long, future])
      await withWriter(async (writer) => {
        await writer.begin();
        await writer.send([record(topic, 'fine')]);
        await expect(writer.send([refused])).rejects.toMatchObject({ code: 'kafka.invalid' });
        await expect(writer.commit()).rejects.toMatchObject({ code: 'internal' });
        await writer.abort();
      });
    expect([...(await java.read(topic)), ...(await java.read(late))]).toEqual([]);
  });
});

describe('a position of a group', () => {
  test('is committed with the records, also beyond 2^53, and left alone when they are aborted', async () => {
    const topic = await kafka.create(2);
    const group = randomUUID();
    const far = 2n ** 60n + 7n;
    await withWriter(async (writer) => {
      await writer.begin();
      expect(await writer.committedPositions(group, topic, [0, 1])).toEqual(new Map());
      await writer.send([record(topic, 'kept')]);
      const next = { topic, partition: 0, next: far };
      await writer.commitPositions(group, [next, { topic, partition: 1, next: 0n }]);
      await writer.commit();
      await writer.begin();
      expect(await writer.committedPositions(group, topic, [0, 1])).toEqual(
        new Map([
          [0, far],
          [1, 0n],
        ]),
      );
      await writer.send([record(topic, 'dropped')]);
      await writer.commitPositions(group, [{ ...next, next: 5n }]);
      await writer.abort();
    });
    await withWriter(async (writer) => {
      await writer.begin();
      expect(await writer.committedPositions(group, topic, [0])).toEqual(new Map([[0, far]]));
    });
    expect(values(await java.read(topic))).toEqual(['kept']);
  });

  test('is never stale after a commit', async () => {
    const topic = await kafka.create();
    const group = randomUUID();
    await withWriter(async (writer) => {
      for (let next = 1n; next <= 20n; next += 1n) {
        await writer.begin();
        await writer.commitPositions(group, [{ topic, partition: 0, next }]);
        await writer.commit();
        await writer.begin();
        expect(await writer.committedPositions(group, topic, [0])).toEqual(new Map([[0, next]]));
        await writer.commit();
      }
    });
  });
});

describe('of two writers with one id', () => {
  test.each(['send', 'commit'] as const)('the older is fenced when it would %s', async (what) => {
    const topic = await kafka.create();
    const id = randomUUID();
    const options = { id, deadlineMs: 5_000 };
    await withWriter(async (older) => {
      await older.begin();
      await older.send([record(topic, 'older')]);
      await withWriter(async (younger) => {
        await younger.begin();
        const act = what === 'send' ? older.send([record(topic, 'zombie')]) : older.commit();
        await expect(act).rejects.toMatchObject({ code: 'kafka.fenced', disposition: 'retry' });
        await younger.send([record(topic, 'younger')]);
        await younger.commit();
      }, options);
    }, options);
    expect(values(await java.read(topic))).toEqual(['younger']);
  });
});

describe('when the network fails at a commit', () => {
  const endTransaction = 26;

  test('once, the commit is asked for again, and is one', async () => {
    const topic = await kafka.create();
    const proxy = await startKafkaProxy(kafka.broker);
    const link = new KafkaLink({ brokers: [proxy.broker], deadlineMs: 5_000 });
    proxy.condemn(endTransaction, 'cut', 1);
    await withWriter(
      async (writer) => {
        await writer.begin();
        await writer.send([record(topic, 'v')]);
        await writer.commit();
        await writer.settle();
      },
      { link },
    );
    expect(proxy.met()).toBe(1);
    await Promise.all([link.close(), proxy.close()]);
    expect(values(await readOwn(topic))).toEqual(['v']);
  });

  test('for long, nobody knows the result, and a new writer finds it in the position', async () => {
    const topic = await kafka.create();
    const [id, group] = [randomUUID(), randomUUID()];
    const proxy = await startKafkaProxy(kafka.broker);
    const link = new KafkaLink({ brokers: [proxy.broker], deadlineMs: 500 });
    proxy.condemn(endTransaction, 'cut', Infinity);
    await withWriter(
      async (writer) => {
        await writer.begin();
        await writer.send([record(topic, 'v')]);
        await writer.commitPositions(group, [{ topic, partition: 0, next: 1n }]);
        await expect(writer.commit()).rejects.toMatchObject({
          code: 'kafka.unavailable',
          details: { ambiguous: true },
        });
        await expect(writer.begin()).rejects.toMatchObject({ code: 'internal' });
      },
      { id, link },
    );
    expect(proxy.met()).toBeGreaterThan(1);
    await Promise.all([link.close(), proxy.close()]);
    const next = await withWriter(
      async (writer) => {
        await writer.begin();
        return await writer.committedPositions(group, topic, [0]);
      },
      { id },
    );
    expect([values(await java.read(topic)), next]).toEqual([['v'], new Map([[0, 1n]])]);
  });
});

test('a transaction that is open for too long is ended by the broker, and its writer is told', async () => {
  const topic = await kafka.create();
  await withWriter(
    async (writer) => {
      await writer.begin();
      await writer.send([record(topic, 'late')]);
      await kafka.topics.settle(topic, 0);
      await expect(writer.commit()).rejects.toMatchObject({ code: 'kafka.fenced' });
    },
    { transactionMs: 1_000 },
  );
  expect(await java.read(topic)).toEqual([]);
});

test('a process that is killed while it copies loses nothing and copies nothing twice', async () => {
  const [source, target] = [await kafka.create(), await kafka.create()];
  const records = Array.from({ length: 400 }, (_, index) => record(source, String(index)));
  await write(records);
  let [kills, starts] = [0, 0];
  for (let isDone = false; !isDone;) {
    starts += 1;
    const child = startReplay(kafka.broker, source, target);
    const ended = once(child, 'exit');
    // A kill at a random moment after a random number of transactions.
    let left = 1 + Math.floor(Math.random() * 5);
    child.stdout.on('data', (data: Buffer) => {
      left -= String(data).split('\n').length - 1;
      if (left <= 0 && kills < 4) setTimeout(() => child.kill('SIGKILL'), Math.random() * 30);
    });
    const [code, signal] = await ended;
    if (signal === 'SIGKILL') kills += 1;
    else expect(code).toBe(0);
    isDone = code === 0;
  }
  expect([kills, starts > kills]).toEqual([4, true]);
  expect(values(await java.read(target))).toEqual(values(records as KafkaRecord[]));
});

test('the partition of a key is the one that Java chooses', async () => {
  const keys = Array.from({ length: 1_000 }, (_, index) =>
    Buffer.from(Array.from({ length: index % 37 }, (__, at) => (index * 31 + at * 97 + ((index * at) >> 3)) & 0xff)),
  );
  for (const count of [1, 7, 64, 2_147_483_647])
    expect(keys.map((key) => javaPartition(key, count))).toEqual(await java.partitionsOf(keys, count));
});
