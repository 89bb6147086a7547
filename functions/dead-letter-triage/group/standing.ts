import type { LetterClass } from '../classify/classes.ts';
import type { Group } from './group.ts';
import { unhandledLetters } from './handled.ts';
import { findUnhandled } from './unhandled.ts';

/** What is unhandled in one partition of a dead letter topic. */
export interface Standing {
  /** Groups that are open, and their unhandled letters, by class. */
  readonly classes: ReadonlyMap<LetterClass, { readonly groups: number; readonly letters: number }>;
  /** Timestamp of the oldest unhandled letter, in milliseconds since the epoch. */
  readonly oldest?: number;
}

/** Sums up the groups of a partition. Pure. */
export function standingOf(groups: readonly Group[]): Standing {
  const classes = new Map<LetterClass, { groups: number; letters: number }>();
  for (const group of groups) {
    if (group.state === 'resolved') continue;
    const { groups: others, letters } = classes.get(group.verdict.class) ?? { groups: 0, letters: 0 };
    classes.set(group.verdict.class, { groups: others + 1, letters: letters + unhandledLetters(group) });
  }
  const oldest = findUnhandled(groups)?.timestamp;
  return { classes, ...(oldest === undefined ? {} : { oldest }) };
}
