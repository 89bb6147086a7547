import type { CloudEventOut } from '#shared/events/event.ts';
import { triageEvent } from '../announce.ts';
import type { ReplayOutcome } from './apply.ts';
import type { FixedReplay } from './survey.ts';

/** `replay.completed` or `replay.stopped`: a plan is done, or must not go on. Undefined while neither is so. */
export function replayEvent(
  { replay, id }: FixedReplay,
  { end, summary, returns, reason }: ReplayOutcome,
  instance: string,
): CloudEventOut | undefined {
  if (end !== 'done' && end !== 'stopped') return undefined;
  const sum = (list: readonly { readonly count: number }[]): number => list.reduce((all, { count }) => all + count, 0);
  const common = { plan: id, name: replay.name, topic: replay.filter.topic, ...returns };
  const data =
    end === 'done'
      ? {
          ...common,
          held: sum(summary.held),
          skipped: sum(summary.skipped),
          targets: summary.targets.map(({ topic, partition, records }) => ({ topic, partition, records })),
        }
      : { ...common, reason };
  return triageEvent(instance, end === 'done' ? 'replay.completed' : 'replay.stopped', data, [id], id);
}
