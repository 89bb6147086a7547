import { createHash } from 'node:crypto';
import type { Policy } from './config.ts';
import type { Problem } from './problem.ts';
import { type FileAttributes, type PartitionView, type PlannedFile, planFile, type SeenFile } from './view.ts';

/** How a file that was written anew takes the place of the old one. */
export type Way = 'rename' | 'concat';

/** A file whose rows are written anew, in fewer row groups. */
export interface Rewrite {
  /** Follows from the file and from how it is written, so that the same rewrite has the same id. */
  readonly id: string;
  readonly file: PlannedFile;
  readonly attributes: FileAttributes;
  readonly way: Way;
  readonly rowGroups: { readonly before: number; readonly after: number };
  /** Bytes of the old file that no row group lies in. */
  readonly deadBytes: number;
  readonly groupRows: number;
  readonly groupBytes: number;
  readonly codec: Policy['deepMerge']['codec'];
  /** Who writes it; we do when it is left out. */
  readonly engine?: 'hive';
  /** What an engine may change of the schema. */
  readonly schemaChange: Policy['deepMerge']['schemaChange'];
}

type Rewritable = SeenFile & { readonly rewritable: NonNullable<SeenFile['rewritable']> };

/**
 * Decides which files are written anew: those of a cold partition with many row groups of which at most half would be left,
 * and those in which too many bytes are dead. What a rewrite has made is no such file, so that a second run finds nothing.
 */
export function planRewrites(
  view: PartitionView,
  merged: ReadonlySet<string>,
): { rewrites: Rewrite[]; problems: Problem[] } {
  const { topic, path, policy } = view;
  const { maxBytes, handOver } = policy.deepMerge;
  const rewrites: Rewrite[] = [];
  const problems: Problem[] = [];
  if (!isCold(view.newest, view.now, policy)) return { rewrites, problems };
  for (const file of view.files) {
    if (file.rewritable === undefined || merged.has(file.name)) continue;
    const way = chooseWay(file as Rewritable, view);
    if (way === undefined) continue;
    const refuse = (code: Problem['code'], message: string): void =>
      void problems.push({ code, topic, path: `${path}/${file.name}`, message: `${path}/${file.name} ${message}` });
    const isBig = file.length > maxBytes;
    if (isBig && !handOver) refuse('file.too_big', `has ${file.length} bytes, too many to be written anew`);
    else if (isBig && way === 'concat')
      refuse('file.too_big', `has ${file.length} bytes, and a file of an engine can only be swapped by rename`);
    else if (way === 'concat' && path.includes(','))
      refuse('file.name', 'has a comma in its path, which WebHDFS cannot name in a list');
    else rewrites.push(planRewrite(file as Rewritable, way, policy, isBig));
  }
  return { rewrites: rewrites.toSorted((a, b) => gain(b) - gain(a) || (a.file.name < b.file.name ? -1 : 1)), problems };
}

/** True for a folder whose files may be written anew, by the time of its newest file. */
export function isCold(newest: number, now: number, { deepMerge: { swap, coldSeconds } }: Policy): boolean {
  return swap !== 'off' && newest <= now - coldSeconds * 1_000;
}

function chooseWay({ length, rewritable }: Rewritable, { policy, now }: PartitionView): Way | undefined {
  const { swap, minRowGroups, maxDeadShare, reclaimSeconds } = policy.deepMerge;
  const { facts, rewrite } = rewritable;
  // Nothing but a footer would be left.
  if (rewrite.rowGroupsAfter === 0) return undefined;
  const isDue = rewrite.rewrittenAt <= now - reclaimSeconds * 1_000;
  if (rewrite.deadBytes > length * maxDeadShare && isDue) return 'rename';
  // Their row groups are as large as they were to be.
  if (rewrite.form === 'rewritten' || rewrite.form === 'swapped') return undefined;
  if (facts.rowGroups < minRowGroups || rewrite.rowGroupsAfter * 2 > facts.rowGroups) return undefined;
  return swap === 'off' ? undefined : swap;
}

function planRewrite(file: Rewritable, way: Way, { deepMerge }: Policy, isBig: boolean): Rewrite {
  const { attributes, facts, rewrite } = file.rewritable;
  const { groupRows, groupBytes, codec, schemaChange } = deepMerge;
  const { name, fileId, length, modificationTime } = file;
  const state = [name, fileId, length, modificationTime, facts.footer, way, groupRows, groupBytes, codec, isBig];
  return {
    id: createHash('sha256').update(JSON.stringify(state)).digest('hex').slice(0, 24),
    file: planFile(file, facts),
    attributes,
    way,
    rowGroups: { before: facts.rowGroups, after: rewrite.rowGroupsAfter },
    deadBytes: rewrite.deadBytes,
    groupRows,
    groupBytes,
    codec,
    ...(isBig && { engine: 'hive' }),
    schemaChange,
  };
}

/** Row groups that vanish for each byte that is written. */
function gain({ rowGroups, file }: Rewrite): number {
  return (rowGroups.before - rowGroups.after) / file.length;
}
