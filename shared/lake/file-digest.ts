import { createHash } from 'node:crypto';

/** What tells one state of a file from another without reading it. */
export interface FileState {
  readonly name: string;
  /** Bytes. */
  readonly length: number;
  /** Milliseconds since the epoch, by the NameNode's clock. */
  readonly modificationTime: number;
}

/** The files of a folder in one short text: their number and a hash over names, lengths and times, from old to new. */
export function digestFiles(files: readonly FileState[]): string {
  const hash = createHash('sha256');
  for (const file of byAge(files)) hash.update(`${file.name}\0${file.length}\0${file.modificationTime}\n`);
  return `${files.length}:${hash.digest('hex').slice(0, 16)}`;
}

/**
 * The files that a digest does not cover. When the oldest files still are the ones it was made of, only the others are
 * new; when one of those was removed or replaced, all are.
 */
export function filesSince<File extends FileState>(files: readonly File[], digest: string | undefined): File[] {
  const count = Number(digest?.split(':')[0] ?? 0);
  const ordered = byAge(files);
  if (count <= ordered.length && digestFiles(ordered.slice(0, count)) === digest) return ordered.slice(count);
  return ordered;
}

function byAge<File extends FileState>(files: readonly File[]): File[] {
  return files.toSorted(
    (a, b) => a.modificationTime - b.modificationTime || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
}
