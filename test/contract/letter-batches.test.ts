import { expect, test } from '@jest/globals';
import { type Batch, BatchSource, readRange } from '#functions/dead-letter-triage/state/read-batch.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { collect } from '../support/collect.ts';
import { useKafka } from '../support/kafka-lake.ts';

const kafka = await useKafka();
const { link, topics } = kafka;
const times = (count: number): [number, number][] => Array.from({ length: count }, (_, index) => [0, index]);

/** A log with an aborted and a committed transaction, of which retention deleted the beginning. */
async function makeLog(): Promise<string> {
  const topic = await kafka.create();
  await topics.write(topic, times(9));
  await topics.transact(topic, times(7), 'abort');
  await topics.transact(topic, times(5), 'commit');
  await topics.write(topic, times(4));
  await topics.deleteBelow(topic, 0, 3n);
  return topic;
}

const offsetsOf = ({ records }: Batch): bigint[] => [...records].map(({ offset }) => offset);

async function cut(topic: string, end: bigint, limits: { records: number; bytes: number }): Promise<Batch[]> {
  const source = new BatchSource({ topic, partition: 0 }, end, { link, limits });
  const batches: Batch[] = [];
  for (let next = 0n; ;) {
    const batch = await source.take(next);
    if (batch === undefined) return batches;
    expect(batch.first).toBe(next);
    next = batch.last + 1n;
    batches.push(batch);
  }
}

test('batches of any size hold each letter once, lie side by side, and are read again as they were', async () => {
  const topic = await makeLog();
  const place = { topic, partition: 0 };
  const pieces = await collect(new RecordReader(link).read(topic, 0, 0n));
  const all = pieces.flatMap(({ records }) => records.map(({ offset }) => offset));
  const end = pieces.at(-1)?.next ?? 0n;
  expect(all).toHaveLength(15);
  for (const [records, bytes] of [
    [1, 1 << 20],
    [4, 1 << 20],
    [1_000, 1],
    [1_000, 30],
    [1_000, 1 << 20],
  ] as const) {
    const batches = await cut(topic, end, { records, bytes });
    expect(batches.flatMap(offsetsOf)).toEqual(all);
    expect(batches.at(-1)?.last).toBe(end - 1n);
    expect(batches.reduce((sum, { lost }) => sum + lost, 0n)).toBe(3n);
    for (const batch of batches) {
      expect(offsetsOf(batch)).toHaveLength(batch.letters);
      expect(batch.letters).toBeLessThanOrEqual(bytes === 1 ? 1 : records);
      expect(offsetsOf(batch)).toEqual(offsetsOf(batch));
      if (batch.lost > 0n) continue;
      const again = await readRange(place, batch, { link, limits: { records: 1, bytes: 1 } });
      expect([again?.first, again?.last, again && offsetsOf(again)]).toEqual([
        batch.first,
        batch.last,
        offsetsOf(batch),
      ]);
    }
  }
});

test('a batch may begin anywhere, and what comes later is found by the same source', async () => {
  const topic = await makeLog();
  const limits = { records: 2, bytes: 1 << 20 };
  const source = new BatchSource({ topic, partition: 0 }, 1_000n, { link, limits });
  const takes = async (first: bigint) => {
    const batch = await source.take(first);
    return batch && offsetsOf(batch);
  };
  expect(await takes(4n)).toEqual([4n, 5n]);
  expect(await takes(6n)).toEqual([6n, 7n]);
  expect(await takes(5n)).toEqual([5n, 6n]);
  const [end] = (await collect(new RecordReader(link).read(topic, 0, 0n))).slice(-1).map(({ next }) => next);
  expect(await takes(end as bigint)).toBeUndefined();
  await topics.write(topic, times(1));
  expect(await takes(end as bigint)).toEqual([end]);
  expect(await takes(1_000n)).toBeUndefined();
});
