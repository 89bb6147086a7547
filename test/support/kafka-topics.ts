import { setTimeout as sleep } from 'node:timers/promises';
import { Admin, Producer } from '@platformatic/kafka';

/** A record to write: its Kafka partition and its time in milliseconds. */
export type NewRecord = readonly [partition: number, time: number];

/** Makes topics and fills them. */
export class KafkaTopics {
  readonly #options: { readonly clientId: string; readonly bootstrapBrokers: string[]; readonly retries: number };
  readonly #admin: Admin;
  readonly #producer: Producer;

  constructor(broker: string) {
    this.#options = { clientId: 'test', bootstrapBrokers: [broker], retries: 10 };
    this.#admin = new Admin(this.#options);
    this.#producer = new Producer(this.#options);
  }

  async create(topic: string, partitions: number, settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const configs = Object.entries(settings).map(([name, value]) => ({ name, value }));
    await this.#admin.createTopics({ topics: [topic], partitions, replicas: 1, configs });
  }

  async delete(...topics: string[]): Promise<void> {
    await this.#admin.deleteTopics({ topics });
  }

  async widen(topic: string, partitions: number): Promise<void> {
    await this.#admin.createPartitions({ topics: [{ name: topic, count: partitions, assignments: null }] });
    // The broker answers before it tells of them.
    for (let known = 0; known < partitions;) {
      const { topics } = await this.#admin.metadata({ topics: [topic], forceUpdate: true });
      known = topics.get(topic)?.partitionsCount ?? 0;
    }
    this.#producer.clearMetadata();
  }

  /** Writes records one by one, in this order. */
  async write(topic: string, records: readonly NewRecord[]): Promise<void> {
    for (const batch of Map.groupBy(records, ([partition]) => partition).values()) {
      const { offsets } = await this.#producer.send({
        messages: batch.map((record) => message(topic, record)),
        acks: -1,
      });
      // A partition that the client does not know yet is wrapped to another one.
      if (offsets?.some(({ partition }) => partition !== batch[0]?.[0]) === true)
        throw new Error('Kafka has fewer partitions');
    }
  }

  /** Writes records in one transaction, which takes one more offset in each Kafka partition, and ends it. */
  async transact(topic: string, records: readonly NewRecord[], end: 'commit' | 'abort'): Promise<void> {
    const producer = new Producer({ ...this.#options, idempotent: true, transactionalId: `${topic}-${Math.random()}` });
    try {
      // Without these two, a second producer of the same id could not begin.
      const transaction = await producer.beginTransaction({ producerId: -1n, producerEpoch: -1 });
      await transaction.send({ messages: records.map((record) => message(topic, record)), acks: -1 });
      await transaction[end]();
    } finally {
      await producer.close();
    }
    for (const [partition] of records) await this.settle(topic, partition);
  }

  /** Waits until the markers of all transactions are in a log: the broker answers before. */
  async settle(topic: string, partition: number): Promise<void> {
    while ((await this.#endOf(topic, partition, 1)) < (await this.#endOf(topic, partition, 0))) await sleep(20);
  }

  /** The end of a log for readers of all records (0), or of those that are decided (1). */
  async #endOf(topic: string, partition: number, isolationLevel: 0 | 1): Promise<bigint> {
    const partitions = [{ partitionIndex: partition, timestamp: -1n }];
    const [listed] = await this.#admin.listOffsets({ topics: [{ name: topic, partitions }], isolationLevel });
    return listed?.partitions[0]?.offset ?? 0n;
  }

  /** Deletes the records below an offset, as retention does. */
  async deleteBelow(topic: string, partition: number, offset: bigint): Promise<void> {
    await this.#admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition, offset }] }] });
  }

  async close(): Promise<void> {
    await Promise.all([this.#producer.close(), this.#admin.close()]);
  }
}

function message(topic: string, [partition, time]: NewRecord) {
  return { topic, partition, key: Buffer.from('k'), value: Buffer.from('v'), timestamp: BigInt(time) };
}
