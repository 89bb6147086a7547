import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the runtime is shown instead of the request carries the request's own words under this key. */
const seal: unique symbol = Symbol('lakewarden.request');

/** A request's own words. */
export interface Original {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
}

/** Path on the function's port where our metrics are; the runtime's own are at /metrics. */
export const metricsPath = '/metrics/lakewarden';
const channel = 'http.server.request.start';

/**
 * Keeps the runtime from interpreting requests. Each request for `/` reaches it as plain bytes without a query string, so
 * that it neither parses the body, nor judges the event, nor copies the query over the context; our guard does all of it,
 * from the request's own words. Node publishes a request on this channel before the server sees it. The channel is the
 * process's: a function has one HTTP server.
 */
export function sealRequests(): { settled(): Promise<void>; restore(): void } {
  const open = new Set<ServerResponse>();
  const listener = (message: unknown): void => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    if (!sealRequest(request)) return;
    open.add(response);
    response.once('close', () => open.delete(response));
  };
  subscribe(channel, listener);
  return {
    async settled() {
      await Promise.all([...open].map((response) => new Promise((resolve) => response.once('close', resolve))));
    },
    restore: () => void unsubscribe(channel, listener),
  };
}

function sealRequest(request: IncomingMessage): boolean {
  const { method = '', url = '', rawHeaders } = request;
  const path = url.split('?', 1)[0];
  if (path !== '/' && !(path === metricsPath && method === 'GET')) return false;
  const original: Original = { method, url, rawHeaders };
  const headers = Object.entries(request.headers).filter(([name]) => !name.startsWith('ce-'));
  request.headers = Object.assign(Object.fromEntries(headers), {
    'content-type': 'application/octet-stream',
    [seal]: original,
  });
  request.url = '/';
  // The runtime answers 404 or its own words to other methods; as GET they reach the guard.
  if (method !== 'POST' && method !== 'HEAD') request.method = 'GET';
  return true;
}

/** The words of the request that the runtime's context stands for; `undefined` when it was never sealed. */
export function openSeal(context: unknown): Original | undefined {
  const { headers } = context as { headers?: { [seal]?: Original } };
  return headers?.[seal];
}
