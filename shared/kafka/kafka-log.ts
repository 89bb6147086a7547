import type { Admin, Consumer } from '@platformatic/kafka';
import type { ErrorCode } from '../errors/codes.ts';
import { isError, LakewardenError } from '../errors/error.ts';
import type { KafkaOptions } from './options.ts';
import { lastOffset, type LogBatch, visibleRecords } from './visible-record.ts';

/** What a partition's log holds: offsets from `earliest` on and below `end`. */
export interface LogBounds {
  readonly earliest: bigint;
  readonly end: bigint;
}

/** A record that readers of committed records see. */
interface VisibleRecord {
  readonly offset: bigint;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** How a range of a log is filled: by a record, by none for sure, or nobody can tell yet. */
export type RangeContent = VisibleRecord | 'empty' | 'unknown';

/** All calls together may take this many times the deadline of one. */
const callsPerAsk = 6;
/** Longest time of a good-bye, in milliseconds. */
const closingMs = 500;
/** Bytes of one look; a broker sends a longer batch whole. */
const lookBytes = 65_536;
/** Looks into one range: after so many without a visible record it is unknown. */
const looksAtMost = 256;

/** Asks Kafka's brokers what is in the logs of topics. Reads only, joins no group, commits nothing. */
export class KafkaLog {
  readonly #options: KafkaOptions;
  #clients: Promise<{ readonly admin: Admin; readonly consumer: Consumer }> | undefined;
  readonly #until: number;
  /** Requests made so far. */
  calls = 0;

  constructor(options: KafkaOptions) {
    this.#options = options;
    this.#until = performance.now() + options.deadlineMs * callsPerAsk;
  }

  /**
   * The bounds of a topic's partitions, by their numbers; undefined when there is no such topic.
   * @throws kafka.unavailable, kafka.unauthenticated, kafka.access_denied; so do the other methods
   */
  async bounds(topic: string): Promise<ReadonlyMap<number, LogBounds> | undefined> {
    const partitions = await this.#partitions(topic);
    if (partitions === undefined) return undefined;
    const earliest = await this.#listOffsets(topic, partitions, -2n);
    const ends = await this.#listOffsets(topic, partitions, -1n);
    return new Map(
      partitions.map((partition) => [
        partition,
        { earliest: earliest.get(partition) ?? 0n, end: ends.get(partition) ?? 0n },
      ]),
    );
  }

  /** For each partition, the offset of its first record at or after a time in milliseconds; none where there is no such record. */
  offsetsAt(topic: string, partitions: readonly number[], time: number): Promise<ReadonlyMap<number, bigint>> {
    return this.#listOffsets(topic, partitions, BigInt(time));
  }

  /** What readers of committed records find from `first` to `last`, which lie within the log's bounds. */
  async look(topic: string, partition: number, first: bigint, last: bigint): Promise<RangeContent> {
    const { admin } = await this.#connect();
    const metadata = await this.#call(() => admin.metadata({ topics: [topic] }), 'asking for leaders');
    const about = metadata.topics.get(topic);
    const node = about?.partitions[partition]?.leader;
    if (about === undefined || node === undefined) return 'unknown';
    let position = first;
    for (let looks = 0; looks < looksAtMost; looks += 1) {
      const { batches, aborted, stable } = await this.#fetch(about.id, partition, node, position);
      for (const { offset, timestamp } of visibleRecords({ topic, partition }, batches, aborted, position))
        return offset <= last ? { offset, timestamp: Number(timestamp) } : 'empty';
      const before = position;
      // Where the broker sends nothing, nothing is left below the end of what is decided.
      position = batches.length === 0 ? stable : batches.map(lastOffset).reduce((a, b) => (a > b ? a : b)) + 1n;
      if (position > last) return 'empty';
      if (position <= before || batches.length === 0) return 'unknown';
    }
    return 'unknown';
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    const clients = await this.#clients?.catch(() => undefined);
    this.#clients = undefined;
    if (clients === undefined) return;
    const closing = Promise.allSettled([clients.admin.close(), clients.consumer.close(true)]);
    await this.#inTime(closing, 'closing', closingMs).catch(() => {});
  }

  async #partitions(topic: string): Promise<number[] | undefined> {
    const { admin } = await this.#connect();
    try {
      const metadata = await this.#call(
        () => admin.metadata({ topics: [topic], forceUpdate: true }),
        'asking for topics',
      );
      return metadata.topics.get(topic)?.partitions.map((_, partition) => partition);
    } catch (error) {
      if (isError(error, 'kafka.not_found')) return undefined;
      throw error;
    }
  }

  async #listOffsets(topic: string, partitions: readonly number[], timestamp: bigint): Promise<Map<number, bigint>> {
    const { admin } = await this.#connect();
    const wanted = partitions.map((partitionIndex) => ({ partitionIndex, timestamp }));
    const listed = await this.#call(
      () => admin.listOffsets({ topics: [{ name: topic, partitions: wanted }], isolationLevel: 0 }),
      'asking for offsets',
    );
    const found = listed.find(({ name }) => name === topic)?.partitions ?? [];
    // -1 tells that no record is that young.
    return new Map(
      found.filter(({ offset }) => offset >= 0n).map(({ partitionIndex, offset }) => [partitionIndex, offset]),
    );
  }

  async #fetch(
    topicId: string,
    partition: number,
    node: number,
    fetchOffset: bigint,
  ): Promise<{ batches: LogBatch[]; aborted: { producerId: bigint; firstOffset: bigint }[]; stable: bigint }> {
    const { consumer } = await this.#connect();
    const wanted = {
      partition,
      fetchOffset,
      partitionMaxBytes: lookBytes,
      currentLeaderEpoch: -1,
      lastFetchedEpoch: -1,
    };
    const response = await this.#call(
      () =>
        consumer.fetch({
          node,
          topics: [{ topicId, partitions: [wanted] }],
          isolationLevel: 1,
          minBytes: 0,
          maxWaitTime: 0,
          maxBytes: lookBytes,
        }),
      'reading the log',
    );
    const answer = response.responses
      .flatMap((topic) => topic.partitions)
      .find(({ partitionIndex }) => partitionIndex === partition);
    return {
      batches: answer?.records ?? [],
      aborted: answer?.abortedTransactions ?? [],
      stable: answer?.lastStableOffset ?? fetchOffset,
    };
  }

  #connect(): Promise<{ readonly admin: Admin; readonly consumer: Consumer }> {
    this.#clients ??= this.#load();
    return this.#clients;
  }

  async #load(): Promise<{ readonly admin: Admin; readonly consumer: Consumer }> {
    const client = await import('./kafka-client.ts');
    const { brokers, tls, sasl, deadlineMs } = this.#options;
    const options = {
      clientId: 'lakewarden',
      bootstrapBrokers: [...brokers],
      timeout: deadlineMs,
      connectTimeout: deadlineMs,
      retries: 2,
      retryDelay: 250,
      autocreateTopics: false,
      ...(tls === undefined ? {} : { tls }),
      ...(sasl === undefined ? {} : { sasl }),
    };
    return { admin: new client.Admin(options), consumer: new client.Consumer({ ...options, groupId: 'lakewarden' }) };
  }

  async #call<Result>(work: () => Promise<Result>, what: string): Promise<Result> {
    const left = Math.ceil(this.#until - performance.now());
    if (left <= 0) throw new LakewardenError('kafka.unavailable', 'Kafka: all calls together took too long');
    this.calls += 1;
    try {
      return await this.#inTime(work(), what, Math.min(left, this.#options.deadlineMs));
    } catch (error) {
      throw isError(error) ? error : translate(error, what);
    }
  }

  /** The client's promises may stay pending, so each has a limit of our own. */
  async #inTime<Result>(work: Promise<Result>, what: string, limitMs: number): Promise<Result> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new LakewardenError('kafka.unavailable', `Kafka: ${what} took longer than ${limitMs} ms`)),
        limitMs,
      );
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Reasons stand deep inside nested errors; the innermost ones tell most. */
function translate(error: unknown, what: string): LakewardenError {
  const reasons = innermost(error);
  const found = reasons.map(({ apiId }) => codesByReason[String(apiId)]).find((code) => code !== undefined);
  const fallback = reasons.some(({ code }) => code === 'PLT_KFK_AUTHENTICATION')
    ? 'kafka.unauthenticated'
    : reasons.some(({ message }) => message.startsWith('Unknown topic '))
      ? 'kafka.not_found'
      : 'kafka.unavailable';
  const code = found ?? fallback;
  const told = [...new Set(reasons.map(({ message }) => message))].slice(0, 3).join('; ');
  return new LakewardenError(code, `Kafka: ${what} failed: ${told}`, { cause: error });
}

const codesByReason: Readonly<Record<string, ErrorCode>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'kafka.not_found',
  INVALID_TOPIC_EXCEPTION: 'kafka.not_found',
  TOPIC_AUTHORIZATION_FAILED: 'kafka.access_denied',
  SASL_AUTHENTICATION_FAILED: 'kafka.unauthenticated',
};

interface Reason {
  readonly message: string;
  readonly apiId?: unknown;
  readonly code?: unknown;
}

function innermost(error: unknown, depth = 0): Reason[] {
  if (!(error instanceof Error)) return [{ message: String(error) }];
  const inner = [...(error instanceof AggregateError ? (error.errors as unknown[]) : []), error.cause];
  const reasons = inner.filter((each) => each !== undefined && depth < 8).flatMap((each) => innermost(each, depth + 1));
  return reasons.length > 0 ? [...reasons, ...('apiId' in error ? [error as Reason] : [])] : [error];
}
