import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import protobuf from 'protobufjs';

const folder = join(import.meta.dirname, '../fixtures/otlp-1.11.0');

/** One number of a function, as a collector sees it. */
export interface ReceivedPoint {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: Readonly<Record<string, string>>;
  /** Of a histogram its count. */
  readonly value: number;
  readonly histogram?: { readonly bounds: number[]; readonly counts: number[]; readonly sum: number };
  readonly startTime: number;
  readonly resource: Readonly<Record<string, string>>;
}

/** One span, with ids in hexadecimal digits. */
export interface ReceivedSpan {
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  readonly resource: Readonly<Record<string, string>>;
}

type Attribute = { key: string; value: { stringValue?: string } };
type Resource = { attributes: Attribute[] };
interface NumberPoint {
  attributes: Attribute[];
  asDouble: number;
  startTimeUnixNano: number;
}
interface HistogramPoint extends NumberPoint {
  count: number;
  sum: number;
  bucketCounts: number[];
  explicitBounds: number[];
}
interface Metric {
  name: string;
  unit: string;
  sum?: { dataPoints: NumberPoint[]; isMonotonic: boolean; aggregationTemporality: string };
  gauge?: { dataPoints: NumberPoint[] };
  histogram?: { dataPoints: HistogramPoint[]; aggregationTemporality: string };
}
interface MetricsRequest {
  resourceMetrics: { resource: Resource; scopeMetrics: { metrics: Metric[] }[] }[];
}
interface TraceRequest {
  resourceSpans: {
    resource: Resource;
    scopeSpans: {
      spans: {
        name: string;
        kind: string;
        traceId: Buffer;
        spanId: Buffer;
        parentSpanId?: Buffer;
        status?: { code: string };
        attributes: Attribute[];
      }[];
    }[];
  }[];
}

/** A collector that takes OTLP over HTTP as OpenTelemetry's own definitions say it, and keeps it. */
export class OtlpReceiver {
  readonly #types = readTypes();
  readonly #server: Server;
  /** Each export of metrics, in the order of arrival. */
  readonly exports: ReceivedPoint[][] = [];
  readonly spans: ReceivedSpan[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  /** Decides over each request: a status, or 0 to give no answer at all. */
  judge: () => number = () => 200;

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** Listens on a port of this machine, a free one by default; gives the address. */
  async start(port = 0): Promise<string> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Stops listening. */
  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** The last value of a metric with these labels, as a store of metrics would have it. */
  last(name: string, labels: Readonly<Record<string, string>> = {}): ReceivedPoint | undefined {
    const isAsked = (point: ReceivedPoint): boolean =>
      point.name === name && Object.entries(labels).every(([key, value]) => point.labels[key] === value);
    return this.exports.flat().findLast(isAsked);
  }

  /** Waits until something is so. */
  async until(isTrue: () => boolean): Promise<void> {
    for (const end = Date.now() + 30_000; !isTrue(); await sleep(10))
      if (Date.now() > end) throw new Error('it did not come to the collector');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const status = this.judge();
    if (status === 0) return;
    if (status < 300) this.#take(request.url ?? '', request.headers, body);
    response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
  }

  #take(url: string, headers: IncomingHttpHeaders, body: Buffer): void {
    this.headers.push(headers);
    if (url.endsWith('/v1/metrics'))
      this.exports.push(readPoints(this.#types.decode('metrics', body) as MetricsRequest));
    else if (url.endsWith('/v1/traces'))
      this.spans.push(...readSpans(this.#types.decode('trace', body) as TraceRequest));
    else throw new Error(`nobody sends to ${url}`);
  }
}

function readTypes() {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => join(folder, target);
  const service = (signal: string): string => `opentelemetry/proto/collector/${signal}/v1/${signal}_service.proto`;
  root.loadSync([service('metrics'), service('trace')]);
  return {
    decode(signal: 'metrics' | 'trace', body: Buffer): unknown {
      const name = signal === 'metrics' ? 'Metrics' : 'Trace';
      const type = root.lookupType(`opentelemetry.proto.collector.${signal}.v1.Export${name}ServiceRequest`);
      return type.toObject(type.decode(body), { longs: Number, enums: String, arrays: true });
    },
  };
}

function readAttributes(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? JSON.stringify(value)]));
}

function readPoints({ resourceMetrics }: MetricsRequest): ReceivedPoint[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap(({ name, unit, sum, gauge, histogram }) => {
        const common = { name, unit, resource: readAttributes(resource.attributes) };
        const about = ({ attributes, startTimeUnixNano }: NumberPoint) => ({
          ...common,
          labels: readAttributes(attributes),
          startTime: startTimeUnixNano / 1e6,
        });
        for (const { aggregationTemporality = '' } of [sum ?? [], histogram ?? []].flat() as {
          aggregationTemporality?: string;
        }[])
          if (aggregationTemporality !== 'AGGREGATION_TEMPORALITY_CUMULATIVE')
            throw new Error(`${name} is not cumulative`);
        return [
          ...(sum?.dataPoints ?? []).map((point) => ({
            ...about(point),
            kind: 'counter' as const,
            value: point.asDouble,
          })),
          ...(gauge?.dataPoints ?? []).map((point) => ({
            ...about(point),
            kind: 'gauge' as const,
            value: point.asDouble,
          })),
          ...(histogram?.dataPoints ?? []).map((point) => ({
            ...about(point),
            kind: 'histogram' as const,
            value: point.count,
            histogram: { bounds: point.explicitBounds, counts: point.bucketCounts, sum: point.sum },
          })),
        ];
      }),
    ),
  );
}

function readSpans({ resourceSpans }: TraceRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, kind, traceId, spanId, parentSpanId, status, attributes }) => ({
        name,
        kind: kind.replace('SPAN_KIND_', '').toLowerCase(),
        traceId: traceId.toString('hex'),
        spanId: spanId.toString('hex'),
        parentSpanId: parentSpanId?.toString('hex') ?? '',
        failed: status?.code === 'STATUS_CODE_ERROR',
        attributes: readAttributes(attributes),
        resource: readAttributes(resource.attributes),
      })),
    ),
  );
}
