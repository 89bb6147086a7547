import { type ErrorDetails, isError, LakewardenError } from '../../errors/error.ts';
import { CallCounter } from '../../observe/call-counter.ts';
import { Connection } from './connection.ts';
import { HttpConnection } from './http-connection.ts';
import { decodeAnswer, encodeCall, type Method, type Outcome } from './message.ts';
import type { Server, Transport } from './socket.ts';
import type { StructType, Value } from './types.ts';

/** How a client reaches its servers. */
export interface ClientOptions extends Transport {
  /** Tried in this order until one accepts; the last that did, and did not fail since, is tried first. */
  readonly servers: readonly [Server, ...Server[]];
  /** Most connections at a time. */
  readonly connections: number;
  /** Milliseconds for one attempt to connect. */
  readonly connectMs: number;
  /** Called with each new connection before its first call, except over HTTP, where each request says who asks. */
  readonly greet?: (
    call: <A extends StructType, R>(method: Method<A, R>, args: Value<A>) => Promise<Outcome<R>>,
  ) => Promise<void>;
}

type AnyConnection = Connection | HttpConnection;

/** Calls methods of a Thrift service over a few connections, each call within a deadline. */
export class Client {
  /** Remote calls so far, repeated ones counted again. */
  readonly counter = new CallCounter('metastore');
  readonly #options: ClientOptions;
  /** The open connections, with the index of the server of each. */
  readonly #open = new Map<AnyConnection, number>();
  readonly #idle: AnyConnection[] = [];
  readonly #waiting: { resolve: () => void }[] = [];
  #busy = 0;
  #preferred = 0;
  #sequence = 0;
  #closed = false;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * Calls a method within `deadlineMs`, the wait for a connection included. A call that reads is repeated once, on a new
   * connection, when its connection breaks. A call that writes never is: its error says `ambiguous: true` in the
   * details when the server may have performed it. Throws deadline.exceeded, metastore.unavailable, metastore.protocol.
   */
  async call<A extends StructType, R>(method: Method<A, R>, args: Value<A>, deadlineMs: number): Promise<Outcome<R>> {
    const deadline = performance.now() + deadlineMs;
    await this.#enter(deadline, method.name);
    try {
      if (this.#closed) throw closedClient();
      try {
        return await this.#callOn(await this.#take(deadline), method, args, deadline);
      } catch (error) {
        if (!method.reads || !isError(error, 'metastore.unavailable') || this.#closed) throw error;
        return await this.#callOn(await this.#connect(deadline), method, args, deadline);
      }
    } finally {
      this.#leave();
    }
  }

  /** Closes all connections; calls under way and later ones are rejected with metastore.unavailable. */
  close(): void {
    this.#closed = true;
    for (const connection of this.#open.keys()) connection.destroy();
  }

  async #callOn<A extends StructType, R>(
    connection: AnyConnection,
    method: Method<A, R>,
    args: Value<A>,
    deadline: number,
  ): Promise<Outcome<R>> {
    try {
      const outcome = await this.#exchange(connection, method, args, deadline);
      this.#idle.push(connection);
      return outcome;
    } catch (error) {
      const index = this.#open.get(connection);
      // A server that accepts and then fails is not asked first again.
      if (isError(error, 'metastore.unavailable') && index === this.#preferred) {
        this.#preferred = (index + 1) % this.#options.servers.length;
      }
      // An argument that cannot be encoded harms no connection, but closing one is cheap.
      this.#discard(connection);
      throw error;
    }
  }

  async #exchange<A extends StructType, R>(
    connection: AnyConnection,
    method: Method<A, R>,
    args: Value<A>,
    deadline: number,
  ): Promise<Outcome<R>> {
    this.#sequence = (this.#sequence + 1) & 0x7fffffff;
    const sequence = this.#sequence;
    const message = encodeCall(method, args, sequence);
    const end = this.counter.count(method.name);
    const details = { method: method.name, ...(method.reads ? {} : { ambiguous: true }) };
    let result = 'broken';
    try {
      const answer = await connection.exchange(message, Math.max(1, deadline - performance.now()), details);
      const outcome = decodeCarefully(method, answer, sequence, details);
      result = 'exception' in outcome ? outcome.exception : 'ok';
      return outcome;
    } finally {
      end(result);
    }
  }

  async #take(deadline: number): Promise<AnyConnection> {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.usable) return connection;
      this.#discard(connection);
    }
    return this.#connect(deadline);
  }

  async #connect(deadline: number): Promise<AnyConnection> {
    const { servers } = this.#options;
    for (let left = servers.length, index = this.#preferred; ; index = (index + 1) % servers.length) {
      try {
        const connection = await this.#connectTo(index, deadline);
        this.#preferred = index;
        return connection;
      } catch (error) {
        left--;
        if (left === 0 || performance.now() > deadline || this.#closed) throw error;
      }
    }
  }

  async #connectTo(index: number, deadline: number): Promise<AnyConnection> {
    const timeoutMs = Math.max(1, Math.min(this.#options.connectMs, deadline - performance.now()));
    const server = this.#options.servers[index] as Server;
    const { http } = server;
    const connection = await (http === undefined
      ? Connection.open(server, this.#options, timeoutMs)
      : HttpConnection.open(server, http.path, this.#options, timeoutMs));
    this.#open.set(connection, index);
    try {
      if (this.#closed) throw closedClient();
      if (http === undefined)
        await this.#options.greet?.((method, args) => this.#exchange(connection, method, args, deadline));
      return connection;
    } catch (error) {
      this.#discard(connection);
      throw error;
    }
  }

  #discard(connection: AnyConnection): void {
    connection.destroy();
    this.#open.delete(connection);
  }

  /** Takes one of the places for calls under way, or waits until a call hands over its own. */
  async #enter(deadline: number, name: string): Promise<void> {
    if (this.#busy < this.#options.connections) {
      this.#busy++;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { resolve };
    this.#waiting.push(waiter);
    const expire = (): void => {
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      reject(new LakewardenError('deadline.exceeded', `no connection to the metastore came free for ${name} in time`));
    };
    const timer = setTimeout(expire, Math.max(1, deadline - performance.now()));
    await promise.finally(() => clearTimeout(timer));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#busy--;
    else next.resolve();
  }
}

function decodeCarefully<A extends StructType, R>(
  method: Method<A, R>,
  answer: Buffer,
  sequence: number,
  details: ErrorDetails,
): Outcome<R> {
  try {
    return decodeAnswer(method, answer, sequence);
  } catch (error) {
    throw isError(error) ? new LakewardenError(error.code, error.message, { details, cause: error }) : error;
  }
}

function closedClient(): LakewardenError {
  return new LakewardenError('metastore.unavailable', 'the metastore client is closed');
}
