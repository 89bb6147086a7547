import type { Verdict } from '../classify/classify.ts';
import type { Fingerprint } from './fingerprint.ts';

/** A letter of a group for people to look at; everything in it is masked and cut. */
export interface Sample {
  /** `topic/partition/offset` of the letter. */
  readonly place: string;
  readonly message: string;
  /** Null is a null; absent is unknown. */
  readonly key?: string | null;
  readonly value?: string | null;
  /** What is wrong with its bytes; absent when nothing is, or when nobody looked. */
  readonly fault?: string;
}

/** Letters of one hour, by the hour's number since the epoch. */
export type HourCount = readonly [hour: number, count: number];

/** Letters of a group that a plan sent back. */
export interface GroupReplay {
  readonly plan: string;
  readonly letters: number;
  /** The group's episode to which they belong. */
  readonly episode: number;
  /** When that was noted, in milliseconds since the epoch, by our own clock. */
  readonly at: number;
}

/** What is known of the letters of one fingerprint in one partition of a dead letter topic. Plain JSON of few kilobytes. */
export interface Group {
  readonly id: string;
  readonly about: Omit<Fingerprint, 'id' | 'isProvisional'>;
  readonly verdict: Verdict;
  readonly count: number;
  /** Milliseconds since the epoch, by the letters' own timestamps, as are all times here. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** In decimal. */
  readonly firstOffset: string;
  readonly lastOffset: string;
  readonly state: 'open' | 'resolved';
  /** How often the group was opened: 1, and one more each time letters came after it was resolved. */
  readonly episode: number;
  /** Letters since it was opened the last time. */
  readonly episodeCount: number;
  /** The offset of the first of these, in decimal, when it was opened more than once. */
  readonly episodeOffset?: string;
  /** Plans that sent letters of it back, the newest last. */
  readonly replays?: readonly GroupReplay[];
  /** The newest hours with letters, oldest first. */
  readonly hours: readonly HourCount[];
  readonly samples: readonly Sample[];
  /** When a letter was counted last, by our own clock: letters may be older or younger than they are. */
  readonly countedAt?: number;
  /** What was told of retention and this group's oldest letter, in the episode in which that was. */
  readonly threatened?: { readonly episode: number; readonly level: ThreatLevel };
}

/** How far retention is with unhandled letters: about to delete the first, or at it. */
export type ThreatLevel = 'near' | 'lost';

/** What happened to a group; each comes once for the same letters, however often they are read. */
export type Transition =
  | { readonly kind: 'opened'; readonly group: string; readonly episode: number }
  | { readonly kind: 'regressed'; readonly group: string; readonly episode: number }
  | { readonly kind: 'grown'; readonly group: string; readonly episode: number; readonly count: number }
  | {
      readonly kind: 'burst';
      readonly group: string;
      readonly hour: number;
      readonly count: number;
      readonly usual: number;
    }
  | {
      readonly kind: 'resolved';
      readonly group: string;
      readonly episode: number;
      readonly because: 'quiet' | 'handled';
      /** The last of the plans by which all its letters were replayed. */
      readonly plan?: string;
    };

/** The group of letters for which no group was left; its count is exact, what is in it is not told apart. */
export const overflowId = 'overflow';

/** Milliseconds of an hour. */
export const hourMs = 3_600_000;

/** Letters per hour over the last hours before a time, that hour included. */
export function rateOf({ hours }: Pick<Group, 'hours'>, now: number, over = 24): number {
  const current = Math.floor(now / hourMs);
  return hours.reduce((sum, [hour, count]) => (hour > current - over && hour <= current ? sum + count : sum), 0) / over;
}

/**
 * What the partitions of a topic know of one group together; at least one is given. The order of partitions does not matter. Rules
 * may have changed meanwhile, so the verdict is that of the letter that was counted last.
 */
export function joinGroups(shares: readonly [Group, ...Group[]]): Group {
  const byAge = shares.toSorted(
    (a, b) => a.firstSeen - b.firstSeen || (a.samples[0]?.place ?? '').localeCompare(b.samples[0]?.place ?? '', 'en'),
  );
  const oldest = byAge[0] as Group;
  const newest = byAge.reduce((a, b) => (isNewer(b, a) ? b : a));
  const hours = new Map<number, number>();
  for (const share of byAge) for (const [hour, count] of share.hours) hours.set(hour, (hours.get(hour) ?? 0) + count);
  const sum = (of: (share: Group) => number): number => byAge.reduce((total, share) => total + of(share), 0);
  const replays = byAge.flatMap((share) => share.replays ?? []).toSorted((a, b) => a.at - b.at);
  return {
    ...oldest,
    verdict: newest.verdict,
    ...(replays.length === 0 ? {} : { replays }),
    count: sum(({ count }) => count),
    lastSeen: Math.max(...byAge.map(({ lastSeen }) => lastSeen)),
    countedAt: countedAt(newest),
    state: byAge.some(({ state }) => state === 'open') ? 'open' : 'resolved',
    episode: Math.max(...byAge.map(({ episode }) => episode)),
    episodeCount: sum(({ episodeCount }) => episodeCount),
    hours: [...hours].toSorted(([a], [b]) => a - b),
    samples: byAge.flatMap(({ samples }) => samples).slice(0, oldest.samples.length),
  };
}

function isNewer(one: Group, other: Group): boolean {
  const later = countedAt(one) - countedAt(other);
  return later > 0 || (later === 0 && one.lastSeen > other.lastSeen);
}

function countedAt(group: Group): number {
  return group.countedAt ?? group.lastSeen;
}
