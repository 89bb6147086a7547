import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import { isError, LakewardenError } from '#shared/errors/error.ts';
import { childPath } from '#shared/hdfs/path.ts';
import type { Block, WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { Merge } from '../plan.ts';

/**
 * A digest of the blocks of the files of a merge, one after the other; undefined where HDFS does not tell them.
 * @throws plan.stale when a file is gone or has another length
 */
export async function digestFiles(
  folder: string,
  { target, sources }: Merge,
  hdfs: WebHdfs,
  concurrency: number,
): Promise<string | undefined> {
  const limit = pLimit(concurrency);
  const files = [target, ...sources];
  const found = await Promise.all(
    files.map(({ name, length }) =>
      limit(async () => {
        const path = childPath(folder, name);
        const blocks = await blocksOf(path, hdfs);
        if (blocks === undefined || sum(blocks) === length) return blocks;
        throw new LakewardenError('plan.stale', `${path} is not as planned any more`, { details: { path } });
      }),
    ),
  );
  const known = found.filter((blocks) => blocks !== undefined);
  return known.length < files.length ? undefined : digest(known.flat());
}

/** The same of the file that they became, without its tail. */
export async function digestMerged(path: string, { bytes }: Merge, hdfs: WebHdfs): Promise<string | undefined> {
  const blocks = await blocksOf(path, hdfs);
  return blocks && digest(blocks.filter(({ offset }) => offset < bytes));
}

async function blocksOf(path: string, hdfs: WebHdfs): Promise<Block[] | undefined> {
  try {
    return await hdfs.blocks(path);
  } catch (error) {
    if (isError(error, 'hdfs.unsupported')) return undefined;
    if (!isError(error, 'hdfs.not_found')) throw error;
    throw new LakewardenError('plan.stale', `${path} is gone`, { details: { path }, cause: error });
  }
}

function sum(blocks: readonly Block[]): number {
  return blocks.reduce((bytes, { length }) => bytes + length, 0);
}

function digest(blocks: readonly Block[]): string {
  const hash = createHash('sha256');
  for (const { id, length } of blocks) hash.update(`${id} ${length}\n`);
  return hash.digest('hex').slice(0, 32);
}
