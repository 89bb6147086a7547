import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Kept {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

/** Stands before an emulator, keeps its answers, and gives the same question the same answer at once: what remains is the client's cost. */
export class ReplayProxy {
  /** What was asked since the last reset: method, path and action. */
  calls: string[] = [];
  readonly #answers = new Map<string, Kept>();
  readonly #behind: string;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  private constructor(behind: string) {
    this.#behind = behind;
  }

  /** Starts one before an emulator. */
  static async start(behind: string): Promise<ReplayProxy> {
    const proxy = new ReplayProxy(behind);
    proxy.#server.requestTimeout = 0;
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** Its base address. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const { method = 'GET', url = '/' } = request;
    const action = /(?:^|&)Action=([^&]+)/u.exec(body.toString())?.[1] ?? '';
    this.calls.push(`${method} ${url} ${action}`);
    const key = `${method} ${url} ${body.toString()}`;
    const kept = this.#answers.get(key) ?? (await this.#ask(request, body));
    this.#answers.set(key, kept);
    response.writeHead(kept.status, { 'content-type': kept.type, 'content-length': kept.body.length }).end(kept.body);
  }

  async #ask({ method = 'GET', url = '/', headers }: IncomingMessage, body: Buffer): Promise<Kept> {
    const { authorization = '', 'content-type': type = '', host = '' } = headers;
    const answer = await fetch(this.#behind + url, {
      method,
      headers: { authorization, ...(type !== '' && { 'content-type': type }), 'x-forwarded-host': host },
      ...(body.length > 0 && { body }),
    });
    return {
      status: answer.status,
      type: answer.headers.get('content-type') ?? 'text/xml',
      body: Buffer.from(await answer.arrayBuffer()),
    };
  }
}
