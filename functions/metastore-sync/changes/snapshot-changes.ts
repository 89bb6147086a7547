import type { SnapshotDifference } from '#shared/hdfs/metadata.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import { matchPath, type PathTemplate } from '#shared/lake/path-template.ts';

/** What a snapshot difference says about a topic; paths are relative to the topic's folder. */
export interface Changes {
  /** Partition folders in which (or to which) something happened, and those to look at again. */
  readonly touched: readonly string[];
  /** What appeared above the partitions; whatever lies in it is reported by nothing else. */
  readonly appeared: readonly string[];
  /** Folders above partitions that were deleted or renamed. */
  readonly gone: readonly string[];
  /** What appeared and fits no layout, with the reason. */
  readonly unexpected: readonly { readonly path: string; readonly reason: string }[];
  /** True when a younger snapshot should take the place of the older one. */
  readonly due: boolean;
}

/** Looking at more folders again and again costs more than a younger snapshot, which takes about seven calls. */
const touchedAtMost = 8;
/** The same for what is reported and not looked at, such as files of a writer at work. */
const reportedAtMost = 1_000;

/**
 * Says which partitions a snapshot difference, and those to look at again, concern. A younger snapshot is due when the older one keeps deleted data on
 * disk, or when the difference has grown long.
 */
export function judgeDifferences(
  differences: readonly SnapshotDifference[],
  templates: readonly PathTemplate[],
  again: readonly string[],
): Changes {
  const touched = new Set(again);
  const appeared = new Set<string>();
  const gone = new Set<string>();
  const unexpected = new Map<string, string>();
  let deleted = false;
  const judge = (path: string, event: 'came' | 'went' | 'changed'): boolean => {
    const folders = path.split('/').filter((name) => name !== '');
    if (folders.length === 0 || folders.some(isHiddenName)) return false;
    const place = placeOf(folders, templates);
    if ('reason' in place) {
      if (event === 'came') unexpected.set(path, place.reason);
    } else {
      if (place.partition !== undefined) touched.add(place.partition);
      else if (event === 'came') appeared.add(path);
      else if (event === 'went') gone.add(path);
    }
    return true;
  };
  for (const { type, source, target } of differences) {
    if (type === 'CREATE') judge(source, 'came');
    else if (type === 'MODIFY') judge(source, 'changed');
    else if (type === 'DELETE') deleted = judge(source, 'went') || deleted;
    else {
      judge(source, 'went');
      judge(target ?? '', 'came');
    }
  }
  return {
    touched: [...touched],
    appeared: [...appeared],
    gone: [...gone],
    unexpected: [...unexpected].map(([path, reason]) => ({ path, reason })),
    due:
      deleted ||
      (differences.length > 0 && touched.size + appeared.size > touchedAtMost) ||
      differences.length > reportedAtMost,
  };
}

/** The partition folder at or above a path; none when the path lies above partitions; the reason when it fits no layout. */
function placeOf(
  folders: readonly string[],
  templates: readonly PathTemplate[],
): { readonly partition?: string } | { readonly reason: string } {
  const reasons: string[] = [];
  for (const template of templates) {
    const own = folders.slice(0, template.segments.length);
    const match = matchPath(template, own);
    if ('reason' in match) reasons.push(match.reason);
    else return match.complete ? { partition: own.join('/') } : {};
  }
  return { reason: reasons.join('; ') };
}
