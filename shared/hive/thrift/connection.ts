import type { Socket } from 'node:net';

import { isError, LakewardenError, type ErrorDetails } from '../../errors/error.ts';
import { skipFrame, skipMessage, type Cursor } from './skip.ts';
import { nameServer, openSocket, type Server, type Transport } from './socket.ts';
import { brokenMessage } from './wire.ts';

interface Exchange {
  readonly resolve: (message: Buffer) => void;
  readonly reject: (error: LakewardenError) => void;
  readonly details: ErrorDetails;
}

/** A connection to a Thrift server that carries one call at a time, and is never used again after it failed. */
export class Connection {
  readonly #server: string;
  readonly #socket: Socket;
  readonly #transport: Transport;
  #arriving: Arriving;
  #pending: Exchange | undefined;
  #failure: LakewardenError | undefined;

  private constructor(server: string, socket: Socket, transport: Transport) {
    this.#server = server;
    this.#socket = socket;
    this.#transport = transport;
    this.#arriving = new Arriving(transport);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#fail(this.#unavailable(`broke: ${error.message}`, error)));
    socket.on('close', () => this.#fail(this.#unavailable('was closed by the server')));
  }

  /** Opens a connection within `timeoutMs`. Throws metastore.unavailable. */
  static async open(server: Server, transport: Transport, timeoutMs: number): Promise<Connection> {
    const socket = await openSocket(server, transport, timeoutMs);
    return new Connection(nameServer(server), socket, transport);
  }

  /** False once the connection failed or was destroyed. */
  get usable(): boolean {
    return this.#failure === undefined;
  }

  /**
   * Sends a message and waits for the answer. `details` go into each error. Throws deadline.exceeded,
   * metastore.unavailable (the connection broke) and metastore.protocol; the connection is destroyed by each.
   */
  async exchange(message: Buffer, timeoutMs: number, details: ErrorDetails): Promise<Buffer> {
    if (this.#failure !== undefined) throw this.#failure;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        this.#pending = { resolve, reject, details };
        timer = setTimeout(() => this.#expire(timeoutMs), timeoutMs);
        if (this.#transport.framed) {
          const length = Buffer.alloc(4);
          length.writeInt32BE(message.length);
          this.#socket.write(length);
        }
        this.#socket.write(message);
      });
    } finally {
      clearTimeout(timer);
      this.#pending = undefined;
    }
  }

  /** Closes the connection at once; a pending call is rejected with metastore.unavailable. */
  destroy(): void {
    this.#fail(this.#unavailable('was closed'));
  }

  #receive(chunk: Buffer): void {
    try {
      if (this.#pending === undefined) throw brokenMessage('it comes unasked');
      const message = this.#arriving.push(chunk);
      if (message === undefined) return;
      this.#arriving = new Arriving(this.#transport);
      this.#pending.resolve(message);
      this.#pending = undefined;
    } catch (error) {
      if (!isError(error)) throw error;
      this.#fail(error);
    }
  }

  #expire(timeoutMs: number): void {
    const text = `metastore ${this.#server} did not answer ${this.#pending?.details['method']} within ${Math.round(timeoutMs)} ms`;
    this.#fail(new LakewardenError('deadline.exceeded', text));
  }

  #unavailable(what: string, cause?: Error): LakewardenError {
    const text = `the connection to metastore ${this.#server} ${what}`;
    return new LakewardenError('metastore.unavailable', text, cause === undefined ? {} : { cause });
  }

  #fail(failure: LakewardenError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#socket.destroy();
    const pending = this.#pending;
    if (pending === undefined) return;
    const details = { server: this.#server, ...pending.details };
    pending.reject(new LakewardenError(failure.code, failure.message, { details, cause: failure.cause }));
  }
}

/** A message that arrives in pieces. */
class Arriving {
  readonly #framed: boolean;
  readonly #at: Cursor;
  readonly #skip: Generator<undefined, void>;

  constructor({ framed, maxAnswerBytes }: Transport) {
    this.#framed = framed;
    this.#at = { bytes: Buffer.alloc(0), offset: 0, end: 0, limit: maxAnswerBytes };
    this.#skip = framed ? skipFrame(this.#at) : skipMessage(this.#at);
  }

  /** Takes a piece, and gives the message when it is whole. */
  push(chunk: Buffer): Buffer | undefined {
    const at = this.#at;
    const end = at.end + chunk.length;
    if (end > at.limit) throw brokenMessage(`it is longer than ${at.limit} bytes`);
    if (at.end === 0) {
      at.bytes = chunk;
    } else {
      if (end > at.bytes.length) at.bytes = enlarge(at.bytes, at.end, end);
      chunk.copy(at.bytes, at.end);
    }
    at.end = end;
    if (this.#skip.next().done !== true) return undefined;
    return at.bytes.subarray(this.#framed ? 4 : 0, end);
  }
}

function enlarge(bytes: Buffer, used: number, needed: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(needed, bytes.length * 2));
  bytes.copy(larger, 0, 0, used);
  return larger;
}
