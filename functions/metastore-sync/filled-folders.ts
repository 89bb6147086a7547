import pLimit from 'p-limit';
import { isError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';

/** From so many folders of one parent on, its listing costs less than a call for each; it may be long, for all that. */
const together = 12;

/** Those of the folders that are there and hold something. */
export async function filledFolders(
  hdfs: Pick<WebHdfs, 'list' | 'statusIfExists'>,
  paths: readonly string[],
  concurrency: number,
): Promise<ReadonlySet<string>> {
  const limit = pLimit(concurrency);
  const wanted = new Set(paths);
  const filled = new Set<string>();
  const note = (status: FileStatus | undefined): void => {
    if (status !== undefined && wanted.has(status.path) && status.childrenNum > 0) filled.add(status.path);
  };
  const list = async (parent: string): Promise<boolean> => {
    try {
      for await (const status of hdfs.list(parent)) note(status);
      return true;
    } catch (error) {
      // Who may not list a folder may still be let into those in it.
      if (isError(error, 'hdfs.access_denied')) return false;
      if (isError(error, 'hdfs.not_found')) return true;
      throw error;
    }
  };
  const look = async (parent: string, folders: readonly string[]): Promise<void> => {
    if (folders.length >= together && (await limit(() => list(parent)))) return;
    await Promise.all(folders.map((path) => limit(async () => note(await hdfs.statusIfExists(path)))));
  };
  const byParent = Map.groupBy(paths, (path) => path.slice(0, path.lastIndexOf('/')));
  await Promise.all([...byParent].map(([parent, folders]) => look(parent, folders)));
  return filled;
}
