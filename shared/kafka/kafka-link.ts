import { isIP } from 'node:net';
import type { Admin, Producer } from '@platformatic/kafka';
import { isError, LakewardenError } from '../errors/error.ts';
import { CallCounter } from '../observe/call-counter.ts';
import type { Connection, FetchApi } from './fetch-api.ts';
import type { KafkaOptions, SaslOptions } from './options.ts';
import { checkCodec, type Codec } from './self-check.ts';
import { translate } from './translate.ts';

/** A partition's place in the cluster. */
export interface PartitionLeader {
  /** The id of the topic, which changes when a topic is made anew. */
  readonly topicId: string;
  /** The number of the broker that leads the partition. */
  readonly node: number;
}

/** How long a call may take. */
export interface CallLimits {
  /** Milliseconds; the deadline of the options unless said. */
  readonly limitMs?: number;
  readonly signal?: AbortSignal | undefined;
}

type Client = typeof import('./kafka-client.ts');

/** Longest time of a good-bye, in milliseconds. */
const closingMs = 500;

/**
 * Connections to a cluster: the one place where the client is loaded and told how to connect, where each call gets its limit,
 * and where errors become ours. Nothing is loaded or connected before the first call.
 */
export class KafkaLink {
  readonly options: KafkaOptions;
  readonly #totalMs: number;
  #until: number | undefined;
  #admin: Promise<Admin> | undefined;
  #fetchApi: Promise<FetchApi> | undefined;
  #checked: Promise<void> | undefined;
  /** Counts requests; an operation is told without the names in it. */
  readonly counter = new CallCounter('kafka');

  /** With `totalMs`, all calls together may take so long. */
  constructor(options: KafkaOptions, { totalMs = Infinity }: { readonly totalMs?: number } = {}) {
    this.options = options;
    this.#totalMs = totalMs;
  }

  /** Requests made so far. */
  get calls(): number {
    return this.counter.total;
  }

  /**
   * Awaits a call of the client, which may stay pending, for a limited time.
   * @throws kafka.unavailable when it takes longer, and the codes of `translate`
   */
  async call<Result>(work: () => Promise<Result>, what: string, limits: CallLimits = {}): Promise<Result> {
    // From the first call on: loading the client takes long on a busy machine.
    this.#until ??= performance.now() + this.#totalMs;
    const left = this.#until - performance.now();
    if (left <= 0) throw new LakewardenError('kafka.unavailable', 'Kafka: all calls together took too long');
    const end = this.counter.count(what.replace(/ (?:of group|topic) .*| \(.*/s, ''));
    let result = 'ok';
    try {
      const limitMs = Math.ceil(Math.min(left, limits.limitMs ?? this.options.deadlineMs));
      return await inTime(work(), what, limitMs, limits.signal);
    } catch (error) {
      result = 'deadline.exceeded';
      limits.signal?.throwIfAborted();
      const told = isError(error) ? error : translate(error, what);
      result = told.code;
      throw told;
    } finally {
      end(result);
    }
  }

  /** The client for whatever needs no group and no transaction. */
  admin(): Promise<Admin> {
    this.#admin ??= this.#client().then(({ Admin: AdminClient }) => new AdminClient(this.#clientOptions()));
    return this.#admin;
  }

  /** A producer of a transactional id; whoever asks for it closes it. */
  async makeProducer(transactionalId: string, transactionMs: number): Promise<Producer> {
    const { makeProducer } = await this.#client();
    return makeProducer({
      ...this.#clientOptions(),
      idempotent: true,
      transactionalId,
      // The client tells the broker this time as the limit of a transaction.
      timeout: transactionMs,
      // Unset, or with less than 2, an idempotent producer would try for ever.
      retries: 8,
      retryDelay: (_client: object, _operation: string, attempt: number) => Math.min(20 * 2 ** attempt, 1_000),
    });
  }

  /** Lets the client write hostile records into memory and read them back, once. @throws kafka.protocol */
  checkClient(): Promise<void> {
    this.#checked ??= this.#client().then((client) => checkCodec(client as Codec));
    return this.#checked;
  }

  /** Who leads a partition. @throws kafka.not_found, kafka.unavailable when nobody does */
  async leader(topic: string, partition: number, limits: CallLimits & { readonly fresh?: boolean } = {}) {
    const admin = await this.admin();
    const ask = () => admin.metadata({ topics: [topic], forceUpdate: limits.fresh === true });
    const { topics } = await this.call(ask, 'asking for leaders', limits);
    const about = topics.get(topic);
    if (about === undefined || partition >= about.partitionsCount)
      throw new LakewardenError('kafka.not_found', `Kafka: topic ${topic} has no partition ${partition}`);
    const node = about.partitions[partition]?.leader;
    if (node === undefined || node < 0)
      throw new LakewardenError('kafka.unavailable', `Kafka: nobody leads partition ${partition} of ${topic}`);
    return { topicId: about.id, node } satisfies PartitionLeader;
  }

  /** A connection to a broker. */
  async connection(node: number, limits: CallLimits = {}): Promise<Connection> {
    const admin = await this.admin();
    const connections = await this.call(() => admin.connectToBrokers([node]), 'connecting', limits);
    const found = connections.get(node);
    if (found === undefined) throw new LakewardenError('kafka.unavailable', `Kafka: broker ${node} is not there`);
    return found;
  }

  /** The request for reading logs that the brokers take. @throws kafka.unsupported */
  fetchApi(limits: CallLimits = {}): Promise<FetchApi> {
    this.#fetchApi ??= this.#chooseFetch(limits).catch((error: unknown) => {
      this.#fetchApi = undefined;
      throw error;
    });
    return this.#fetchApi;
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    const admin = await this.#admin?.catch(() => undefined);
    this.#admin = undefined;
    this.#fetchApi = undefined;
    if (admin !== undefined) await closeInTime(admin.close());
  }

  async #chooseFetch(limits: CallLimits): Promise<FetchApi> {
    const [client, admin] = await Promise.all([this.#client(), this.admin()]);
    const apis = await this.call(() => admin.listApis(), 'asking for versions', limits);
    const { minVersion = 0, maxVersion = 0 } = apis.find(({ name }) => name === 'Fetch') ?? {};
    const api = client.chooseFetch(minVersion, maxVersion);
    if (api === undefined) throw new LakewardenError('kafka.unsupported', 'Kafka: the brokers are older than 0.11');
    return api;
  }

  #client(): Promise<Client> {
    return import('./kafka-client.ts');
  }

  #clientOptions() {
    const { brokers, tls, sasl, deadlineMs } = this.options;
    return {
      clientId: 'lakewarden',
      bootstrapBrokers: [...brokers],
      timeout: deadlineMs,
      connectTimeout: deadlineMs,
      requestTimeout: deadlineMs,
      retries: 2,
      retryDelay: 250,
      autocreateTopics: false,
      // Gateways before brokers go by the name that is asked for; of an address none may be told.
      ...(tls === undefined ? {} : { tls: tls(), tlsServerName: !brokers.some(isAddress) }),
      ...(sasl === undefined ? {} : { sasl: describeSasl(sasl) }),
    };
  }
}

/** True for `host:port` with an IP address. */
function isAddress(broker: string): boolean {
  return isIP(broker.slice(0, broker.lastIndexOf(':')).replaceAll(/[[\]]/g, '')) > 0;
}

/** A broker refuses a token with a word in its answer, which the client takes for success unless it is told. */
function describeSasl(sasl: SaslOptions) {
  if (sasl.mechanism !== 'OAUTHBEARER') return sasl;
  type Answer = (error: Error | null, bytes?: Buffer) => void;
  const authBytesValidator = (bytes: Buffer, answer: Answer): void =>
    bytes.length === 0
      ? answer(null, bytes)
      : answer(new LakewardenError('kafka.unauthenticated', 'the broker does not take the token'));
  return { ...sasl, authBytesValidator };
}

/** Awaits a good-bye, but not for long. */
export async function closeInTime(closing: Promise<unknown>): Promise<void> {
  await inTime(closing, 'closing', closingMs).catch(() => {});
}

/** The client's promises may stay pending, so each has a limit of our own. */
async function inTime<Result>(
  work: Promise<Result>,
  what: string,
  limitMs: number,
  signal?: AbortSignal,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new LakewardenError('kafka.unavailable', `Kafka: ${what} took longer than ${limitMs} ms`)),
      limitMs,
    );
    stop = () => reject(new LakewardenError('deadline.exceeded', `Kafka: ${what} was stopped`));
    signal?.addEventListener('abort', stop);
    if (signal?.aborted === true) stop();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    if (stop !== undefined) signal?.removeEventListener('abort', stop);
    // What nobody waits for any more may fail in silence.
    work.catch(() => {});
  }
}
