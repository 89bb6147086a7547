import { isError, LakewardenError } from '#shared/errors/error.ts';
import type { CommitTools } from '../commit-tools.ts';
import { type Journal, type Lease, readJournal, removeSurely, type Work } from './journal.ts';
import { finishMerge, isMerged } from '../concat/merged.ts';
import { draftName, engineName, gateName, isClosedJournal, isFence, mergedName, tailName, undoRunOf } from './names.ts';
import { finishUndo } from './restore.ts';
import { finishRewrite } from '../rewrite/finish.ts';

/**
 * Finishes or undoes what runs before the present holder of the partition left. First their tails, and what they
 * have written anew, go: from then on no change of theirs can happen any more, so what is seen afterwards stays as it is.
 */
export async function settle(folder: string, lease: Lease, tools: CommitTools): Promise<void> {
  const { hdfs } = tools;
  const { run } = lease.journal;
  const old = (await hdfs.serverTime()) - tools.leaseSeconds * 1_000;
  const closed: { readonly path: string; readonly journal: Journal | undefined }[] = [];
  const garbage: string[] = [];
  const ofEngines: string[] = [];
  const ofUndos: { readonly name: string; readonly path: string }[] = [];
  for await (const { name, path, modificationTime } of hdfs.list(folder)) {
    if (isClosedJournal(name)) closed.push({ path, journal: await readJournal(hdfs, path) });
    if (name.startsWith(engineName('')) && name !== engineName(run)) ofEngines.push(path);
    if (undoRunOf(name) !== undefined) ofUndos.push({ name, path });
    const isOthers = isFence(name) && name !== tailName(run) && name !== mergedName(run);
    if (isOthers || (name.startsWith(draftName('')) && modificationTime < old)) garbage.push(path);
  }
  // What an engine writes still gets the name of a fence: it goes before the fences.
  for (const path of ofEngines) await hdfs.remove(path, { recursive: true });
  for (const path of garbage) await removeSurely(hdfs, path);
  const runs = new Set(closed.map(({ journal }) => journal?.run));
  const lost = ofUndos.filter(({ name }) => !runs.has(undoRunOf(name)));
  // A run that woke up after its journal was settled made them: it will not come by the partition again, so it cannot use them.
  // But were we overtaken ourselves, they might be those of a living one.
  if (lost.length > 0 && !(await lease.isHeld()))
    throw new LakewardenError('plan.stale', `another run took over ${folder}`, { details: { folder } });
  const isGate = ({ name }: { name: string }): boolean => name.startsWith(gateName(''));
  for (const { path } of lost.toSorted((a, b) => Number(isGate(b)) - Number(isGate(a)))) await removeSurely(hdfs, path);
  for (const { path, journal } of closed) {
    if (journal !== undefined) await settleWork(folder, journal.run, journal.work, lease, tools);
    await hdfs.remove(path);
  }
}

async function settleWork(folder: string, run: string, work: Work, lease: Lease, tools: CommitTools): Promise<void> {
  if (work.kind === 'undo') return finishUndo(folder, run, work, lease, tools.hdfs);
  try {
    if (work.kind === 'rewrite') await finishRewrite(folder, work, lease, tools);
    if (work.kind === 'merge' && (await isMerged(folder, work, tools.hdfs)))
      await finishMerge(folder, work, lease, tools);
  } catch (error) {
    // It was taken apart again, or nobody can: then it must not hold up the partition for ever.
    if (!isError(error, 'plan.stale', 'parquet.corrupt')) throw error;
    tools.onFault(folder, error);
  }
}
