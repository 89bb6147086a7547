import pLimit from 'p-limit';
import { isError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';

/** Entries in a page of a listing, as HDFS is set up by default (dfs.ls.limit). */
const pageEntries = 1_000;

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
  // One listing tells of many neighbours; where they turn out to be far apart it is given up, false.
  const list = async (parent: string, folders: readonly string[]): Promise<boolean> => {
    let [found, left] = [0, folders.length * pageEntries];
    try {
      for await (const status of hdfs.list(parent, before(folders))) {
        note(status);
        if (wanted.has(status.path)) found += 1;
        left -= 1;
        if (found === folders.length) return true;
        if (left === 0) return false;
      }
      return true;
    } catch (error) {
      // Who may not list a folder may still be let into those in it.
      if (isError(error, 'hdfs.access_denied')) return false;
      if (isError(error, 'hdfs.not_found')) return true;
      throw error;
    }
  };
  const look = async (parent: string, folders: readonly string[]): Promise<void> => {
    if (folders.length > 1 && (await limit(() => list(parent, folders)))) return;
    await Promise.all(folders.map((path) => limit(async () => note(await hdfs.statusIfExists(path)))));
  };
  const byParent = Map.groupBy(paths, (path) => path.slice(0, path.lastIndexOf('/')));
  await Promise.all([...byParent].map(([parent, folders]) => look(parent, folders)));
  return filled;
}

/** A name that comes right before the first of the folders: the name of that one without its last character. */
function before(folders: readonly string[]): string {
  const names = folders.map((path) => path.slice(path.lastIndexOf('/') + 1));
  const first = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))[0] ?? '';
  return Array.from(first).slice(0, -1).join('');
}
