import type { CommitTools } from '../commit-tools.ts';
import { type Held, Lease, newJournal, type Work } from './journal.ts';
import { settle } from './settle.ts';

/**
 * Takes a partition, settles what others left, does work in it and gives it back. When the work fails, `isUndone` tells
 * whether nothing of it is left; otherwise, and when that cannot be told, the next holder settles it.
 */
export async function holdPartition<T>(
  folder: string,
  work: Work,
  tools: CommitTools,
  perform: (lease: Lease) => Promise<T>,
  isUndone: (lease: Lease) => Promise<boolean>,
): Promise<{ readonly done: T } | { readonly held: Held }> {
  const lease = new Lease(tools.hdfs, folder, newJournal(work, tools.owner, tools.leaseSeconds));
  const held = await lease.acquire();
  if (held !== undefined) return { held };
  let settled = false;
  try {
    await settle(folder, lease, tools);
    const done = await perform(lease);
    settled = true;
    return { done };
  } catch (error) {
    settled = await isUndone(lease).catch(() => false);
    throw error;
  } finally {
    await lease.release(settled);
  }
}
