import { isError, LakewardenError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { childPath, parentPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { isAmbiguous, type Lease, removeSurely, type UndoWork } from './journal.ts';
import { setAttributes } from '../file-attributes.ts';
import { keepPieces } from './keep.ts';
import { closedName, gateName, journalName, pieceName, spareName } from './names.ts';

/** Told how many pieces are copied, and their bytes. */
export type OnPiece = (done: number, bytes: number) => void;

/** An undo that is under way. */
export interface UndoAttempt {
  readonly run: string;
  readonly work: UndoWork;
  /** Whether the gate was sent to the merged file's place, be it in vain. */
  hasSentGate: boolean;
  /** Awaited while the gate stands and before any piece appears. */
  readonly whileGated?: (() => Promise<void>) | undefined;
}

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
    await setAttributes(made, { owner, group, permission, acl }, { modificationTime, accessTime }, hdfs);
    base += length;
    onPiece(index + 1, base);
  }
}

/**
 * Gives the pieces their names, last the one that replaces the gate. What has its name already is left. A piece whose name
 * was taken meanwhile gets one of its own: its rows must be seen, and another's file must stay.
 */
async function revealPieces(
  folder: string,
  run: string,
  { name, manifest, keep }: UndoWork,
  hdfs: WebHdfs,
): Promise<void> {
  // Before the partition can be anybody else's, so that nobody merges them again.
  if (keep === true) await keepPieces(folder, hdfs);
  const gate = childPath(folder, name);
  const pieces = [...manifest.pieces.entries()].toReversed();
  const ordered = [
    ...pieces.filter((piece) => piece[1].name !== name),
    ...pieces.filter((piece) => piece[1].name === name),
  ];
  for (const [index, piece] of ordered) {
    const staged = childPath(folder, pieceName(run, index));
    if ((await hdfs.statusIfExists(staged)) === undefined) continue;
    const mode = piece.name === name && (await isGate(gate, run, hdfs)) ? 'overwrite' : 'none';
    try {
      await moveSurely(hdfs, staged, childPath(folder, piece.name), mode);
    } catch (error) {
      if (!isError(error, 'hdfs.exists')) throw error;
      await moveSurely(hdfs, staged, childPath(folder, spareName(run, index, piece.name)), 'none');
    }
  }
  if (await isGate(gate, run, hdfs)) await hdfs.remove(gate);
}

function gateBytes(run: string): Buffer {
  return Buffer.from(`partition-compaction restores files here, see ${closedName(run)} or ${journalName}\n`);
}

async function isGate(path: string, run: string, hdfs: WebHdfs): Promise<boolean> {
  const bytes = gateBytes(run);
  const status = await hdfs.statusIfExists(path);
  return status?.length === bytes.length && bytes.equals(await hdfs.read(path, 0, bytes.length));
}

/** Renames a piece; when the answer is lost, or somebody else goes on with this undo, looks whether it has moved. */
async function moveSurely(hdfs: WebHdfs, from: string, to: string, mode: 'none' | 'overwrite'): Promise<void> {
  try {
    await hdfs.rename(from, to, mode);
  } catch (error) {
    const mayHaveMoved = isAmbiguous(error) || isError(error, 'hdfs.not_found');
    if (!mayHaveMoved || (await hdfs.statusIfExists(from)) !== undefined) throw error;
  }
}

/**
 * Puts the gate in the place of the merged file. When the answer is lost, only a look at that place tells whether it is there:
 * that it has gone from its own place tells nothing, since whoever takes over deletes it.
 */
async function raiseGate(gate: string, path: string, run: string, hdfs: WebHdfs): Promise<void> {
  try {
    await hdfs.rename(gate, path, 'overwrite');
  } catch (error) {
    if (!isAmbiguous(error)) throw error;
    await removeSurely(hdfs, gate);
    if (!(await isGate(path, run, hdfs))) throw error;
  }
}

/**
 * Puts pieces in the place of the file that holds them, in a partition that we hold: hidden copies first, then the gate, then
 * the names. @throws plan.stale when the file is another one by now, or the partition is not ours any more
 */
export async function restorePieces(
  path: string,
  attempt: UndoAttempt,
  lease: Lease,
  hdfs: WebHdfs,
  onPiece: OnPiece = () => {},
): Promise<void> {
  const { run, work } = attempt;
  const folder = parentPath(path);
  const merged = await hdfs.status(path);
  if (merged.fileId !== work.fileId || merged.length !== work.length) throw stale(path);
  await stagePieces(folder, run, work, merged, hdfs, onPiece);
  const gate = childPath(folder, gateName(run));
  await hdfs.create(gate, gateBytes(run));
  const now = await hdfs.status(path);
  if (JSON.stringify(now) !== JSON.stringify({ ...merged, accessTime: now.accessTime })) throw stale(path);
  if (!(await lease.isHeld())) throw stale(path);
  attempt.hasSentGate = true;
  await raiseGate(gate, path, run, hdfs);
  if (attempt.whileGated !== undefined) {
    await attempt.whileGated();
    if (!(await lease.isHeld())) throw stale(path);
  }
  await revealPieces(folder, run, work, hdfs);
}

function stale(path: string): LakewardenError {
  return new LakewardenError('plan.stale', `${path} was changed while it was taken apart`, { details: { path } });
}

/**
 * Ends an undo of our own that failed: forwards when the gate is in its place, otherwise back. False when it was sent there and
 * neither it nor the merged file is there, as when others went on: then what is left is theirs to judge, by our journal.
 */
export async function abandonUndo(folder: string, attempt: UndoAttempt, hdfs: WebHdfs): Promise<boolean> {
  const { run, work, hasSentGate } = attempt;
  // Without the gate, a rename that is still on its way cannot take the merged file away any more.
  await removeSurely(hdfs, childPath(folder, gateName(run)));
  const path = childPath(folder, work.name);
  if (hasSentGate && (await isGate(path, run, hdfs))) await revealPieces(folder, run, work, hdfs);
  else if (hasSentGate && (await hdfs.statusIfExists(path))?.fileId !== work.fileId) return false;
  else await removePieces(folder, run, work, hdfs);
  return true;
}

/** Goes on with an undo of a run that died: forwards when the gate has been there, otherwise back. @throws plan.stale when the partition is not ours */
export async function finishUndo(
  folder: string,
  run: string,
  work: UndoWork,
  lease: Lease,
  hdfs: WebHdfs,
): Promise<void> {
  await removeSurely(hdfs, childPath(folder, gateName(run)));
  const forwards = await hadGate(folder, run, work, hdfs);
  // Whoever follows us may have settled this long ago, and then the names tell of other work.
  if (!(await lease.isHeld())) throw stale(childPath(folder, work.name));
  if (forwards) await revealPieces(folder, run, work, hdfs);
  await removePieces(folder, run, work, hdfs);
}

async function removePieces(folder: string, run: string, { manifest }: UndoWork, hdfs: WebHdfs): Promise<void> {
  for (const index of manifest.pieces.keys()) await hdfs.remove(childPath(folder, pieceName(run, index)));
}

/** True when the merged file was replaced by the gate, and not by a file of somebody else: then its rows are gone on purpose. */
async function hadGate(folder: string, run: string, work: UndoWork, hdfs: WebHdfs): Promise<boolean> {
  const path = childPath(folder, work.name);
  const now = await hdfs.statusIfExists(path);
  if (now?.fileId === work.fileId) return false;
  if (now !== undefined && (await isGate(path, run, hdfs))) return true;
  // Somebody removed or replaced either of the two. Before the gate all pieces are copied; after it, those come first that
  // do not replace it.
  const names = new Set<string>();
  for await (const { name } of hdfs.list(folder)) names.add(name);
  const { pieces } = work.manifest;
  const isStaged = (index: number): boolean => names.has(pieceName(run, index));
  if (now === undefined) return pieces.every(({ name }, index) => isStaged(index) || names.has(name));
  const first = pieces.findLastIndex(({ name }) => name !== work.name);
  return !isStaged(first) && names.has(pieces[first]?.name ?? '');
}
