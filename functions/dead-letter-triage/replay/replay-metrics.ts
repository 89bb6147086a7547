import { Counter, Histogram } from 'prom-client';
import type { Metrics } from '#shared/observe/metrics.ts';
import type { ReplayOutcome } from './apply.ts';

/** Counts a run of a plan, which took so many seconds. */
export type CountReplay = (outcome: ReplayOutcome, seconds: number) => void;

/** Registers the numbers of replays; no label names a plan, a topic or a group. The returned function counts a run. */
export function createReplayMetrics({ registry }: Pick<Metrics, 'registry'>): CountReplay {
  const counter = (name: string, help: string, labelNames: string[] = []): Counter => {
    const made = new Counter({ name: `lakewarden_triage_${name}_total`, help, labelNames, registers: [registry] });
    return made;
  };
  const runs = counter('replays', 'Runs of replay plans, by their end', ['end']);
  const replayed = counter('replayed_letters', 'Letters that replays sent back');
  const held = counter('held_letters', 'Letters that replays held back');
  const returned = counter('returned_letters', 'Replayed letters that came back before their plan ended');
  const resolved = counter('replayed_groups', 'Groups that were resolved since all their letters were replayed');
  const duration = new Histogram({
    name: 'lakewarden_triage_replay_seconds',
    help: 'Time that runs of replay plans took, by their end',
    labelNames: ['end'],
    buckets: [0.25, 1, 5, 15, 60, 180, 600],
    registers: [registry],
  });
  return (outcome, seconds) => {
    const { end } = outcome;
    runs.inc({ end });
    replayed.inc(outcome.written);
    held.inc(outcome.held);
    returned.inc(outcome.returned);
    resolved.inc(outcome.resolved ?? 0);
    duration.observe({ end }, seconds);
  };
}
