import type { Problem } from '../problem.ts';
import type { TopicView } from '../view.ts';

/** What to do about registered partitions without a folder: nothing, tell of them, or drop them from the metastore. */
export const vanishedPolicies = ['keep', 'report', 'drop'] as const;

/** A registered partition whose folder is not there any more, or has nothing in it. */
export interface VanishedPartition {
  /** The metastore's name. */
  readonly name: string;
  readonly values: readonly string[];
  readonly path: string;
  readonly folder: 'missing' | 'empty';
}

/** What decides whether vanished partitions are dropped. */
export interface VanishedRules {
  /** All registered partitions. */
  readonly registered: number;
  /** Registered partitions whose folders have something in them. */
  readonly present: number;
  readonly policy: (typeof vanishedPolicies)[number];
  readonly maxPartitions: number;
  /** From 0 to 1. */
  readonly maxShare: number;
}

/** What a whole walk or a snapshot found vanished, and the rules for it. */
export interface Vanished extends VanishedRules {
  readonly partitions: readonly VanishedPartition[];
  /** Partitions whose folders were not seen, and whose places were not read, since enough had vanished without them. */
  readonly unread: number;
}

const namedAtMost = 100;

/** So many vanished partitions are enough: with more of them neither the decision nor what is named would be another. Pure. */
export function enoughVanished({ policy, registered, present, maxPartitions, maxShare }: VanishedRules): number {
  const isOpen = policy === 'drop' && present > 0;
  return Math.max(namedAtMost, isOpen ? Math.floor(Math.min(maxPartitions, registered * maxShare)) + 1 : 0);
}

/** Decides which partitions are dropped, and says what is to be said of them. Pure. */
export function planDrops({ settings, vanished }: TopicView): { drop: VanishedPartition[]; problems: Problem[] } {
  if (vanished === undefined || vanished.partitions.length === 0) return { drop: [], problems: [] };
  const { policy, registered, unread } = vanished;
  const table = `${settings.database}.${settings.table}`;
  const about = { topic: settings.topic, table };
  const partitions = vanished.partitions.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const refusal = policy === 'drop' ? refuse(vanished) : undefined;
  if (policy === 'drop' && refusal === undefined) return { drop: partitions, problems: [] };

  const problems = partitions.slice(0, namedAtMost).map(({ name, path, folder }): Problem => ({
    ...about,
    path,
    ...(folder === 'empty'
      ? { code: 'partition.empty', message: `the registered partition ${name} has nothing in its folder ${path}` }
      : { code: 'partition.vanished', message: `the registered partition ${name} has no folder ${path} any more` }),
  }));
  const more = partitions.length + unread - namedAtMost;
  if (more > 0) {
    const message = `${unread > 0 ? 'up to ' : ''}${more} more partitions of ${table} vanished`;
    problems.push({ ...about, code: 'partition.vanished', message });
  }
  if (refusal !== undefined)
    problems.push({
      ...about,
      code: 'partition.drop_refused',
      message: `${unread > 0 ? 'at least ' : ''}${partitions.length} of ${registered} partitions of ${table} vanished, and none is dropped: ${refusal}`,
    });
  return { drop: [], problems };
}

/** Why so many partitions must not be dropped, or undefined. What looks like an accident is for people to judge. */
function refuse({ partitions, registered, present, maxPartitions, maxShare }: Vanished): string | undefined {
  if (present === 0) return 'no registered partition would be left, as if the topic had been emptied or moved';
  if (partitions.length > maxPartitions) return `that is more than maxDropPartitions (${maxPartitions})`;
  if (partitions.length > registered * maxShare) return `that is a larger share than maxDropShare (${maxShare})`;
  return undefined;
}
