import { LakewardenError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { digestFiles } from './blocks.ts';
import type { CommitTools } from './commit-tools.ts';
import { type Held, isAmbiguous, Lease, type MergeWork, newJournal, removeSurely } from './journal.ts';
import { buildTail } from './merge-tail.ts';
import { digestTail, finishMerge, isMerged } from './merged.ts';
import { tailName } from './names.ts';
import type { Merge, PlannedFile } from './plan.ts';
import { settle } from './settle.ts';
import type { FileAttributes } from './view.ts';

/** What came of a merge: it is done, or another run holds the partition. */
export type MergeEnd = { readonly done: MergeWork } | { readonly held: Held };

/**
 * Joins files into one: lease, tail, a last look, one CONCAT, verification.
 * @throws plan.stale when the files are not as planned any more; parquet.corrupt for what is no merged file afterwards; what
 * HDFS refuses or is in trouble with. Whatever happens, the files are whole: either all as they were, or all in the one.
 */
export async function commitMerge(folder: string, topic: string, merge: Merge, tools: CommitTools): Promise<MergeEnd> {
  const { hdfs } = tools;
  const tail = await buildTail(merge, folder, tools.reader, tools.concurrency);
  const blocks = tools.verifyPieces ? await digestFiles(folder, merge, hdfs, tools.concurrency) : undefined;
  const work: MergeWork = {
    kind: 'merge',
    topic,
    merge,
    tailBytes: tail.length,
    tail: digestTail(tail),
    ...(blocks !== undefined && { blocks }),
  };
  const lease = new Lease(hdfs, folder, newJournal(work, tools.owner, tools.leaseSeconds));
  const held = await lease.acquire();
  if (held !== undefined) return { held };
  let settled = false;
  try {
    await settle(folder, lease, tools);
    await join(folder, work, tail, lease, hdfs);
    await finishMerge(folder, work, lease, tools);
    settled = true;
  } catch (error) {
    settled = await isUndone(folder, work, lease, hdfs).catch(() => false);
    throw error;
  } finally {
    await lease.release(settled);
  }
  return { done: work };
}

async function join(folder: string, work: MergeWork, tail: Uint8Array, lease: Lease, hdfs: WebHdfs): Promise<void> {
  const { target, sources, attributes } = work.merge;
  const path = childPath(folder, tailName(lease.journal.run));
  try {
    const { blockSize, replication } = attributes;
    await hdfs.create(path, tail, { blockSize, replication });
    await requireUnchanged(folder, work, path, lease, hdfs);
    await hdfs.concat(childPath(folder, target.name), [...sources.map(({ name }) => childPath(folder, name)), path]);
  } catch (error) {
    // Without its tail the merge can never happen, not even by a request that is still on its way.
    await removeSurely(hdfs, path);
    if (isAmbiguous(error) && (await isMerged(folder, work, hdfs))) return;
    throw error;
  }
}

/** True when nothing is left of a merge that failed. */
async function isUndone(folder: string, work: MergeWork, { journal }: Lease, hdfs: WebHdfs): Promise<boolean> {
  const tail = await hdfs.statusIfExists(childPath(folder, tailName(journal.run)));
  return tail === undefined && !(await isMerged(folder, work, hdfs));
}

/** The last look before the change. The journal comes last: while it is ours, nobody else has planned with these files. */
async function requireUnchanged(
  folder: string,
  { merge, tailBytes }: MergeWork,
  tail: string,
  lease: Lease,
  hdfs: WebHdfs,
): Promise<void> {
  const entries = new Map<string, FileStatus>();
  for await (const entry of hdfs.list(folder)) entries.set(entry.path, entry);
  const stale = (reason: string): LakewardenError =>
    new LakewardenError('plan.stale', `the merge in ${folder} is not true any more: ${reason}`, {
      details: { folder },
    });
  for (const file of [merge.target, ...merge.sources]) {
    const now = entries.get(childPath(folder, file.name));
    if (now === undefined || !isSame(file, now) || !hasAttributes(now, merge.attributes))
      throw stale(`${file.name} ${now === undefined ? 'is gone' : 'was changed'}`);
  }
  if (entries.get(tail)?.length !== tailBytes) throw stale('the tail is not there as it was written');
  if (!(await lease.isHeld())) throw stale('another run took over');
}

function isSame(planned: PlannedFile, now: FileStatus): boolean {
  return (
    planned.fileId === now.fileId && planned.length === now.length && planned.modificationTime === now.modificationTime
  );
}

function hasAttributes(now: FileStatus, planned: FileAttributes): boolean {
  const { owner, group, permission, replication, blockSize, storagePolicy, acl } = now;
  return (
    JSON.stringify({ owner, group, permission, acl, replication, blockSize, storagePolicy }) ===
    JSON.stringify({ ...planned, acl: planned.acl.length > 0 })
  );
}
