import { LakewardenError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { Lease } from './journal/journal.ts';
import type { FileAttributes, PlannedFile } from './view.ts';

/** What must be true right before a change. */
export interface Expected {
  readonly files: readonly PlannedFile[];
  /** What all of them have in common. */
  readonly attributes: FileAttributes;
  /** The hidden file that the change needs. */
  readonly hidden: { readonly path: string; readonly length: number; readonly fileId?: number };
}

/**
 * The last look before a change. The journal comes last: while it is ours, nobody else has planned with these files.
 * @throws plan.stale
 */
export async function requireUnchanged(
  folder: string,
  { files, attributes, hidden }: Expected,
  lease: Lease,
  hdfs: WebHdfs,
): Promise<void> {
  const entries = new Map<string, FileStatus>();
  for await (const entry of hdfs.list(folder)) entries.set(entry.path, entry);
  const stale = (reason: string): LakewardenError =>
    new LakewardenError('plan.stale', `the merge in ${folder} is not true any more: ${reason}`, {
      details: { folder },
    });
  for (const file of files) {
    const now = entries.get(childPath(folder, file.name));
    if (now === undefined || !isSame(file, now) || !hasAttributes(now, attributes))
      throw stale(`${file.name} ${now === undefined ? 'is gone' : 'was changed'}`);
  }
  const written = entries.get(hidden.path);
  if (written?.length !== hidden.length || written.fileId !== (hidden.fileId ?? written.fileId))
    throw stale('what was written for it is not there as it was');
  if (!(await lease.isHeld())) throw stale('another run took over');
}

/** True for a file that still is the planned one. */
export function isSame(planned: PlannedFile, now: FileStatus): boolean {
  return (
    planned.fileId === now.fileId && planned.length === now.length && planned.modificationTime === now.modificationTime
  );
}

/** True when a file has these attributes; of an ACL it is only compared whether there is one. */
export function hasAttributes(now: FileStatus, planned: FileAttributes): boolean {
  const { owner, group, permission, replication, blockSize, storagePolicy, acl } = now;
  return (
    JSON.stringify({ owner, group, permission, acl, replication, blockSize, storagePolicy }) ===
    JSON.stringify({ ...planned, acl: planned.acl.length > 0 })
  );
}
