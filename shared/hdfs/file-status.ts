import { childPath, lastName } from './path.ts';

/** What the NameNode knows about one file or directory (FileStatus of the WebHDFS specification). */
export interface FileStatus {
  /** Absolute path, not percent-encoded. */
  readonly path: string;
  /** Last name of the path; empty for the root. */
  readonly name: string;
  readonly type: 'FILE' | 'DIRECTORY' | 'SYMLINK';
  /** Bytes; 0 for a directory. For a file that is still being written, what the NameNode has been told so far. */
  readonly length: number;
  /** Milliseconds since the epoch by the NameNode's clock. */
  readonly modificationTime: number;
  /** Milliseconds since the epoch; 0 for a directory or where access times are turned off. */
  readonly accessTime: number;
  readonly owner: string;
  readonly group: string;
  /** Octal text such as `644` or `1777`. */
  readonly permission: string;
  /** 0 for a directory and for an erasure-coded file. */
  readonly replication: number;
  /** Preferred block size in bytes; 0 for a directory. */
  readonly blockSize: number;
  /** The inode's number: survives renames, differs after a replacement. */
  readonly fileId: number;
  /** Number of entries of a directory; 0 for a file. */
  readonly childrenNum: number;
  /** Number of the storage policy; 0 when none was set. */
  readonly storagePolicy: number;
  /** True when the entry has extended ACL entries. */
  readonly acl: boolean;
  /** True inside an encryption zone. */
  readonly encrypted: boolean;
  /** True when erasure coded; `ecPolicy` then has the policy's name where the server gives it. */
  readonly erasureCoded: boolean;
  readonly ecPolicy?: string;
  /** True for a directory that allows snapshots. */
  readonly snapshotEnabled: boolean;
  /** Target of a symbolic link. */
  readonly symlink?: string;
}

/** An entry as it stands in the JSON. */
export interface RawFileStatus {
  readonly pathSuffix: string;
  readonly type: FileStatus['type'];
  readonly length: number;
  readonly modificationTime: number;
  readonly accessTime: number;
  readonly owner: string;
  readonly group: string;
  readonly permission: string;
  readonly replication: number;
  readonly blockSize: number;
  readonly fileId?: number;
  readonly childrenNum?: number;
  readonly storagePolicy?: number;
  readonly aclBit?: boolean;
  readonly encBit?: boolean;
  readonly ecBit?: boolean;
  readonly ecPolicy?: string;
  readonly snapshotEnabled?: boolean;
  readonly symlink?: string;
}

/** True when the JSON value has the fields without which an entry means nothing. */
export function isRawFileStatus(value: unknown): value is RawFileStatus {
  if (typeof value !== 'object' || value === null) return false;
  const { pathSuffix, type, length, modificationTime } = value as Partial<RawFileStatus>;
  return (
    typeof pathSuffix === 'string' &&
    (type === 'FILE' || type === 'DIRECTORY' || type === 'SYMLINK') &&
    typeof length === 'number' &&
    typeof modificationTime === 'number'
  );
}

/** The status of an entry; `parent` is the path that was asked for, which is the entry's own when it has no suffix. */
export function readFileStatus(parent: string, raw: RawFileStatus): FileStatus {
  const path = raw.pathSuffix === '' ? parent : childPath(parent, raw.pathSuffix);
  return {
    path,
    name: raw.pathSuffix || lastName(path),
    type: raw.type,
    length: raw.length,
    modificationTime: raw.modificationTime,
    accessTime: raw.accessTime,
    owner: raw.owner,
    group: raw.group,
    permission: raw.permission,
    replication: raw.replication,
    blockSize: raw.blockSize,
    fileId: raw.fileId ?? 0,
    childrenNum: raw.childrenNum ?? 0,
    storagePolicy: raw.storagePolicy ?? 0,
    acl: raw.aclBit === true,
    encrypted: raw.encBit === true,
    erasureCoded: raw.ecBit === true,
    snapshotEnabled: raw.snapshotEnabled === true,
    ...(raw.ecPolicy === undefined ? {} : { ecPolicy: raw.ecPolicy }),
    ...(raw.symlink === undefined ? {} : { symlink: raw.symlink }),
  };
}
