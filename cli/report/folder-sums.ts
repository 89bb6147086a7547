import type { Policy } from '#functions/partition-compaction/config.ts';
import { isSmall } from '#functions/partition-compaction/plan.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import type { Counted } from './lake-report.ts';

/** Nothing at all. */
export const nothing: Counted = { folders: 0, files: 0, bytes: 0, small: 0, gain: 0 };

/** What decides which files are small; undefined where compaction has no settings. */
export type SizePolicy = Pick<Policy, 'targetBytes' | 'minFiles' | 'quietSeconds'>;

/** Sums up the data files of one folder, entry by entry, so that memory does not grow with the folder. */
export class FolderSums {
  readonly #policy: SizePolicy | undefined;
  #files = 0;
  #bytes = 0;
  #small = 0;
  #smallBytes = 0;
  #newest = 0;

  constructor(policy: SizePolicy | undefined) {
    this.#policy = policy;
  }

  add({ name, type, length, modificationTime }: FolderEntry): void {
    if (type !== 'FILE' || isHiddenName(name)) return;
    this.#files += 1;
    this.#bytes += length;
    this.#newest = Math.max(this.#newest, modificationTime);
    if (this.#policy === undefined || !isSmall({ length }, this.#policy.targetBytes)) return;
    this.#small += 1;
    this.#smallBytes += length;
  }

  /** The sums; `now` in milliseconds by the NameNode's clock. */
  end(now: number): Counted {
    const sums = { folders: 1, files: this.#files, bytes: this.#bytes, small: this.#small, gain: 0 };
    if (this.#policy === undefined) return sums;
    const { targetBytes, minFiles, quietSeconds } = this.#policy;
    const isWorth = this.#newest <= now - quietSeconds * 1_000 && this.#small >= minFiles;
    // By sizes alone: schemas, owners and rights may keep some of them apart.
    const left = Math.max(1, Math.ceil(this.#smallBytes / targetBytes));
    return { ...sums, gain: isWorth ? Math.max(0, this.#small - left) : 0 };
  }
}

type FolderEntry = Pick<FileStatus, 'name' | 'type' | 'length' | 'modificationTime'>;

/** Both together. */
export function addSums(a: Counted, b: Counted): Counted {
  return {
    folders: a.folders + b.folders,
    files: a.files + b.files,
    bytes: a.bytes + b.bytes,
    small: a.small + b.small,
    gain: a.gain + b.gain,
  };
}
