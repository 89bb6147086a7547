import type { Socket } from 'node:net';

import { isError, LakewardenError } from '../errors/error.ts';

/** What a HiveServer2 session can do that we use. */
export type Session = Awaited<ReturnType<InstanceType<typeof import('hive-driver').HiveClient>['openSession']>>;

/**
 * Keeps the promises of hive-driver from pending for ever: it does not reject them when the connection closes. Once
 * failed, all calls under way and later ones are rejected by the same error, and the connection is destroyed.
 */
export class Link {
  #failure: LakewardenError | undefined;
  #socket: Socket | undefined;
  readonly #pending = new Set<(error: LakewardenError) => void>();

  /** Watches the connection's socket. */
  watch(socket: Socket): void {
    this.#socket = socket;
    socket.on('close', () => this.fail(unavailable('was closed by the server')));
    if (this.#failure !== undefined) socket.destroy();
  }

  /** False once the connection failed. */
  get usable(): boolean {
    return this.#failure === undefined;
  }

  /** Waits for work on the connection until it fails. */
  async wait<T>(work: Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#pending.add(reject);
    work.then(resolve, reject);
    if (this.#failure !== undefined) reject(this.#failure);
    try {
      return await promise;
    } catch (error) {
      throw asHiveError(error);
    } finally {
      this.#pending.delete(reject);
    }
  }

  /** Gives the connection up. */
  fail(error: LakewardenError): void {
    this.#failure ??= error;
    this.#socket?.destroy();
    for (const reject of this.#pending) reject(this.#failure);
  }
}

/** The error for a connection to HiveServer2 that failed: `hive.unavailable`. */
export function unavailable(what: string, cause?: unknown): LakewardenError {
  return new LakewardenError('hive.unavailable', `the connection to HiveServer2 ${what}`, { cause });
}

/** The error for a statement that HiveServer2 refused: `hive.failed` with the first line of its message. */
export function failed(
  message: string,
  cause: unknown,
  details: { sqlState?: string; errorCode?: number } = {},
): LakewardenError {
  const line = (message.split(/[\r\n]/, 1)[0] ?? '').slice(0, 500).toWellFormed();
  return new LakewardenError('hive.failed', `Hive failed: ${line || 'it gave no reason'}`, { cause, details });
}

function asHiveError(error: unknown): LakewardenError {
  if (isError(error)) return error;
  // hive-driver's StatusError is no Error, and an Error of the socket has a code such as ECONNREFUSED.
  const { message = String(error), code } = error as { message?: string; code?: unknown };
  if (typeof code === 'string' || message.includes('connection is lost'))
    return unavailable(`broke: ${message}`, error);
  return failed(message, error, typeof code === 'number' ? { errorCode: code } : {});
}
