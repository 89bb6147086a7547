import { type Group, hourMs } from './group.ts';

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
    if (group.state === 'resolved') continue;
    const first = firstOfEpisode(group);
    if (oldest === undefined || first.offset < oldest.offset)
      oldest = { group: group.id, episode: group.episode, offset: first.offset };
    timestamp = Math.min(timestamp, first.timestamp);
  }
  return oldest === undefined ? undefined : { ...oldest, timestamp };
}

/**
 * The first letter since a group was opened the last time. Of a group that came back only the newest offset is known for sure; the
 * time is the hour in which its letters, counted from the newest, began.
 */
function firstOfEpisode({ episode, episodeCount, firstOffset, lastOffset, firstSeen, lastSeen, hours }: Group) {
  if (episode === 1) return { offset: BigInt(firstOffset), timestamp: firstSeen };
  let left = episodeCount;
  for (const [hour, count] of hours.toReversed()) {
    left -= count;
    if (left <= 0) return { offset: BigInt(lastOffset), timestamp: Math.max(firstSeen, hour * hourMs) };
  }
  return { offset: BigInt(lastOffset), timestamp: Math.min(lastSeen, firstSeen) };
}
