import { randomBytes } from 'node:crypto';
import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';

/** Nobody writes a file for so long: a request lasts ten minutes at most. */
const abandonedMs = 86_400_000;
/** Folders that are remembered: letters may have any time. */
const maxFolders = 10_000;

/**
 * The names under which files of the quarantine are written, hidden from readers, and the removal of those that a killed run left.
 * A turn has drafts of its own.
 */
export class Drafts {
  readonly #hdfs: WebHdfs;
  readonly #now: () => number;
  /** Folders that this turn looked into. */
  readonly #seen = new Set<string>();

  /** `now` is the time in milliseconds since the epoch. */
  constructor(hdfs: WebHdfs, now: () => number) {
    this.#hdfs = hdfs;
    this.#now = now;
  }

  /** A path for a draft of a file. */
  pathFor(file: string): string {
    const { folder, name } = split(file);
    return childPath(folder, `.${name}.${randomBytes(4).toString('hex')}`);
  }

  /**
   * Removes what was left in the folder of a file that is in its place: drafts of this very file, for whoever still writes one would
   * only find the file there, and those that nobody has touched for a day. Looks into each folder once, and lists drafts only.
   */
  async tidy(file: string): Promise<void> {
    const { folder, name } = split(file);
    if (this.#seen.has(folder)) return;
    if (this.#seen.size >= maxFolders) this.#seen.clear();
    this.#seen.add(folder);
    try {
      // Hidden names come before the others.
      for await (const { path, name: found, type, modificationTime } of this.#hdfs.list(folder, prefix)) {
        if (!found.startsWith(prefix)) return;
        const isOld = this.#now() - modificationTime > abandonedMs;
        const isOwn = found.startsWith(`.${name}.`);
        if (type === 'FILE' && draftName.test(found) && (isOwn || isOld)) await this.#hdfs.remove(path);
      }
    } catch {
      // What stays is hidden and harms nobody; the next turn looks again.
    }
  }
}

const prefix = '.part-';
const draftName = /^\.part-\d+-\d+-\d+\.(?:snappy\.parquet|jsonl\.gz)\.[0-9a-f]{8}$/;

function split(file: string): { readonly folder: string; readonly name: string } {
  const cut = file.lastIndexOf('/');
  return { folder: file.slice(0, cut), name: file.slice(cut + 1) };
}
