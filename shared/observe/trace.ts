import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** Trace headers by their lower-case names: `traceparent`, `tracestate`. */
export type TraceHeaders = Readonly<Record<string, string>>;

/**
 * Runs work inside a span that continues the caller's trace. Without an OpenTelemetry SDK in the image this costs nothing
 * and the caller's headers are passed on unchanged. The work is given the headers for whatever it sends.
 */
export function traceWork<T>(
  name: string,
  incoming: TraceHeaders,
  work: (outgoing: TraceHeaders) => Promise<T>,
): Promise<T> {
  const parent = propagation.extract(context.active(), incoming);
  const tracer = trace.getTracer('lakewarden');
  return tracer.startActiveSpan(name, { kind: SpanKind.CONSUMER }, parent, async (span) => {
    const own: Record<string, string> = {};
    propagation.inject(context.active(), own);
    try {
      return await work('traceparent' in own ? own : incoming);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
