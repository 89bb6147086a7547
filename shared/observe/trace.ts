import {
  type Attributes,
  context,
  isSpanContextValid,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { scrub } from './scrub.ts';

/** Trace headers by their lower-case names: `traceparent`, `tracestate`. */
export type TraceHeaders = Readonly<Record<string, string>>;

/** What is said of an event in its spans (OpenTelemetry, Semantic Conventions for CloudEvents). */
export interface TracedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string | undefined;
}

/** The trace that work belongs to. */
export interface WorkTrace {
  /** The headers for whatever the work sends. */
  readonly headers: TraceHeaders;
  /** The trace's id, 32 hexadecimal digits; absent when nobody traces. */
  readonly id?: string;
}

/** Longest text of an attribute; a sender may choose texts as long as the body limit. */
const longestText = 256;

/**
 * Runs the work for an event inside a span that continues the caller's trace. Without an OpenTelemetry SDK this costs nothing
 * and the caller's headers are passed on unchanged.
 */
export function traceEvent<T>(
  event: TracedEvent,
  incoming: TraceHeaders,
  work: (own: WorkTrace) => Promise<T>,
): Promise<T> {
  const parent = propagation.extract(context.active(), incoming);
  const attributes = { 'messaging.operation.type': 'process', ...describeEvent(event) };
  const options = { kind: SpanKind.CONSUMER, attributes };
  return getTracer().startActiveSpan(`process ${event.type.slice(0, longestText)}`, options, parent, (span) =>
    endWith(span, () => work(readTrace(incoming))),
  );
}

/** Sends an event inside a span; `send` is given the headers to send with it. */
export function traceSending(
  event: TracedEvent,
  outgoing: TraceHeaders,
  send: (headers: TraceHeaders) => Promise<void>,
): Promise<void> {
  const attributes = { 'messaging.operation.type': 'send', ...describeEvent(event) };
  const active = context.active();
  // What is sent later, outside of the work, still belongs to its trace.
  const parent = trace.getSpan(active) === undefined ? propagation.extract(active, outgoing) : active;
  return getTracer().startActiveSpan(`send ${event.type}`, { kind: SpanKind.PRODUCER, attributes }, parent, (span) =>
    endWith(span, () => send(readTrace(outgoing).headers)),
  );
}

/** Starts the span of a call to another system; the returned function ends it with `ok`, or in a word what went wrong. */
export function traceCall(system: string, operation: string): (result: string) => void {
  const span = getTracer().startSpan(`${system} ${operation}`, {
    kind: SpanKind.CLIENT,
    attributes: describeCall(system, operation),
  });
  return (result) => {
    if (result !== 'ok') markFailed(span, result);
    span.end();
  };
}

/** Calls another system inside a span. */
export function traceCalling<T>(system: string, operation: string, call: () => Promise<T>): Promise<T> {
  const attributes = describeCall(system, operation);
  return getTracer().startActiveSpan(`${system} ${operation}`, { kind: SpanKind.CLIENT, attributes }, (span) =>
    endWith(span, call),
  );
}

function describeCall(system: string, operation: string): Attributes {
  return { 'peer.service': system, 'lakewarden.operation': operation };
}

function getTracer() {
  return trace.getTracer('lakewarden');
}

/** The headers of the span that is active; the ones that came when no SDK makes any. */
function readTrace(incoming: TraceHeaders): WorkTrace {
  const own: Record<string, string> = {};
  propagation.inject(context.active(), own);
  const headers = 'traceparent' in own ? own : incoming;
  const active = trace.getActiveSpan()?.spanContext();
  const id =
    active !== undefined && isSpanContextValid(active)
      ? active.traceId
      : /^[\da-f]{2}-([\da-f]{32})-/.exec(headers['traceparent'] ?? '')?.[1];
  return { headers, ...(id === undefined ? {} : { id }) };
}

async function endWith<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as { code?: unknown };
    markFailed(span, typeof code === 'string' ? code : 'internal');
    throw error;
  } finally {
    span.end();
  }
}

function markFailed(span: Span, reason: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', reason);
}

function describeEvent({ id, source, type, subject }: TracedEvent): Attributes {
  return {
    'cloudevents.event_id': id.slice(0, longestText),
    'cloudevents.event_source': scrub(source).slice(0, longestText),
    'cloudevents.event_type': type.slice(0, longestText),
    ...(subject === undefined ? {} : { 'cloudevents.event_subject': scrub(subject).slice(0, longestText) }),
  };
}
