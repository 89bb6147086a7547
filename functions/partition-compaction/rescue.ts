import { LakewardenError } from '#shared/errors/error.ts';
import { parentPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { type Lease, type MergeWork, newJournal, type UndoWork, writeClosed } from './journal.ts';
import { finishUndo, restorePieces } from './restore.ts';

/**
 * Takes a file apart whose pieces are not the planned ones, since one was replaced right before they were joined. Where they
 * begin and end the blocks tell: each file begins with a block of its own. Nothing is lost, since all bytes are in the file.
 * @throws parquet.corrupt when the pieces cannot be told from each other
 */
export async function rescue(path: string, { merge }: MergeWork, lease: Lease, hdfs: WebHdfs): Promise<void> {
  const files = [merge.target, ...merge.sources];
  const lengths = await pieceLengths(path, hdfs);
  if (lengths.length !== files.length) {
    const reason = `${lengths.length} pieces are found in it instead of ${files.length}`;
    throw new LakewardenError('parquet.corrupt', `${path} is no merged file: ${reason}`, { details: { path } });
  }
  const { owner, group, permission, replication, acl } = merge.attributes;
  const pieces = files.map((file, index) => ({ ...file, length: lengths[index] as number }));
  const { fileId, name } = await hdfs.status(path);
  const manifest = { form: 'concat', owner, group, permission, replication, acl, pieces } as const;
  const work: UndoWork = { kind: 'undo', name, fileId, manifest };
  const journal = newJournal(work, lease.journal.owner, lease.journal.leaseSeconds);
  const folder = parentPath(path);
  // Whoever comes after us when we end here goes on by it.
  const record = await writeClosed(hdfs, folder, journal);
  await restorePieces(path, journal.run, work, lease, hdfs);
  await finishUndo(folder, journal.run, work, hdfs);
  await hdfs.remove(record);
}

/** Lengths of the Parquet files that stand one after the other in a file; what stands behind the last one is left out. */
async function pieceLengths(path: string, hdfs: WebHdfs): Promise<number[]> {
  const blocks = await hdfs.blockLocations(path);
  const lengths: number[] = [];
  let start = 0;
  for (const { offset, length } of blocks) {
    const end = offset + length;
    const base = start;
    const source = {
      path,
      length: end - base,
      read: (from: number, count: number) => hdfs.read(path, base + from, count),
    };
    const isWhole =
      Buffer.from(await source.read(0, 4)).toString('latin1') === 'PAR1' &&
      (await readFooter(source).then(
        () => true,
        () => false,
      ));
    if (!isWhole) continue;
    lengths.push(end - start);
    start = end;
  }
  return lengths;
}
