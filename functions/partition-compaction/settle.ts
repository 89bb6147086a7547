import { isError } from '#shared/errors/error.ts';
import type { CommitTools } from './commit-tools.ts';
import { type Journal, type Lease, readJournal, removeSurely, type Work } from './journal.ts';
import { finishMerge, isMerged } from './merged.ts';
import { draftName, isClosedJournal, tailName } from './names.ts';
import { finishUndo } from './restore.ts';

/**
 * Finishes or undoes what runs before the present holder of the partition left. First their tails go: from then on no merge
 * of theirs can happen any more, so what is seen afterwards stays as it is.
 */
export async function settle(folder: string, lease: Lease, tools: CommitTools): Promise<void> {
  const { hdfs } = tools;
  const { run } = lease.journal;
  const old = (await hdfs.serverTime()) - tools.leaseSeconds * 1_000;
  const closed: { readonly path: string; readonly journal: Journal | undefined }[] = [];
  const garbage: string[] = [];
  for await (const { name, path, modificationTime } of hdfs.list(folder)) {
    if (isClosedJournal(name)) closed.push({ path, journal: await readJournal(hdfs, path) });
    const isTail = name.startsWith(tailName('')) && name !== tailName(run);
    if (isTail || (name.startsWith(draftName('')) && modificationTime < old)) garbage.push(path);
  }
  for (const path of garbage) await removeSurely(hdfs, path);
  for (const { path, journal } of closed) {
    if (journal !== undefined) await settleWork(folder, journal.run, journal.work, lease, tools);
    await hdfs.remove(path);
  }
}

async function settleWork(folder: string, run: string, work: Work, lease: Lease, tools: CommitTools): Promise<void> {
  if (work.kind === 'undo') return finishUndo(folder, run, work, tools.hdfs);
  if (work.kind !== 'merge' || !(await isMerged(folder, work, tools.hdfs))) return;
  try {
    await finishMerge(folder, work, lease, tools);
  } catch (error) {
    // It was taken apart again, or nobody can: then it must not hold up the partition for ever.
    if (!isError(error, 'plan.stale', 'parquet.corrupt')) throw error;
    tools.onFault(folder, error);
  }
}
