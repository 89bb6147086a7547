import { ValueType, type Attributes, type HrTime } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type Histogram, type MetricData } from '@opentelemetry/sdk-metrics';
import type { MetricObjectWithValues, MetricValue, MetricValueWithName } from 'prom-client';

/** The time that numbers count from, and the time that they were read at. */
export interface Span {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

/**
 * A registry's numbers as OpenTelemetry's, under the same names and labels, cumulative. Units are said by the ends of the names,
 * as Prometheus has them (OpenTelemetry specification, Prometheus and OpenMetrics Compatibility).
 */
export function toMetricData(
  metrics: readonly MetricObjectWithValues<MetricValue<string>>[],
  span: Span,
): MetricData[] {
  return metrics.flatMap((metric) => toData(metric, span) ?? []).filter(({ dataPoints }) => dataPoints.length > 0);
}

function toData(metric: MetricObjectWithValues<MetricValue<string>>, span: Span): MetricData | undefined {
  const { name, help, values } = metric;
  const common = {
    descriptor: { name, description: help, unit: unitOf(name), valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const points = () => values.map(({ labels, value }) => ({ ...span, attributes: toAttributes(labels), value }));
  // prom-client's types have numbers for what is text (its lib/metrics, `type`).
  const type = String(metric.type);
  if (type === 'counter')
    return { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: points() };
  if (type === 'gauge') return { ...common, dataPointType: DataPointType.GAUGE, dataPoints: points() };
  if (type !== 'histogram') return undefined;
  const dataPoints = [...collectHistograms(name, values)].map(({ attributes, value }) => ({
    ...span,
    attributes,
    value,
  }));
  return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints };
}

function unitOf(name: string): string {
  if (name.endsWith('_seconds')) return 's';
  return /_bytes(_total)?$/.test(name) ? 'By' : '';
}

function toAttributes(labels: Partial<Record<string, string | number>>): Attributes {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]));
}

interface Collected {
  readonly attributes: Attributes;
  readonly value: Histogram;
}

/** Prometheus has a line for each bucket, which counts the smaller ones too; OpenTelemetry one point with each bucket's own count. */
function collectHistograms(name: string, values: readonly MetricValueWithName<string>[]): Iterable<Collected> {
  const found = new Map<string, Collected & { below: number }>();
  for (const { metricName, labels, value } of values) {
    const { le, ...own } = labels;
    const key = JSON.stringify(Object.entries(own).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const point = found.get(key) ?? {
      attributes: toAttributes(own),
      value: { buckets: { boundaries: [], counts: [] }, count: 0, sum: 0 },
      below: 0,
    };
    found.set(key, point);
    if (metricName === `${name}_sum`) point.value.sum = value;
    else if (metricName === `${name}_count`) point.value.count = value;
    else {
      if (le !== '+Inf') point.value.buckets.boundaries.push(Number(le));
      point.value.buckets.counts.push(value - point.below);
      point.below = value;
    }
  }
  return found.values();
}
