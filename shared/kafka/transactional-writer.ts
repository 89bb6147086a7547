import { setTimeout as sleep } from 'node:timers/promises';
import type { Producer } from '@platformatic/kafka';
import { isError, LakewardenError } from '../errors/error.ts';
import { cutSends, type NewRecord, type SendLimits } from './cut-sends.ts';
import { type GroupPosition, readGroupPositions } from './group-positions.ts';
import { type CallLimits, closeInTime, type KafkaLink } from './kafka-link.ts';
import { listOffsets } from './log-bounds.ts';
import { messageOf } from './message.ts';
import { offsetsOf, type Placed } from './placed.ts';

/** How to write. */
export interface WriterOptions extends Partial<SendLimits>, Pick<CallLimits, 'signal'> {
  /** The broker aborts a transaction that is open for so long, in milliseconds; a minute unless said. */
  readonly transactionMs?: number;
}

type Transaction = Awaited<ReturnType<Producer['beginTransaction']>>;
type State = 'new' | 'idle' | 'open' | 'spoilt' | 'closed';

/** Calls of a transaction may take this many times the deadline of one: another one may have to end first. */
const patience = 3;
const pauseMs = 10;
/** A broker takes batches of about 1 MiB unless it is told otherwise. */
const usualLimits = { maxBytes: 900_000, maxRecords: 5_000 };

/**
 * Writes records and positions of a group in one transaction, exactly once for whoever reads what is committed.
 *
 * The order that makes it so: `begin` first, which fences every older writer of the same transactional id and ends its
 * transaction; read the position second; then `send`, `commitPositions`, `commit`. After any error, and after a commit whose
 * result nobody knows, only `close` is left: a new writer finds the truth in the position.
 */
export class TransactionalWriter {
  readonly #link: KafkaLink;
  readonly #id: string;
  readonly #options: WriterOptions;
  #producer: Producer | undefined;
  #transaction: Transaction | undefined;
  #state: State = 'new';
  /** The last record of the transaction in each partition. */
  readonly #written = new Map<string, Placed>();

  constructor(link: KafkaLink, transactionalId: string, options: WriterOptions = {}) {
    this.#link = link;
    this.#id = transactionalId;
    this.#options = options;
  }

  /**
   * Begins a transaction; the first time it fences older writers, too.
   * @throws kafka.fenced when a younger writer has begun, kafka.protocol when the client does not keep records as they are,
   * kafka.unavailable, kafka.access_denied, kafka.unauthenticated; so do the other methods
   */
  async begin(): Promise<void> {
    this.#expect('new', 'idle');
    await this.#guard(async () => {
      if (this.#producer === undefined) {
        await this.#link.checkClient();
        this.#producer = await this.#link.makeProducer(this.#id, this.#options.transactionMs ?? 60_000);
      }
      const producer = this.#producer;
      // With other numbers the second writer of an id is refused.
      const ask = () => producer.beginTransaction({ producerId: -1n, producerEpoch: -1 });
      this.#transaction = await this.#call(ask, 'beginning a transaction');
      this.#written.clear();
      this.#state = 'open';
    });
  }

  /** Where a group goes on; true to others only after `begin`. */
  async committedPositions(group: string, topic: string, partitions: readonly number[]): Promise<Map<number, bigint>> {
    this.#expect('open');
    return await this.#guard(() => readGroupPositions(this.#link, group, topic, partitions, this.#limits()));
  }

  /**
   * Sends records into the transaction, in their order, and answers their offsets.
   * @throws kafka.not_found for a partition that is not there, kafka.invalid for what brokers refuse: too long, or a bad time
   */
  async send(records: readonly NewRecord[]): Promise<bigint[]> {
    const transaction = this.#expect('open');
    const offsets: bigint[] = [];
    await this.#guard(async () => {
      await this.#checkPartitions(records);
      for (const some of cutSends(records, { ...usualLimits, ...this.#options })) {
        // One after the other: the client mixes up what is added to a transaction at once.
        const ask = () => transaction.send({ messages: some.map(messageOf), acks: -1 });
        const { offsets: placed = [] } = await this.#call(ask, 'sending records');
        for (const [index, offset] of offsetsOf(some, placed).entries()) {
          const { topic, partition } = some[index] as NewRecord;
          this.#written.set(`${topic}-${partition}`, { topic, partition, offset });
          offsets.push(offset);
        }
      }
    });
    return offsets;
  }

  /** Commits positions of a group with the transaction. */
  async commitPositions(group: string, positions: readonly GroupPosition[]): Promise<void> {
    const transaction = this.#expect('open');
    await this.#guard(async () => {
      const admin = await this.#link.admin();
      const find = () => admin.findCoordinator({ keyType: 0, keys: [group] });
      const coordinators = await this.#call(find, `looking for the coordinator of group ${group}`);
      const coordinatorId = coordinators.find(({ key }) => key === group)?.nodeId;
      const consumer = { groupId: group, generationId: -1, memberId: '', coordinatorId };
      // Of a consumer the client asks for its group only.
      const add = () => transaction.addConsumer({ groupId: group } as Parameters<Transaction['addConsumer']>[0]);
      await this.#call(add, `adding group ${group}`);
      for (const { topic, partition, next } of positions) {
        // The client adds one to what it takes for the offset of a record.
        const message = { topic, partition, offset: next - 1n, metadata: { consumer } };
        const commit = () => transaction.addOffset(message as unknown as Parameters<Transaction['addOffset']>[0]);
        await this.#call(commit, `committing positions of group ${group}`);
      }
    });
  }

  /** Commits the transaction. An error with the detail `ambiguous` leaves open whether it is committed. */
  async commit(): Promise<void> {
    const transaction = this.#expect('open');
    try {
      await this.#guard(() => this.#call(() => transaction.commit(), 'committing'));
    } catch (error) {
      if (!isError(error, 'kafka.unavailable')) throw error;
      throw new LakewardenError(error.code, error.message, { cause: error, details: { ambiguous: true } });
    }
    this.#state = 'idle';
  }

  /** Waits until readers see what was committed last: a broker answers before that. @throws kafka.unavailable */
  async settle(): Promise<void> {
    this.#expect('idle');
    const until = performance.now() + this.#link.options.deadlineMs * patience;
    for (const { topic, partition, offset } of this.#written.values())
      for (;;) {
        const stable = await listOffsets(this.#link, topic, [partition], 'stable', this.#limits());
        if ((stable.get(partition) ?? 0n) > offset) break;
        if (performance.now() > until)
          throw new LakewardenError('kafka.unavailable', `Kafka: an open transaction keeps back ${topic}-${partition}`);
        await sleep(pauseMs);
      }
  }

  /** Aborts the transaction, also one that an error has spoilt; then only `close` is left. */
  async abort(): Promise<void> {
    const transaction = this.#expect('open', 'spoilt');
    this.#state = 'spoilt';
    await this.#guard(() => this.#call(() => transaction.abort(), 'aborting'));
    this.#transaction = undefined;
  }

  /** Ends the connections. A transaction that is open is left to the broker or to the next writer, who abort it. */
  async close(): Promise<void> {
    const producer = this.#producer;
    this.#state = 'closed';
    this.#producer = undefined;
    this.#transaction = undefined;
    if (producer !== undefined) await closeInTime(producer.close(true));
  }

  /** The client wraps a partition that it does not know to another one. */
  async #checkPartitions(records: readonly NewRecord[]): Promise<void> {
    const producer = this.#producer as Producer;
    const highest = new Map<string, number>();
    for (const { topic, partition } of records)
      highest.set(topic, Math.max(partition < 0 ? Infinity : partition, highest.get(topic) ?? 0));
    for (const [topic, partition] of highest) {
      const count = async (forceUpdate: boolean): Promise<number> => {
        const ask = () => producer.metadata({ topics: [topic], forceUpdate });
        const { topics } = await this.#call(ask, 'asking for partitions');
        return topics.get(topic)?.partitionsCount ?? 0;
      };
      if (partition >= (await count(false)) && partition >= (await count(true)))
        throw new LakewardenError('kafka.not_found', `Kafka: topic ${topic} has no partition ${partition}`);
    }
  }

  #expect(...states: State[]): Transaction {
    if (!states.includes(this.#state))
      throw new LakewardenError(
        'internal',
        `a writer that is ${this.#state} was used; it must be ${states.join(' or ')}`,
      );
    return this.#transaction as Transaction;
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.#state = 'spoilt';
      throw error;
    }
  }

  #call<Result>(work: () => Promise<Result>, what: string): Promise<Result> {
    return this.#link.call(work, `${what} (${this.#id})`, this.#limits());
  }

  #limits(): CallLimits {
    return { limitMs: this.#link.options.deadlineMs * patience, signal: this.#options.signal };
  }
}
