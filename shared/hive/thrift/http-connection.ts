import { Agent, request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { asError, isError, LakewardenError, type ErrorDetails } from '../../errors/error.ts';
import type { ErrorCode } from '../../errors/codes.ts';
import { nameServer, openSocket, type Server, type Transport } from './socket.ts';
import { brokenMessage } from './wire.ts';

/** A connection to a Thrift server over HTTP (THttpTransport: each message is the body of a POST). Used as `Connection` is. */
export class HttpConnection {
  readonly #name: string;
  readonly #server: Server;
  readonly #path: string;
  readonly #socket: Socket;
  readonly #transport: Transport;
  readonly #agent: Agent;
  #usable = true;
  #giveUp: ((reason: Error) => void) | undefined;

  private constructor(server: Server, path: string, socket: Socket, transport: Transport) {
    this.#name = nameServer(server);
    this.#server = server;
    this.#path = path;
    this.#socket = socket;
    this.#transport = transport;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1 });
    // One socket and never another, so that this connection is as good as its socket.
    this.#agent.createConnection = () => this.#socket;
    socket.on('error', () => this.destroy());
    socket.on('close', () => this.destroy());
  }

  /** Opens a connection within `timeoutMs`. Throws metastore.unavailable. */
  static async open(server: Server, path: string, transport: Transport, timeoutMs: number): Promise<HttpConnection> {
    return new HttpConnection(server, path, await openSocket(server, transport, timeoutMs), transport);
  }

  /** False once the connection failed or was destroyed. */
  get usable(): boolean {
    return this.#usable && !this.#socket.destroyed;
  }

  /**
   * Posts a message and waits for the answer. `details` go into each error. Throws deadline.exceeded,
   * metastore.unavailable (the connection broke, or an answer of 5xx), metastore.unauthenticated (401, 403) and
   * metastore.protocol.
   */
  async exchange(message: Buffer, timeoutMs: number, details: ErrorDetails): Promise<Buffer> {
    const all = { server: this.#name, ...details };
    const { promise, reject } = Promise.withResolvers<never>();
    const expire = (): void => {
      const text = `metastore ${this.#name} did not answer ${String(details['method'])} within ${Math.round(timeoutMs)} ms`;
      reject(new LakewardenError('deadline.exceeded', text, { details: all }));
    };
    const timer = setTimeout(expire, timeoutMs);
    // A request that gets no socket would wait for ever, whatever happens to it.
    this.#giveUp = reject;
    try {
      if (!this.usable) throw new Error('it is closed');
      return await Promise.race([this.#ask(message, all), promise]);
    } catch (error) {
      this.destroy();
      if (isError(error)) throw error;
      const text = `the connection to metastore ${this.#name} broke: ${asError(error).message}`;
      throw new LakewardenError('metastore.unavailable', text, { details: all, cause: error });
    } finally {
      clearTimeout(timer);
      this.#giveUp = undefined;
    }
  }

  /** Closes the connection at once; a pending call is rejected with metastore.unavailable. */
  destroy(): void {
    this.#usable = false;
    this.#agent.destroy();
    this.#socket.destroy();
    this.#giveUp?.(new Error('it was closed'));
  }

  async #ask(message: Buffer, details: ErrorDetails): Promise<Buffer> {
    const response = await this.#post(message);
    const { statusCode = 0, headers } = response;
    const body = await this.#readBody(response);
    if (statusCode !== 200) {
      const text = `metastore ${this.#name} answered HTTP ${statusCode} to ${String(details['method'])}`;
      throw new LakewardenError(codeOf(statusCode), text, { details: { ...details, status: statusCode } });
    }
    if (headers.connection?.toLowerCase() === 'close') this.#usable = false;
    return body;
  }

  #post(message: Buffer): Promise<IncomingMessage> {
    const { host, port } = this.#server;
    const headers = {
      'content-type': 'application/x-thrift',
      'content-length': message.length,
      accept: 'application/x-thrift',
      ...this.#transport.headers?.(),
    };
    return new Promise((resolve, reject) => {
      request({ agent: this.#agent, host, port, path: this.#path, method: 'POST', headers })
        .on('response', resolve)
        .on('error', reject)
        .end(message);
    });
  }

  async #readBody(response: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > this.#transport.maxAnswerBytes) {
        throw brokenMessage(`it is longer than ${this.#transport.maxAnswerBytes} bytes`);
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'metastore.unauthenticated';
  return status >= 500 ? 'metastore.unavailable' : 'metastore.protocol';
}
