import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { asError, isError, LakewardenError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { parentPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { decodeManifest, manifestKey, type PieceManifest } from '#shared/parquet/piece-manifest.ts';
import type { CommitTools } from './commit-tools.ts';
import { holdPartition } from './journal/hold.ts';
import type { Held, UndoWork } from './journal/journal.ts';
import { abandonUndo, type OnPiece, restorePieces, type UndoAttempt } from './journal/restore.ts';
import { maxLeaseSeconds } from './config.ts';

/** What an undo would restore, or has restored. */
export interface Undo {
  /** The merged file. */
  readonly path: string;
  readonly bytes: number;
  readonly owner: string;
  readonly group: string;
  readonly pieces: PieceManifest['pieces'];
}

/** How an undo treats queries and later runs. */
export interface UndoOptions {
  readonly onPiece?: OnPiece | undefined;
  /**
   * For how long the gate stands before the pieces appear, in seconds, at most `maxLeaseSeconds`: a query that was planned
   * before the undo fails if it opens the file within that time. Default 0.
   */
  readonly gateSeconds?: number;
  /** Awaited when the gate stands, if it is to stand for a time. */
  readonly onGate?: (() => Promise<void> | void) | undefined;
  /** Marks the partition, so that nothing is merged there until `allowMerges`. Default false. */
  readonly keep?: boolean;
}

/** What an undo did: it is done, or another run holds the partition. */
export type UndoEnd = { readonly done: Undo } | { readonly held: Held };

/** Reads what a merged file was made of. @throws parquet.unsupported when it cannot be taken apart, hdfs.exists when a name is taken */
export async function planUndo(path: string, hdfs: WebHdfs): Promise<Undo & { readonly work: UndoWork }> {
  const status = await hdfs.status(path);
  const read = (offset: number, length: number) => hdfs.read(path, offset, length);
  const { keyValueMetadata, rows } = await readFooter({ path, length: status.length, read });
  const text = keyValueMetadata.get(manifestKey);
  const manifest = text === undefined ? undefined : decodeManifest(text);
  const refuse = (reason: string): never => {
    throw new LakewardenError('parquet.unsupported', `${path} cannot be taken apart: ${reason}`, { details: { path } });
  };
  if (manifest === undefined) return refuse('it holds no list of pieces, so it was not merged by partition-compaction');
  if (manifest.form === 'rewritten') return refuse('its rows were written anew, the pieces are no longer in it');
  const { pieces } = manifest;
  const fault = await findFault(pieces, rows, status, hdfs);
  if (fault !== undefined) return refuse(fault);
  const taken = new Set<string>();
  for await (const { name } of hdfs.list(parentPath(path))) if (name !== status.name) taken.add(name);
  const twice = pieces.find(({ name }) => taken.has(name));
  if (twice !== undefined)
    throw new LakewardenError('hdfs.exists', `${path} cannot be taken apart: there is another file ${twice.name}`);
  const { fileId, name, length } = status;
  const { owner, group } = manifest;
  return { path, bytes: length, owner, group, pieces, work: { kind: 'undo', name, fileId, length, manifest } };
}

/** Pieces that are looked at at once. */
const concurrency = 8;

/** What a list of pieces has against it: programs that write a file anew often keep its list, and then no piece is where it says. */
async function findFault(
  pieces: Undo['pieces'],
  rows: bigint,
  { path, length }: FileStatus,
  hdfs: WebHdfs,
): Promise<string | undefined> {
  const names = new Set(pieces.map(({ name }) => name));
  if (names.size < pieces.length || [...names].some((name) => name.includes('/') || isHiddenName(name)))
    return 'its list of pieces names one twice, or none that can be seen';
  if (BigInt(pieces.reduce((sum, piece) => sum + piece.rows, 0)) !== rows) return 'its pieces have not its rows';
  const limit = pLimit(concurrency);
  let end = 0;
  const found = await Promise.all(
    pieces.map((piece) => {
      const base = end;
      end += piece.length;
      return limit(async () => {
        const read = (from: number, count: number) => hdfs.read(path, base + from, count);
        const inside = base + piece.length < length;
        const footer = inside && (await readFooter({ path, length: piece.length, read }).catch(asError));
        if (isError(footer) && !footer.code.startsWith('parquet.')) throw footer;
        return footer === false || isError(footer) || footer.rows !== BigInt(piece.rows) ? [piece.name] : [];
      });
    }),
  );
  const [name] = found.flat();
  return name === undefined ? undefined : `${name} does not stand in it where its list of pieces says`;
}

/**
 * Takes a merged file apart: each piece is copied out of it under a hidden name, with its owner, mode and times; then the
 * file's name is given to a gate, which no engine can read, the pieces get their names, and the first one replaces the gate.
 * So a reader that begins meanwhile fails loudly, and no row is seen twice. One that listed the folder before the undo and opens
 * the file by its name fails while the gate stands; afterwards it sees the first piece alone, and no order of steps prevents
 * this while that piece gets its name back: so the gate can be told to stand for a time.
 * @throws as `planUndo` does, and plan.stale when the file is another one by now; then all is as it was
 */
export async function undoMerge(path: string, tools: CommitTools, options: UndoOptions = {}): Promise<UndoEnd> {
  const { hdfs } = tools;
  const { onPiece, onGate, keep = false } = options;
  const { work: planned, ...undo } = await planUndo(path, hdfs);
  // The one file below a swapped one has all rows, so that nobody who opens it late misses any.
  const gateSeconds = planned.manifest.form === 'swapped' ? 0 : (options.gateSeconds ?? 0);
  const work = { ...planned, ...(keep && { keep }) };
  const folder = parentPath(path);
  const whileGated = async (): Promise<void> => {
    await onGate?.();
    await sleep(gateSeconds * 1_000);
  };
  let attempt: UndoAttempt | undefined;
  return holdPartition(
    folder,
    work,
    // If we die while the gate stands, it stands on until others may take over.
    { ...tools, leaseSeconds: Math.min(tools.leaseSeconds + gateSeconds, maxLeaseSeconds) },
    async (lease) => {
      attempt = { run: lease.journal.run, work, hasSentGate: false, ...(gateSeconds > 0 && { whileGated }) };
      await restorePieces(path, attempt, lease, hdfs, onPiece);
      return undo;
    },
    async () => attempt === undefined || abandonUndo(folder, attempt, hdfs),
  );
}
