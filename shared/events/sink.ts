import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isError, LakewardenError } from '#shared/errors/error.ts';
import { encodeHeaderValue } from './header-value.ts';
import { toJson } from './json.ts';
import type { CloudEventOut } from './event.ts';

/** Where events go. */
export interface EventSink {
  /**
   * Sends one event and returns when it was accepted.
   * @throws LakewardenError `sink.unavailable` after the last attempt, `sink.refused` for an answer that will not change;
   * the signal's reason once that is aborted.
   */
  send(event: CloudEventOut, options?: SendOptions): Promise<void>;
}

/** What goes along with an event. */
export interface SendOptions {
  readonly signal?: AbortSignal;
  /** Extension attributes of this event, such as `traceparent`. */
  readonly extensions?: Readonly<Record<string, string>>;
}

/** How a sink is reached. */
export interface HttpSinkOptions {
  readonly url: string;
  /** Extension attributes of every event. */
  readonly extensions?: Readonly<Record<string, string>>;
  /** Attempts in all, 5 by default. */
  readonly attempts?: number;
  /** Milliseconds that one attempt may take, 10 000 by default. */
  readonly timeout?: number;
  /** Milliseconds before the second attempt, doubled each time, 200 by default, at most 5 s. */
  readonly pause?: number;
}

const longestPause = 5_000;

/** A sink that only logs: for runs without `K_SINK`. */
export function createLogSink(log: Pick<Logger, 'info'>): EventSink {
  return {
    send(event) {
      log.info({ emitted: event }, `event ${event.type}, and no sink to send it to`);
      return Promise.resolve();
    },
  };
}

/** A sink reached by HTTP in binary content mode. */
export function createHttpSink(options: HttpSinkOptions): EventSink {
  const { url, attempts = 5, timeout = 10_000, pause = 200 } = options;
  return {
    async send(event, { signal, extensions } = {}) {
      const request = {
        headers: writeHeaders(event, { ...extensions, ...options.extensions }),
        body: toJson(event.data),
      };
      for (let attempt = 1; ; attempt++) {
        const failure = await post(url, request, timeout, signal);
        if (failure === undefined) return;
        if (isError(failure.error, 'sink.refused') || attempt >= attempts) throw failure.error;
        const wait = Math.min(failure.wait ?? pause * 2 ** (attempt - 1) * (0.5 + Math.random()), longestPause);
        await sleep(wait, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
      }
    },
  };
}

/** The headers of an event in binary content mode (CloudEvents HTTP binding 1.0.2, section 3.1). */
export function writeHeaders(
  event: CloudEventOut,
  extensions: Readonly<Record<string, string>>,
): Record<string, string> {
  const { data: _data, datacontenttype, ...attributes } = event;
  const headers: Record<string, string> = { 'content-type': datacontenttype };
  // The event's own attributes stand last: no extension can replace them.
  for (const [name, value] of Object.entries({ ...extensions, ...attributes }))
    if (value !== undefined) headers[`ce-${name}`] = encodeHeaderValue(value);
  return headers;
}

interface Failure {
  error: LakewardenError;
  /** Milliseconds that the sink asked us to wait. */
  wait?: number;
}

async function post(
  url: string,
  request: { headers: Record<string, string>; body: string },
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Failure | undefined> {
  signal?.throwIfAborted();
  const limit = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, {
      ...request,
      method: 'POST',
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    await response.body?.cancel();
    return judge(response);
  } catch (cause) {
    signal?.throwIfAborted();
    const reason = limit.aborted ? `no answer within ${timeout} ms` : 'the connection failed';
    return { error: new LakewardenError('sink.unavailable', `the event sink gave no answer: ${reason}`, { cause }) };
  }
}

function judge(response: Response): Failure | undefined {
  const { status } = response;
  if (response.ok) return undefined;
  const details = { status };
  // The statuses that Knative's own senders repeat: knative.dev/eventing, pkg/kncloudevents, message_sender.go.
  if (status < 500 && ![404, 408, 409, 429].includes(status))
    return {
      error: new LakewardenError('sink.refused', `the event sink refused an event with ${status}`, { details }),
    };
  const error = new LakewardenError('sink.unavailable', `the event sink answered ${status}`, { details });
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? { error, wait: seconds * 1000 } : { error };
}
