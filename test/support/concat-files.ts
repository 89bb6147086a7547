import { ConcatTail } from '#shared/parquet/concat-tail.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { judgeMerge } from '#shared/parquet/merge-key.ts';
import type { PieceManifest } from '#shared/parquet/piece-manifest.ts';
import { bytesSource } from './parquet-file.ts';

/** A merged file as CONCAT leaves it: the files one after the other, and the tail. */
export async function concatFiles(
  files: readonly Uint8Array[],
): Promise<{ bytes: Uint8Array; tail: Uint8Array; manifest: PieceManifest; keys: ReadonlySet<string> }> {
  const total = files.reduce((sum, file) => sum + file.length, 0);
  const builder = new ConcatTail(total);
  const pieces: PieceManifest['pieces'][number][] = [];
  const keys = new Set<string>();
  for (const [index, file] of files.entries()) {
    const footer = await readFooter(bytesSource(file));
    const { key, rows, indexes, manifest: made } = judgeMerge(`${index}.parquet`, file.length, footer);
    keys.add(key);
    builder.add({
      length: file.length,
      footer: footer.bytes,
      indexes: indexes?.map(({ offset, length }) => ({ offset, bytes: file.subarray(offset, offset + length) })),
    });
    pieces.push({
      name: `${index}.parquet`,
      length: file.length,
      modificationTime: 1_567_300_000_000 + index,
      accessTime: 0,
      fileId: 16_400 + index,
      rows,
      ...(made !== undefined && { made }),
    });
  }
  const manifest: PieceManifest = {
    form: 'concat',
    owner: 'connect',
    group: 'lake',
    permission: '640',
    replication: 3,
    acl: [],
    pieces,
  };
  const tail = builder.finish(manifest);
  const bytes = new Uint8Array(total + tail.length);
  let at = 0;
  for (const part of [...files, tail]) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, tail, manifest, keys };
}
