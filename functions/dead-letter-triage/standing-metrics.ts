import { Gauge } from 'prom-client';
import type { Metrics } from '#shared/observe/metrics.ts';
import { classNames } from './classify/classes.ts';
import type { PlaceStanding, RunOutcome } from './run.ts';
import type { LogPlace } from './state/state-record.ts';

/** Registers what is unhandled as this instance saw it last, over all partitions. The returned function takes what a run saw. */
export function createStandingMetrics(
  { registry }: Metrics,
  now: () => number,
): (run: Pick<RunOutcome, 'standings' | 'all'>) => void {
  const seen = new Map<string, PlaceStanding>();
  const gauge = (name: string, help: string, collect: (own: Gauge) => void, labelNames: string[] = []): void => {
    const made: Gauge = new Gauge({
      name: `lakewarden_triage_${name}`,
      help,
      labelNames,
      registers: [registry],
      collect: () => collect(made),
    });
  };
  const byClass = (of: 'groups' | 'letters') => (own: Gauge) => {
    for (const name of classNames) {
      const sum = [...seen.values()].reduce((all, { classes }) => all + (classes.get(name)?.[of] ?? 0), 0);
      own.set({ class: name }, sum);
    }
  };
  /** The smallest of times that some partitions have; not a number when none has. */
  const earliest = (times: readonly (number | undefined)[]): number =>
    times.reduce<number>((least, time) => (time === undefined || time >= least ? least : time), Number.NaN);
  gauge('open_groups', 'Groups that are open, by class', byClass('groups'), ['class']);
  gauge('unhandled_letters', 'Letters of which nobody took care, by class', byClass('letters'), ['class']);
  gauge('oldest_unhandled_seconds', 'Age of the oldest unhandled letter, 0 when there is none', (own) => {
    const oldest = earliest([...seen.values()].map((one) => one.oldest));
    own.set(Number.isNaN(oldest) ? 0 : Math.max(0, now() - oldest) / 1_000);
  });
  gauge(
    'retention_left_seconds',
    'Time until retention may delete an unhandled letter; NaN when it will not',
    (own) => {
      const first = earliest([...seen.values()].map((one) => one.deletedFrom));
      own.set(Math.max(0, first - now()) / 1_000);
    },
  );
  return ({ standings, all }) => {
    const there = all && new Set(all.map(nameOf));
    for (const name of seen.keys()) if (there?.has(name) === false) seen.delete(name);
    for (const standing of standings) seen.set(nameOf(standing), standing);
  };
}

function nameOf({ topic, partition }: LogPlace): string {
  return `${topic}/${partition}`;
}
