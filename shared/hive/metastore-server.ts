import type { CallCounter } from '../observe/call-counter.ts';
import { createClient } from './metastore-client.ts';
import { readOutcome } from './metastore-error.ts';
import { methods } from './metastore-methods.ts';
import type { CallOptions, MetastoreOptions } from './metastore-options.ts';
import type { Client } from './thrift/client.ts';
import type { Method } from './thrift/message.ts';
import type { StructType, Value } from './thrift/types.ts';

/** What a client of the metastore is over all that it keeps: calls with deadlines, and what the server says of itself. */
export abstract class MetastoreServer {
  readonly #client: Client;
  /** Milliseconds that a call may take when it says nothing else. */
  protected readonly deadlineMs: number;

  constructor(options: MetastoreOptions) {
    this.deadlineMs = options.deadlineMs ?? 60_000;
    this.#client = createClient(options);
  }

  /** Remote calls so far. */
  get calls(): number {
    return this.counter.total;
  }

  /** Counts the same by the work that makes them. */
  get counter(): CallCounter {
    return this.#client.counter;
  }

  /** The server's version as it says itself, such as `4.0.1`. */
  async version(options: CallOptions = {}): Promise<string> {
    return this.call(methods.getVersion, {}, 'its version', options);
  }

  /** What tells this metastore's database from others. Throws metastore.unsupported before Hive 3. */
  async uuid(options: CallOptions = {}): Promise<string> {
    return this.call(methods.getDatabaseUuid, {}, 'its id', options);
  }

  /** A setting of the server, or an empty text. Throws metastore.invalid for one that it does not tell. */
  async serverSetting(name: string, options: CallOptions = {}): Promise<string> {
    return this.call(methods.getConfigValue, { name, defaultValue: '' }, `its setting ${name}`, options);
  }

  /** Closes all connections; calls under way are rejected with metastore.unavailable. */
  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  /** Calls a method; `action` says in errors what was asked for. */
  protected async call<A extends StructType, R>(
    method: Method<A, R>,
    args: Value<A>,
    action: string,
    { deadlineMs = this.deadlineMs }: CallOptions,
  ): Promise<R> {
    return readOutcome(await this.#client.call(method, args, deadlineMs), action);
  }
}
