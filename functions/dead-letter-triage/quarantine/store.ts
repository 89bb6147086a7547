import { randomBytes } from 'node:crypto';
import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { QuarantineEntry } from './entry.ts';
import { encodeJsonLines } from './json-lines.ts';
import { encodeParquet } from './parquet-file.ts';
import { planFiles, type QuarantineFormat } from './place.ts';

/** Where letters are set aside. */
export interface QuarantineOptions {
  readonly root: string;
  readonly format: QuarantineFormat;
}

/** A file that was written, or was there already. */
export interface StoredFile {
  readonly path: string;
  readonly letters: number;
  readonly bytes: number;
}

const encoders = { parquet: encodeParquet, jsonl: encodeJsonLines } as const;

/**
 * Sets letters of one Kafka partition aside, in the order of their offsets. A file appears whole or not at all. The same
 * letters lead to the same files, so doing it again, also at the same time, is harmless.
 * @throws what HDFS refuses or is in trouble with
 */
export async function storeLetters(
  entries: readonly QuarantineEntry[],
  { root, format }: QuarantineOptions,
  hdfs: WebHdfs,
): Promise<StoredFile[]> {
  const stored: StoredFile[] = [];
  for (const { path, entries: letters } of planFiles(entries, format)) {
    const file = childPath(root, path);
    const bytes = encoders[format](letters);
    stored.push({ path: file, letters: letters.length, bytes: bytes.length });
    const before = await hdfs.statusIfExists(file);
    // A file that is replaced would fail whoever reads it just now.
    if (before?.length === bytes.length) continue;
    const cut = file.lastIndexOf('/');
    const draft = `${file.slice(0, cut)}/.${file.slice(cut + 1)}.${randomBytes(4).toString('hex')}`;
    try {
      await hdfs.create(draft, bytes);
      await hdfs.rename(draft, file, 'overwrite');
    } catch (error) {
      await hdfs.remove(draft).catch(() => {});
      throw error;
    }
  }
  return stored;
}
