/** The kinds of HDFS's resources. Rules see the bodies below as `resource.body`. */
export const hdfsKinds = { fileSystem: 'hdfs.FileSystem', folder: 'hdfs.Folder' } as const;

/** A file system as a whole. What could not be read is undefined. */
export interface HdfsFileSystemBody {
  /** True when data is encrypted on its way to and from DataNodes, as clients are told. */
  readonly encryptsTransfer?: boolean;
  /** Where the keys of encryption zones are kept; empty where nothing can be encrypted. */
  readonly keyProvider?: string;
  /** Minutes that deleted files stay in the trash. */
  readonly trashMinutes?: number;
  /** Settings of the NameNode that rules look at. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** An entry of an ACL beyond owner, group and others. */
export interface HdfsAclEntry {
  /** `default` entries are what new files and folders in the folder will get. */
  readonly scope: 'access' | 'default';
  readonly type: 'user' | 'group' | 'mask' | 'other';
  /** Empty for the folder's own owner or group, and for mask and others. */
  readonly name: string;
  /** Such as `r-x`, as it is written. */
  readonly permission: string;
  /** What is left of it after the mask. */
  readonly effective: string;
}

/** What the files right in a folder are like, counted. */
export interface HdfsFileFacts {
  readonly count: number;
  /** Those that others may read or write by their own mode, if they get to the folder. */
  readonly readable: number;
  readonly writable: number;
  /** Those outside an encryption zone. */
  readonly plain: number;
  /** Some names that are hard to handle, sorted. */
  readonly strange: readonly string[];
}

/** A folder below one of the roots that the settings name, or such a root. */
export interface HdfsFolderBody {
  readonly path: string;
  /** What the settings call the root, such as `golden`. */
  readonly root: string;
  /** 0 for the root itself. */
  readonly depth: number;
  readonly owner: string;
  readonly group: string;
  /** Four octal digits such as `0750`. With an ACL, the third is the mask. */
  readonly mode: string;
  /** What others may do, such as `r-x`. */
  readonly others: string;
  /** What the group may do, after the mask. */
  readonly members: string;
  readonly sticky: boolean;
  /** True when others may pass through all folders above. */
  readonly reachable: boolean;
  /** What others may do with the folder above; undefined for a root. */
  readonly othersAbove?: string;
  /** Entries beyond owner, group and others; undefined where they could not be read. */
  readonly acl?: readonly HdfsAclEntry[];
  /** True inside an encryption zone. */
  readonly encrypted: boolean;
  /** The policy where files are erasure coded. */
  readonly erasureCoding?: string;
  /** True when somebody may take snapshots, which keep what is deleted later. */
  readonly snapshots: boolean;
  /** Of roots: most names and most bytes on disk, null for no limit; undefined where they could not be read. */
  readonly quota?: { readonly names: number | null; readonly bytes: number | null };
  /** Folders right in it; undefined where it was not looked into. */
  readonly folders?: { readonly count: number; readonly plain: number; readonly plainNames: readonly string[] };
  /** Files right in it; undefined where it was not looked into. */
  readonly files?: HdfsFileFacts;
}
