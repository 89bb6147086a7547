import { randomBytes } from 'node:crypto';
import { isError, LakewardenError } from '#shared/errors/error.ts';
import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { PieceManifest } from '#shared/parquet/piece-manifest.ts';
import { journalSchema } from './journal-schema.ts';
import { closedName, draftName, journalName } from './names.ts';
import type { Merge } from '../plan.ts';
import type { Rewrite } from '../plan-rewrites.ts';

/** A merge with the tail that was built for it. */
export interface MergeWork {
  readonly kind: 'merge';
  readonly topic: string;
  readonly merge: Merge;
  readonly tailBytes: number;
  /** Digest of the tail. */
  readonly tail: string;
  /** Digest of the blocks of all files; absent where HDFS does not tell them, or nobody wants to verify pieces. */
  readonly blocks?: string;
}

/** Writing the rows of a file anew, in fewer row groups. */
export interface RewriteWork {
  readonly kind: 'rewrite';
  readonly topic: string;
  readonly rewrite: Rewrite;
}

/** Taking a merged file apart again. */
export interface UndoWork {
  readonly kind: 'undo';
  /** Name of the merged file. */
  readonly name: string;
  readonly fileId: number;
  /** Bytes. A merge that came later onto the same file leaves its number, but not its length. */
  readonly length: number;
  readonly manifest: PieceManifest;
  /** Whether the pieces are to stay as they are afterwards. */
  readonly keep?: boolean;
}

/** What the holder of a journal is about; `settle` is only there to finish or undo what others left. */
export type Work = MergeWork | RewriteWork | UndoWork | { readonly kind: 'settle' };

/** A journal: who works in the partition, at what, and how long others wait for it. */
export interface Journal {
  readonly version: 1;
  /** Made anew for each attempt; fences it off from all others. */
  readonly run: string;
  /** Who it is, for people. */
  readonly owner: string;
  readonly leaseSeconds: number;
  readonly work: Work;
}

/** Another run holds the partition. */
export interface Held {
  readonly owner: string;
  /** Seconds until others may take over. */
  readonly secondsLeft: number;
}

/** Begins a journal. */
export function newJournal(work: Work, owner: string, leaseSeconds: number): Journal {
  return { version: 1, run: randomBytes(6).toString('hex'), owner, leaseSeconds, work };
}

/** True for an error after which it is not known whether the call was performed. */
export function isAmbiguous(error: unknown): boolean {
  return isError(error) && error.details['ambiguous'] === true;
}

/**
 * The right to change the files of one partition. A journal becomes the one by a rename that fails when there is one, and
 * stops being it by a rename to a name of its own; it is never deleted in its place. So whoever is delayed can at worst close
 * another's journal, and then the next holder settles that one's work before its own.
 */
export class Lease {
  readonly #hdfs: WebHdfs;
  readonly #folder: string;
  readonly journal: Journal;
  #fileId: number | undefined;

  constructor(hdfs: WebHdfs, folder: string, journal: Journal) {
    this.#hdfs = hdfs;
    this.#folder = folder;
    this.journal = journal;
  }

  get #path(): string {
    return childPath(this.#folder, journalName);
  }

  /** Takes the partition. @returns who holds it, when somebody does */
  async acquire(): Promise<Held | undefined> {
    const draft = childPath(this.#folder, draftName(this.journal.run));
    try {
      await this.#hdfs.create(draft, new TextEncoder().encode(JSON.stringify(this.journal)));
      for (let attempt = 1; ; attempt += 1) {
        if (await this.#claim(draft)) return undefined;
        const held = await this.#closeExpired();
        if (held !== undefined && attempt < 5) {
          await this.#hdfs.remove(draft);
          return held;
        }
        if (attempt === 5) throw new LakewardenError('busy', `too many runs want ${this.#folder} at once`);
      }
    } catch (error) {
      await this.#hdfs.remove(draft).catch(() => {});
      throw error;
    }
  }

  /** Renames the draft to the journal; false when there is one already. */
  async #claim(draft: string): Promise<boolean> {
    try {
      await this.#hdfs.rename(draft, this.#path, 'none');
      return true;
    } catch (error) {
      if (isError(error, 'hdfs.exists')) return false;
      if (!isAmbiguous(error)) throw error;
      // Without the draft, a rename that is still on its way fails.
      await removeSurely(this.#hdfs, draft);
      if (await this.isHeld()) return true;
      throw error;
    }
  }

  /** Closes the journal of a run that is over its time. @returns who holds the partition, when the time is not over */
  async #closeExpired(): Promise<Held | undefined> {
    const status = await this.#hdfs.statusIfExists(this.#path);
    if (status === undefined) return undefined;
    const holder = await readJournal(this.#hdfs, this.#path);
    const {
      run = `unreadable-${status.fileId}`,
      owner = 'unknown',
      leaseSeconds = this.journal.leaseSeconds,
    } = holder ?? {};
    const age = (await this.#hdfs.serverTime()) - status.modificationTime;
    const left = leaseSeconds * 1_000 - age;
    // One of the future, as after a clock was set back, would hold the partition until then.
    if (left > 0 && -age < leaseSeconds * 1_000) return { owner, secondsLeft: Math.ceil(left / 1_000) };
    await this.#close(run);
    return undefined;
  }

  /**
   * Moves the journal, whose ever it is by then, to a name that is used once: so whoever has read a closed journal removes that
   * one and no other. @returns its path
   */
  async #close(run: string): Promise<string> {
    const closed = childPath(this.#folder, closedName(`${run}-${randomBytes(4).toString('hex')}`));
    try {
      await this.#hdfs.rename(this.#path, closed, 'none');
    } catch (error) {
      // Somebody else was faster.
      if (!isError(error, 'hdfs.not_found')) throw error;
    }
    return closed;
  }

  /** True while the partition is ours. */
  async isHeld(): Promise<boolean> {
    return (await readJournal(this.#hdfs, this.#path))?.run === this.journal.run;
  }

  /**
   * Begins our time anew, by the NameNode's clock. The journal is named by its inode, so that it is never another's.
   * @throws plan.stale when the partition is not ours any more
   */
  async renew(): Promise<void> {
    const { fileId } = this.#fileId === undefined ? await this.#hdfs.status(this.#path) : { fileId: this.#fileId };
    if (!(await this.isHeld()))
      throw new LakewardenError('plan.stale', `another run took over ${this.#folder}`, {
        details: { folder: this.#folder },
      });
    this.#fileId = fileId;
    await this.#hdfs.setTimes(`/.reserved/.inodes/${fileId}`, { modificationTime: await this.#hdfs.serverTime() });
  }

  /** Gives the partition back. Unless all is `settled`, the next holder sees to it; what fails here it mends, too. */
  async release(settled: boolean): Promise<void> {
    try {
      const closed = await this.#close(this.journal.run);
      if (settled && (await readJournal(this.#hdfs, closed))?.run === this.journal.run) await this.#hdfs.remove(closed);
    } catch {
      // The journal stays until it is over its time.
    }
  }
}

/** A journal's content; undefined when it is not there or is none. @throws hdfs.unsupported for one of a newer version */
export async function readJournal(hdfs: WebHdfs, path: string): Promise<Journal | undefined> {
  try {
    const parts: Uint8Array[] = [];
    for await (const part of await hdfs.open(path)) parts.push(part as Uint8Array);
    const journal = JSON.parse(Buffer.concat(parts).toString()) as Partial<Journal> | null;
    if (Number(journal?.version) > 1) {
      const message = `${path} is of a newer version of this function, which must finish its work`;
      throw new LakewardenError('hdfs.unsupported', message, { details: { path } });
    }
    return journalSchema.safeParse(journal).success ? (journal as Journal) : undefined;
  } catch (error) {
    if (isError(error, 'hdfs.not_found') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Removes a file and does not return before it is gone for good. @throws what HDFS is in trouble with */
export async function removeSurely(hdfs: WebHdfs, path: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await hdfs.remove(path);
      return;
    } catch (error) {
      if (!isAmbiguous(error) || attempt === 3) throw error;
    }
  }
}

/** Writes the journal of work that goes on under another one, for those who come after us. @returns its path */
export async function writeClosed(hdfs: WebHdfs, folder: string, journal: Journal): Promise<string> {
  const draft = childPath(folder, draftName(journal.run));
  const path = childPath(folder, closedName(journal.run));
  await hdfs.create(draft, new TextEncoder().encode(JSON.stringify(journal)));
  await hdfs.rename(draft, path, 'none');
  return path;
}
