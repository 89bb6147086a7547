import { Agent as PlainAgent, request as plainRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { createSecureContext, getCACertificates } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { isError, LakewardenError } from '#shared/errors/error.ts';

/** One HTTP POST. */
export interface Post {
  /** Who is posted to, for messages: `the event sink`. */
  readonly to: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How often, and how patiently, a post is tried. */
export interface PostOptions {
  /** Attempts in all, 5 by default. */
  readonly attempts?: number;
  /** Milliseconds that one attempt may take, 10 000 by default. */
  readonly timeout?: number;
  /** Milliseconds before the second attempt, doubled each time, 200 by default, at most 5 s. */
  readonly pause?: number;
  /** Asked before each attempt, since tokens are rotated. */
  readonly token?: (() => string) | undefined;
  /** Keeps connections, and knows whom to trust; by default the process's own. */
  readonly agents?: Agents;
}

/** Keeps connections open between posts. */
export interface Agents {
  readonly plain: PlainAgent;
  readonly tls: TlsAgent;
}

/** Makes agents that trust what the process does, and the authorities in the given PEM texts. @throws what OpenSSL says of these */
export function createAgents(authorities: readonly string[] = []): Agents {
  // One context for all connections: to read all authorities takes longer than a handshake.
  const trusted =
    authorities.length === 0
      ? {}
      : { secureContext: createSecureContext({ ca: [...getCACertificates(), ...authorities] }) };
  return { plain: new PlainAgent({ keepAlive: true }), tls: new TlsAgent({ keepAlive: true, ...trusted }) };
}

const longestPause = 5_000;
let ownAgents: Agents | undefined;

/**
 * Posts until it is accepted.
 * @throws LakewardenError `sink.unavailable` after the last attempt, `sink.refused` for an answer that will not change;
 * the signal's reason once that is aborted.
 */
export async function post(request: Post, options: PostOptions = {}, signal?: AbortSignal): Promise<void> {
  const { attempts = 5, pause = 200 } = options;
  for (let attempt = 1; ; attempt++) {
    const failure = await tryOnce(request, options, signal);
    if (failure === undefined) return;
    if (isError(failure.error, 'sink.refused') || attempt >= attempts) throw failure.error;
    const wait = Math.min(failure.wait ?? pause * 2 ** (attempt - 1) * (0.5 + Math.random()), longestPause);
    await sleep(wait, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
  }
}

interface Failure {
  error: LakewardenError;
  /** Milliseconds that we were asked to wait. */
  wait?: number;
}

async function tryOnce(request: Post, options: PostOptions, signal?: AbortSignal): Promise<Failure | undefined> {
  const { timeout = 10_000, token, agents = (ownAgents ??= createAgents()) } = options;
  const { to, url, headers, body } = request;
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(timeout);
  try {
    const authorization = token && `Bearer ${token()}`;
    const message = await send(new URL(url), agents, body, {
      headers: { ...headers, ...(authorization && { authorization }), 'content-length': Buffer.byteLength(body) },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    return judge(to, message, token !== undefined);
  } catch (cause) {
    signal?.throwIfAborted();
    if (isError(cause)) return { error: cause };
    const reason = limit.aborted ? `no answer within ${timeout} ms` : `the connection failed: ${reasonOf(cause)}`;
    return { error: new LakewardenError('sink.unavailable', `${to} gave no answer: ${reason}`, { cause }) };
  }
}

/** Sends a request and resolves with the head of its answer; the rest is thrown away. Redirects are not followed. */
function send(url: URL, { plain, tls }: Agents, body: string, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const common = { ...options, method: 'POST' };
    const taken = (message: IncomingMessage): void => {
      // What breaks after the status changes nothing.
      message.on('error', () => {}).resume();
      resolve(message);
    };
    const outgoing =
      url.protocol === 'https:'
        ? tlsRequest(url, { ...common, agent: tls }, taken)
        : plainRequest(url, { ...common, agent: plain }, taken);
    outgoing.on('error', reject).end(body);
  });
}

/** Node gives an error per address, with an empty message of its own, when a name has several addresses. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return cause.errors.map(reasonOf).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}

function judge(
  to: string,
  { statusCode: status = 0, headers }: IncomingMessage,
  withToken: boolean,
): Failure | undefined {
  if (status >= 200 && status < 300) return undefined;
  const details = { status };
  // The statuses that Knative's own senders repeat: knative.dev/eventing, pkg/kncloudevents, message_sender.go. A token that
  // has run out is about to be replaced.
  if (status < 500 && ![404, 408, 409, 429, ...(withToken ? [401] : [])].includes(status))
    return { error: new LakewardenError('sink.refused', `${to} refused an event with ${status}`, { details }) };
  const error = new LakewardenError('sink.unavailable', `${to} answered ${status}`, { details });
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) ? { error, wait: seconds * 1000 } : { error };
}
