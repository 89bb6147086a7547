import { LakewardenError } from '#shared/errors/error.ts';
import { parentPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { type Lease, type MergeWork, newJournal, type UndoWork, writeClosed } from './journal.ts';
import { digestFooter } from '../piece-reader.ts';
import { restorePieces } from './restore.ts';
import type { PlannedFile } from '../view.ts';

/**
 * Takes a file apart whose pieces are not the planned ones, since some were replaced right before they were joined. Those that
 * were not are known by their footers, and where the others begin and end the blocks tell: each file begins with a block of
 * its own. Nothing is lost, since all bytes are in the file.
 * @throws parquet.corrupt when the pieces cannot be told from each other
 */
export async function rescue(path: string, planned: MergeWork, lease: Lease, hdfs: WebHdfs): Promise<void> {
  const { merge } = planned;
  const files = [merge.target, ...merge.sources];
  const lengths = await pieceLengths(path, files, planned.tailBytes, hdfs);
  if (lengths === undefined)
    throw new LakewardenError(
      'parquet.corrupt',
      `${path} is no merged file: its pieces cannot be told from each other`,
      {
        details: { path },
      },
    );
  const { owner, group, permission, replication, acl } = merge.attributes;
  const pieces = files.map((file, index) => ({ ...file, length: lengths[index] as number }));
  const { fileId, name, length } = await hdfs.status(path);
  const manifest = { form: 'concat', owner, group, permission, replication, acl, pieces } as const;
  await takeApart(path, { kind: 'undo', name, fileId, length, manifest }, lease, hdfs);
}

/** Restores pieces under the journal of other work, with a record for whoever comes after us when we end here. */
export async function takeApart(path: string, work: UndoWork, lease: Lease, hdfs: WebHdfs): Promise<void> {
  const journal = newJournal(work, lease.journal.owner, lease.journal.leaseSeconds);
  const folder = parentPath(path);
  const record = await writeClosed(hdfs, folder, journal);
  await restorePieces(path, { run: journal.run, work, hasSentGate: false }, lease, hdfs);
  await hdfs.remove(record);
}

/** Lengths of the files that stand one after the other in a file before its tail; undefined when they cannot be told. */
async function pieceLengths(
  path: string,
  files: readonly PlannedFile[],
  tailBytes: number,
  hdfs: WebHdfs,
): Promise<number[] | undefined> {
  const blocks = await hdfs.blockLocations(path);
  const total = blocks.reduce((sum, { length }) => sum + length, 0) - tailBytes;
  const ends = blocks.map(({ offset, length }) => offset + length).filter((end) => end <= total);
  const footerAt = async (start: number, end: number): Promise<string | undefined> => {
    const read = (from: number, count: number) => hdfs.read(path, start + from, count);
    if (end > total || Buffer.from(await read(0, 4)).toString('latin1') !== 'PAR1') return undefined;
    const source = { path, length: end - start, read };
    return readFooter(source).then(
      ({ bytes }) => digestFooter(bytes),
      () => undefined,
    );
  };
  const isAt = async (start: number, file: PlannedFile): Promise<boolean> =>
    (await footerAt(start, start + file.length)) === file.footer;
  /** Where a file ends that was replaced: where the next one begins, or else where it is a whole one itself. */
  const findEnd = async (start: number, next: PlannedFile | undefined): Promise<number | undefined> => {
    if (next === undefined) return total > start ? total : undefined;
    const later = ends.filter((end) => end > start);
    for (const end of later) if (await isAt(end, next)) return end;
    for (const end of later) if ((await footerAt(start, end)) !== undefined) return end;
    return undefined;
  };
  const lengths: number[] = [];
  let start = 0;
  for (const [index, file] of files.entries()) {
    const end = (await isAt(start, file)) ? start + file.length : await findEnd(start, files[index + 1]);
    if (end === undefined) return undefined;
    lengths.push(end - start);
    start = end;
  }
  return start === total ? lengths : undefined;
}
