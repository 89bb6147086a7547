import type { Followed } from './notifications/follow-notifications.ts';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Metrics } from '#shared/observe/metrics.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { TopicTurns } from './run.ts';
import type { Clients } from './survey.ts';

/** The numbers of a run that become metrics. */
interface RunNumbers {
  readonly tables: number;
  readonly created: number;
  readonly evolved: number;
  readonly added: number;
  readonly changed: number;
  readonly dropped: number;
  readonly statistics: number;
  readonly problems: number;
  readonly warnings: number;
}

/** Registers metastore-sync's metrics; the returned function counts one run. */
export function createSyncMetrics(
  metrics: Metrics,
  { hdfs, metastore, kafka }: Clients,
  turns: TopicTurns,
): (run: RunNumbers) => void {
  const { registry } = metrics;
  hdfs.counter.observe = (operation) => metrics.startCall('hdfs', operation);
  metastore.counter.observe = (operation) => metrics.startCall('metastore', operation);
  const effects = new Counter({
    name: 'lakewarden_sync_effects_total',
    help: 'Changes made, by kind',
    labelNames: ['kind'],
    registers: [registry],
  });
  const problems = new Counter({
    name: 'lakewarden_sync_problems_total',
    help: 'Problems met, by severity',
    labelNames: ['severity'],
    registers: [registry],
  });
  const calls = new Counter({
    name: 'lakewarden_sync_remote_calls_total',
    help: 'Remote calls, by system',
    labelNames: ['system'],
    registers: [],
    // Runs overlap, so calls are counted where they are made and not summed over runs.
    collect() {
      this.reset();
      this.inc({ system: 'hdfs' }, hdfs.calls);
      this.inc({ system: 'metastore' }, metastore.calls);
      if (kafka !== undefined) this.inc({ system: 'kafka' }, kafka.calls);
    },
  });
  registry.registerMetric(calls);
  const looks = new Counter({
    name: 'lakewarden_sync_looks_total',
    help: 'Looks at topics; events that come together share one',
    registers: [registry],
  });
  const waiting = new Gauge({
    name: 'lakewarden_sync_waiting_paths',
    help: 'Paths of events that wait for the next look at their topic',
    registers: [],
    collect() {
      this.set(turns.waiting);
    },
  });
  registry.registerMetric(waiting);
  const last = new Gauge({
    name: 'lakewarden_sync_last_completed_timestamp_seconds',
    help: 'When the last run ended (Unix time)',
    registers: [registry],
  });
  return (run) => {
    looks.inc(run.tables);
    effects.inc({ kind: 'table_created' }, run.created);
    effects.inc({ kind: 'table_evolved' }, run.evolved);
    effects.inc({ kind: 'partition_added' }, run.added);
    effects.inc({ kind: 'partition_changed' }, run.changed);
    effects.inc({ kind: 'partition_dropped' }, run.dropped);
    effects.inc({ kind: 'partition_statistics' }, run.statistics);
    problems.inc({ severity: 'error' }, run.problems);
    problems.inc({ severity: 'warning' }, run.warnings);
    last.setToCurrentTime();
  };
}

/** Registers the metric of notifications; the returned function counts one run. */
export function countNotifications(registry: Registry): (followed: Pick<Followed, 'read' | 'losses'>) => void {
  const counter = new Counter({
    name: 'lakewarden_notifications_total',
    help: 'Notifications of the metastore, by whom they concern; lost ones by the number of gaps',
    labelNames: ['concern'],
    registers: [registry],
  });
  return ({ read, losses }) => {
    for (const [concern, count] of Object.entries(read)) counter.inc({ concern }, count);
    counter.inc({ concern: 'lost' }, losses.length);
  };
}

/** Registers the metric of lineage; the returned function counts one run. */
export function countLineage(registry: Registry): (run: { readonly delivered: number; readonly lost: number }) => void {
  const events = new Counter({
    name: 'lakewarden_lineage_events_total',
    help: 'RunEvents for the lineage endpoint, by what became of them',
    labelNames: ['result'],
    registers: [registry],
  });
  return ({ delivered, lost }) => {
    events.inc({ result: 'delivered' }, delivered);
    events.inc({ result: 'lost' }, lost);
  };
}

/** Registers the metrics of events that wait for the sink. */
export function countWaiting(registry: Registry, outbox: Pick<Outbox, 'waiting' | 'glance'>): void {
  const events = new Gauge({
    name: 'lakewarden_sync_waiting_events',
    help: 'Events that the sink has not taken yet: in memory, and in outbox.folder as it was seen last',
    registers: [],
    collect() {
      outbox.glance();
      this.set(outbox.waiting.events);
    },
  });
  const bytes = new Gauge({
    name: 'lakewarden_sync_waiting_bytes',
    help: 'Size of the events that wait for the sink',
    registers: [],
    collect() {
      this.set(outbox.waiting.bytes);
    },
  });
  const age = new Gauge({
    name: 'lakewarden_sync_oldest_waiting_seconds',
    help: 'Age of the oldest event that waits for the sink; 0 when none does',
    registers: [],
    collect() {
      const { since = Date.now() } = outbox.waiting;
      this.set(Math.max(0, Date.now() - since) / 1_000);
    },
  });
  for (const gauge of [events, bytes, age]) registry.registerMetric(gauge);
}
