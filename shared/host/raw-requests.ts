import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Admission, Gate } from './gate.ts';

/** What the runtime is shown instead of the request carries the request's own words under this key. */
const seal: unique symbol = Symbol('lakewarden.request');

/** A request's own words. */
export interface Original {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  /** Present when it was let in. */
  readonly admission?: Admission;
  /** Why it is turned away. */
  readonly refused?: string;
  /** Resolves when the body of one that is turned away was thrown away: who is still sending would not see the answer. */
  readonly thrownAway?: Promise<void>;
}

/** Milliseconds that a sender has for a whole request; the runtime would wait for ever. */
const slowestRequest = 60_000;
/** Milliseconds for which a body that nobody reads is taken. */
const longestThrowAway = 5_000;

/** Path on the function's port where our metrics are; the runtime's own are at /metrics. */
export const metricsPath = '/metrics/lakewarden';
const channel = 'http.server.request.start';

/**
 * Keeps the runtime from interpreting requests. Each request for `/` reaches it as plain bytes without a query string, so
 * that it neither parses the body, nor judges the event, nor copies the query over the context; our guard does all of it,
 * from the request's own words. Node publishes a request on this channel before the server sees it. The channel is the
 * process's: a function has one HTTP server. What the gate turns away comes through without its body, which is thrown away as it comes.
 */
export function sealRequests(gate: Gate): { settled(): Promise<void>; restore(): void } {
  const open = new Set<ServerResponse>();
  const listener = (message: unknown): void => {
    const { request, response, server } = message as {
      request: IncomingMessage;
      response: ServerResponse;
      server: Server;
    };
    server.requestTimeout ||= slowestRequest;
    const path = pathOf(request);
    if (path === undefined) return;
    const length = request.headers['content-length'];
    const admitted =
      path === '/' ? gate.admit({ bytes: length === undefined ? undefined : Number(length) }) : undefined;
    const fate =
      typeof admitted === 'string'
        ? { refused: admitted, thrownAway: throwAway(request) }
        : admitted && { admission: admitted };
    sealRequest(request, fate);
    open.add(response);
    response.once('close', () => {
      open.delete(response);
      if (typeof admitted === 'object') admitted.leave();
    });
  };
  subscribe(channel, listener);
  return {
    async settled() {
      await Promise.all([...open].map((response) => new Promise((resolve) => response.once('close', resolve))));
    },
    restore: () => void unsubscribe(channel, listener),
  };
}

/** The path of a request that is ours. */
function pathOf({ method, url = '' }: IncomingMessage): string | undefined {
  const path = url.split('?', 1)[0];
  return path === '/' || (path === metricsPath && method === 'GET') ? path : undefined;
}

function sealRequest(request: IncomingMessage, fate: Omit<Original, 'method' | 'url' | 'rawHeaders'> = {}): void {
  const { method = '', url = '', rawHeaders } = request;
  const original: Original = { method, url, rawHeaders, ...fate };
  const headers = Object.entries(request.headers).filter(([name]) => !name.startsWith('ce-'));
  request.headers = Object.assign(Object.fromEntries(headers), {
    'content-type': 'application/octet-stream',
    [seal]: original,
  });
  request.url = '/';
  // The runtime answers 404 or its own words to other methods; as GET they reach the guard. It reads no body of a GET.
  if (fate.refused !== undefined || (method !== 'POST' && method !== 'HEAD')) request.method = 'GET';
}

/** Reads a body without keeping it, for a bounded time. */
function throwAway(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, longestThrowAway);
    request.resume().once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The words of the request that the runtime's context stands for; `undefined` when it was never sealed. */
export function openSeal(context: unknown): Original | undefined {
  const { headers } = context as { headers?: { [seal]?: Original } };
  return headers?.[seal];
}
