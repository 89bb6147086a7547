import type { NewRecord } from '#shared/kafka/cut-sends.ts';
import { KafkaLink } from '#shared/kafka/kafka-link.ts';
import type { KafkaHeader, KafkaRecord } from '#shared/kafka/record.ts';
import { RecordReader } from '#shared/kafka/record-reader.ts';
import { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { TransactionalWriter } from '#shared/kafka/transactional-writer.ts';
import { connectHeaders, failure, headers } from '../../test/support/dead-letters.ts';

const perSend = 5_000;
const time = 1_700_000_000_000n;

/** A record before it failed. */
export type Failed = Pick<NewRecord, 'key' | 'value' | 'headers'>;

/** Records that any tool can carry: text, on one line. */
export function plainRecord(index: number): Failed {
  return {
    key: Buffer.from(`key ${index % 1_000}`),
    value: Buffer.alloc(200, `value ${index} `),
    headers: headers(['trace', `${index}`]),
  };
}

/** Records as there are, too: of each five the first is plain. */
export function awkwardRecord(index: number): Failed {
  const plain = plainRecord(index);
  const kinds: readonly Partial<Failed>[] = [
    {},
    { value: Buffer.from(`{\n  "index": ${index}\n}`) },
    { value: Buffer.from([0xff, 0x00, index % 256]) },
    { key: Buffer.from(`a\tb ${index}`) },
    { headers: headers(['a,b:c', 'd,e'], ['empty', '']) },
  ];
  return { ...plain, ...kinds[index % kinds.length] };
}

/** Makes topics of one partition that keep records of any time. */
export async function makeTopics(broker: string, ...topics: readonly string[]): Promise<void> {
  const link = new KafkaLink({ brokers: [broker], deadlineMs: 60_000 });
  const admin = new TopicAdmin(link);
  for (const topic of topics) await admin.create(topic, { partitions: 1, settings: { 'retention.ms': '-1' } });
  await link.close();
}

/** Fills a dead letter topic as Kafka Connect would; what it tells of the failure is on one line. */
export async function fill(
  broker: string,
  dlq: string,
  origin: string,
  count: number,
  make: (index: number) => Failed,
): Promise<void> {
  const link = new KafkaLink({ brokers: [broker], deadlineMs: 60_000 });
  const writer = new TransactionalWriter(link, `fill-${dlq}`);
  for (let at = 0; at < count; at += perSend) {
    const some = Array.from({ length: Math.min(perSend, count - at) }, (_, index): NewRecord => {
      const record = make(at + index);
      const told = {
        ...failure,
        topic: origin,
        partition: 0,
        offset: BigInt(at + index),
        message: 'bad',
        stack: 'com.acme.Bad: no',
      };
      return {
        ...record,
        topic: dlq,
        partition: 0,
        timestamp: time,
        headers: [...record.headers, ...connectHeaders(told)],
      };
    });
    await writer.begin();
    await writer.send(some);
    await writer.commit();
  }
  await writer.settle();
  await writer.close();
  await link.close();
}

/** How many of the records are in a topic once, with key, value and headers of their own as they were. */
export async function countFaithful(
  broker: string,
  topic: string,
  count: number,
  make: (index: number) => Failed,
): Promise<number> {
  const link = new KafkaLink({ brokers: [broker], deadlineMs: 60_000 });
  const found = new Map<string, number>();
  for await (const { records } of new RecordReader(link).read(topic, 0, 0n))
    for (const record of records) {
      const text = textOf(record);
      found.set(text, (found.get(text) ?? 0) + 1);
    }
  await link.close();
  return Array.from({ length: count }, (_, index) => found.get(textOf(make(index)))).filter((times) => times === 1)
    .length;
}

/** What was added by whoever failed or replayed does not count. */
function textOf({ key, value, headers: all }: Failed | KafkaRecord): string {
  const hex = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('hex');
  const own = all.filter(([name]: KafkaHeader) => !/^(?:__connect|lake-replay)/.test(String(Buffer.from(name))));
  return JSON.stringify([hex(key), hex(value), own.map(([name, content]) => [hex(name), hex(content)])]);
}
