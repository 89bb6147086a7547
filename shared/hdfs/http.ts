import { Agent as PlainAgent, request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { CallCounter } from '#shared/observe/call-counter.ts';

/** What a body may be; what is iterated is sent in chunks, at the pace of the receiver. */
export type Body = Uint8Array | AsyncIterable<Uint8Array>;

/** Limits how long a server may be waited for. */
interface Clock {
  start(): void;
  stop(): void;
}

/** One request to one server. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  /** Stops the request and the reading of its answer. */
  readonly signal: AbortSignal;
  readonly body?: Body | undefined;
  /** Asks for a connection of its own, so that a kept one that the server is just closing cannot put the outcome in doubt. */
  readonly fresh?: boolean;
  /** Runs only while the server is waited for, not while the body's next piece is being made. */
  readonly clock?: Clock | undefined;
}

/** A request that brought no answer. */
export class TransportError extends Error {
  /** False when the connection was never made: then the server surely did nothing. */
  readonly reached: boolean;

  constructor(cause: unknown, reached: boolean) {
    super(reason(cause), { cause });
    this.name = 'TransportError';
    this.reached = reached;
  }
}

/** Node gives an error per address family, with an empty message of its own, when a name has several addresses. */
function reason(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return cause.errors.map(reason).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}

const pieceBytes = 1 << 20;

function* pieces(data: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < data.length; start += pieceBytes) yield data.subarray(start, start + pieceBytes);
}

const ignore = () => {};

/** Sends the body with backpressure; stops quietly when the answer comes first. */
async function sendBody(request: ClientRequest, body: Body, clock: Clock | undefined): Promise<void> {
  let stopped = false;
  let wake = ignore;
  const stop = () => {
    stopped = true;
    wake();
  };
  request.once('response', stop).once('close', stop);
  request.on('drain', () => wake());
  clock?.stop();
  for await (const piece of body instanceof Uint8Array ? pieces(body) : body) {
    // A server that refuses closes at once, and a write that fails would throw its answer away: so look for it first.
    await setImmediate();
    if (stopped) return;
    clock?.start();
    if (piece.length > 0 && !request.write(piece)) await new Promise<void>((resolve) => (wake = resolve));
    clock?.stop();
  }
  clock?.start();
  if (!stopped) request.end();
}

/**
 * Requests over `node:http(s)`. (The fetch of Node cannot write to HDFS: a DataNode sends a `100 Continue` that nobody
 * asked for, and fetch takes that for a broken answer.)
 */
export class HttpClient {
  /** Requests made so far. */
  readonly counter = new CallCounter('hdfs');
  readonly #kept: { readonly plain: PlainAgent; readonly tls: TlsAgent };
  readonly #fresh: { readonly plain: PlainAgent; readonly tls: TlsAgent };

  /** `connections` is the most that are open to one server at a time; `ca` the PEM text of the trusted authorities. */
  constructor({ connections, ca }: { connections: number; ca?: string | undefined }) {
    const tls = ca === undefined ? {} : { ca };
    const agents = (keepAlive: boolean) => ({
      plain: new PlainAgent({ keepAlive, maxSockets: connections }),
      tls: new TlsAgent({ keepAlive, maxSockets: connections, ...tls }),
    });
    this.#kept = agents(true);
    this.#fresh = agents(false);
  }

  /** Sends one request; resolves when the head of the answer is there. Throws TransportError, or what the body threw. */
  async send(details: HttpRequest): Promise<IncomingMessage> {
    const { method, url, signal, body } = details;
    const end = this.counter.count(/[?&]op=([^&]*)/.exec(url.search)?.[1] ?? method);
    const agents = details.fresh === true ? this.#fresh : this.#kept;
    const headers: Record<string, string | number> = { accept: '*/*' };
    if (body !== undefined) headers['content-type'] = 'application/octet-stream';
    if (body instanceof Uint8Array) headers['content-length'] = body.length;
    const request =
      url.protocol === 'https:'
        ? tlsRequest(url, { method, headers, signal, agent: agents.tls })
        : plainRequest(url, { method, headers, signal, agent: agents.plain });
    let reached = false;
    const connected = new Promise<void>((resolve) => {
      const ready = () => {
        reached = true;
        resolve();
      };
      request.once('socket', (socket) => {
        if (socket.connecting) socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', ready);
        else ready();
      });
    });
    return new Promise((resolve, reject) => {
      let answered = false;
      request.once('response', (message) => {
        answered = true;
        const { statusCode = 0 } = message;
        end(statusCode < 400 ? 'ok' : String(statusCode));
        // An answer that came before the end of the body is the last word on this connection.
        message.once('close', () => request.writableEnded || request.destroy());
        resolve(message);
      });
      request.on('error', (cause) => reject(new TransportError(cause, reached)));
      request.once('close', () => {
        if (!answered) end('broken');
        // An error costs as much as a small request, so none is made for nothing.
        if (!answered) reject(new TransportError('the connection was closed', reached));
      });
      // The body is not touched before there is somebody to take it, so that it can still be sent elsewhere.
      if (body === undefined) request.end();
      else {
        connected
          .then(async () => sendBody(request, body, details.clock))
          .catch((error: unknown) => {
            reject(error instanceof Error ? error : new Error(String(error)));
            request.destroy();
          });
      }
    });
  }

  /** Closes every connection. */
  close(): void {
    for (const agent of [this.#kept.plain, this.#kept.tls, this.#fresh.plain, this.#fresh.tls]) agent.destroy();
  }
}
