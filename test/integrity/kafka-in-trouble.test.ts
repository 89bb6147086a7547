import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { isError } from '#shared/errors/error.ts';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import { useOwnBroker } from '../support/own-broker.ts';

const broker = await useOwnBroker();
const link = new KafkaLink({ brokers: [broker.address], deadlineMs: 5_000 });
afterAll(() => link.close());

const count = 3_000;
const values = Array.from({ length: count }, (_, index) => String(index));

test('a broker that is killed and comes back while we read and write loses and doubles nothing', async () => {
  await new TopicAdmin(link).create('source', { partitions: 1 });
  await new TopicAdmin(link).create('target', { partitions: 1 });
  const writer = new TransactionalWriter(link, 'fill');
  await writer.begin();
  const record = { topic: 'source', partition: 0, timestamp: BigInt(Date.now()), key: null, headers: [] };
  // A hundred of them are a batch.
  for (let at = 0; at < count; at += 100)
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
  for await (const { records, gap } of new RecordReader(link).read(topic, 0, 0n, undefined, { maxBytes: 1 })) {
    expect(gap).toBeUndefined();
    read.push(...records.map(({ value }) => String(value)));
    onPiece((pieces += 1));
  }
  return read;
}

/** Copies all records, each piece and its position in one transaction, and begins anew whenever that fails. */
async function copy(): Promise<void> {
  for (let isDone = false; !isDone;) {
    const writer = new TransactionalWriter(link, 'copy');
    try {
      await writer.begin();
      const positions = await writer.committedPositions('copy', 'source', [0]);
      let isOpen = true;
      for await (const { records, next } of new RecordReader(link).read(
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
