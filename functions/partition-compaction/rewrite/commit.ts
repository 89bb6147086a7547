import { isError, LakewardenError } from '#shared/errors/error.ts';
import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { CommitTools } from '../commit-tools.ts';
import { holdPartition } from '../journal/hold.ts';
import { type Held, isAmbiguous, type Lease, removeSurely, type RewriteWork } from '../journal/journal.ts';
import { isSame, requireUnchanged } from '../last-look.ts';
import { mergedName } from '../journal/names.ts';
import type { Rewrite } from '../plan-rewrites.ts';
import { findRewritten, finishRewrite } from './finish.ts';
import type { Rewritten } from './rewritten.ts';
import { writeMerged } from './write.ts';

/** What came of a rewrite: it is done, another run holds the partition, or the file cannot be written anew. */
export type RewriteEnd = { readonly done: Rewritten } | { readonly held: Held } | { readonly refused: LakewardenError };

/**
 * Writes the rows of a file anew and puts the new file in its place: lease, hidden file, its verification, a last look, one
 * rename or CONCAT, verification. The hidden file is the fence: without it the change cannot happen any more.
 * @throws plan.stale when the file is not as planned any more; what HDFS is in trouble with. Whatever happens, the rows are
 * there at every moment under the file's name.
 */
export async function commitRewrite(
  folder: string,
  topic: string,
  rewrite: Rewrite,
  tools: CommitTools,
): Promise<RewriteEnd> {
  const work: RewriteWork = { kind: 'rewrite', topic, rewrite };
  const path = childPath(folder, rewrite.file.name);
  const end = await holdPartition(
    folder,
    work,
    tools,
    async (lease): Promise<RewriteEnd> => {
      try {
        await replace(folder, rewrite, lease, tools);
      } catch (error) {
        if (!isError(error) || error.disposition !== 'reject') throw error;
        // The file has something against it, unless it is another one by now.
        const now = await tools.hdfs.statusIfExists(path);
        if (now !== undefined && isSame(rewrite.file, now)) return { refused: error };
        throw stale(`${path} was changed while it was written anew`, path, error);
      }
      const done = await finishRewrite(folder, work, lease, tools);
      if (done !== undefined) return { done };
      throw stale(`another file has taken the place of ${path}`, path);
    },
    async ({ journal }) => {
      const hidden = await tools.hdfs.statusIfExists(childPath(folder, mergedName(journal.run)));
      return hidden === undefined && (await findRewritten(path, rewrite, tools.hdfs)) === undefined;
    },
  );
  return 'held' in end ? end : end.done;
}

function stale(message: string, path: string, cause?: Error): LakewardenError {
  return new LakewardenError('plan.stale', message, { details: { path }, cause });
}

/** What somebody still writes to the old file would be lost by a rename, and HDFS refuses a CONCAT. @throws hdfs.invalid */
async function requireClosed(path: string, hdfs: WebHdfs): Promise<void> {
  if (!(await hdfs.isOpenForWrite(path))) return;
  throw new LakewardenError('hdfs.invalid', `somebody has ${path} open for writing`, { details: { path } });
}

async function replace(folder: string, rewrite: Rewrite, lease: Lease, tools: CommitTools): Promise<void> {
  const { hdfs } = tools;
  const { file, attributes, way } = rewrite;
  const path = childPath(folder, file.name);
  const hidden = childPath(folder, mergedName(lease.journal.run));
  try {
    await requireClosed(path, hdfs);
    const made = await writeMerged(hidden, folder, rewrite, lease, tools);
    tools.signal?.throwIfAborted();
    await requireClosed(path, hdfs);
    await requireUnchanged(folder, { files: [file], attributes, hidden: made }, lease, hdfs);
    if (way === 'rename') await hdfs.rename(hidden, path, 'overwrite');
    else await hdfs.concat(path, [hidden]);
  } catch (error) {
    // Without the hidden file the change can never happen, not even by a request that is still on its way.
    await removeSurely(hdfs, hidden);
    if (isAmbiguous(error) && (await findRewritten(path, rewrite, hdfs)) !== undefined) return;
    throw error;
  }
}
