import { complianceScan } from '#functions/compliance-scan/function.ts';
import { deadLetterTriage } from '#functions/dead-letter-triage/function.ts';
import { metastoreSync } from '#functions/metastore-sync/function.ts';
import { partitionCompaction } from '#functions/partition-compaction/function.ts';
import { readEnvironment } from '#shared/config/environment.ts';
import { startHost } from '#shared/host/host.ts';

/** A metric as a function registers it. */
export interface KnownMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  /** All functions that have it. */
  readonly functions: readonly string[];
}

const hdfs = { addresses: ['http://127.0.0.1:1'], defaultFs: 'hdfs://lake:8020' };
const kafka = { brokers: ['127.0.0.1:1'] };
const lineage = { url: 'http://127.0.0.1:1/api/v1/lineage' };

/** The metrics of all functions, started with every part that has some; nothing is connected. */
export async function readAllMetrics(): Promise<Map<string, KnownMetric>> {
  // Nobody listens there, and nothing is sent before an event is answered.
  const environment = readEnvironment({
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:1',
    LAKEWARDEN_LOG_LEVEL: 'silent',
  });
  const start = (values: Record<string, unknown>) => ({ environment, values, env: {} });
  const metastore = { uris: ['thrift://127.0.0.1:1'] };
  const notifications = { cursor: '/lakewarden/cursor' };
  const hosts = await Promise.all([
    startHost(metastoreSync, start({ hdfs, metastore, kafka, lineage, notifications })),
    startHost(partitionCompaction, start({ hdfs })),
    startHost(deadLetterTriage, start({ kafka, topics: ['*-dlq'], hdfs, quarantine: { root: '/quarantine' } })),
    startHost(complianceScan, start({ sources: { manifests: { folder: '.' } } })),
  ]);
  const names = [metastoreSync, partitionCompaction, deadLetterTriage, complianceScan].map(({ name }) => name);
  const found = new Map<string, KnownMetric>();
  for (const [index, { metrics }] of hosts.entries())
    for (const metric of metrics.registry.getMetricsAsArray()) {
      const { name, help, type, labelNames } = metric as unknown as Omit<KnownMetric, 'labels'> & {
        labelNames: string[];
      };
      const functions = [...(found.get(name)?.functions ?? []), names[index] ?? ''];
      found.set(name, { name, help, type, labels: labelNames, functions });
    }
  return found;
}
