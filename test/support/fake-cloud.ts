import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What a fake of an API answers: a status, a body that is sent as JSON, headers. */
export interface FakeAnswer {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as a fake sees it. */
export interface FakeAsk {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A small HTTP server that stands for the API of a cloud of which no emulator is at hand. */
export class FakeCloud {
  readonly asked: FakeAsk[] = [];
  readonly #server: Server;
  #answer: (ask: FakeAsk) => FakeAnswer;

  constructor() {
    this.#answer = () => ({ status: 500 });
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Listens on loopback. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** Its address, without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Answers so from now on, and forgets what it was asked. */
  answer(answer: (ask: FakeAsk) => FakeAnswer): void {
    this.asked.length = 0;
    this.#answer = answer;
  }

  /** Stops listening. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers: given } = request;
    const ask = { method, url: new URL(url, this.url), headers: given, body: await text(request) };
    this.asked.push(ask);
    const { status = 200, body, headers = {} } = this.#answer(ask);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }
}
