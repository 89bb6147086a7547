import { randomBytes } from 'node:crypto';
import { isError } from '#shared/errors/error.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { readEvents, writeEvents } from './stored-events.ts';

/** Whether an event was not taken, or a run was only about to tell it. */
type Kind = 'untold' | 'intended';

/** A file of events. */
export interface EventFile {
  readonly path: string;
  readonly kind: Kind;
  readonly bytes: number;
  /** When it was written, in milliseconds since 1970 by our clock. */
  readonly since: number;
  /** True when whoever wrote it is surely dead, or has long gone on. */
  readonly isOld: boolean;
}

/** An answer of HDFS is no larger; a run adds a limited number of partitions. */
const mostBytes = 64 << 20;

/** A folder of HDFS with files of events, which all instances share. */
export class EventFolder {
  readonly #hdfs: WebHdfs;
  readonly path: string;
  readonly #intentSeconds: number;

  constructor(hdfs: WebHdfs, path: string, intentSeconds: number) {
    this.#hdfs = hdfs;
    this.path = path;
    this.#intentSeconds = intentSeconds;
  }

  /** Writes a file of its own. @throws what HDFS is in trouble with */
  async write(kind: Kind, events: readonly CloudEventOut[]): Promise<EventFile> {
    const since = Date.now();
    // Names sort by the time at which files were made, as far as clocks agree.
    const name = `${String(since).padStart(15, '0')}-${randomBytes(6).toString('hex')}.${kind}.json`;
    const path = childPath(this.path, name);
    const bytes = writeEvents(events);
    await this.#hdfs.create(path, bytes);
    return { path, kind, bytes: bytes.length, since, isOld: false };
  }

  /** The files whose events are to be told, oldest first: of runs that may still live none is. */
  async due(): Promise<EventFile[]> {
    const found = [];
    try {
      for await (const { name, path, modificationTime, length } of this.#hdfs.list(this.path)) {
        const [, kind] = /\.(untold|intended)\.json$/.exec(name) ?? [];
        if (kind !== undefined) found.push({ path, kind: kind as Kind, bytes: length, modificationTime });
      }
    } catch (error) {
      // It is made with the first file in it.
      if (isError(error, 'hdfs.not_found')) return [];
      throw error;
    }
    if (found.length === 0) return [];
    // Its clock tells whole seconds.
    const now = (await this.#hdfs.serverTime()) + 1_000;
    const files = found.map(({ modificationTime, ...file }) => {
      const age = now - modificationTime;
      return { ...file, since: Date.now() - age, isOld: age >= this.#intentSeconds * 1_000 };
    });
    return files.filter(({ kind, isOld }) => kind === 'untold' || isOld);
  }

  /** The events of a file; `foreign` for one that is none of ours, or not whole; undefined when another instance was faster. */
  async read({ path, bytes }: EventFile): Promise<readonly CloudEventOut[] | 'foreign' | undefined> {
    if (bytes > mostBytes) return 'foreign';
    try {
      return readEvents(await this.#hdfs.read(path, 0, bytes)) ?? 'foreign';
    } catch (error) {
      if (isError(error, 'hdfs.not_found')) return undefined;
      throw error;
    }
  }

  /** Removes a file, also one that is gone. */
  async remove({ path }: EventFile): Promise<void> {
    await this.#hdfs.remove(path);
  }
}
