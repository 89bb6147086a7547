import { asError, isError } from '#shared/errors/error.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { TopicSettings } from '../config.ts';
import { snapshotName, snapshotPrefix } from './cursor.ts';

/** The snapshots of one topic's folder that one run takes and removes. */
export class Snapshots {
  readonly #hdfs: WebHdfs;
  readonly #folder: string;
  readonly #prefix: string;
  #taken: string | undefined;
  #kept: string | undefined;

  constructor(hdfs: WebHdfs, topic: TopicSettings) {
    this.#hdfs = hdfs;
    this.#folder = topic.location;
    this.#prefix = snapshotPrefix(topic.database, topic.table);
  }

  /** Takes a snapshot, once: an older one than needed is as good, since it only makes the next run look at more. */
  async take(): Promise<string> {
    if (this.#taken === undefined) {
      const name = snapshotName(this.#prefix, new Date());
      await this.#hdfs.createSnapshot(this.#folder, name);
      this.#taken = name;
    }
    return this.#taken;
  }

  /** Notes that the table's cursor is at this snapshot now. */
  keep(name: string): void {
    this.#kept = name;
  }

  /**
   * Removes what is not needed any more: when the cursor moved to what was taken, the snapshots before it; otherwise what
   * was taken. One that cannot be removed now is removed with the next ones.
   */
  async settle(): Promise<void> {
    const taken = this.#taken;
    if (taken === undefined) return;
    try {
      const names = taken === this.#kept ? await this.#before(taken) : [taken];
      for (const name of names) await this.#remove(name);
    } catch (error) {
      if (asError(error).disposition === 'bug') throw error;
    }
  }

  /** Those of runs that ended, or that another run of ours has overtaken: it will not store its cursor any more. */
  async #before(taken: string): Promise<string[]> {
    const names = await this.#hdfs.snapshotList(this.#folder);
    return names.filter((name) => name.startsWith(this.#prefix) && name < taken);
  }

  async #remove(name: string): Promise<void> {
    try {
      await this.#hdfs.deleteSnapshot(this.#folder, name);
    } catch (error) {
      if (!isError(error, 'hdfs.not_found')) throw error;
    }
  }
}
