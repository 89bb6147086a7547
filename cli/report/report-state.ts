import { randomUUID } from 'node:crypto';
import type { Folder } from '#functions/compliance-scan/state/folder.ts';
import { HdfsFolder } from '#functions/compliance-scan/state/hdfs-folder.ts';
import { LocalFolder } from '#functions/compliance-scan/state/local-folder.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { createHdfs, type hdfsSettings } from '#shared/hdfs/hdfs-settings.ts';
import { toPath } from '#shared/hdfs/location.ts';
import type { z } from 'zod';
import { type Snapshot, snapshotSchema } from './snapshot.ts';

/** Snapshots that are kept; only the newest is read. */
const kept = 3;
const pattern = /^report-(\d{9})\.json$/;

/** Opens the folder that reports leave snapshots in; one that begins with `hdfs:` lies in HDFS. @throws config.invalid */
export function openStateFolder(folder: string, hdfs: z.output<typeof hdfsSettings> | undefined): Folder {
  if (!/^\w+:\//.test(folder)) return new LocalFolder(folder);
  if (hdfs === undefined)
    throw new LakewardenError('config.invalid', `--state ${folder} needs settings that name HDFS`);
  return new HdfsFolder(createHdfs(hdfs), toPath(folder, hdfs));
}

/** The newest snapshot that can be read; undefined when there is none. Those that are damaged, or of another version, are told. */
export async function readSnapshot(folder: Folder, tell: (problem: string) => void): Promise<Snapshot | undefined> {
  for (const number of (await numbersIn(folder)).toReversed()) {
    const bytes = await folder.read(nameOf(number));
    try {
      return snapshotSchema.parse(JSON.parse(Buffer.from(bytes ?? []).toString()));
    } catch {
      tell(`the snapshot ${nameOf(number)} is damaged, or another version wrote it: it is passed over`);
    }
  }
  return undefined;
}

/** Writes a snapshot as the newest one, whole or not at all, and removes the oldest ones. */
export async function writeSnapshot(folder: Folder, snapshot: Snapshot): Promise<void> {
  const numbers = await numbersIn(folder);
  const passing = `.new-${randomUUID()}`;
  await folder.create(passing, Buffer.from(JSON.stringify(snapshot)));
  let next = (numbers.at(-1) ?? 0) + 1;
  // Another report may have been quicker.
  while (!(await folder.rename(passing, nameOf(next)))) {
    if (next > (numbers.at(-1) ?? 0) + 10)
      throw new LakewardenError('busy', 'others write snapshots of reports all the time');
    next += 1;
  }
  for (const number of numbers) if (number <= next - kept) await folder.remove(nameOf(number));
}

async function numbersIn(folder: Folder): Promise<number[]> {
  const entries = (await folder.list('')) ?? [];
  return entries.flatMap(({ name }) => Number(pattern.exec(name)?.[1] ?? NaN) || []).toSorted((a, b) => a - b);
}

function nameOf(number: number): string {
  return `report-${String(number).padStart(9, '0')}.json`;
}
