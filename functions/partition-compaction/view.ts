import type { Form } from '#shared/parquet/piece-manifest.ts';
import type { Policy } from './config.ts';
import type { LeftoverView } from './leftovers/leftover.ts';
import type { Problem } from './problem.ts';

/** What a merge must leave as it is: files that differ in one of these are never merged with each other. */
export interface FileAttributes {
  readonly owner: string;
  readonly group: string;
  /** Octal text such as `644`. */
  readonly permission: string;
  /** Extended ACL entries. */
  readonly acl: readonly string[];
  readonly replication: number;
  /** Bytes. HDFS refuses a source with larger blocks than the target's. */
  readonly blockSize: number;
  /** Number of the storage policy. */
  readonly storagePolicy: number;
}

/** What a footer says about merging its file. */
export interface FileFacts {
  /** Only files of one key can be merged. */
  readonly key: string;
  readonly rows: number;
  readonly rowGroups: number;
  /** Bytes that the row groups take in a footer, its list of pieces, the rest of it, and the offset indexes before it. */
  readonly groupBytes: number;
  readonly manifestBytes: number;
  readonly otherBytes: number;
  readonly indexBytes: number;
  /** Digest of the footer. */
  readonly footer: string;
  /** Files of writers in it: more than one in a merged file. */
  readonly written: number;
  /** Bytes that the names of those files take in a request of HDFS. */
  readonly urlBytes: number;
}

/** What a footer says about writing its rows anew. */
export interface RewriteFacts {
  /** Row groups that would be left. */
  readonly rowGroupsAfter: number;
  /** How it was made; absent for a file as a writer wrote it. */
  readonly form?: Form;
  /** Bytes in it that no row group lies in. */
  readonly deadBytes: number;
  /** When its rows were last written anew; 0 for never. */
  readonly rewrittenAt: number;
}

/** A data file of a partition, as listed. */
export interface SeenFile {
  readonly name: string;
  /** Bytes. */
  readonly length: number;
  /** Milliseconds since the epoch, by the NameNode's clock, as are all times here. */
  readonly modificationTime: number;
  readonly accessTime: number;
  readonly fileId: number;
  /** Absent for a file that is not to be merged: it is large, or something speaks against it. */
  readonly candidate?: { readonly attributes: FileAttributes; readonly facts: FileFacts };
  /** Absent for a file that is not to be written anew. */
  readonly rewritable?: {
    readonly attributes: FileAttributes;
    readonly facts: FileFacts;
    readonly rewrite: RewriteFacts;
  };
}

/** A file that a plan changes, and how to tell that it still is the one that was planned with. */
export interface PlannedFile extends Omit<SeenFile, 'candidate' | 'rewritable'> {
  readonly rows: number;
  /** Digest of its footer. */
  readonly footer: string;
}

/** A listed file as a plan names it. */
export function planFile(
  { name, length, modificationTime, accessTime, fileId }: SeenFile,
  { rows, footer }: FileFacts,
): PlannedFile {
  return { name, length, modificationTime, accessTime, fileId, rows, footer };
}

/** All that planning the merges of one partition needs, read at one time. */
export interface PartitionView {
  readonly topic: string;
  /** The partition's folder. */
  readonly path: string;
  readonly policy: Policy;
  readonly files: readonly SeenFile[];
  /** True for a folder that readers list in several parts, between which it may change. */
  readonly isPaged?: boolean;
  /** When the newest entry of the folder was written. */
  readonly newest: number;
  readonly now: number;
  /** Bytes that the names of one merge's sources may take in a request. */
  readonly urlBytes: number;
  /** Highest end offset that other folders have, by Kafka topic and partition. */
  readonly offsetsElsewhere: ReadonlyMap<string, bigint>;
  /** What dead writers left; absent while the partition is open. */
  readonly leftovers?: LeftoverView;
  /** Journals of runs that ended without clearing up. */
  readonly unsettled: readonly string[];
  readonly problems: readonly Problem[];
}
