import pLimit from 'p-limit';
import { asError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { isPutAside, looksName } from '../journal/names.ts';
import { isHalfWritten, type LeftoverView } from './leftover.ts';
import { readLooks } from './looks.ts';
import type { LeftoverPolicy } from './policy.ts';

/** Looks for what dead writers left among the entries of a folder; asks HDFS whether it is still open for writing. */
export async function surveyLeftovers(
  folder: string,
  entries: readonly FileStatus[],
  policy: LeftoverPolicy,
  now: number,
  { hdfs, settings }: { readonly hdfs: WebHdfs; readonly settings: { readonly concurrency: number } },
): Promise<LeftoverView> {
  const old = entries.filter(
    (entry) => isHalfWritten(entry, policy) && entry.modificationTime <= now - policy.graceSeconds * 1_000,
  );
  const limit = pLimit(settings.concurrency);
  const files = await Promise.all(
    old.map(({ name, path, fileId, length, modificationTime }) =>
      limit(async () => ({ name, fileId, length, modificationTime, open: await isOpen(path, hdfs) })),
    ),
  );
  const record = entries.find(({ name }) => name === looksName);
  const begun = record !== undefined || entries.some(({ name }) => isPutAside(name));
  return { policy, files, looks: record === undefined ? [] : await readLooks(hdfs, folder, record.length), begun };
}

/** Whether a file is open for writing; undefined when we may not know, or HDFS does not tell. */
export async function isOpen(path: string, hdfs: WebHdfs): Promise<boolean | undefined> {
  try {
    return await hdfs.isOpenForWrite(path);
  } catch (thrown) {
    if (asError(thrown).disposition === 'retry') throw thrown;
    return undefined;
  }
}
