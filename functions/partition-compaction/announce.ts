import { type CloudEventOut, eventsOf } from '#shared/events/event.ts';
import { childPath } from '#shared/hdfs/path.ts';
import type { Candidate } from './candidates.ts';
import type { MergeWork } from './journal/journal.ts';
import type { RemovedLeftover } from './leftovers/clear.ts';
import { isSerious, type Problem } from './problem.ts';
import type { Rewritten } from './rewrite/rewritten.ts';

/** The name that this function has in events, logs and metrics. */
export const functionName = 'partition-compaction';

/** Makes an event of partition-compaction. */
export const compactionEvent = eventsOf(functionName);

const shownReasons = 100;

/** Tells the world of effects; ids follow from what happened, so that telling twice is harmless. */
export class Announce {
  readonly #emit: (event: CloudEventOut) => Promise<void>;
  readonly #instance: string;
  readonly #defaultFs: string;

  constructor(emit: (event: CloudEventOut) => Promise<void>, instance: string, defaultFs: string) {
    this.#emit = emit;
    this.#instance = instance;
    this.#defaultFs = defaultFs;
  }

  /** `partition.compacted`, one for each merge. */
  async compacted(folder: string, { topic, merge, tailBytes }: MergeWork): Promise<void> {
    const data = {
      topic,
      location: `${this.#defaultFs}${folder}`,
      file: childPath(folder, merge.target.name),
      way: 'concat',
      merge: merge.id,
      files: { before: merge.sources.length + 1, after: 1 },
      bytes: { before: merge.bytes, after: merge.bytes + tailBytes, written: tailBytes, notMoved: merge.bytes },
      rows: merge.rows,
    };
    await this.#send('partition.compacted', [merge.id], data, folder);
  }

  /** `partition.compacted`, one for each file that was written anew. */
  async rewritten(folder: string, { work, length, rowGroups, written, deadBytes }: Rewritten): Promise<void> {
    const { topic, rewrite } = work;
    const data = {
      topic,
      location: `${this.#defaultFs}${folder}`,
      file: childPath(folder, rewrite.file.name),
      way: rewrite.way === 'rename' ? 'rename' : 'concat-swap',
      ...(rewrite.engine !== undefined && { engine: rewrite.engine }),
      merge: rewrite.id,
      files: { before: 1, after: 1 },
      bytes: { before: rewrite.file.length, after: length, written, notMoved: 0, dead: deadBytes },
      rowGroups: { before: rewrite.rowGroups.before, after: rowGroups },
      rows: rewrite.file.rows,
    };
    await this.#send('partition.compacted', [rewrite.id], data, folder);
  }

  /** `compaction.refused`, one for each partition in which something was left as it is and somebody should know. */
  async refused(topic: string, folder: string, problems: readonly Problem[]): Promise<void> {
    const reasons = problems.filter(isSerious).map(({ code, message, path }) => ({ code, message, path }));
    if (reasons.length === 0) return;
    const location = `${this.#defaultFs}${folder}`;
    const data = { topic, location, count: reasons.length, reasons: reasons.slice(0, shownReasons) };
    await this.#send('compaction.refused', [JSON.stringify(reasons)], data, folder);
  }

  /** `leftover.removed`, one for each file. */
  async removed(
    folder: string,
    { topic, name, length, fileId, modificationTime, seenAt }: RemovedLeftover,
  ): Promise<void> {
    const file = childPath(folder, name);
    const data = {
      topic,
      location: `${this.#defaultFs}${folder}`,
      file,
      bytes: length,
      fileId,
      modified: new Date(modificationTime).toISOString(),
      firstSeen: new Date(seenAt).toISOString(),
    };
    await this.#send('leftover.removed', [file, String(fileId), String(length), String(modificationTime)], data, file);
  }

  /** `compaction.requested`: asks whoever is free to take this partition. `tick` tells one wave of requests from the next. */
  async requested({ topic, path, small }: Candidate, tick: string): Promise<void> {
    const data = { topic: topic.topic, paths: [path], small };
    await this.#send('compaction.requested', [tick], data, path);
  }

  async #send(type: string, idParts: readonly string[], data: unknown, subject: string): Promise<void> {
    await this.#emit(compactionEvent(this.#instance, type, data, idParts, subject));
  }
}
