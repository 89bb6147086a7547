import { expect, test } from '@jest/globals';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { toMetricData } from '#shared/observe/metric-data.ts';

const span = { startTime: [1, 0], endTime: [2, 0] } as const satisfies Parameters<typeof toMetricData>[1];

test('counters, gauges and histograms keep names, labels and numbers; what has no number yet is left out', async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ function: 'echo' });
  const registers = [registry];
  const bytes = new Counter({ name: 'a_bytes_total', help: 'a', labelNames: ['of'], registers });
  bytes.inc({ of: 'x' }, 7);
  const left = new Gauge({ name: 'b_seconds', help: 'b', registers });
  left.set(Number.NaN);
  const times = new Histogram({ name: 'c_seconds', help: 'c', labelNames: ['of'], buckets: [1, 2], registers });
  for (const value of [0.5, 1, 1.5, 9]) times.observe({ of: 'x' }, value);
  times.observe({ of: 'y' }, 2);
  const none = new Counter({ name: 'd_total', help: 'd', labelNames: ['of'], registers });
  expect(none).toBeDefined();
  const foreign = new Summary({ name: 'e', help: 'e', registers });
  foreign.observe(1);

  const data = toMetricData(await registry.getMetricsAsJSON(), span);
  expect(data.map(({ descriptor: { name, unit } }) => [name, unit])).toEqual([
    ['a_bytes_total', 'By'],
    ['b_seconds', 's'],
    ['c_seconds', 's'],
  ]);
  expect(data[0]).toMatchObject({
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: [{ ...span, attributes: { of: 'x', function: 'echo' }, value: 7 }],
  });
  expect(data[1]?.dataPoints).toMatchObject([{ value: Number.NaN }]);
  expect(data[2]?.dataPoints.map(({ attributes, value }) => [attributes, value])).toEqual([
    [
      { of: 'x', function: 'echo' },
      { buckets: { boundaries: [1, 2], counts: [2, 1, 1] }, count: 4, sum: 12 },
    ],
    [
      { of: 'y', function: 'echo' },
      { buckets: { boundaries: [1, 2], counts: [0, 1, 0] }, count: 1, sum: 2 },
    ],
  ]);
});
