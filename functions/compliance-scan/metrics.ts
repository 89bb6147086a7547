import { Counter, Gauge } from 'prom-client';
import type { Metrics } from '#shared/observe/metrics.ts';
import type { ActiveRule } from './evaluate.ts';
import type { SweepOutcome } from './scan/sweep.ts';
import type { Settled } from './apply.ts';

/** Counts what runs do. */
export interface ScanMetrics {
  /** What became of a listing, or of single resources of it. */
  settled(settled: Settled): void;
  swept(outcome: SweepOutcome): void;
}

/** Registers the numbers of this function; labels are closed lists. */
export function createScanMetrics({ registry }: Metrics, rules: readonly ActiveRule[]): ScanMetrics {
  const areas = new Map(rules.map(({ rule }) => [rule.id, rule.area]));
  const open = new Map<string, Map<string, number>>();
  const counter = (name: string, help: string, labelNames: string[] = []): Counter => {
    const made = new Counter({ name: `lakewarden_scan_${name}_total`, help, labelNames, registers: [registry] });
    return made;
  };
  const changes = counter('finding_changes', 'Findings that were opened, changed, resolved, reopened or waived', [
    'change',
  ]);
  const resources = counter('resources', 'Resources that sweeps looked at');
  const sweeps = counter('sweeps', 'Sweeps, by whether everything could be looked at', ['complete']);
  const incomplete = counter('incomplete_scopes', 'Listings that broke off, by error code', ['code']);
  registry.registerMetric(
    new Gauge({
      name: 'lakewarden_scan_findings',
      help: 'Findings of the listings that this instance has looked at, by state, severity and area',
      labelNames: ['state', 'severity', 'area'],
      registers: [],
      collect() {
        this.reset();
        for (const counts of open.values())
          for (const [key, count] of counts) {
            const [state = '', severity = '', area = ''] = key.split(' ');
            this.inc({ state, severity, area }, count);
          }
      },
    }),
  );
  const last = new Gauge({
    name: 'lakewarden_scan_last_completed_timestamp_seconds',
    help: 'When the last sweep ended (Unix time)',
    registers: [registry],
  });
  return {
    settled({ state, transitions }) {
      for (const { kind } of transitions) changes.inc({ change: kind });
      const counts = new Map<string, number>();
      for (const finding of state.findings.values()) {
        if (finding.state === 'resolved') continue;
        const key = `${finding.state} ${finding.severity} ${areas.get(finding.rule) ?? 'none'}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      open.set(state.scope, counts);
    },
    swept(outcome) {
      resources.inc(outcome.resources);
      sweeps.inc({ complete: String(outcome.incomplete.length === 0 && outcome.left.length === 0) });
      for (const { error } of outcome.incomplete) incomplete.inc({ code: error.code });
      last.setToCurrentTime();
    },
  };
}
