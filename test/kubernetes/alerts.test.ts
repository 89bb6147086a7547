import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readAllMetrics } from '../support/all-metrics.ts';
import { functionNames, ofKind, readFolder, readManifests, repository } from '../support/manifests.ts';
import { kubectl } from './admin.ts';
import { dryRun } from './manifests.ts';
import { evaluateRules, readQueries } from './prometheus.ts';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}
interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const monitoring = 'components/monitoring';
const groups = ofKind(readFolder(monitoring), 'PrometheusRule').flatMap(
  ({ spec }) => (spec as { groups: { name: string; rules: Rule[] }[] }).groups,
);
const rules = groups.flatMap((group) => group.rules);
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-alerts-'));
const file = join(folder, 'rules.yaml');
beforeAll(() => writeFileSync(file, JSON.stringify({ groups })));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the queries of alerts and dashboard', () => {
  test('are read by Prometheus, and ask for metrics and labels that functions have', async () => {
    const dashboard = JSON.parse(readFileSync(join(repository, 'manifests', monitoring, 'dashboard.json'), 'utf8')) as {
      panels: Panel[];
    };
    const shown = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const texts = [...rules.map(({ expr }) => expr), ...shown];
    const known = await readAllMetrics();
    const queries = await readQueries(texts);
    const labelsOf = (name: string): readonly string[] | undefined => {
      const metric = known.get(name) ?? known.get(name.replace(/_(bucket|sum|count)$/, ''));
      return metric && [...metric.labels, 'function', ...(name.endsWith('_bucket') ? ['le'] : [])];
    };
    // What a recorded series is grouped by is all that it has.
    const recorded = new Map(
      rules.flatMap(({ record }, index) => (record === undefined ? [] : [[record, queries[index]?.labels ?? []]])),
    );
    const faults = queries.flatMap(({ error, uses, labels }, index) => {
      const text = texts[index] ?? '';
      if (error !== undefined) return [`${text}: ${error}`];
      return uses.flatMap(({ name, labels: chosen }) => {
        const own = labelsOf(name) ?? recorded.get(name);
        if (own === undefined) return [`${text}: no metric ${name}`];
        return [...chosen, ...labels].filter((label) => !own.includes(label)).map((label) => `${text}: no ${label}`);
      });
    });
    expect(faults).toEqual([]);
    expect(queries.length).toBeGreaterThan(50);
  });
});

const firing = async (series: readonly string[], at: readonly number[]): Promise<string[]> => {
  const alerts = await evaluateRules(file, series, at);
  const told = alerts.filter(({ name }) => name !== 'LakewardenNeverSucceeded');
  const lines = told.map(({ minute, name, labels }) => {
    const about = labels['function'] ?? labels['topic'];
    return `${String(minute).padStart(3, '0')} ${name}${about === undefined ? '' : ` ${about}`}`;
  });
  return lines.toSorted();
};
const success = (name: string, pod: string): string =>
  `lakewarden_last_success_timestamp_seconds{function="${name}",trigger="schedule",result="done",instance="${pod}"}`;

describe('alerts', () => {
  test('no success: fires when the last one is too old, whatever became of the instance that told it', async () => {
    // An instance told of a success at minute 10, once, and is gone; another one only fails.
    const series = [
      `${success('metastore-sync', 'a')} _x10 600`,
      `lakewarden_requests_total{function="metastore-sync",result="hdfs.unavailable",status="503",instance="b"} _x30 1`,
    ];
    expect(await firing(series, [20, 65, 74])).toEqual([]);
    expect(await firing(series, [77])).toEqual(['077 LakewardenNoSuccess metastore-sync']);
  });

  test('no success: a new instance that succeeds ends it, and each function has its own patience', async () => {
    const series = [
      `${success('metastore-sync', 'a')} 0`,
      `${success('metastore-sync', 'b')} _x100 6000`,
      `${success('compliance-scan', 'c')} 0`,
    ];
    expect(await firing(series, [90, 101, 150, 250])).toEqual([
      '090 LakewardenNoSuccess metastore-sync',
      '250 LakewardenNoSuccess compliance-scan',
      '250 LakewardenNoSuccess metastore-sync',
    ]);
  });

  test('never succeeded: names each function of which nothing is known', async () => {
    const series = [`${success('metastore-sync', 'a')} 0`];
    const alerts = await evaluateRules(file, series, [200, 241]);
    const never = alerts.filter(({ name }) => name === 'LakewardenNeverSucceeded');
    expect(never.map(({ minute, labels }) => `${minute} ${labels['function']}`).toSorted()).toEqual(
      functionNames.filter((name) => name !== 'metastore-sync').map((name) => `241 ${name}`),
    );
  });

  test('what instances counted in their short lives counts, and what they counted long ago does not', async () => {
    const problems = (pod: string): string =>
      `lakewarden_triage_lost_offsets_total{function="dead-letter-triage",instance="${pod}"}`;
    // The series of a short life begins at its only value.
    expect(await firing([`${problems('a')} _x5 7`], [4, 5, 40, 70])).toEqual([
      '005 LakewardenLettersLost',
      '040 LakewardenLettersLost',
    ]);
    // An instance that lives on, and tells the same number again after a long silence.
    expect(await firing([`${problems('a')} 7 _x200 7`], [30, 201, 210])).toEqual(['030 LakewardenLettersLost']);
    // The same one, with one more.
    expect(await firing([`${problems('a')} 7 _x200 8`], [201])).toEqual(['201 LakewardenLettersLost']);
  });

  test('failing: fires when most answers of an hour are errors, and not for a few among many', async () => {
    const requests = (result: string, status: number, values: string): string =>
      `lakewarden_requests_total{function="metastore-sync",result="${result}",status="${status}",instance="a"} ${values}`;
    const bad = [requests('hdfs.unavailable', 503, '0+1x60'), requests('done', 204, '5x60')];
    expect(await firing(bad, [5, 40])).toEqual(['040 LakewardenFailing metastore-sync']);
    const fine = [requests('hdfs.unavailable', 503, '0+1x60'), requests('done', 204, '0+9x60')];
    expect(await firing(fine, [40])).toEqual([]);
  });

  test('retention: fires a day before letters are deleted, and not when none will be', async () => {
    const left = (value: string): string =>
      `lakewarden_triage_retention_left_seconds{function="dead-letter-triage"} ${value}x20`;
    expect(await firing([left('NaN+0')], [15])).toEqual([]);
    expect(await firing([left('90000+0')], [15])).toEqual([]);
    expect(await firing([left('80000+0')], [15])).toEqual(['015 LakewardenLettersThreatened']);
  });

  test('lag: fires for the topic, and not by what an instance said that is gone', async () => {
    const lag = (topic: string, pod: string): string =>
      `lakewarden_topic_lag_seconds{function="metastore-sync",topic="${topic}",instance="${pod}"}`;
    const series = [`${lag('orders', 'a')} 9000x70`, `${lag('clicks', 'a')} 9000x5`, `${lag('clicks', 'b')} _x6 60x70`];
    expect(await firing(series, [50])).toEqual(['050 LakewardenTopicLag orders']);
  });

  test('waiting events: fires when one has waited for an hour, and ends when they were told or nobody knows of them any more', async () => {
    const age = (pod: string, values: string): string =>
      `lakewarden_sync_oldest_waiting_seconds{function="metastore-sync",instance="${pod}"} ${values}`;
    // One instance has a backlog that grows, another one has none; then it is told at minute 80.
    const told = [age('a', '0+60x80 0x60'), age('b', '0x140')];
    expect(await firing(told, [60, 68, 75, 110])).toEqual(['075 LakewardenEventsWaiting']);
    // An instance that only had a short one is gone with it.
    expect(await firing([age('a', '0+60x40')], [45, 90])).toEqual([]);
  });
});

describe('the components', () => {
  const overlay = async (...components: string[]): Promise<string> => {
    const from = (path: string): string => relative(folder, join(repository, 'manifests', path));
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: 'lakewarden',
      resources: [from('overlays/dev')],
      components: components.map((name) => from(`components/${name}`)),
    };
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
    return kubectl(['kustomize', folder]);
  };

  test('monitoring with scraping is taken by the API server, and scrapes ports that pods have', async () => {
    const text = await overlay('monitoring', 'scraping');
    await dryRun(text);
    const objects = readManifests(text);
    const services = ofKind(objects, 'Service').filter(({ apiVersion }) => apiVersion.startsWith('serving'));
    expect(services).toHaveLength(functionNames.length);
    for (const { spec } of services)
      expect(spec.template.metadata.annotations['autoscaling.knative.dev/scale-to-zero-pod-retention-period']).toBe(
        '90s',
      );
    const [monitor] = ofKind(objects, 'PodMonitor');
    const labels = monitor?.spec.selector.matchLabels as Record<string, string>;
    for (const { spec } of services) expect(spec.template.metadata.labels).toMatchObject(labels);
  });

  test('telemetry is taken by the API server, and gives each function the address', async () => {
    const text = await overlay('monitoring', 'telemetry');
    await dryRun(text);
    const services = ofKind(readManifests(text), 'Service').filter(({ apiVersion }) =>
      apiVersion.startsWith('serving'),
    );
    for (const { spec } of services)
      expect(spec.template.spec.containers[0].env).toContainEqual({
        name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
        value: 'http://collector.telemetry.svc:4318',
      });
    expect(services).toHaveLength(functionNames.length);
  });
});
