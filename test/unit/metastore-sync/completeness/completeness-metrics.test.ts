import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { createCompletenessMetrics } from '#functions/metastore-sync/completeness/completeness-metrics.ts';

/** The values of the metrics of topics, by their short names and topics. */
async function values(registry: Registry): Promise<Record<string, number>> {
  const metrics = await registry.getMetricsAsJSON();
  return Object.fromEntries(
    metrics.flatMap(({ name, values: own }) =>
      own.map(({ value, labels }) => [`${name.replace('lakewarden_topic_', '')} ${labels['topic']}`, value]),
    ),
  );
}

test('a topic’s progress is summed over its Kafka partitions', async () => {
  const registry = new Registry();
  const note = createCompletenessMetrics(registry);
  note('clicks', {
    asked: true,
    partitions: [
      { partition: 0, from: '0', next: '20', missing: '20-24', lost: '3', end: '30', lag: '5' },
      { partition: 1, from: '0', next: '9007199254740000', end: '9007199254740010', lag: '10' },
    ],
    lag: { records: '15', seconds: 7_200 },
    complete: { label: '2019-09-01T01', until: '2019-09-01T02:00:00.000Z' },
  });
  expect(await values(registry)).toEqual({
    'queryable_offset clicks': 9_007_199_254_740_020,
    'log_end_offset clicks': 9_007_199_254_740_040,
    'lag_records clicks': 15,
    'lag_seconds clicks': 7_200,
    'missing_offsets clicks': 5,
    'lost_offsets clicks': 1,
    'complete_until_timestamp_seconds clicks': Date.UTC(2019, 8, 1, 2) / 1_000,
    'completeness_known clicks': 1,
  });
});

test('where Kafka was not asked, that is said, and nothing is said of its log', async () => {
  const registry = new Registry();
  createCompletenessMetrics(registry)('clicks', {
    asked: false,
    partitions: [{ partition: 0, from: '0', next: '20' }],
  });
  expect(await values(registry)).toEqual({
    'queryable_offset clicks': 20,
    'missing_offsets clicks': 0,
    'lost_offsets clicks': 0,
    'completeness_known clicks': 0,
  });
});

test('the number of topics with metrics is limited', async () => {
  const registry = new Registry();
  const note = createCompletenessMetrics(registry);
  for (let topic = 0; topic < 1_200; topic += 1) note(`t${topic}`, { asked: false, partitions: [] });
  expect(Object.keys(await values(registry)).filter((name) => name.startsWith('completeness_known'))).toHaveLength(
    1_000,
  );
});
