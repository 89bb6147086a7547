/** A part of the report: read, or not named by the settings, or not to be had, which is not the same as fine. */
export type Part<Facts> =
  | { readonly state: 'read'; readonly facts: Facts }
  | { readonly state: 'unset'; readonly reason: string }
  | { readonly state: 'unknown'; readonly reason: string };

/** The lake at one time, as plain data: the page is made of this and of nothing else. Times are ISO texts in UTC. */
export interface LakeReport {
  readonly version: 1;
  readonly madeAt: string;
  readonly files: Part<FilesFacts>;
  readonly compaction: Part<CompactionFacts>;
  readonly tables: Part<TablesFacts>;
  readonly letters: Part<LettersFacts>;
  readonly compliance: Part<ComplianceFacts>;
  readonly since: Part<SinceFacts>;
  readonly costs: readonly Cost[];
  /** What was left aside, each in one sentence. */
  readonly problems: readonly string[];
}

/** What the newest folders of each topic hold. */
export interface FilesFacts {
  readonly root: string;
  /** Newest folders of each topic that were looked at, at most. */
  readonly foldersPerTopic: number;
  readonly topics: readonly TopicFiles[];
}

/** Files of one topic. */
export interface TopicFiles extends Counted {
  readonly topic: string;
  /** By calendar label such as `2019-09-01T01`, the newest last; folders without a date are in the sums alone. */
  readonly cells: readonly HourCell[];
  /** Folders of times that cannot have come yet. */
  readonly future: number;
  /** False when something could not be listed. */
  readonly isWhole: boolean;
  /** All that lies below the topic's folder, hidden files, too; undefined when it was not asked for or not told. */
  readonly all?: { readonly files: number; readonly folders: number; readonly bytes: number };
}

/** Sums over folders. */
export interface Counted {
  readonly folders: number;
  /** Data files; hidden ones are not counted. */
  readonly files: number;
  readonly bytes: number;
  /** Files below three quarters of the size that compaction aims at; 0 where its settings are not known. */
  readonly small: number;
  /** Files that would go when small ones of closed folders were joined, by their sizes alone. */
  readonly gain: number;
}

/** What lies at one time of a topic's calendar. */
export interface HourCell extends Counted {
  readonly label: string;
  /** The most files that an earlier report saw there; undefined when none did. */
  readonly mostFiles?: number;
}

/** What compaction would do. */
export interface CompactionFacts {
  /** The folders with most small files, planned by what their files say; nothing is changed. */
  readonly planned: readonly PlannedFolder[];
  /** Folders with something to gain that were not planned. */
  readonly left: number;
  /** What the plans tell, beside merges. */
  readonly problems: readonly string[];
}

/** A folder and what its merges would leave. */
export interface PlannedFolder {
  readonly topic: string;
  readonly path: string;
  readonly files: number;
  readonly filesAfter: number;
  /** Bytes of the files that would be joined; none of them moves. */
  readonly bytes: number;
}

/** The tables of topics. */
export interface TablesFacts {
  readonly tables: readonly TableFacts[];
}

/** A topic's table. */
export interface TableFacts {
  readonly topic: string;
  readonly table: string;
  /** Others: the table does not carry our mark. Unknown: the metastore did not tell. */
  readonly state: 'kept' | 'missing' | 'others' | 'unknown';
  readonly reason?: string;
  readonly created?: string;
  readonly columns: readonly ColumnFacts[];
  /** Changes of columns that metastore-sync wrote down at the table, the newest last. */
  readonly changes: readonly ColumnChange[];
  /** Of the folders that were looked at and are not empty: how many, and how many are partitions. */
  readonly folders: number;
  readonly registered: number;
  /** Some of the folders that are no partitions, the newest first. */
  readonly unregistered: readonly string[];
  /** Rows that metastore-sync counted in those partitions. */
  readonly rows: number;
  readonly completeness?: CompletenessFacts;
}

/** A column. */
export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
}

/** A column that came or was widened. */
export interface ColumnChange {
  readonly at: string;
  readonly column: string;
  /** Absent for a column that is new. */
  readonly from?: string;
  readonly to: string;
  /** The file that asked for it. */
  readonly because?: string;
}

/** How far a topic is queryable. */
export interface CompletenessFacts {
  /** The newest label that is complete. */
  readonly complete?: string;
  /** Records in Kafka that are not queryable, in decimal; undefined when Kafka was not asked. */
  readonly lag?: string;
  readonly lagSeconds?: number;
  /** Kafka partitions of which offsets never came. */
  readonly gaps: number;
  /** Why it is not known. */
  readonly unknown?: string;
}

/** Dead letters, masked. */
export interface LettersFacts {
  readonly openGroups: number;
  readonly openLetters: number;
  readonly unread: string;
  readonly lost: string;
  readonly topics: readonly LetterTopic[];
  readonly groups: readonly LetterGroup[];
  /** Groups that are not among them. */
  readonly otherGroups: number;
}

/** A dead letter topic. */
export interface LetterTopic {
  readonly topic: string;
  readonly openGroups: number;
  readonly openLetters: number;
  readonly unread: string;
  readonly lost: string;
  /** When retention may delete the next unhandled letter, in milliseconds from now; undefined when it will not, or nobody knows. */
  readonly deletedInMs?: number;
  readonly isRetentionKnown: boolean;
}

/** An open group of dead letters. */
export interface LetterGroup {
  readonly id: string;
  readonly topic: string;
  readonly title: string;
  readonly class: string;
  readonly action: string;
  readonly owner?: string;
  readonly openLetters: number;
  readonly ageMs: number;
}

/** What a scan found. */
export interface ComplianceFacts {
  /** 0 to 100; undefined when nothing was judged. */
  readonly score?: number;
  readonly isComplete: boolean;
  readonly rules: number;
  readonly resources: number;
  /** Listings that did not come to their ends, each with its reason. */
  readonly unread: readonly string[];
  readonly open: Readonly<Record<string, number>>;
  readonly waived: number;
  readonly areas: readonly { readonly area: string; readonly score?: number; readonly fail: number }[];
  /** The worst open one of each rule, the worst rules first. */
  readonly findings: readonly FindingFacts[];
  /** Open findings of rules that are not among them. */
  readonly otherFindings: number;
}

/** An open finding. */
export interface FindingFacts {
  readonly id: string;
  readonly severity: string;
  readonly rule: string;
  readonly kind: string;
  readonly resource: string;
  readonly reason: string;
  /** Open findings of the same rule besides. */
  readonly alike: number;
}

/** What changed since the report before this one. */
export interface SinceFacts {
  readonly madeAt: string;
  /** A number that one of the reports does not know is absent. */
  readonly sums: readonly { readonly name: string; readonly before?: number; readonly now?: number }[];
  readonly newTopics: readonly string[];
  readonly goneTopics: readonly string[];
  readonly columns: readonly (Omit<ColumnChange, 'to' | 'because'> & {
    readonly table: string;
    readonly to?: string;
  })[];
  readonly newFindings: readonly string[];
  readonly goneFindings: readonly string[];
  readonly newGroups: readonly string[];
  readonly goneGroups: readonly string[];
}

/** What a part cost. */
export interface Cost {
  readonly part: string;
  readonly seconds: number;
  /** Calls by system; a system whose calls nobody counts is left out. */
  readonly calls: Readonly<Record<string, number>>;
}
