import { createHash } from 'node:crypto';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { TailPiece } from '#shared/parquet/concat-tail.ts';
import { type RangedSource, readFooter } from '#shared/parquet/footer.ts';
import { judgeMerge, type MergeFacts } from '#shared/parquet/merge-key.ts';

/** What of a file a merge needs. */
export interface ReadPiece extends TailPiece {
  readonly indexes: NonNullable<TailPiece['indexes']>;
  readonly facts: MergeFacts;
  /** Digest of the footer's metadata. */
  readonly digest: string;
}

type FileState = Pick<FileStatus, 'fileId' | 'length' | 'modificationTime'>;

/** Holds footers and page indexes of nearly every small file. */
const tailBytes = 16 << 10;
const cacheBytes = 64 << 20;

/** Reads the ends of files, mostly with one request each, and keeps those that planning read for the merge that follows. */
export class PieceReader {
  readonly #hdfs: Pick<WebHdfs, 'read'>;
  readonly #cache = new Map<string, ReadPiece>();
  #cached = 0;

  constructor(hdfs: Pick<WebHdfs, 'read'>) {
    this.#hdfs = hdfs;
  }

  /** @throws the `parquet.*` codes for a file that cannot be merged, as for a longer footer than is wanted, and those of HDFS */
  async read(
    path: string,
    { fileId, length, modificationTime }: FileState,
    maxFooterBytes?: number,
  ): Promise<ReadPiece> {
    const key = `${fileId} ${length} ${modificationTime}`;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const source = new TailSource(path, length, this.#hdfs);
    const { footer, facts } = await judgeFooter(source, maxFooterBytes);
    const indexes = [];
    for (const span of facts.indexes ?? [])
      indexes.push({ offset: span.offset, bytes: new Uint8Array(await source.read(span.offset, span.length)) });
    const piece = { length, footer, indexes, facts, digest: digestFooter(footer) };
    this.#keep(key, piece);
    return piece;
  }

  /** Reads a footer alone, also of a large file, and keeps nothing. Throws as `read` does. */
  async judge({
    path,
    length,
  }: Pick<FileStatus, 'path' | 'length'>): Promise<Pick<ReadPiece, 'footer' | 'facts' | 'digest'>> {
    const { footer, facts } = await judgeFooter(new TailSource(path, length, this.#hdfs));
    return { footer, facts, digest: digestFooter(footer) };
  }

  #keep(key: string, piece: ReadPiece): void {
    this.#cached += piece.indexes.reduce((sum, { bytes }) => sum + bytes.length, piece.footer.length);
    if (this.#cached > cacheBytes) {
      this.#cache.clear();
      this.#cached = 0;
    }
    this.#cache.set(key, piece);
  }
}

/** Apart, so that what was read of a footer, many times its bytes, is given back before anything else is waited for. */
async function judgeFooter(
  source: TailSource,
  maxFooterBytes?: number,
): Promise<{ footer: Uint8Array; facts: MergeFacts }> {
  const read = await readFooter(source, { tailBytes, ...(maxFooterBytes !== undefined && { maxFooterBytes }) });
  // A copy: a view (and the slice of a Buffer is one) would keep the whole tail of the file in memory.
  return { footer: new Uint8Array(read.bytes), facts: judgeMerge(source.path, source.length, read) };
}

/** A digest of a footer's metadata. */
export function digestFooter(footer: Uint8Array): string {
  return createHash('sha256').update(footer).digest('hex').slice(0, 12);
}

/** A file whose end, once read, need not be read again. */
class TailSource implements RangedSource {
  readonly path: string;
  readonly length: number;
  readonly #hdfs: Pick<WebHdfs, 'read'>;
  #tail: Uint8Array | undefined;

  constructor(path: string, length: number, hdfs: Pick<WebHdfs, 'read'>) {
    this.path = path;
    this.length = length;
    this.#hdfs = hdfs;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const start = this.length - (this.#tail?.length ?? 0);
    if (this.#tail !== undefined && offset >= start)
      return this.#tail.subarray(offset - start, offset - start + length);
    const bytes = await this.#hdfs.read(this.path, offset, length, true);
    if (offset + bytes.length === this.length) this.#tail ??= bytes;
    return bytes;
  }
}
