import pLimit from 'p-limit';
import { LakewardenError } from '#shared/errors/error.ts';
import { childPath } from '#shared/hdfs/path.ts';
import { ConcatTail } from '#shared/parquet/concat-tail.ts';
import type { Piece } from '#shared/parquet/piece-manifest.ts';
import type { PieceReader, ReadPiece } from '../piece-reader.ts';
import type { Merge } from '../plan.ts';

/** Files whose ends are in memory at once. */
const batch = 32;

/** Builds the tail of a merge. @throws plan.stale when a file is not the planned one, parquet.corrupt */
export async function buildTail(
  { target, sources, bytes, attributes }: Merge,
  folder: string,
  reader: PieceReader,
  concurrency: number,
): Promise<Uint8Array> {
  const files = [target, ...sources];
  const tail = new ConcatTail(bytes);
  const pieces: Piece[] = [];
  const limit = pLimit(concurrency);
  for (let start = 0; start < files.length; start += batch) {
    const part = files.slice(start, start + batch);
    const read = await Promise.all(part.map((file) => limit(() => reader.read(childPath(folder, file.name), file))));
    for (const [index, { name, length, modificationTime, accessTime, fileId, rows, footer }] of part.entries()) {
      const path = childPath(folder, name);
      const piece = read[index] as ReadPiece;
      if (piece.digest !== footer) throw new LakewardenError('plan.stale', `${path} has another footer than planned`);
      addTo(tail, piece, path);
      const made = piece.facts.manifest;
      pieces.push({ name, length, modificationTime, accessTime, fileId, rows, ...(made !== undefined && { made }) });
    }
  }
  const { owner, group, permission, replication, acl } = attributes;
  return tail.finish({ form: 'concat', owner, group, permission, replication, acl, pieces });
}

function addTo(tail: ConcatTail, piece: ReadPiece, path: string): void {
  try {
    tail.add(piece);
  } catch (cause) {
    throw new LakewardenError('parquet.corrupt', `${path}: ${(cause as Error).message}`, { details: { path }, cause });
  }
}
