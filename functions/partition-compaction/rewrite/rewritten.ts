import type { RewriteWork } from '../journal/journal.ts';

/** A file whose rows were written anew, as it stands. */
export interface Rewritten {
  readonly work: RewriteWork;
  /** Bytes of the file. */
  readonly length: number;
  readonly rowGroups: number;
  /** Bytes that were written. */
  readonly written: number;
  /** Bytes of it that no row group lies in. */
  readonly deadBytes: number;
}
