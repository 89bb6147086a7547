import { isError, LakewardenError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { type Footer, readFooter } from '#shared/parquet/footer.ts';
import { deadBytes, decodeManifest, manifestKey, type PieceManifest } from '#shared/parquet/piece-manifest.ts';
import { fileEnd } from '#shared/parquet/rewritten-file.ts';
import type { CommitTools } from '../commit-tools.ts';
import { setBackTime } from '../file-attributes.ts';
import type { Lease, RewriteWork } from '../journal/journal.ts';
import type { Rewrite } from '../plan-rewrites.ts';
import { takeApart } from '../journal/rescue.ts';
import type { Rewritten } from './rewritten.ts';

/** A visible file that a rewrite has made. */
export interface Found {
  readonly status: FileStatus;
  readonly footer: Footer;
  readonly manifest: PieceManifest;
}

/**
 * The file that a rewrite has put in its place, known by the number of the rewrite in its footer; undefined when it has not.
 * By then what it wrote must be gone from the folder under its hidden name, so that the answer stays true.
 */
export async function findRewritten(path: string, { id, file }: Rewrite, hdfs: WebHdfs): Promise<Found | undefined> {
  const status = await hdfs.statusIfExists(path);
  if (status === undefined || (status.fileId === file.fileId && status.length === file.length)) return undefined;
  try {
    const read = (offset: number, length: number): Promise<Uint8Array> => hdfs.read(path, offset, length);
    const footer = await readFooter({ path, length: status.length, read });
    const text = footer.keyValueMetadata.get(manifestKey);
    const manifest = text === undefined ? undefined : decodeManifest(text);
    return manifest?.rewrite?.id === id ? { status, footer, manifest } : undefined;
  } catch (error) {
    if (isError(error) && (error.code.startsWith('parquet.') || error.code === 'hdfs.not_found')) return undefined;
    throw error;
  }
}

/**
 * Verifies a file that was put in its place, sets back its time, and tells. When another file had taken the place of the old
 * one right before a CONCAT, that one is restored. @returns undefined when the rewrite has not happened
 * @throws plan.stale when another file was restored
 */
export async function finishRewrite(
  folder: string,
  work: RewriteWork,
  lease: Lease,
  tools: CommitTools,
): Promise<Rewritten | undefined> {
  const { hdfs } = tools;
  const { rewrite } = work;
  const path = childPath(folder, rewrite.file.name);
  const found = await findRewritten(path, rewrite, hdfs);
  if (found === undefined) return undefined;
  const { status, footer, manifest } = found;
  if (rewrite.way === 'concat') {
    const shift = status.length - fileEnd(footer);
    if (status.fileId !== rewrite.file.fileId || shift !== 0) {
      await restoreOther(found, rewrite.file.length + shift, lease, hdfs);
      const message = `${path} was replaced or appended to meanwhile, and was set back to that`;
      throw new LakewardenError('plan.stale', message, { details: { path } });
    }
    await setBackTime(path, rewrite.file.modificationTime, hdfs);
  }
  const rewritten: Rewritten = {
    work,
    length: status.length,
    rowGroups: footer.metadata.row_groups.length,
    written: rewrite.way === 'concat' ? status.length - rewrite.file.length : status.length,
    deadBytes: deadBytes(manifest),
  };
  await tools.onRewritten(folder, rewritten);
  return rewritten;
}

/** Takes away what was put behind a file that was not the planned one; its first `kept` bytes are the file. */
async function restoreOther({ status }: Found, kept: number, lease: Lease, hdfs: WebHdfs): Promise<void> {
  const { path, name, owner, group, permission, replication, modificationTime, accessTime, fileId, length } = status;
  const acl = status.acl ? (await hdfs.aclStatus(path)).entries : [];
  const piece = { name, length: kept, modificationTime, accessTime, fileId, rows: 0 };
  const manifest = { form: 'concat', owner, group, permission, replication, acl, pieces: [piece] } as const;
  await takeApart(path, { kind: 'undo', name, fileId, length, manifest }, lease, hdfs);
}
