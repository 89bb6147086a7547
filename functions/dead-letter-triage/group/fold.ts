import type { Verdict } from '../classify/classify.ts';
import type { Fingerprint } from './fingerprint.ts';
import { maskText } from '../privacy/mask-sample.ts';
import { type Group, type HourCount, hourMs, overflowId, type Sample, type Transition } from './group.ts';

/** A letter after it was understood. */
export interface Finding {
  readonly offset: bigint;
  /** Milliseconds since the epoch; producers may write anything. */
  readonly timestamp: bigint;
  readonly fingerprint: Fingerprint;
  readonly verdict: Verdict;
  /** Asked for only when the sample is kept. */
  readonly sample: () => Sample;
}

/** What is known of one partition of a dead letter topic. */
export interface Ledger {
  /** The offset of the first letter that was not counted yet. */
  readonly next: bigint;
  readonly groups: ReadonlyMap<string, Group>;
}

/** Bounds of what is kept, and when growth is worth telling. */
export interface FoldLimits {
  /** Groups of one partition; letters of further ones are counted together. */
  readonly groups: number;
  /** Samples of one group. */
  readonly samples: number;
  /** Letters within an hour below which nothing is a burst. */
  readonly burst: number;
  /** How many times the usual letters of an hour make a burst. */
  readonly burstFactor: number;
}

/** Limits that suit most. */
export const usualLimits: FoldLimits = { groups: 10_000, samples: 3, burst: 100, burstFactor: 10 };

/** What counting some letters changes: to be stored together with `next`, in one transaction. */
export interface Fold {
  readonly next: bigint;
  /** Groups that are new or differ. */
  readonly changed: ReadonlyMap<string, Group>;
  readonly transitions: readonly Transition[];
  /** Letters that had been counted before. */
  readonly skipped: number;
}

/** Hours of which counts are kept, and hours that say what is usual. */
const hoursKept = 48;
const usualHours = 24;

/**
 * Counts letters, which come in the order of their offsets. Letters below `next` were counted before and change nothing, so
 * that any letters may be given again. Pure: the ledger stays as it is.
 */
export function foldLetters(ledger: Ledger, findings: Iterable<Finding>, limits: FoldLimits = usualLimits): Fold {
  const changed = new Map<string, Group>();
  const transitions: Transition[] = [];
  let { next } = ledger;
  let skipped = 0;
  let known = ledger.groups.size;
  for (const finding of findings) {
    if (finding.offset < next) {
      skipped += 1;
      continue;
    }
    next = finding.offset + 1n;
    let { id } = finding.fingerprint;
    let group = changed.get(id) ?? ledger.groups.get(id);
    if (group === undefined && known >= limits.groups) {
      id = overflowId;
      group = changed.get(id) ?? ledger.groups.get(id);
    }
    if (group === undefined) known += 1;
    const counted = group === undefined ? openGroup(id, finding) : countLetter(group, finding, limits);
    changed.set(id, counted);
    tell(group, counted, finding, limits, transitions);
  }
  return { next, changed, transitions, skipped };
}

const overflowAbout: Group['about'] = {
  basis: 'nothing',
  family: '',
  component: '',
  stage: '',
  errorClass: '',
  message: 'letters of more groups than are kept',
  frames: [],
};
const overflowVerdict: Verdict = { class: 'unknown', action: 'escalate', by: ['overflow'] };

function openGroup(id: string, finding: Finding): Group {
  const { id: _, isProvisional: __, ...about } = finding.fingerprint;
  const at = asTime(finding.timestamp);
  const isOverflow = id === overflowId;
  return {
    id,
    about: isOverflow ? overflowAbout : forPeople(about),
    verdict: isOverflow ? overflowVerdict : finding.verdict,
    count: 1,
    firstSeen: at,
    lastSeen: at,
    firstOffset: String(finding.offset),
    lastOffset: String(finding.offset),
    state: 'open',
    episode: 1,
    episodeCount: 1,
    hours: [[Math.floor(at / hourMs), 1]],
    samples: [finding.sample()],
  };
}

/** Addresses of services may hold passwords, and messages anything. */
function forPeople(about: Group['about']): Group['about'] {
  return { ...about, component: maskText(about.component), message: maskText(about.message) };
}

function countLetter(group: Group, finding: Finding, limits: FoldLimits): Group {
  const at = asTime(finding.timestamp);
  const isBack = group.state === 'resolved';
  return {
    ...group,
    // Rules may have changed meanwhile: the newest word counts.
    verdict: group.id === overflowId ? group.verdict : finding.verdict,
    count: group.count + 1,
    firstSeen: Math.min(group.firstSeen, at),
    lastSeen: Math.max(group.lastSeen, at),
    lastOffset: String(finding.offset),
    state: 'open',
    episode: isBack ? group.episode + 1 : group.episode,
    episodeCount: isBack ? 1 : group.episodeCount + 1,
    ...(isBack ? { episodeOffset: String(finding.offset) } : {}),
    hours: countHour(group.hours, Math.floor(at / hourMs)),
    samples: group.samples.length < limits.samples ? [...group.samples, finding.sample()] : group.samples,
  };
}

/** Timestamps far from any calendar would break numbers: they count as the nearest time that a number holds. */
function asTime(timestamp: bigint): number {
  const most = 8_640_000_000_000_000n;
  return Number(timestamp < 0n ? 0n : timestamp > most ? most : timestamp);
}

function countHour(hours: readonly HourCount[], hour: number): HourCount[] {
  const last = hours.at(-1);
  if (last !== undefined && last[0] === hour) return [...hours.slice(0, -1), [hour, last[1] + 1]];
  const at = hours.findIndex(([own]) => own >= hour);
  const counted: HourCount[] =
    at < 0
      ? [...hours, [hour, 1]]
      : hours[at]?.[0] === hour
        ? hours.with(at, [hour, hours[at][1] + 1])
        : hours.toSpliced(at, 0, [hour, 1]);
  return counted.length > hoursKept ? counted.slice(-hoursKept) : counted;
}

function tell(
  before: Group | undefined,
  group: Group,
  { timestamp }: Finding,
  limits: FoldLimits,
  told: Transition[],
): void {
  const { id, episode, episodeCount } = group;
  if (before === undefined) told.push({ kind: 'opened', group: id, episode });
  else if (before.state === 'resolved') told.push({ kind: 'regressed', group: id, episode });
  else if (isPowerOfTen(episodeCount)) told.push({ kind: 'grown', group: id, episode, count: episodeCount });
  const hour = Math.floor(asTime(timestamp) / hourMs);
  const usual = usualCount(group.hours, hour);
  if (usual === undefined) return;
  const count = group.hours.find(([own]) => own === hour)?.[1] ?? 0;
  // Exactly once per hour: at the letter with which the count gets there.
  if (count === Math.max(limits.burst, Math.ceil(usual * limits.burstFactor)))
    told.push({ kind: 'burst', group: id, hour, count, usual });
}

/** Letters of a usual hour before this one; undefined for a group that began within it. */
function usualCount(hours: readonly HourCount[], hour: number): number | undefined {
  const first = hours[0]?.[0] ?? hour;
  const span = Math.min(usualHours, hour - first);
  if (span < 1) return undefined;
  return hours.reduce((sum, [own, count]) => (own < hour && own >= hour - span ? sum + count : sum), 0) / span;
}

function isPowerOfTen(count: number): boolean {
  let rest = count;
  while (rest >= 10 && rest % 10 === 0) rest /= 10;
  return rest === 1 && count >= 10;
}
