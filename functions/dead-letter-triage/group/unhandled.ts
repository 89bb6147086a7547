import { type Group, hourMs } from './group.ts';
import { unhandledLetters } from './handled.ts';

/** The oldest letter of which nobody took care. */
export interface UnhandledLetter {
  /** The group that it is in, and how often that was opened. */
  readonly group: string;
  readonly episode: number;
  readonly offset: bigint;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** The oldest unhandled letter of a partition's groups; undefined when all are resolved. */
export function findUnhandled(groups: Iterable<Group>): UnhandledLetter | undefined {
  let oldest: Omit<UnhandledLetter, 'timestamp'> | undefined;
  let timestamp = Infinity;
  for (const group of groups) {
    if (unhandledLetters(group) === 0) continue;
    const first = firstOfEpisode(group);
    if (oldest === undefined || first.offset < oldest.offset)
      oldest = { group: group.id, episode: group.episode, offset: first.offset };
    timestamp = Math.min(timestamp, first.timestamp);
  }
  return oldest === undefined ? undefined : { ...oldest, timestamp };
}

/**
 * The first letter since a group was opened the last time, also when it was replayed and others were not. The time of a group that
 * came back is the hour in which its letters, counted from the newest, began.
 */
function firstOfEpisode(group: Group) {
  const { episode, episodeCount, firstOffset, lastOffset, firstSeen, lastSeen, hours } = group;
  if (episode === 1) return { offset: BigInt(firstOffset), timestamp: firstSeen };
  const offset = BigInt(group.episodeOffset ?? lastOffset);
  let left = episodeCount;
  for (const [hour, count] of hours.toReversed()) {
    left -= count;
    if (left <= 0) return { offset, timestamp: Math.max(firstSeen, hour * hourMs) };
  }
  return { offset, timestamp: Math.min(lastSeen, firstSeen) };
}
