import { randomUUID } from 'node:crypto';
import { context, propagation, trace, type HrTime } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type ExportResult, ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { Counter } from 'prom-client';
import type { TelemetrySettings } from '#shared/config/telemetry.ts';
import { createFlusher } from './flusher.ts';
import { toMetricData } from './metric-data.ts';
import { scrub } from './scrub.ts';
import type { Telemetry, Teller } from './telemetry.ts';

const waitMs = 2_000;
const lastWaitMs = 1_000;
const restMs = 30_000;
/** While the collector is away, one failure in so many is logged. */
const loggedFailures = 100;

type CountExport = (result: ExportResult) => void;

/**
 * Sends metrics and traces by OTLP over HTTP in protobuf. Addresses, headers, certificates and compression are those of
 * `OTEL_EXPORTER_OTLP_…`, which the exporters read by themselves.
 */
export function startExport(settings: TelemetrySettings, teller: Teller): Telemetry {
  const { log, registry } = teller;
  const exports = new Counter({
    name: 'lakewarden_telemetry_exports_total',
    help: 'Exports to the OpenTelemetry collector, by signal and whether it took them',
    labelNames: ['signal', 'result'],
    registers: [registry],
  });
  const count =
    (signal: string): CountExport =>
    ({ code }) =>
      exports.inc({ signal, result: code === ExportResultCode.SUCCESS ? 'ok' : 'failed' });
  const resource = describeTeller(teller);
  const senders = [
    ...(settings.traces ? [openTraces(settings, resource, count('traces'))] : []),
    ...(settings.metrics ? [openMetrics(teller, resource, settings.limitMs.metrics, count('metrics'))] : []),
  ];
  const sendAll = async (): Promise<void> => {
    for (const { reason } of (await Promise.allSettled(senders.map((send) => send()))).filter(isRejected)) throw reason;
  };
  const flusher = createFlusher({
    send: sendAll,
    waitMs,
    restMs,
    onFailure(error, failures) {
      if (failures % loggedFailures !== 1) return;
      const reason = scrub(String(error instanceof Error ? error.message || error.name : error));
      log.warn({ reason, failures }, 'the OpenTelemetry collector takes nothing; the work goes on');
    },
    onRecovery: (failures) => log.info({ failures }, 'the OpenTelemetry collector takes telemetry again'),
  });
  const timer = setInterval(() => void flusher.flush(), settings.intervalMs).unref();
  return {
    flush: (until) => flusher.flush(until),
    async stop() {
      clearInterval(timer);
      await Promise.race([flusher.flush(), new Promise((resolve) => setTimeout(resolve, lastWaitMs))]);
    },
  };
}

function isRejected(result: PromiseSettledResult<void>): result is PromiseRejectedResult {
  return result.status === 'rejected';
}

/** What OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME say comes before what we know. */
function describeTeller({ function: name, service, pod }: Teller): Resource {
  return resourceFromAttributes({
    'service.namespace': 'lakewarden',
    'service.name': service,
    'service.instance.id': pod ?? randomUUID(),
    'faas.name': name,
    ...(pod === undefined ? {} : { 'k8s.pod.name': pod }),
  }).merge(detectResources({ detectors: [envDetector] }));
}

function openMetrics(
  { registry }: Teller,
  resource: Resource,
  timeoutMillis: number,
  count: CountExport,
): () => Promise<void> {
  const exporter = new OTLPMetricExporter({ timeoutMillis });
  const startTime = toHrTime(Date.now() - performance.now());
  const scope = { name: 'lakewarden' };
  return async () => {
    const json = await registry.getMetricsAsJSON();
    const metrics = toMetricData(json, { startTime, endTime: toHrTime(Date.now()) });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    exporter.export({ resource, scopeMetrics: [{ scope, metrics }] }, (result) => {
      count(result);
      if (result.code === ExportResultCode.SUCCESS) resolve();
      else reject(result.error ?? new Error('the export of metrics failed'));
    });
    await promise;
  };
}

function toHrTime(milliseconds: number): HrTime {
  return [Math.floor(milliseconds / 1_000), Math.round((milliseconds % 1_000) * 1_000_000)];
}

/** Registers the SDK for the whole process; one that the image brought by `--import` stays in its place. */
function openTraces(
  { sampler: { name, ratio }, limitMs }: TelemetrySettings,
  resource: Resource,
  count: CountExport,
): () => Promise<void> {
  const exporter = countingExporter(new OTLPTraceExporter({ timeoutMillis: limitMs.traces }), count);
  const provider = new TracerProvider({
    resource,
    sampler: chooseSampler(name, ratio),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return async () => {
    await provider.forceFlush().catch((errors: unknown) => {
      throw Array.isArray(errors) ? errors[0] : errors;
    });
  };
}

function countingExporter(exporter: SpanExporter, count: CountExport): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        count(result);
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}

function chooseSampler(name: TelemetrySettings['sampler']['name'], ratio: number): Sampler {
  const root = name.endsWith('always_off')
    ? new AlwaysOffSampler()
    : name.endsWith('traceidratio')
      ? new TraceIdRatioBasedSampler(ratio)
      : new AlwaysOnSampler();
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}
