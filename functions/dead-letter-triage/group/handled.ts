import type { Group, GroupReplay } from './group.ts';

/** Letters of a group that a plan sent back, as a run of the plan counted them. */
export interface SentLetters {
  readonly group: string;
  readonly episode: number;
  readonly plan: string;
  readonly letters: number;
}

/** Replays that a group knows; letters of older ones count as unhandled, which is told too often rather than not at all. */
const replaysKept = 20;

/** Letters since a group was opened the last time of which nobody took care; 0 when it is resolved. */
export function unhandledLetters(group: Group): number {
  if (group.state === 'resolved') return 0;
  const sent = replaysOf(group).reduce((sum, { letters }) => sum + letters, 0);
  return Math.max(0, group.episodeCount - sent);
}

/** The newest replay of letters since a group was opened the last time. */
export function lastReplay(group: Group): GroupReplay | undefined {
  return replaysOf(group).at(-1);
}

function replaysOf({ replays = [], episode }: Group): GroupReplay[] {
  return replays.filter((one) => one.episode === episode);
}

/**
 * Notes which letters were sent back, and answers the groups that change. Pure, and the same however often it is done. Letters
 * of a group that was opened anew meanwhile belong to the time before, and are left out.
 */
export function noteReplays(
  groups: ReadonlyMap<string, Group>,
  sent: Iterable<SentLetters>,
  now: number,
): Map<string, Group> {
  const changed = new Map<string, Group>();
  for (const { group: id, episode, plan, letters } of sent) {
    const group = changed.get(id) ?? groups.get(id);
    if (group === undefined || group.episode !== episode) continue;
    const { replays = [] } = group;
    const at = replays.findIndex((one) => one.plan === plan && one.episode === episode);
    // A plan that was stopped may be counted in part by another one that leaves out what it sent.
    if (at >= 0 && (replays[at]?.letters ?? 0) >= letters) continue;
    const noted = { plan, letters, episode, at: now };
    const all = at < 0 ? [...replays, noted] : replays.with(at, noted);
    changed.set(id, { ...group, replays: all.slice(-replaysKept) });
  }
  return changed;
}
