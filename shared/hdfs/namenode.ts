import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { LakewardenError, isError } from '#shared/errors/error.ts';
import { Deadline } from './deadline.ts';
import { HttpClient, TransportError } from './http.ts';
import { doubt, failure, parseAnswer, readBody, redirectTarget, requireLength, type Operation } from './operation.ts';
import type { WebHdfsOptions } from './options.ts';
import { encodePath, maxUrlBytes } from './path.ts';
import { ReadRoutes } from './read-routes.ts';
import { readRefusal } from './remote-exception.ts';
import type { CallCounter } from '#shared/observe/call-counter.ts';

/** A whole answer: the text of its body and the server's time as its head gave it. */
export interface Answer {
  readonly text: string;
  readonly date: string | undefined;
}

/** A request to a DataNode that brought no answer. */
class DataNodeTrouble extends TransportError {
  readonly host: string;

  constructor(error: TransportError, host: string) {
    super(error.cause, error.reached);
    this.host = host;
  }
}

/** What the attempts of one call learn from each other. */
interface State {
  /** DataNodes, as host:port, that could not be reached. */
  readonly avoided: Set<string>;
  /** True once the body was touched: one that is iterated cannot be sent again. */
  begun: boolean;
  /** True until a DataNode was asked without the NameNode. */
  direct: boolean;
}

/** Largest answer that is read into memory as a whole, in bytes. */
const maxAnswerBytes = 64 << 20;

const longestPauseMs = 2_000;

/** Makes calls: chooses the address, follows the redirect to a DataNode, repeats where that is safe, names every failure. */
export class NameNode {
  readonly #options: WebHdfsOptions;
  readonly #http: HttpClient;
  readonly #idleMs: number;
  readonly #routes = new ReadRoutes();
  /** Index of the address that answered last. */
  #active = 0;

  /** Throws `config.invalid` when an address is no http(s) URL or none is given. */
  constructor(options: WebHdfsOptions) {
    const wrong = options.addresses.find((address) => !/^https?:$/.test(URL.parse(address)?.protocol ?? ''));
    if (options.addresses.length === 0 || wrong !== undefined) {
      throw new LakewardenError('config.invalid', `The address "${wrong ?? ''}" of the NameNode is no http(s) URL.`);
    }
    this.#options = options;
    this.#http = new HttpClient({ connections: options.connections ?? 16, ca: options.ca });
    this.#idleMs = options.idleMs ?? 30_000;
  }

  /** HTTP requests made so far. */
  get counter(): CallCounter {
    return this.#http.counter;
  }

  /** Closes every connection; calls that are under way fail. */
  close(): void {
    this.#http.close();
  }

  /** Performs an operation whose answer is small and reads it whole. */
  async call(operation: Operation): Promise<Answer> {
    return this.#within(async (deadline) =>
      this.#perform(operation, deadline, async (message) => ({
        text: (await readBody(message, operation, maxAnswerBytes)).toString('utf8'),
        // The NameNode sends this header twice.
        date: message.headersDistinct['date']?.[0],
      })),
    );
  }

  /** Performs an operation and takes apart its JSON answer; where `pick` gives undefined, `hdfs.protocol` is thrown. */
  async json<T>(operation: Operation, pick: (value: Record<string, unknown>) => T | undefined): Promise<T> {
    const { text } = await this.call(operation);
    return parseAnswer(operation, text, pick);
  }

  /** Reads the bytes that the server announces, all or none, at most `limit`. */
  async bytes(operation: Operation, limit: number): Promise<Uint8Array> {
    return this.#within(async (deadline) =>
      this.#perform(operation, deadline, async (message) => {
        requireLength(message, operation);
        return readBody(message, operation, limit);
      }),
    );
  }

  /** Opens a stream of bytes, which ends whole or fails; the connection lives until it was read to its end or destroyed. */
  async stream(operation: Operation, signal?: AbortSignal): Promise<Readable> {
    const deadline = this.#deadline(signal);
    try {
      const message = await this.#perform(operation, deadline, async (answer) => {
        requireLength(answer, operation);
        return answer;
      });
      const stream = Readable.from(this.#pieces(message, operation, deadline), { objectMode: false });
      // A generator that was never begun has no end in which to do this.
      return stream.once('close', () => message.destroy());
    } finally {
      deadline.clear();
    }
  }

  async *#pieces(message: IncomingMessage, operation: Operation, deadline: Deadline): AsyncGenerator<Uint8Array> {
    try {
      deadline.extend(this.#idleMs);
      for await (const piece of message) {
        // A slow reader is no fault of the server: the clock stands while the piece is used.
        deadline.clear();
        yield piece as Uint8Array;
        deadline.extend(this.#idleMs);
      }
    } catch (error) {
      throw this.#explain(new TransportError(error, true), operation, deadline);
    } finally {
      deadline.clear();
    }
  }

  #deadline(signal?: AbortSignal): Deadline {
    return new Deadline(this.#options.deadlineMs ?? 30_000, [this.#options.signal, signal]);
  }

  async #within<T>(work: (deadline: Deadline) => Promise<T>): Promise<T> {
    const deadline = this.#deadline();
    try {
      return await work(deadline);
    } finally {
      deadline.clear();
    }
  }

  async #perform<T>(
    operation: Operation,
    deadline: Deadline,
    use: (message: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    const patience = performance.now() + (this.#options.patienceMs ?? 10_000);
    const { addresses } = this.#options;
    const state: State = { avoided: new Set(), begun: false, direct: operation.direct === true };
    for (let attempt = 1; ; attempt += 1) {
      const active = this.#active;
      let message: IncomingMessage | undefined;
      try {
        message = await this.#attempt(operation, deadline, addresses[active] ?? '', state);
        return await use(message);
      } catch (error) {
        message?.destroy();
        this.#routes.forget(operation);
        const trouble = this.#explain(error, operation, deadline);
        const spent = state.begun && !(operation.body instanceof Uint8Array);
        if (!passes(trouble) || spent || performance.now() > patience) throw trouble;
        if (error instanceof DataNodeTrouble) state.avoided.add(error.host);
        else if (this.#active === active) this.#active = (active + 1) % addresses.length;
        // Each address is tried once before the first pause.
        const rounds = Math.floor(attempt / addresses.length);
        const pause = rounds === 0 ? 0 : Math.min(longestPauseMs, 100 * 2 ** (rounds - 1));
        await sleep(pause * (0.5 + Math.random() / 2), undefined, { signal: deadline.signal }).catch(() => {
          throw trouble;
        });
      }
    }
  }

  async #attempt(operation: Operation, deadline: Deadline, base: string, state: State): Promise<IncomingMessage> {
    const { method, body, repeatable } = operation;
    const direct = await this.#readDirectly(operation, deadline, state);
    if (direct !== undefined) return direct;
    const url = this.#url(base, operation, state.avoided);
    const fresh = !repeatable && body === undefined;
    const answer = await this.#http.send({ method, url, signal: deadline.signal, fresh }).catch((error: unknown) => {
      // For data the NameNode only names a DataNode: nothing can have been done yet.
      throw error instanceof TransportError
        ? new TransportError(error.cause, error.reached && body === undefined)
        : error;
    });
    const { location } = answer.headers;
    const toDataNode = answer.statusCode === 307 && location !== undefined;
    if (toDataNode) answer.resume();
    const target = toDataNode ? redirectTarget(location, url, operation) : undefined;
    const message = target === undefined ? answer : await this.#send(operation, deadline, target, state);
    const status = message.statusCode ?? 0;
    if (status < 200 || status > 299) {
      const text = (await readBody(message, operation, maxAnswerBytes)).toString('utf8');
      const secrets = [this.#options.delegationToken?.(), operation.params?.['token']];
      const refusal = readRefusal(
        status,
        text,
        secrets.filter((secret) => typeof secret === 'string'),
      );
      const { exception, reason, certain } = refusal;
      // For a call that wants to be the one to create a file, a file that somebody is writing exists.
      const taken = exception === 'AlreadyBeingCreatedException' && operation.params?.['overwrite'] === false;
      const code = taken ? 'hdfs.exists' : refusal.code;
      const doubtful = !certain && !repeatable && (body === undefined || toDataNode);
      throw failure(operation, code, `${exception}: ${reason}`, { exception, ...doubt(doubtful) });
    }
    if (body !== undefined && !toDataNode) {
      throw failure(operation, 'hdfs.protocol', `${url.host} names no DataNode that takes the data`);
    }
    if (target !== undefined && operation.direct === true) this.#routes.learn(operation, target, this.#identity());
    return message;
  }

  /** Asks a DataNode that is known from another file of the folder; for whatever is not a plain yes, the NameNode is asked. */
  async #readDirectly(operation: Operation, deadline: Deadline, state: State): Promise<IncomingMessage | undefined> {
    const url = state.direct ? this.#routes.find(operation, this.#identity()) : undefined;
    state.direct = false;
    if (url === undefined) return undefined;
    const { signal } = deadline;
    const message = await this.#http.send({ method: 'GET', url, signal, fresh: true }).catch(() => undefined);
    if (message?.statusCode === 200) return message;
    message?.destroy();
    this.#routes.forget(operation);
    return undefined;
  }

  #identity(): string {
    return this.#options.delegationToken?.() || (this.#options.user ?? '');
  }

  /** The second half of an operation: to the DataNode, with the body. */
  async #send(operation: Operation, deadline: Deadline, url: URL, state: State): Promise<IncomingMessage> {
    const { method, body } = operation;
    const clock = {
      start: () => deadline.extend(this.#idleMs),
      stop: () => {
        state.begun = true;
        deadline.clear();
      },
    };
    try {
      const message = await this.#http.send({ method, url, body, signal: deadline.signal, clock, fresh: true });
      if (state.begun) clock.start();
      return message;
    } catch (error) {
      throw error instanceof TransportError ? new DataNodeTrouble(error, url.host) : error;
    }
  }

  #url(base: string, { op, path, params, page }: Operation, avoided: ReadonlySet<string>): URL {
    const query: Record<string, string> = { op };
    const token = this.#options.delegationToken?.();
    if (token !== undefined && token !== '') query['delegation'] = token;
    else if (this.#options.user !== undefined) query['user.name'] = this.#options.user;
    for (const [name, value] of Object.entries(params ?? {})) if (value !== undefined) query[name] = String(value);
    if (avoided.size > 0) query['excludedatanodes'] = [...avoided].join(',');
    // Not URLSearchParams, which writes a space as `+`. Slashes may stay, which saves room in CONCAT.
    const text = Object.entries(query).map(([name, value]) => `${name}=${encodePath(value)}`);
    const place = page ?? `/webhdfs/v1${encodePath(path)}`;
    const url = `${base.replace(/\/+$/, '')}${place}?${text.join('&')}`;
    if (url.length > maxUrlBytes) {
      const reason = `the request takes ${url.length} bytes, and a NameNode reads at most ${maxUrlBytes}`;
      throw failure({ op, path }, 'limit.exceeded', reason, { bytes: url.length, limit: maxUrlBytes });
    }
    return new URL(url);
  }

  /** Turns a failed request into an error of ours; what the caller's own body threw stays as it is. */
  #explain(error: unknown, operation: Operation, deadline: Deadline): Error {
    if (!(error instanceof TransportError)) return error instanceof Error ? error : new Error(String(error));
    const ambiguous = error.reached && !operation.repeatable;
    const details = { ...doubt(ambiguous), ...(error instanceof DataNodeTrouble ? { dataNode: error.host } : {}) };
    if (!deadline.signal.aborted) return failure(operation, 'hdfs.unavailable', error.message, details, error.cause);
    if (deadline.timeUp) {
      const code = ambiguous ? 'hdfs.unavailable' : 'deadline.exceeded';
      return failure(operation, code, 'no answer came in time', details, error.cause);
    }
    const stop = deadline.signal.reason as unknown;
    const code = isError(stop) ? stop.code : 'deadline.exceeded';
    return failure(operation, code, 'the caller stopped it', details, stop);
  }
}

/** True for trouble that may pass and after which the call can be made again without doing anything twice. */
function passes(error: Error): boolean {
  if (!isError(error, 'hdfs.unavailable', 'hdfs.standby', 'hdfs.safe_mode')) return false;
  return error.details['ambiguous'] !== true;
}
