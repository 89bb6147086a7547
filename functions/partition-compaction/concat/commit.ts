import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { digestFiles } from './blocks.ts';
import type { CommitTools } from '../commit-tools.ts';
import { holdPartition } from '../journal/hold.ts';
import { type Held, isAmbiguous, type Lease, type MergeWork, removeSurely } from '../journal/journal.ts';
import { requireUnchanged } from '../last-look.ts';
import { buildTail } from './merge-tail.ts';
import { digestTail, finishMerge, isMerged } from './merged.ts';
import { tailName } from '../journal/names.ts';
import type { Merge } from '../plan.ts';

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
  return holdPartition(
    folder,
    work,
    tools,
    async (lease) => {
      await join(folder, work, tail, lease, hdfs);
      await finishMerge(folder, work, lease, tools);
      return work;
    },
    (lease) => isUndone(folder, work, lease, hdfs),
  );
}

async function join(folder: string, work: MergeWork, tail: Uint8Array, lease: Lease, hdfs: WebHdfs): Promise<void> {
  const { target, sources, attributes } = work.merge;
  const path = childPath(folder, tailName(lease.journal.run));
  try {
    const { blockSize, replication } = attributes;
    await hdfs.create(path, tail, { blockSize, replication });
    const hidden = { path, length: work.tailBytes };
    await requireUnchanged(folder, { files: [target, ...sources], attributes, hidden }, lease, hdfs);
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
