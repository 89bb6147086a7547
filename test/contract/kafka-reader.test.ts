import { describe, expect, test } from '@jest/globals';
import { Producer } from '@platformatic/kafka';
import { type FetchApi, firstFetchVersion, lastFetchVersion } from '#shared/kafka/fetch-api.ts';
import { chooseFetch } from '#shared/kafka/kafka-client.ts';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { RecordReader, type ReadOptions } from '#shared/kafka/record-reader.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { collect } from '../support/collect.ts';
import { hostileRecords } from '../support/hostile-records.ts';
import type { Codec } from '../support/java-client.ts';
import { useKafka } from '../support/kafka-lake.ts';

const kafka = await useKafka();
const { topics, java } = kafka;
const reader = new RecordReader(kafka.link);

const readAll = async (topic: string, partitions: number, options: ReadOptions = {}): Promise<KafkaRecord[]> => {
  const numbers = Array.from({ length: partitions }, (_, partition) => partition);
  const read = numbers.map((partition) => collect(reader.read(topic, partition, 0n, undefined, options)));
  return (await Promise.all(read)).flat().flatMap(({ records }) => records);
};
const plain = (records: readonly KafkaRecord[]): object[] =>
  records.map(({ key, value, headers, ...rest }) => ({
    ...rest,
    key: hex(key),
    value: hex(value),
    headers: headers.map((pair) => pair.map(hex)),
  }));
const hex = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('base64');
const times = (...numbers: number[]): [number, number][] => numbers.map((time) => [0, time]);
const positions = (pieces: readonly { readonly next: bigint }[]): bigint[] => pieces.map(({ next }) => next);

test.each<Codec>(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
  'hostile records that Java wrote with the codec %s are read as Java reads them',
  async (codec) => {
    // Two partitions are the same work for any codec.
    const partitions = codec === 'none' ? 2 : 1;
    const topic = await kafka.create(partitions);
    const written = hostileRecords(partitions);
    await java.write(topic, codec, written);
    const expected = plain(await java.read(topic));
    expect(expected).toHaveLength(written.length);
    expect(plain(await readAll(topic, partitions))).toEqual(expected);
    expect(plain(await readAll(topic, partitions, { maxBytes: 100 }))).toEqual(expected);
  },
);

test('answers of every version are read', async () => {
  const topic = await kafka.create();
  await java.write(topic, 'zstd', hostileRecords(1).slice(0, 5));
  await topics.transact(topic, times(3, 4), 'abort');
  const expected = plain(await java.read(topic));
  for (let version = firstFetchVersion; version <= lastFetchVersion; version += 1) {
    const link = new KafkaLink(kafka.link.options);
    link.fetchApi = async () => chooseFetch(version, version) as FetchApi;
    const pieces = await collect(new RecordReader(link).read(topic, 0, 0n));
    expect([version, plain(pieces.flatMap(({ records }) => records))]).toEqual([version, expected]);
    await expect(collect(new RecordReader(link).read(topic, 0, 1_000n))).rejects.toMatchObject({
      code: 'kafka.out_of_range',
    });
    await link.close();
  }
});

test("where the broker stamps records, its time is theirs, as in Java's eyes", async () => {
  const topic = await kafka.create(1, { 'message.timestamp.type': 'LogAppendTime' });
  await java.write(topic, 'lz4', hostileRecords(1).slice(0, 9));
  const expected = await java.read(topic);
  expect(expected.map(({ timestampType }) => timestampType)).toEqual(Array(9).fill('append'));
  expect(plain(await readAll(topic, 1))).toEqual(plain(expected));
});

test('of interleaved transactions exactly what Java sees is seen, at any size of a fetch', async () => {
  const topic = await kafka.create(1);
  const options = { clientId: 'test', bootstrapBrokers: [kafka.broker], retries: 50, retryDelay: 20 };
  const send = (to: Pick<Producer, 'send'>, index: number) =>
    to.send({
      messages: [0, 1].map((one) => ({ topic, partition: 0, value: Buffer.from(`${index}-${one}`) })),
      acks: -1,
    });
  const producers = [0, 1, 2].map(
    (index) => new Producer({ ...options, idempotent: true, transactionalId: `${topic}-${index}` }),
  );
  const other = new Producer(options);
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  type Transaction = Awaited<ReturnType<Producer['beginTransaction']>>;
  const open = new Map<number, Transaction>();
  for (let index = 0; index < 100; index += 1) {
    const turn = random(4);
    const producer = producers[turn];
    if (producer === undefined) {
      await send(other, index);
      continue;
    }
    const transaction = open.get(turn) ?? (await producer.beginTransaction({ producerId: -1n, producerEpoch: -1 }));
    open.set(turn, transaction);
    await send(transaction, index);
    if (random(2) === 0) continue;
    await (random(2) === 0 ? transaction.abort() : transaction.commit());
    open.delete(turn);
  }
  for (const transaction of open.values()) await transaction.abort();
  await topics.settle(topic, 0);
  await Promise.all([...producers, other].map((producer) => producer.close()));
  const expected = plain(await java.read(topic));
  expect(expected.length).toBeGreaterThan(40);
  expect(expected.length).toBeLessThan(180);
  for (const maxBytes of [8_388_608, 2_000, 150])
    expect(plain(await readAll(topic, 1, { maxBytes }))).toEqual(expected);
});

describe('reading', () => {
  test('goes on behind markers and aborted records, and ends before an open transaction', async () => {
    const topic = await kafka.create();
    await topics.write(topic, times(1, 2));
    await topics.transact(topic, times(3, 4), 'abort');
    await topics.transact(topic, times(5), 'commit');
    expect(positions(await collect(reader.read(topic, 0, 0n))).at(-1)).toBe(7n);
    const options = { clientId: 'test', bootstrapBrokers: [kafka.broker], retries: 50, retryDelay: 20 };
    const producer = new Producer({ ...options, idempotent: true, transactionalId: topic });
    const open = await producer.beginTransaction({ producerId: -1n, producerEpoch: -1 });
    await open.send({ messages: [{ topic, partition: 0, value: Buffer.from('open') }], acks: -1 });
    await topics.write(topic, times(6));
    const pieces = await collect(reader.read(topic, 0, 5n, 100n, { maxBytes: 1 }));
    expect(pieces.flatMap(({ records }) => records.map(({ offset }) => offset))).toEqual([5n]);
    expect(positions(pieces).at(-1)).toBe(7n);
    expect(await collect(reader.read(topic, 0, 7n))).toEqual([]);
    await open.abort();
    await producer.close();
    await topics.settle(topic, 0);
    const rest = await collect(reader.read(topic, 0, 7n));
    expect(rest.flatMap(({ records }) => records.map(({ offset }) => offset))).toEqual([8n]);
    expect(positions(rest).at(-1)).toBe(10n);
  });

  test('holds to its bounds inside a batch', async () => {
    const topic = await kafka.create();
    await topics.write(topic, times(1, 2, 3, 4, 5));
    const pieces = await collect(reader.read(topic, 0, 1n, 3n));
    expect(pieces.map(({ next, records }) => [next, records.map(({ offset }) => offset)])).toEqual([[3n, [1n, 2n]]]);
    expect(await collect(reader.read(topic, 0, 3n, 3n))).toEqual([]);
  });

  test('tells what retention deleted, and ends where records end that are not there', async () => {
    const topic = await kafka.create();
    await topics.write(topic, times(1, 2, 3, 4, 5));
    await topics.deleteBelow(topic, 0, 3n);
    const pieces = await collect(reader.read(topic, 0, 1n));
    expect(pieces.map(({ next, gap, records }) => [next, gap, records.length])).toEqual([
      [3n, { first: 1n, last: 2n }, 0],
      [5n, undefined, 2],
    ]);
    const [lost, ...more] = await collect(reader.read(topic, 0, 0n, 2n));
    expect([lost?.gap, lost?.next, more]).toEqual([{ first: 0n, last: 1n }, 2n, []]);
    await expect(collect(reader.read(topic, 0, 6n))).rejects.toMatchObject({ code: 'kafka.out_of_range' });
  });

  test('a topic or partition that is not there is told', async () => {
    const topic = await kafka.create();
    for (const [name, partition] of [
      [topic, 1],
      [`${topic}-not`, 0],
    ] as const)
      await expect(collect(reader.read(name, partition, 0n))).rejects.toMatchObject({ code: 'kafka.not_found' });
  });

  test('stops when it is told to', async () => {
    const topic = await kafka.create();
    await topics.write(topic, times(1));
    const stop = new AbortController();
    const pieces = reader.read(topic, 0, 0n, undefined, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(collect(pieces)).rejects.toThrow('enough');
  });
});
