/** A place for files, in HDFS or on this machine. Paths are relative, with slashes. */
export interface Folder {
  /** What lies in a folder; undefined when there is none. */
  list(path: string): Promise<readonly Entry[] | undefined>;
  /** A whole file; undefined when there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Makes a file of a name that nobody else uses, and the folders above it. */
  create(path: string, bytes: Uint8Array): Promise<void>;
  /** Renames a file or a folder in one step, to a name that is not taken; false when it is, or when there is nothing to rename. */
  rename(from: string, to: string): Promise<boolean>;
  /** Removes a file or a folder with all that is in it; what is not there is no matter. */
  remove(path: string): Promise<void>;
  close(): void;
}

/** A file or folder. */
export interface Entry {
  readonly name: string;
  /** When it changed, in milliseconds since 1970, by the clock of the place. */
  readonly modified: number;
}
