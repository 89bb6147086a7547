import type { CommitTools } from '../commit-tools.ts';
import type { TopicSettings } from '../config.ts';
import { type Held, Lease, newJournal } from '../journal/journal.ts';
import type { Problem } from '../problem.ts';
import { settle } from '../journal/settle.ts';
import { clearLeftovers, type ClearTools, type RemovedLeftover } from './clear.ts';
import type { LeftoverPlan } from './leftover.ts';

/** What clearing partitions away needs. */
export interface ClearingTools extends Pick<ClearTools, 'onRemoved'> {
  /** How many files the run may still remove. */
  readonly removals: { left: number };
}

/** What was cleared away in a partition. */
export interface Cleared {
  readonly removed: readonly RemovedLeftover[];
  readonly problems: readonly Problem[];
  /** Another run holds the partition, so that nothing was done. */
  readonly held?: Held;
}

/** Takes a partition, does what is planned about its left-over files, and gives it back. */
export async function clearPartition(
  folder: string,
  plan: LeftoverPlan,
  { topic, leftovers: policy }: TopicSettings,
  commit: CommitTools,
  { onRemoved, removals }: ClearingTools,
): Promise<Cleared> {
  if (!plan.work) return { removed: [], problems: [] };
  const due = plan.files.filter(({ state }) => state === 'due').length;
  if (due > removals.left) {
    const message = `none of the ${due} half-written files of ${folder} is removed: this run may remove ${removals.left} more`;
    return { removed: [], problems: [{ code: 'leftover.refused', topic, path: folder, message }] };
  }
  const lease = new Lease(commit.hdfs, folder, newJournal({ kind: 'settle' }, commit.owner, commit.leaseSeconds));
  const held = await lease.acquire();
  if (held !== undefined) return { removed: [], problems: [], held };
  try {
    await settle(folder, lease, commit);
    const cleared = await clearLeftovers(folder, plan, lease, { hdfs: commit.hdfs, policy, topic, onRemoved });
    removals.left -= cleared.removed.length;
    return cleared;
  } finally {
    // This journal tells of no work: what was put aside tells for itself.
    await lease.release(true);
  }
}
