import type { Readable } from 'node:stream';
import { isError } from '#shared/errors/error.ts';
import { isRawFileStatus, readFileStatus, type FileStatus, type RawFileStatus } from './file-status.ts';
import type { Body } from './http.ts';
import { HdfsMetadata } from './metadata.ts';
import { failure } from './operation.ts';
import { cleanPath } from './path.ts';

/** How a file is made; what is left out is the cluster's default. */
export interface CreateOptions {
  /** Replaces a file of that name. Default false: then `hdfs.exists`. */
  readonly overwrite?: boolean;
  /** Octal text such as `640`. */
  readonly permission?: string;
  readonly replication?: number;
  /** Bytes. */
  readonly blockSize?: number;
}

/** Sizes and counts of a whole tree (ContentSummary of the WebHDFS specification). */
export interface ContentSummary {
  /** Bytes of all files, each counted once. */
  readonly length: number;
  readonly fileCount: number;
  readonly directoryCount: number;
  /** Bytes on disk, with replicas. */
  readonly spaceConsumed: number;
  /** Most names allowed; -1 when there is no limit. */
  readonly quota: number;
  /** Most bytes on disk allowed; -1 when there is no limit. */
  readonly spaceQuota: number;
}

/** Checksum of a file's content; comparable only between files of equal algorithm and block size. */
export interface FileChecksum {
  readonly algorithm: string;
  /** Hexadecimal text. */
  readonly bytes: string;
}

/** A block of a file, or a part of one (BlockLocation of the WebHDFS specification). */
export interface BlockLocation {
  /** Where it begins in the file, in bytes. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
  /** True when no DataNode has a good copy. */
  readonly corrupt: boolean;
}

/** A block of a file. */
export interface Block {
  /** Where it begins in the file, in bytes. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
  /** Pool, number and generation, which together stand for these bytes in all of HDFS and for ever. */
  readonly id: string;
}

interface RawBlock {
  readonly startOffset: number;
  readonly block: { blockPoolId: string; blockId: number; generationStamp: number; numBytes: number };
}

function isRawBlock(value: unknown): value is RawBlock {
  const { startOffset, block } = (value ?? {}) as Partial<RawBlock>;
  const numbers = [startOffset, block?.blockId, block?.generationStamp, block?.numBytes];
  return typeof block?.blockPoolId === 'string' && numbers.every((number) => typeof number === 'number');
}

/** What the buffers of a connection take whole, in bytes. */
const smallBytes = 64 << 10;

const renameOptions = { none: 'NONE', overwrite: 'OVERWRITE' } as const;

/**
 * A client of HDFS over WebHDFS. Paths are absolute and not percent-encoded (`path.invalid` otherwise).
 * Every method throws the `hdfs.*` codes, `limit.exceeded` and `deadline.exceeded`, with path and operation in `details`.
 * Calls that can be repeated are, for a bounded time. Where a change may or may not have happened, `hdfs.unavailable` is
 * thrown with `details.ambiguous`: look before going on.
 */
export class WebHdfs extends HdfsMetadata {
  /** Status of a file or directory; `hdfs.not_found` when there is none. */
  async status(path: string): Promise<FileStatus> {
    return this.get('GETFILESTATUS', path, {}, ({ FileStatus: raw }) =>
      isRawFileStatus(raw) ? readFileStatus(cleanPath(path), raw) : undefined,
    );
  }

  /** The same, or undefined when there is nothing at the path. Any other trouble is thrown. */
  async statusIfExists(path: string): Promise<FileStatus | undefined> {
    try {
      return await this.status(path);
    } catch (error) {
      if (isError(error, 'hdfs.not_found')) return undefined;
      throw error;
    }
  }

  /**
   * The entries of a directory in the order of their names' bytes, those after a name when one is given, fetched a page
   * at a time; the path of a file gives that file alone.
   */
  async *list(path: string, after?: string): AsyncGenerator<FileStatus> {
    const parent = cleanPath(path);
    for (let startAfter = after; ;) {
      const { page, remaining } = await this.#page(parent, startAfter);
      for (const raw of page) yield readFileStatus(parent, raw);
      const last = page.at(-1)?.pathSuffix;
      if (remaining === 0) return;
      if (last === undefined || last === startAfter) {
        throw failure(
          { op: 'LISTSTATUS_BATCH', path: parent },
          'hdfs.protocol',
          'a page brings the listing no further',
        );
      }
      startAfter = last;
    }
  }

  async #page(path: string, startAfter: string | undefined): Promise<{ page: RawFileStatus[]; remaining: number }> {
    return this.get('LISTSTATUS_BATCH', path, { startAfter }, ({ DirectoryListing: listing }) => {
      const { partialListing, remainingEntries } = (listing ?? {}) as Record<string, unknown>;
      const { FileStatuses: statuses } = (partialListing ?? {}) as { FileStatuses?: { FileStatus?: unknown } };
      const page = statuses?.FileStatus;
      if (!Array.isArray(page) || !page.every(isRawFileStatus) || typeof remainingEntries !== 'number')
        return undefined;
      return { page, remaining: remainingEntries };
    });
  }

  /**
   * Exactly the bytes from `offset` on, `length` of them or as many as there are to the end of the file; all or an error.
   * An offset at or past the end of a file that is not empty is `hdfs.invalid`. With `direct`, a DataNode that the NameNode
   * named for another file of the folder is asked at once: one request in the place of two for each of many small reads,
   * though not always of a DataNode that has the block itself.
   */
  async read(path: string, offset: number, length: number, direct = false): Promise<Uint8Array> {
    if (length === 0) return new Uint8Array(0);
    const params = { offset, length };
    const operation = { op: 'OPEN', method: 'GET', path: cleanPath(path), params, repeatable: true, direct } as const;
    return this.namenode.bytes(operation, length);
  }

  /** Streams a file or a part of it; the stream fails when the data does not come whole. A signal stops it. */
  async open(
    path: string,
    { offset, length, signal }: { offset?: number; length?: number; signal?: AbortSignal } = {},
  ): Promise<Readable> {
    const params = { offset, length };
    const operation = { op: 'OPEN', method: 'GET', path: cleanPath(path), params, repeatable: true } as const;
    return this.namenode.stream(operation, signal);
  }

  /**
   * Writes a file, making missing parent directories. Not atomic: the file is visible while it grows, and when the
   * connection breaks or the body fails, HDFS keeps what has come so far as if it were whole. Write to a hidden name
   * and rename. An error of the body is thrown as it is.
   */
  async create(path: string, data: Body, options: CreateOptions = {}): Promise<void> {
    const { overwrite = false, permission, replication, blockSize } = options;
    const params = { overwrite, permission, replication, blocksize: blockSize };
    const operation = { op: 'CREATE', method: 'PUT', path: cleanPath(path), params, repeatable: false } as const;
    // A DataNode that refuses closes the connection, and its words get lost when much is still on the way to it. So ask
    // first; only when two create the same file at the same moment, one of them may then learn that it cannot know.
    const small = data instanceof Uint8Array && data.length <= smallBytes;
    if (!overwrite && !small && (await this.statusIfExists(path)) !== undefined) {
      throw failure(operation, 'hdfs.exists', 'something of that name is there');
    }
    await this.namenode.call({ ...operation, body: data });
  }

  /** Writes at the end of an existing file. */
  async append(path: string, data: Body): Promise<void> {
    const operation = { op: 'APPEND', method: 'POST', path: cleanPath(path), repeatable: false } as const;
    await this.namenode.call({ ...operation, body: data });
  }

  /** Makes a directory and its missing parents; content when it is there. The permission is octal text such as `750`. */
  async mkdirs(path: string, permission?: string): Promise<void> {
    await this.set('MKDIRS', path, { permission });
  }

  /** Removes a file or directory; false when there was nothing. A directory that is not empty needs `recursive`. */
  async remove(path: string, { recursive = false }: { recursive?: boolean } = {}): Promise<boolean> {
    return (await this.change('DELETE', 'DELETE', path, { recursive })).includes('true');
  }

  /**
   * Renames a file or directory. `none` refuses when the new name is taken (`hdfs.exists`), `overwrite` atomically
   * replaces a file or an empty directory. Readers of the replaced file then fail.
   */
  async rename(from: string, to: string, mode: keyof typeof renameOptions): Promise<void> {
    // Without renameoptions the NameNode answers "false" to a failure, with HTTP 200.
    await this.change('RENAME', 'PUT', from, { destination: cleanPath(to), renameoptions: renameOptions[mode] });
  }

  /**
   * Appends the blocks of the sources to the target, in order, and removes the sources: one atomic step on the NameNode.
   * All must lie in one directory and not be empty. Throws `path.invalid` for a source with a comma in its path,
   * which WebHDFS cannot name, and `limit.exceeded` for more sources than one request holds.
   */
  async concat(target: string, sources: readonly string[]): Promise<void> {
    const paths = sources.map(cleanPath);
    const comma = paths.find((path) => path.includes(','));
    if (comma !== undefined) {
      throw failure({ op: 'CONCAT', path: target }, 'path.invalid', `the source ${comma} has a comma in its path`);
    }
    await this.change('CONCAT', 'POST', target, { sources: paths.join(',') });
  }

  /** Sizes and counts of a tree; the NameNode walks it, so this is no cheap call on a large one. */
  async contentSummary(path: string): Promise<ContentSummary> {
    return this.get('GETCONTENTSUMMARY', path, {}, ({ ContentSummary: summary }) => {
      const { length, fileCount, directoryCount, spaceConsumed, quota, spaceQuota } = (summary ??
        {}) as Partial<ContentSummary>;
      if (length === undefined || fileCount === undefined || directoryCount === undefined) return undefined;
      return {
        length,
        fileCount,
        directoryCount,
        spaceConsumed: spaceConsumed ?? 0,
        quota: quota ?? -1,
        spaceQuota: spaceQuota ?? -1,
      };
    });
  }

  /** True while somebody has the file open for writing; the right to read it is enough to ask. */
  async isOpenForWrite(path: string): Promise<boolean> {
    return this.get('GET_BLOCK_LOCATIONS', path, { offset: 0, length: 1 }, ({ LocatedBlocks: blocks }) => {
      const { isUnderConstruction } = (blocks ?? {}) as Record<string, unknown>;
      return typeof isUnderConstruction === 'boolean' ? isUnderConstruction : undefined;
    });
  }

  /** The blocks of a file in order. What `concat` joined begins with a block of its own. */
  async blockLocations(path: string): Promise<BlockLocation[]> {
    const params = { offset: 0, length: Number.MAX_SAFE_INTEGER };
    return this.get('GETFILEBLOCKLOCATIONS', path, params, ({ BlockLocations: locations }) => {
      const list = (locations as { BlockLocation?: unknown } | undefined)?.BlockLocation;
      if (!Array.isArray(list)) return undefined;
      return (list as BlockLocation[]).map(({ offset, length, corrupt }) => ({ offset, length, corrupt }));
    });
  }

  /**
   * What the blocks of a file are, in order: unlike names and lengths these never return with other data, and `concat` keeps
   * them. (GET_BLOCK_LOCATIONS, which WebHDFS does not document; `hdfs.unsupported` where it is not known.)
   */
  async blocks(path: string): Promise<Block[]> {
    return this.get('GET_BLOCK_LOCATIONS', path, {}, ({ LocatedBlocks: located }) => {
      const list = (located as { locatedBlocks?: unknown } | null | undefined)?.locatedBlocks;
      if (!Array.isArray(list) || !list.every(isRawBlock)) return undefined;
      return list.map(({ startOffset, block }) => ({
        offset: startOffset,
        length: block.numBytes,
        id: `${block.blockPoolId} ${block.blockId} ${block.generationStamp}`,
      }));
    });
  }

  /** Checksum of a file's content, computed by the DataNodes. */
  async checksum(path: string): Promise<FileChecksum> {
    return this.get('GETFILECHECKSUM', path, {}, ({ FileChecksum: checksum }) => {
      const { algorithm, bytes } = (checksum ?? {}) as Partial<FileChecksum>;
      return algorithm === undefined || bytes === undefined ? undefined : { algorithm, bytes };
    });
  }
}
