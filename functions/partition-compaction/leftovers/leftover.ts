import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import { fitsPattern } from '#shared/lake/name-pattern.ts';
import { isOurs } from '../journal/names.ts';
import type { Problem } from '../problem.ts';
import type { LeftoverPolicy } from './policy.ts';

/** What tells that a file still is the one that was seen. */
export interface FileState {
  readonly name: string;
  readonly fileId: number;
  /** Bytes. */
  readonly length: number;
  /** Milliseconds since the epoch, by the NameNode's clock, as are all times here. */
  readonly modificationTime: number;
}

/** A file that was seen to be left over, and when that was first. */
export interface Look extends FileState {
  readonly seenAt: number;
}

/** A file that counts as left over by its name and age. */
export interface SeenLeftover extends FileState {
  /** True while somebody has it open for writing; undefined when HDFS does not tell. */
  readonly open: boolean | undefined;
}

/** What was found in a partition of what dead writers left. */
export interface LeftoverView {
  readonly policy: LeftoverPolicy;
  readonly files: readonly SeenLeftover[];
  readonly looks: readonly Look[];
  /** True when the record of looks, or a file that was put aside to be removed, is there. */
  readonly begun: boolean;
}

/**
 * What becomes of a left-over file: `kept` since the policy removes none; `open`, or not known whether it is; `new`, so that it
 * is only remembered; `waiting` for the second look; `due` to be removed; `refused` since too many are due.
 */
export type LeftoverState = 'kept' | 'open' | 'unknown' | 'new' | 'waiting' | 'due' | 'refused';

/** A left-over file, and what becomes of it. */
export interface Leftover extends FileState {
  readonly state: LeftoverState;
}

/** What would be done about the left-over files of a partition; plain data. */
export interface LeftoverPlan {
  readonly files: readonly Leftover[];
  /** True when something is to be written or removed. */
  readonly work: boolean;
}

/** The plan of a partition in which there is nothing to do. */
export const noLeftovers: LeftoverPlan = { files: [], work: false };

/** True for a file that is half written by its name; nothing that an engine reads, and nothing of ours. */
export function isHalfWritten(
  { name, type }: Pick<FileStatus, 'name' | 'type'>,
  { patterns }: LeftoverPolicy,
): boolean {
  return (
    type === 'FILE' && isHiddenName(name) && !isOurs(name) && patterns.some((pattern) => fitsPattern(name, pattern))
  );
}

/** True when both tell of the same file in the same state. */
export function isSameState(a: FileState, b: FileState): boolean {
  return (
    a.name === b.name && a.fileId === b.fileId && a.length === b.length && a.modificationTime === b.modificationTime
  );
}

/** True when a file was first seen in this state so long ago that it may be removed. */
export function isDue(file: FileState, looks: readonly Look[], now: number, policy: LeftoverPolicy): boolean {
  const first = looks.find((look) => isSameState(look, file));
  return first !== undefined && first.seenAt <= now - policy.secondLookSeconds * 1_000;
}

/** Decides what becomes of the left-over files of a closed partition. Pure. */
export function planLeftovers(
  { policy, files, looks, begun }: LeftoverView,
  about: { readonly topic: string; readonly path: string; readonly now: number; readonly dataFiles: number },
): { readonly plan: LeftoverPlan; readonly problems: readonly Problem[] } {
  const { now, dataFiles, ...where } = about;
  const stateOf = (file: SeenLeftover): LeftoverState => {
    if (file.open !== false) return file.open === true ? 'open' : 'unknown';
    if (!policy.remove) return 'kept';
    if (!looks.some((look) => isSameState(look, file))) return 'new';
    return isDue(file, looks, now, policy) ? 'due' : 'waiting';
  };
  const judged = files.map(({ open, ...file }): Leftover => ({ ...file, state: stateOf({ open, ...file }) }));
  const due = judged.filter(({ state }) => state === 'due').length;
  const isTooMany = due > policy.maxFiles || due > policy.maxShare * (dataFiles + files.length);
  const planned = isTooMany
    ? judged.map((file): Leftover => (file.state === 'due' ? { ...file, state: 'refused' } : file))
    : judged;
  const problems: Problem[] = [];
  const staying = planned.filter(({ state }) => state !== 'due');
  if (staying.length > 0) {
    const bytes = staying.reduce((sum, { length }) => sum + length, 0);
    const oldest = Math.min(...staying.map(({ modificationTime }) => modificationTime));
    const days = Math.floor((now - oldest) / 86_400_000);
    const open = staying.filter(({ state }) => state === 'open').length;
    const message = `writers left ${staying.length} half-written files in ${where.path}, ${bytes} bytes, the oldest ${days} days old${open > 0 ? `; ${open} are still open for writing` : ''}`;
    problems.push({ ...where, code: 'leftover.found', message });
  }
  if (isTooMany) {
    const limit = `at most ${policy.maxFiles}, and ${policy.maxShare} of all files`;
    const message = `none of the ${due} half-written files of ${where.path} is removed: that is more than is allowed at once (${limit})`;
    problems.push({ ...where, code: 'leftover.refused', message });
  }
  // What is remembered of files that are gone or have changed is forgotten.
  const outdated = looks.some((look) => !files.some((file) => isSameState(look, file)));
  const toDo = planned.some(({ state }) => state === 'new' || state === 'due');
  const plan = { files: planned, work: toDo || (begun && (!policy.remove || outdated || looks.length === 0)) };
  return { plan, problems };
}
