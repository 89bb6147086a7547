import pLimit from 'p-limit';
import { isError, LakewardenError } from '#shared/errors/error.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { Logger } from '#shared/observe/log.ts';
import { EventFolder, type EventFile } from './event-folder.ts';
import { writeEvents } from './stored-events.ts';

/** What an outbox needs. */
export interface OutboxOptions {
  readonly hdfs: WebHdfs;
  /** A folder of HDFS; without one, events are kept in memory alone. */
  readonly folder?: string | undefined;
  /** Seconds after which the run that wrote an intent down is surely dead. */
  readonly intentSeconds: number;
  /** Events that may wait before new work is refused. */
  readonly maxEvents: number;
  /** Their size, in MiB. */
  readonly maxMebibytes: number;
  /** What of an event that was only intended turned out true; undefined when nothing did. */
  readonly verify: (event: CloudEventOut) => Promise<CloudEventOut | undefined>;
  readonly log: Logger;
}

/** What a run intends to tell, written down before its first effect. */
export interface Intent {
  /** Everything was told or kept. */
  end(): Promise<void>;
}

/** How much waits for the sink. */
export interface Waiting {
  /** A file of a run that was killed counts as one. */
  readonly events: number;
  readonly bytes: number;
  /** Since when the oldest of them has waited, in milliseconds since 1970; undefined when none does. */
  readonly since: number | undefined;
}

type Emit = (event: CloudEventOut) => Promise<void>;

/** What may wait in memory, whatever the settings say: that is to have room for work, too. */
const mostInMemory = { events: 1_000, bytes: 16 << 20 };
/** Milliseconds for which a folder that was listed is not listed again. */
const listingMs = 10_000;
/** Milliseconds after which numbers of a folder are looked up anew, while anything waits there. */
const glanceMs = 60_000;
/** Milliseconds for which a sink that was away is not asked again, so that calls at once do not wait for it one by one. */
const awayMs = 2_000;

/**
 * Keeps the events that the sink does not take, and tells them before a later call ends. With a folder they outlive the
 * process, any instance tells them, and what a killed run was about to tell is known, too. When too much waits, no new work
 * is begun; what was done is kept in any case.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #folder: EventFolder | undefined;
  readonly #memory: { readonly event: CloudEventOut; readonly bytes: number; readonly since: number }[] = [];
  /** The files of the folder whose events are to be told, as far as it is known here. */
  #due: EventFile[] = [];
  #lookedAt = -Infinity;
  readonly #atOnce = pLimit(1);
  #away: { readonly since: number; readonly error: LakewardenError } | undefined;

  constructor(options: OutboxOptions) {
    const { hdfs, folder, intentSeconds } = options;
    this.#options = options;
    this.#folder = folder === undefined ? undefined : new EventFolder(hdfs, folder, intentSeconds);
  }

  /** What waits in memory, and in the folder as it was seen last. */
  get waiting(): Waiting {
    const [memory, folder] = [sum(this.#memory), sum(this.#due)];
    const oldest = [memory, folder].flatMap(({ since }) => since ?? []);
    return {
      events: memory.events + folder.events,
      bytes: memory.bytes + folder.bytes,
      since: oldest.length === 0 ? undefined : Math.min(...oldest),
    };
  }

  /** Whether as much waits as may. */
  get isFull(): boolean {
    return !this.#hasRoom(1, 1);
  }

  /** Why no new work is begun. */
  refusal(): LakewardenError {
    const { events, bytes } = this.waiting;
    const message = `${events} events of ${bytes} bytes wait for the event sink, and no more may: no new work is begun`;
    return new LakewardenError('sink.unavailable', message, { cause: this.#away?.error });
  }

  /** Looks at the folder again, in the background, when what is known of it is old. */
  glance(): void {
    if (this.#due.length === 0 || Date.now() - this.#lookedAt < glanceMs || this.#atOnce.activeCount > 0) return;
    const warn = (error: unknown): void => this.#options.log.warn({ err: error }, 'the outbox cannot be looked at');
    void this.#atOnce(() => this.#look()).catch(warn);
  }

  /**
   * Lets new work begin, after telling what waits when it is too much. @throws LakewardenError `sink.unavailable` when that
   * does not make room; what HDFS or the metastore is in trouble with
   */
  async makeRoom(emit: Emit): Promise<void> {
    await this.#knowFolder();
    if (!this.isFull) return;
    try {
      await this.tell(emit);
    } catch (error) {
      if (!isError(error, 'sink.unavailable')) throw error;
    }
    if (this.isFull) throw this.refusal();
  }

  /**
   * Writes down what is about to be told. @throws LakewardenError `sink.unavailable` when there is no room for it beside what
   * waits; what HDFS is in trouble with. Then nothing may be done that is to be told
   */
  async intend(events: readonly CloudEventOut[]): Promise<Intent> {
    await this.#knowFolder();
    // Alone, even the most is let in: it would be as much the next time, too.
    if (this.waiting.events > 0 && !this.#hasRoom(events.length, sizeOf(events))) throw this.refusal();
    const folder = this.#folder;
    if (folder === undefined || events.length === 0) return { end: async () => {} };
    const file = await folder.write('intended', events);
    return {
      end: async () => {
        // What the folder did not take is told by this file if memory is lost, and twice if not: that is harmless.
        if (this.#memory.length > 0) return;
        const warn = (error: unknown): void =>
          this.#options.log.warn({ err: error }, `${file.path} could not be removed`);
        await folder.remove(file).catch(warn);
      },
    };
  }

  /** Keeps an event that the sink did not take: in the folder, and where that fails, or there is none, in memory. */
  async keep(event: CloudEventOut): Promise<void> {
    const { log } = this.#options;
    try {
      const file = await this.#folder?.write('untold', [event]);
      if (file !== undefined) return void this.#due.push(file);
    } catch (error) {
      log.warn({ err: error }, `${this.#folder?.path} takes no events`);
    }
    // The log has it whole in any case: memory is gone when the process is killed.
    log.warn({ undelivered: event }, `the event ${event.type} waits`);
    this.#memory.push({ event, bytes: sizeOf([event]), since: Date.now() });
  }

  /**
   * Tells what waits, oldest first. @throws LakewardenError `sink.unavailable` while the sink is still away, so that the call
   * fails and its sender rings again; what HDFS or the metastore is in trouble with
   */
  async tell(emit: Emit): Promise<void> {
    await this.#atOnce(async () => {
      // A long listing would only lead to the same.
      if (this.#isAway && this.waiting.events > 0) throw this.#away?.error;
      for (let [first] = this.#memory; first !== undefined; [first] = this.#memory) {
        await this.send(emit, first.event);
        this.#memory.shift();
      }
      if (this.#folder === undefined) return;
      if (Date.now() - this.#lookedAt >= listingMs) await this.#look();
      await this.#tellDue(this.#folder, emit);
    });
  }

  /** Sends an event, and remembers when the sink was away. @throws what `emit` throws, or threw a moment ago */
  async send(emit: Emit, event: CloudEventOut): Promise<void> {
    if (this.#isAway) throw this.#away?.error;
    try {
      await emit(event);
      this.#away = undefined;
    } catch (error) {
      if (isError(error, 'sink.unavailable')) this.#away = { since: Date.now(), error };
      throw error;
    }
  }

  get #isAway(): boolean {
    return this.#away !== undefined && Date.now() - this.#away.since < awayMs;
  }

  #hasRoom(events: number, bytes: number): boolean {
    const { maxEvents, maxMebibytes } = this.#options;
    const [all, memory] = [this.waiting, sum(this.#memory)];
    const toMemory = this.#folder === undefined;
    return (
      all.events + events <= maxEvents &&
      all.bytes + bytes <= maxMebibytes * 2 ** 20 &&
      memory.events + (toMemory ? events : 1) <= mostInMemory.events &&
      memory.bytes + (toMemory ? bytes : 1) <= mostInMemory.bytes
    );
  }

  /** A process that was just started knows nothing of what others kept. */
  async #knowFolder(): Promise<void> {
    if (this.#folder === undefined || this.#lookedAt > 0) return;
    await this.#atOnce(async () => {
      if (this.#lookedAt < 0) await this.#look();
    });
  }

  async #look(): Promise<void> {
    const known = this.#due.length;
    const found = (await this.#folder?.due()) ?? [];
    const paths = new Set(found.map(({ path }) => path));
    const meanwhile = this.#due.slice(known);
    this.#due = [...found, ...meanwhile.filter(({ path }) => !paths.has(path))];
    this.#lookedAt = Date.now();
  }

  async #tellDue(folder: EventFolder, emit: Emit): Promise<void> {
    const { log } = this.#options;
    // Those that are kept meanwhile come last.
    for (let [file] = this.#due; file !== undefined; [file] = this.#due) {
      const events = await folder.read(file);
      // One that is no events yet may just be being written; one that never was tells of nothing that has begun.
      if (events === 'foreign' && file.isOld)
        log.error({ path: file.path }, `${file.path} holds no events and is removed`);
      else if (typeof events === 'object') for (const event of events) await this.#tellStored(emit, event, file);
      if (typeof events === 'object' || (events === 'foreign' && file.isOld)) await folder.remove(file);
      this.#due.shift();
    }
  }

  /** Tells an event of a file. One that nothing can be made of goes to the log whole: it would fail every call for ever. */
  async #tellStored(emit: Emit, event: CloudEventOut, { kind }: EventFile): Promise<void> {
    try {
      const told = kind === 'intended' ? await this.#options.verify(event) : event;
      if (told !== undefined) await this.send(emit, told);
    } catch (error) {
      if (isError(error)) throw error;
      this.#options.log.error({ err: error, undelivered: event }, 'an event of the outbox makes no sense');
    }
  }
}

function sum(parts: readonly { readonly bytes: number; readonly since: number }[]): Waiting {
  const bytes = parts.reduce((all, part) => all + part.bytes, 0);
  return { events: parts.length, bytes, since: parts[0]?.since };
}

/** Bytes of events as they are stored. */
function sizeOf(events: readonly CloudEventOut[]): number {
  return writeEvents(events).length;
}
