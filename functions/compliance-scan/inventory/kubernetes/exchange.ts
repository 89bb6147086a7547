import type { Agent as PlainAgent, IncomingMessage } from 'node:http';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest, type Agent as TlsAgent } from 'node:https';

/** What a server answered, read to its end. */
export interface Answer {
  readonly status: number;
  /** Seconds that the server asks to wait; undefined when it does not. */
  readonly retryAfter: number | undefined;
  /** Undefined when there is more than the caller takes; the rest is not read. */
  readonly body: Buffer | undefined;
}

/** Gets one address and reads at most `maxBytes` of the answer. Rejects when the connection breaks or `signal` fires. */
export async function get(
  url: URL,
  headers: Readonly<Record<string, string>>,
  agent: PlainAgent | TlsAgent,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Answer> {
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    send(url, { headers, agent, signal }).once('response', resolve).once('error', reject).end();
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      message.destroy();
      return { status: message.statusCode ?? 0, retryAfter: undefined, body: undefined };
    }
    chunks.push(chunk);
  }
  const seconds = Number(message.headers['retry-after'] ?? Number.NaN);
  return {
    status: message.statusCode ?? 0,
    retryAfter: Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined,
    body: Buffer.concat(chunks),
  };
}
