import { randomBytes } from 'node:crypto';
import pLimit from 'p-limit';
import { isError, type LakewardenError } from '#shared/errors/error.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { Logger } from '#shared/observe/log.ts';
import { readEvents, writeEvents } from './stored-events.ts';

/** What an outbox needs. */
export interface OutboxOptions {
  readonly hdfs: WebHdfs;
  /** A folder of HDFS; without one, events are kept in memory alone. */
  readonly folder?: string | undefined;
  /** Seconds after which the run that wrote an intent down is surely dead. */
  readonly intentSeconds: number;
  /** What of an event that was only intended turned out true; undefined when nothing did. */
  readonly verify: (event: CloudEventOut) => Promise<CloudEventOut | undefined>;
  readonly log: Logger;
}

/** What a run intends to tell, written down before its first effect. */
export interface Intent {
  /** Everything was told or kept. */
  end(): Promise<void>;
}

type Emit = (event: CloudEventOut) => Promise<void>;

const mostInMemory = 1_000;
/** Milliseconds for which a folder that was listed is not listed again. */
const listingMs = 10_000;
/** Milliseconds for which a sink that was away is not asked again, so that calls at once do not wait for it one by one. */
const awayMs = 2_000;
/** An answer of HDFS is no larger; a run adds a limited number of partitions. */
const mostBytes = 64 << 20;

/**
 * Keeps the events that the sink does not take, and tells them before a later call ends. With a folder they outlive the
 * process, any instance tells them, and what a killed run was about to tell is known, too.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #memory: CloudEventOut[] = [];
  readonly #atOnce = pLimit(1);
  #listedAt = -Infinity;
  #away: { readonly since: number; readonly error: LakewardenError } | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Whether the sink was away a moment ago. */
  get isAway(): boolean {
    return this.#away !== undefined && Date.now() - this.#away.since < awayMs;
  }

  /** Events that wait in memory. */
  get waiting(): number {
    return this.#memory.length;
  }

  /** Writes down what is about to be told. @throws what HDFS is in trouble with; then nothing may be done that is to be told */
  async intend(events: readonly CloudEventOut[]): Promise<Intent> {
    const { hdfs, folder, log } = this.#options;
    if (folder === undefined || events.length === 0) return { end: async () => {} };
    const path = childPath(folder, fileName('intended'));
    await hdfs.create(path, writeEvents(events));
    return {
      async end() {
        // One that stays is looked at by and by, and its events are told twice: that is harmless.
        await hdfs.remove(path).catch((error: unknown) => log.warn({ err: error }, `${path} could not be removed`));
      },
    };
  }

  /** Keeps an event that the sink did not take: in the folder, and where that fails, or there is none, in memory. */
  async keep(event: CloudEventOut): Promise<void> {
    const { hdfs, folder, log } = this.#options;
    this.#listedAt = -Infinity;
    if (folder !== undefined) {
      const path = childPath(folder, fileName('untold'));
      try {
        await hdfs.create(path, writeEvents([event]));
        return;
      } catch (error) {
        log.warn({ err: error }, `${path} could not be written`);
      }
    }
    // The log has it whole in any case: memory is gone when the process is killed.
    const isFull = this.#memory.length >= mostInMemory;
    log[isFull ? 'error' : 'warn'](
      { undelivered: event },
      `the event ${event.type} ${isFull ? 'is given up' : 'waits'}`,
    );
    if (!isFull) this.#memory.push(event);
  }

  /**
   * Tells what waits, oldest first. @throws LakewardenError `sink.unavailable` while the sink is still away, so that the call
   * fails and its sender rings again; what HDFS or the metastore is in trouble with
   */
  async tell(emit: Emit): Promise<void> {
    await this.#atOnce(async () => {
      if (this.#memory.length > 0) await this.#tellMemory(emit);
      const { folder } = this.#options;
      if (folder === undefined || Date.now() - this.#listedAt < listingMs) return;
      await this.#tellFolder(folder, emit);
      this.#listedAt = Date.now();
    });
  }

  async #tellMemory(emit: Emit): Promise<void> {
    for (let [event] = this.#memory; event !== undefined; [event] = this.#memory) {
      await this.send(emit, event);
      this.#memory.shift();
    }
  }

  async #tellFolder(folder: string, emit: Emit): Promise<void> {
    const { hdfs, intentSeconds, log } = this.#options;
    const found = [];
    try {
      for await (const { name, path, modificationTime, length } of hdfs.list(folder))
        if (/\.(?:untold|intended)\.json$/.test(name)) found.push({ name, path, modificationTime, length });
    } catch (error) {
      // It is made with the first file in it.
      if (isError(error, 'hdfs.not_found')) return;
      throw error;
    }
    if (found.length === 0) return;
    // Its clock tells whole seconds.
    const now = (await hdfs.serverTime()) + 1_000;
    for (const { name, path, modificationTime, length } of found) {
      const isDead = now - modificationTime >= intentSeconds * 1_000;
      const isIntent = name.endsWith('.intended.json');
      if (isIntent && !isDead) continue;
      const bytes = length > mostBytes ? new Uint8Array() : await this.#readIfThere(path, length);
      // Another instance was faster.
      if (bytes === undefined) continue;
      const events = readEvents(bytes);
      // One that is no events yet may just be being written; one that never was tells of nothing that has begun.
      if (events === undefined && !isDead) continue;
      if (events === undefined) log.error({ path }, `${path} holds no events and is removed`);
      for (const event of events ?? []) await this.#tellStored(emit, event, isIntent);
      await hdfs.remove(path);
    }
  }

  async #readIfThere(path: string, length: number): Promise<Uint8Array | undefined> {
    try {
      return await this.#options.hdfs.read(path, 0, length);
    } catch (error) {
      if (isError(error, 'hdfs.not_found')) return undefined;
      throw error;
    }
  }

  /** Tells an event of a file. One that nothing can be made of goes to the log whole: it would fail every call for ever. */
  async #tellStored(emit: Emit, event: CloudEventOut, isIntent: boolean): Promise<void> {
    try {
      const told = isIntent ? await this.#options.verify(event) : event;
      if (told !== undefined) await this.send(emit, told);
    } catch (error) {
      if (isError(error)) throw error;
      this.#options.log.error({ err: error, undelivered: event }, 'an event of the outbox makes no sense');
    }
  }

  /** Sends an event, and remembers when the sink was away. @throws what `emit` throws, or threw a moment ago */
  async send(emit: Emit, event: CloudEventOut): Promise<void> {
    if (this.isAway) throw this.#away?.error;
    try {
      await emit(event);
      this.#away = undefined;
    } catch (error) {
      if (isError(error, 'sink.unavailable')) this.#away = { since: Date.now(), error };
      throw error;
    }
  }
}

/** Names sort by the time at which files were made, as far as clocks agree. */
function fileName(kind: 'intended' | 'untold'): string {
  return `${String(Date.now()).padStart(15, '0')}-${randomBytes(6).toString('hex')}.${kind}.json`;
}
