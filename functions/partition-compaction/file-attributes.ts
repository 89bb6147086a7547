import { isError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { FileAttributes, SeenFile } from './view.ts';

/** Gives a file that we made the owner, group, ACL, mode and times of the one that it stands for. Throws what HDFS refuses. */
export async function setAttributes(
  made: FileStatus,
  { owner, group, permission, acl }: Pick<FileAttributes, 'owner' | 'group' | 'permission' | 'acl'>,
  { modificationTime, accessTime }: Pick<SeenFile, 'modificationTime' | 'accessTime'>,
  hdfs: WebHdfs,
): Promise<void> {
  const { path } = made;
  if (made.owner !== owner || made.group !== group) await hdfs.setOwner(path, { owner, group });
  // What it has from its folder's default ACL.
  if (made.acl) await hdfs.removeAcl(path);
  if (acl.length > 0) await hdfs.modifyAcl(path, acl);
  if (made.acl || acl.length > 0 || made.permission !== permission) await hdfs.setPermission(path, permission);
  await hdfs.setTimes(path, { modificationTime, ...(accessTime > 0 && { accessTime }) });
}

/** Sets back the time of a file that we changed: whether a folder is quiet is judged by when data came, and we bring none. */
export async function setBackTime(path: string, modificationTime: number, hdfs: WebHdfs): Promise<void> {
  await hdfs.setTimes(path, { modificationTime }).catch((error: unknown) => {
    // Without the right to do so the file is as good.
    if (!isError(error, 'hdfs.access_denied')) throw error;
  });
}
