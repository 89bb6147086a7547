import type { Group } from '../group/group.ts';
import type { Kept } from '../retention/retention-kept.ts';

/** What is known of one partition of a dead letter topic when a report is made. */
export interface PartitionFacts {
  readonly topic: string;
  readonly partition: number;
  readonly groups: readonly Group[];
  /** The next letter that triage takes; undefined when it took none yet. */
  readonly position?: bigint;
  /** The log; absent when there is no such partition any more. */
  readonly log?: { readonly earliest: bigint; readonly end: bigint };
  /** How long letters are kept; absent when we may not know. */
  readonly kept?: Kept;
}

/** What a report is made of. */
export interface ReportFacts {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly partitions: readonly PartitionFacts[];
}

/** In which order groups come, the first the most urgent: by unhandled letters, by age, or by letters per hour. */
export const orders = ['cost', 'age', 'rate'] as const;

/** How a report is made. */
export interface ReportOptions {
  readonly order: (typeof orders)[number];
  /** Groups that are shown one by one; the others are summed up. */
  readonly groups: number;
  /** Retention that deletes unhandled letters within so many milliseconds is told before all else. */
  readonly nearMs: number;
}
