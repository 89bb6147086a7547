import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server that tests tell what to say answers to the n-th request (from 0). */
export type Reply = (request: IncomingMessage, index: number) => Answer;

/** An answer of it: undefined status hangs up without a word. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

/** A server that says what a real API server says only when it is in trouble. */
export interface LyingApiServer {
  readonly address: string;
  /** Path and query of each request. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** Starts it on loopback. */
export async function startLyingApiServer(reply: Reply): Promise<LyingApiServer> {
  const asked: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { status, headers, json } = reply(request, asked.push(request.url ?? '') - 1);
    if (status === undefined) return void request.socket.destroy();
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(json ?? {}));
  };
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A list as the API server writes it: items without version and kind. */
export function listOf(names: readonly string[], token = ''): Answer {
  const items = names.map((name) => ({
    metadata: { name, namespace: 'lake', uid: `uid-${name}`, resourceVersion: '7' },
    spec: {},
    status: { phase: 'Running' },
  }));
  return {
    status: 200,
    json: { kind: 'ServiceList', apiVersion: 'v1', metadata: { resourceVersion: '9', continue: token }, items },
  };
}
