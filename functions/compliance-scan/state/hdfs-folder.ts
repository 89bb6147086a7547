import { isError } from '#shared/errors/error.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { Entry, Folder } from './folder.ts';

/** A folder in HDFS. */
export class HdfsFolder implements Folder {
  readonly #hdfs: WebHdfs;
  readonly #root: string;

  constructor(hdfs: WebHdfs, root: string) {
    this.#hdfs = hdfs;
    this.#root = root;
  }

  async list(path: string): Promise<readonly Entry[] | undefined> {
    const entries: Entry[] = [];
    const read = async (): Promise<Entry[]> => {
      for await (const { name, modificationTime } of this.#hdfs.list(this.#full(path)))
        entries.push({ name, modified: modificationTime });
      return entries;
    };
    return await orUndefined(read());
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    const full = this.#full(path);
    const status = await orUndefined(this.#hdfs.status(full));
    return status === undefined ? undefined : await orUndefined(this.#hdfs.read(full, 0, status.length));
  }

  async create(path: string, bytes: Uint8Array): Promise<void> {
    // Findings say where a lake is weak: they are for us alone.
    await this.#hdfs.create(this.#full(path), bytes, { permission: '600' });
  }

  async rename(from: string, to: string): Promise<boolean> {
    try {
      await this.#hdfs.rename(this.#full(from), this.#full(to), 'none');
      return true;
    } catch (error) {
      if (isError(error, 'hdfs.not_found', 'hdfs.exists')) return false;
      // It may have happened or not. Names are never used twice, so whoever looks knows.
      if (!isError(error, 'hdfs.unavailable') || error.details['ambiguous'] !== true) throw error;
      if ((await this.#hdfs.statusIfExists(this.#full(from))) !== undefined) throw error;
      return (await this.#hdfs.statusIfExists(this.#full(to))) !== undefined;
    }
  }

  async remove(path: string): Promise<void> {
    await this.#hdfs.remove(this.#full(path), { recursive: true });
  }

  close(): void {
    this.#hdfs.close();
  }

  #full(path: string): string {
    return path === '' ? this.#root : `${this.#root}/${path}`;
  }
}

async function orUndefined<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isError(error, 'hdfs.not_found')) return undefined;
    throw error;
  }
}
