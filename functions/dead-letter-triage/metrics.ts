import { Counter, Gauge } from 'prom-client';
import type { Metrics } from '#shared/observe/metrics.ts';
import type { Clients } from './clients.ts';
import type { RunOutcome } from './run.ts';
import { createStandingMetrics } from './standing-metrics.ts';

/** Registers the numbers of this function; labels are closed lists. The returned function counts a run. */
export function createTriageMetrics(metrics: Metrics, { hdfs, link, registry: schemas }: Clients) {
  const { registry } = metrics;
  if (hdfs !== undefined) hdfs.counter.observe = (operation) => metrics.startCall('hdfs', operation);
  link.counter.observe = (operation) => metrics.startCall('kafka', operation);
  const counter = (name: string, help: string, labelNames: string[] = []): Counter => {
    const made = new Counter({ name: `lakewarden_triage_${name}_total`, help, labelNames, registers: [registry] });
    return made;
  };
  const letters = counter('letters', 'Dead letters counted, by class', ['class']);
  const groups = counter('group_changes', 'Groups that were opened, regressed, grown, burst or resolved', ['change']);
  const setAside = counter('quarantined_letters', 'Letters written to the quarantine');
  const lost = counter('lost_offsets', 'Offsets that retention deleted before they were read');
  const busy = counter('busy_partitions', 'Partitions that another instance was at');
  const problems = counter('problems', 'Problems that want attention, by code', ['code']);
  registry.registerMetric(
    new Counter({
      name: 'lakewarden_triage_remote_calls_total',
      help: 'Remote calls, by system',
      labelNames: ['system'],
      registers: [],
      // Runs overlap, so calls are counted where they are made and not summed over runs.
      collect() {
        this.reset();
        this.inc({ system: 'kafka' }, link.calls);
        if (hdfs !== undefined) this.inc({ system: 'hdfs' }, hdfs.calls);
        if (schemas !== undefined) this.inc({ system: 'registry' }, schemas.calls);
      },
    }),
  );
  const last = new Gauge({
    name: 'lakewarden_triage_last_completed_timestamp_seconds',
    help: 'When the last run ended (Unix time)',
    registers: [registry],
  });
  const stand = createStandingMetrics(metrics, Date.now);
  return (run: RunOutcome): void => {
    stand(run);
    for (const { tally, lost: gone, end } of run.partitions) {
      for (const [name, count] of tally.classes) letters.inc({ class: name }, count);
      for (const [change, count] of Object.entries(tally.transitions)) groups.inc({ change }, count);
      setAside.inc(tally.setAside);
      lost.inc(Number(gone));
      if (end === 'busy') busy.inc();
    }
    for (const { code } of run.problems) problems.inc({ code });
    last.setToCurrentTime();
  };
}
