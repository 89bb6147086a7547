import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import { asError, isError, LakewardenError } from '#shared/errors/error.ts';
import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { digestMerged } from './blocks.ts';
import type { CommitTools } from '../commit-tools.ts';
import { setBackTime } from '../file-attributes.ts';
import type { Lease, MergeWork } from '../journal/journal.ts';
import { digestFooter } from '../piece-reader.ts';
import { rescue } from '../journal/rescue.ts';

/**
 * True when the target ends with the tail of a merge. By then that tail must be gone from the folder, so that the answer stays
 * true. That the files are not what they were proves nothing: another run may have merged them.
 */
export async function isMerged(folder: string, { merge, tailBytes, tail }: MergeWork, hdfs: WebHdfs): Promise<boolean> {
  const path = childPath(folder, merge.target.name);
  const length = (await hdfs.statusIfExists(path))?.length ?? 0;
  return length > tailBytes && digestTail(await hdfs.read(path, length - tailBytes, tailBytes)) === tail;
}

/**
 * Verifies a merge that was performed, gives the file the time of its newest piece, and tells. When another file had taken
 * the place of one of the pieces at the last moment, all files are restored.
 * @throws plan.stale when they were restored, parquet.corrupt when they cannot be
 */
export async function finishMerge(folder: string, work: MergeWork, lease: Lease, tools: CommitTools): Promise<void> {
  const { target, sources } = work.merge;
  const path = childPath(folder, target.name);
  const fault = await findFault(path, work, tools);
  if (fault !== undefined) {
    await rescue(path, work, lease, tools.hdfs);
    throw new LakewardenError('plan.stale', `${path} was taken apart again: ${fault}`, { details: { path } });
  }
  const modificationTime = Math.max(...[target, ...sources].map((file) => file.modificationTime));
  await setBackTime(path, modificationTime, tools.hdfs);
  await tools.onMerged(folder, work);
}

async function findFault(path: string, work: MergeWork, tools: CommitTools): Promise<string | undefined> {
  const { hdfs, concurrency, verifyPieces } = tools;
  const { merge, tailBytes } = work;
  const now = await hdfs.status(path);
  if (now.fileId !== merge.target.fileId || now.length !== merge.bytes + tailBytes)
    return 'its length is not the sum of its pieces';
  if (digestTail(await hdfs.read(path, merge.bytes, tailBytes)) !== work.tail)
    return 'its tail is not the one that was built';
  // The planned files' own blocks are the planned files, to the last bit. Otherwise look which is not.
  const blocks = work.blocks === undefined ? undefined : await digestMerged(path, work.merge, hdfs);
  if (blocks !== undefined && blocks === work.blocks) return undefined;
  const files = [merge.target, ...merge.sources];
  const starts = new Set((await blocksOf(path, hdfs)).map(({ offset }) => offset));
  let at = 0;
  const placed = files.map((file) => {
    const base = at;
    at += file.length;
    return { ...file, base };
  });
  const misplaced = starts.size === 0 ? undefined : placed.find(({ base }) => !starts.has(base));
  if (misplaced !== undefined) return `${misplaced.name} does not stand at byte ${misplaced.base}`;
  if (!verifyPieces && blocks === undefined) return undefined;
  const limit = pLimit(concurrency);
  const wrong = await Promise.all(
    placed.map(({ name, base, length, footer }) =>
      limit(async () => {
        const read = (offset: number, count: number) => hdfs.read(path, base + offset, count);
        const found = await readFooter({ path, length, read }, { tailBytes: 8 << 10 }).catch(asError);
        return !isError(found) && digestFooter(found.bytes) === footer ? [] : [name];
      }),
    ),
  );
  const [name = blocks === undefined ? undefined : 'a file'] = wrong.flat();
  return name === undefined ? undefined : `${name} was replaced meanwhile`;
}

/** The blocks of a file; none when the NameNode is too old to tell. */
async function blocksOf(path: string, hdfs: WebHdfs): Promise<{ readonly offset: number }[]> {
  try {
    return await hdfs.blockLocations(path);
  } catch (error) {
    if (isError(error, 'hdfs.unsupported')) return [];
    throw error;
  }
}

/** A digest of a tail. */
export function digestTail(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}
