import { asError, isError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { childPath } from '#shared/hdfs/path.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import { type Lease, removeSurely } from '../journal/journal.ts';
import { asideName, isPutAside, looksName, nameBeforeAside } from '../journal/names.ts';
import type { Problem } from '../problem.ts';
import { type FileState, isDue, isHalfWritten, isSameState, type LeftoverPlan, type Look } from './leftover.ts';
import { readLooks, writeLooks } from './looks.ts';
import type { LeftoverPolicy } from './policy.ts';
import { isOpen } from './survey.ts';

/** A left-over file that was removed. */
export interface RemovedLeftover extends Look {
  readonly topic: string;
}

/** What clearing away needs. */
export interface ClearTools {
  readonly hdfs: WebHdfs;
  readonly policy: LeftoverPolicy;
  readonly topic: string;
  /** Told of each file right before it goes; telling twice must be harmless. */
  readonly onRemoved: (folder: string, file: RemovedLeftover) => Promise<void>;
}

/**
 * Removes what is due in a partition that we hold, and remembers what was seen for the first time. A file is put aside under a
 * name of ours first: only then it is sure that nobody gives it another name, and it is looked at a last time. What is not the
 * file that was seen twice goes back to its name. What a run that died put aside is settled in the same way.
 */
export async function clearLeftovers(
  folder: string,
  plan: LeftoverPlan,
  lease: Lease,
  tools: ClearTools,
): Promise<{ readonly removed: readonly RemovedLeftover[]; readonly problems: readonly Problem[] }> {
  const { hdfs, policy, topic } = tools;
  const problems: Problem[] = [];
  const removed: RemovedLeftover[] = [];
  const refuse = (path: string, reason: string): void =>
    void problems.push({ code: 'leftover.refused', topic, path, message: `${path} is left as it is: ${reason}` });
  const entries = await listFolder(hdfs, folder);
  const now = await hdfs.serverTime();
  const record = entries.get(looksName);
  const looks = record === undefined ? [] : await readLooks(hdfs, folder, record.length);
  const isStillDue = (file: FileState): boolean => isDue(file, looks, now, policy);
  const begun = [...entries.values()].filter(({ name, type }) => type === 'FILE' && isPutAside(name));
  const aside = new Set(begun.map(({ name }) => nameBeforeAside(name)));
  for (const file of plan.files) {
    const entry = entries.get(file.name);
    if (file.state !== 'due' || entry === undefined || !isSameState(entry, file) || !isStillDue(file)) continue;
    if ((await isOpen(entry.path, hdfs)) !== false || !(await lease.isHeld())) continue;
    try {
      await hdfs.rename(entry.path, childPath(folder, asideName(file.name)), 'none');
      aside.add(file.name);
    } catch (thrown) {
      const { code, disposition, message } = asError(thrown);
      if (disposition !== 'reject') throw thrown;
      // Its writer is alive, and has given it its last name.
      if (code !== 'hdfs.not_found') refuse(entry.path, message);
    }
  }
  for (const name of aside) {
    const path = childPath(folder, asideName(name));
    const status = await hdfs.statusIfExists(path);
    if (status === undefined) continue;
    const look = looks.find((one) => isSameState(one, { ...status, name }));
    if (look !== undefined && isStillDue(look) && (await isOpen(path, hdfs)) === false) {
      const file = { ...look, topic };
      await tools.onRemoved(folder, file);
      await removeSurely(hdfs, path);
      removed.push(file);
    } else if (isHiddenName(name)) {
      await putBack(hdfs, path, childPath(folder, name), refuse);
    }
  }
  await remember(folder, plan, looks, record !== undefined, lease, tools);
  return { removed, problems };
}

async function putBack(
  hdfs: WebHdfs,
  from: string,
  to: string,
  refuse: (path: string, reason: string) => void,
): Promise<void> {
  try {
    await hdfs.rename(from, to, 'none');
  } catch (error) {
    if (!isError(error, 'hdfs.exists')) throw error;
    refuse(from, `it was put aside by mistake, and ${to} is taken`);
  }
}

/** Writes down which files are seen in which state since when. */
async function remember(
  folder: string,
  { files }: LeftoverPlan,
  looks: readonly Look[],
  isRecorded: boolean,
  lease: Lease,
  { hdfs, policy }: ClearTools,
): Promise<void> {
  const entries = await listFolder(hdfs, folder);
  // By the clock after the listing, so that a look never counts as earlier than it was.
  const seenAt = await hdfs.serverTime();
  const next = files.flatMap(({ state, name }): Look[] => {
    const entry = entries.get(name);
    if (!policy.remove || entry === undefined || !isHalfWritten(entry, policy)) return [];
    const { fileId, length, modificationTime } = entry;
    const known = looks.find((look) => isSameState(look, entry));
    if (known !== undefined) return [known];
    return state === 'new' ? [{ name, fileId, length, modificationTime, seenAt }] : [];
  });
  if (isRecorded ? looks.length === 0 || JSON.stringify(next) !== JSON.stringify(looks) : next.length > 0)
    await writeLooks(hdfs, folder, lease.journal.run, next);
}

async function listFolder(hdfs: WebHdfs, folder: string): Promise<Map<string, FileStatus>> {
  const entries = new Map<string, FileStatus>();
  for await (const entry of hdfs.list(folder)) entries.set(entry.name, entry);
  return entries;
}
