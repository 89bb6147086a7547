import type { Partition, Table } from '#shared/hive/metastore.ts';
import type { Column } from '#shared/parquet/columns.ts';
import type { TopicSettings } from './config.ts';
import type { Look } from './changes/look.ts';
import type { FileOffsets } from './completeness/offsets.ts';
import type { Problem } from './problem.ts';
import type { Vanished } from './partition/vanished.ts';

/** A data file as listed, and what its footer says: the columns (shared between files of one schema) or why it cannot be used. */
export interface ViewedFile {
  readonly name: string;
  readonly path: string;
  /** Bytes. */
  readonly length: number;
  /** Milliseconds since the epoch. */
  readonly modificationTime: number;
  readonly erasureCoded?: boolean;
  /** Undefined when the file is known already and its footer was not read again. */
  readonly footer?:
    | {
        readonly columns: readonly Column[];
        readonly rows: number;
        readonly problems: readonly Problem[];
        /** Kafka offsets of the files that were merged into this one. */
        readonly offsets?: readonly FileOffsets[];
        /** What there is to say about columns; told once for each schema. */
        readonly notes?: readonly { readonly column: string; readonly note: string }[];
      }
    | { readonly problem: Problem };
}

/** A partition folder with its data files, and the partition as the metastore has it. */
export interface ViewedPartition {
  readonly path: string;
  readonly values: readonly string[];
  /** Milliseconds, as the parent's listing told; undefined when only an event named the folder. */
  readonly modificationTime?: number | undefined;
  readonly files: readonly ViewedFile[];
  /** Folders that are no hidden ones. */
  readonly foldersInside?: number;
  readonly registered?: Partition;
}

/** A registered partition in which nothing changed, and the Kafka offsets that its files hold. */
export interface AccountedPartition {
  readonly path: string;
  readonly values: readonly string[];
  /** As on the partition. */
  readonly offsets: string;
}

/** How a run looked at a topic: at given paths, at the newest partitions, at every folder, or at what a snapshot tells. */
export type Way = 'paths' | 'recent' | 'walk' | 'snapshot';

/** All that planning one topic needs, read at one time: the lake's side and the metastore's side. */
export interface TopicView {
  readonly settings: TopicSettings;
  /** The file system's name, which locations begin with. */
  readonly defaultFs: string;
  readonly table?: Table;
  /** Why no statistics must be written to the table. */
  readonly statisticsRefusal?: string;
  /** Partitions that are new or whose files may have changed. */
  readonly partitions: readonly ViewedPartition[];
  /** Partitions that were looked at and need nothing, as far as their files' names tell Kafka offsets. */
  readonly accounted?: readonly AccountedPartition[];
  /** Folders looked at in all. */
  readonly folders: number;
  /** Time up to which every folder's changes are accounted for; only a whole walk can tell. */
  readonly walkedUntil?: number;
  /** Registered partitions without a folder; only a whole walk or a snapshot can tell. */
  readonly vanished?: Vanished;
  readonly way?: Way;
  /** How changes were looked for, when they were. */
  readonly look?: Look;
  /** False when something could not be looked at, or was left for the next run. */
  readonly complete?: boolean;
  readonly problems: readonly Problem[];
}
