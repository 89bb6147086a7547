import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { OffsetRange } from '#shared/lake/offset-ranges.ts';
import type { QuarantineEntry } from './entry.ts';
import type { Drafts } from './drafts.ts';
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
 * Sets the letters of a batch aside, in the order of their offsets. A file appears whole or not at all, and one that is there
 * is left as it is: it holds this batch, and at least as many letters of it. So doing it again, also at the same time, is
 * harmless. @throws what HDFS refuses or is in trouble with
 */
export async function storeLetters(
  entries: readonly QuarantineEntry[],
  batch: OffsetRange,
  { root, format }: QuarantineOptions,
  hdfs: WebHdfs,
  drafts: Drafts,
): Promise<StoredFile[]> {
  const stored: StoredFile[] = [];
  for (const { path, entries: letters } of planFiles(entries, batch, format)) {
    const file = childPath(root, path);
    const before = await hdfs.statusIfExists(file);
    const bytes = before === undefined ? encoders[format](letters) : undefined;
    if (bytes !== undefined) await writeFile(file, bytes, drafts.pathFor(file), hdfs);
    stored.push({ path: file, letters: letters.length, bytes: before?.length ?? bytes?.length ?? 0 });
    await drafts.tidy(file);
  }
  return stored;
}

async function writeFile(file: string, bytes: Uint8Array, draft: string, hdfs: WebHdfs): Promise<void> {
  try {
    await hdfs.create(draft, bytes);
    await hdfs.rename(draft, file, 'none');
  } catch (error) {
    await hdfs.remove(draft).catch(() => {});
    // Another one that does the same batch was faster, or our own rename was, whose answer was lost.
    if ((await hdfs.statusIfExists(file)) === undefined) throw error;
  }
}
