import { LakewardenError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { childPath, parentPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { isAmbiguous, type Lease, removeSurely, type UndoWork } from './journal.ts';
import { gateName, journalName, pieceName } from './names.ts';

/** Told how many pieces are copied, and their bytes. */
export type OnPiece = (done: number, bytes: number) => void;

/** Copies the pieces out of a merged file under hidden names, with owner, mode and times. */
async function stagePieces(
  folder: string,
  run: string,
  { manifest }: UndoWork,
  merged: FileStatus,
  hdfs: WebHdfs,
  onPiece: OnPiece,
): Promise<void> {
  const { owner, group, permission, replication, acl, pieces } = manifest;
  let base = 0;
  for (const [index, { length, modificationTime, accessTime }] of pieces.entries()) {
    const path = childPath(folder, pieceName(run, index));
    const body = await hdfs.open(merged.path, { offset: base, length });
    await hdfs.create(path, body, { permission, replication, blockSize: merged.blockSize });
    const made = await hdfs.status(path);
    if (made.length !== length) throw new LakewardenError('hdfs.unavailable', `${path} was not written whole`);
    if (made.owner !== owner || made.group !== group) await hdfs.setOwner(path, { owner, group });
    if (acl.length > 0) await hdfs.modifyAcl(path, acl);
    if (acl.length > 0 || made.permission !== permission) await hdfs.setPermission(path, permission);
    await hdfs.setTimes(path, { modificationTime, ...(accessTime > 0 && { accessTime }) });
    base += length;
    onPiece(index + 1, base);
  }
}

/** Gives the pieces their names, the first one last, since it replaces the gate. What has its name already is left. */
async function revealPieces(folder: string, run: string, { name, manifest }: UndoWork, hdfs: WebHdfs): Promise<void> {
  const gate = childPath(folder, name);
  for (const [index, piece] of [...manifest.pieces.entries()].toReversed()) {
    const staged = childPath(folder, pieceName(run, index));
    const path = childPath(folder, piece.name);
    if ((await hdfs.statusIfExists(staged)) !== undefined)
      await moveSurely(hdfs, staged, path, path === gate ? 'overwrite' : 'none');
  }
  if (!manifest.pieces.some((piece) => piece.name === name)) await hdfs.remove(gate);
}

/** Renames; when the answer is lost, looks whether the file has moved. */
async function moveSurely(hdfs: WebHdfs, from: string, to: string, mode: 'none' | 'overwrite'): Promise<void> {
  try {
    await hdfs.rename(from, to, mode);
  } catch (error) {
    if (!isAmbiguous(error) || (await hdfs.statusIfExists(from)) !== undefined) throw error;
  }
}

/**
 * Puts pieces in the place of the file that holds them, in a partition that we hold: hidden copies first, then the gate, then
 * the names. @throws plan.stale when the file is another one by now, or the partition is not ours any more
 */
export async function restorePieces(
  path: string,
  run: string,
  work: UndoWork,
  lease: Lease,
  hdfs: WebHdfs,
  onPiece: OnPiece = () => {},
): Promise<void> {
  const folder = parentPath(path);
  const merged = await hdfs.status(path);
  if (merged.fileId !== work.fileId) throw stale(path);
  await stagePieces(folder, run, work, merged, hdfs, onPiece);
  const gate = childPath(folder, gateName(run));
  await hdfs.create(gate, new TextEncoder().encode(`partition-compaction restores files here, see ${journalName}\n`));
  const now = await hdfs.status(path);
  if (now.length !== merged.length || now.modificationTime !== merged.modificationTime) throw stale(path);
  if (!(await lease.isHeld())) throw stale(path);
  await moveSurely(hdfs, gate, path, 'overwrite');
  await revealPieces(folder, run, work, hdfs);
}

function stale(path: string): LakewardenError {
  return new LakewardenError('plan.stale', `${path} was changed while it was taken apart`, { details: { path } });
}

/** Goes on with an undo that ended early: forwards when the merged file is gone already, otherwise back. */
export async function finishUndo(folder: string, run: string, work: UndoWork, hdfs: WebHdfs): Promise<void> {
  // Without the gate, a rename that is still on its way cannot take the merged file away any more.
  await removeSurely(hdfs, childPath(folder, gateName(run)));
  const merged = await hdfs.statusIfExists(childPath(folder, work.name));
  if (merged?.fileId !== work.fileId) await revealPieces(folder, run, work, hdfs);
  for (const index of work.manifest.pieces.keys()) await hdfs.remove(childPath(folder, pieceName(run, index)));
}
