import type { LakewardenError } from '#shared/errors/error.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { Engine } from './engine/engine.ts';
import type { MergeWork } from './journal/journal.ts';
import type { PieceReader } from './piece-reader.ts';
import type { Rewritten } from './rewrite/rewritten.ts';

/** What changing a partition needs. */
export interface CommitTools {
  readonly hdfs: WebHdfs;
  readonly reader: PieceReader;
  /** Who we are, for people who read the journal. */
  readonly owner: string;
  readonly leaseSeconds: number;
  readonly concurrency: number;
  /** Whether to make sure that each piece is the planned file, to the last bit. */
  readonly verifyPieces: boolean;
  /** Writes files that are too large for us. */
  readonly engine?: Engine | undefined;
  /** Told of each merge that was performed, also when its run has died; telling twice must be harmless. */
  readonly onMerged: (folder: string, work: MergeWork) => Promise<void>;
  /** The same of each file that was written anew. */
  readonly onRewritten: (folder: string, rewritten: Rewritten) => Promise<void>;
  /** Told of work of a run that has died, which turned out to be none. */
  readonly onFault: (folder: string, error: LakewardenError) => void;
  /** Once it is aborted, a rewrite that is under way stops, and nothing is changed. */
  readonly signal?: AbortSignal | undefined;
  /** Told now and then how many bytes of a new file are written, and how many the old one has. */
  readonly onBytes?: ((path: string, written: number, bytes: number) => void) | undefined;
}
