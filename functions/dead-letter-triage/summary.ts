import type { Transition } from './group/group.ts';
import { isSerious } from './problem.ts';
import { type RunOutcome, statusOf } from './run.ts';

/** The numbers of a run; classes are a closed list. */
export interface Summary {
  readonly status: 'nothing' | 'done' | 'partial';
  readonly letters: number;
  readonly classes: Readonly<Record<string, number>>;
  readonly groups: Readonly<Record<Transition['kind'], number>>;
  readonly setAside: number;
  readonly files: number;
  /** Offsets that retention deleted before they were read, in decimal. */
  readonly lost: string;
  /** Partitions that another instance is at. */
  readonly busy: number;
  readonly left: number;
  readonly problems: number;
  readonly warnings: number;
}

/** Adds up what a run did. */
export function summarise(outcome: RunOutcome): Summary {
  const { partitions, problems, left } = outcome;
  const classes: Record<string, number> = {};
  const groups = { opened: 0, regressed: 0, grown: 0, burst: 0, resolved: 0 };
  for (const { tally } of partitions) {
    for (const [name, count] of tally.classes) classes[name] = (classes[name] ?? 0) + count;
    for (const kind of Object.keys(groups) as (keyof typeof groups)[]) groups[kind] += tally.transitions[kind];
  }
  const serious = problems.filter(isSerious).length;
  return {
    status: statusOf(outcome),
    letters: partitions.reduce((sum, { letters }) => sum + letters, 0),
    classes,
    groups,
    setAside: partitions.reduce((sum, { tally }) => sum + tally.setAside, 0),
    files: partitions.reduce((sum, { tally }) => sum + tally.files, 0),
    lost: String(partitions.reduce((sum, { lost }) => sum + lost, 0n)),
    busy: partitions.filter(({ end }) => end === 'busy').length,
    left: left.length,
    problems: serious,
    warnings: problems.length - serious,
  };
}
