import type { Logger } from 'pino';
import { encodeHeaderValue } from './header-value.ts';
import { toJson } from './json.ts';
import type { CloudEventOut } from './event.ts';
import { post, type PostOptions } from './post.ts';

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
export interface HttpSinkOptions extends PostOptions {
  readonly url: string;
  /** Extension attributes of every event. */
  readonly extensions?: Readonly<Record<string, string>>;
}

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
  return {
    async send(event, { signal, extensions } = {}) {
      const headers = writeHeaders(event, { ...extensions, ...options.extensions });
      await post({ to: 'the event sink', url: options.url, headers, body: toJson(event.data) }, options, signal);
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
