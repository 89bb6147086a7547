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
  const unseen = new Set(paths);
  const filled = new Set<string>();
  const note = ({ path, childrenNum }: FileStatus): void => {
    if (unseen.delete(path) && childrenNum > 0) filled.add(path);
  };
  // One listing tells of many neighbours; where they turn out to be far apart it is given up.
  const list = async (parent: string, folders: readonly string[]): Promise<void> => {
    let left = folders.length * pageEntries;
    try {
      for await (const status of hdfs.list(parent, before(folders))) {
        note(status);
        left -= 1;
        if (left === 0 || !folders.some((path) => unseen.has(path))) return;
      }
    } catch (error) {
      // Who may not list a folder may still be let into those in it.
      if (!isError(error, 'hdfs.access_denied', 'hdfs.not_found')) throw error;
    }
  };
  const look = async (parent: string, folders: readonly string[]): Promise<void> => {
    if (folders.length > 1) await limit(() => list(parent, folders));
    // Nothing is taken for missing on the word of a listing: HDFS has an order of names of its own.
    const rest = folders.filter((path) => unseen.has(path));
    const statuses = await Promise.all(rest.map((path) => limit(() => hdfs.statusIfExists(path))));
    for (const status of statuses) if (status !== undefined) note(status);
  };
  const byParent = Map.groupBy(paths, (path) => path.slice(0, path.lastIndexOf('/')));
  await Promise.all([...byParent].map(([parent, folders]) => look(parent, folders)));
  return filled;
}

/** A name that comes before most of the folders: that of the first one without its last character. */
function before(folders: readonly string[]): string {
  const names = folders.map((path) => path.slice(path.lastIndexOf('/') + 1));
  const first = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))[0] ?? '';
  return Array.from(first).slice(0, -1).join('');
}
