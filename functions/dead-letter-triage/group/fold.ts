import { detach } from '../detach.ts';
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
  const fold = new LetterFold(ledger, limits);
  for (const finding of findings) fold.add(finding);
  return fold.result();
}

/** The same, letter by letter. */
export class LetterFold {
  readonly #groups: Ledger['groups'];
  readonly #limits: FoldLimits;
  /** Copies, which no one else has seen yet. */
  readonly #changed = new Map<string, GroupDraft>();
  readonly #transitions: Transition[] = [];
  #next: bigint;
  #known: number;
  #skipped = 0;

  constructor({ next, groups }: Ledger, limits: FoldLimits) {
    this.#groups = groups;
    this.#limits = limits;
    this.#next = next;
    this.#known = groups.size;
  }

  /** Counts a letter. */
  add(finding: Finding): void {
    if (finding.offset < this.#next) {
      this.#skipped += 1;
      return;
    }
    this.#next = finding.offset + 1n;
    let { id } = finding.fingerprint;
    let group = this.#draftOf(id);
    if (group === undefined && this.#known >= this.#limits.groups) {
      id = overflowId;
      group = this.#draftOf(id);
    }
    if (group === undefined) {
      this.#known += 1;
      group = openGroup(id, finding);
      this.#changed.set(id, group);
      this.#transitions.push({ kind: 'opened', group: id, episode: group.episode });
    } else countLetter(group, finding, this.#limits, this.#transitions);
  }

  /** What all letters so far changed. Nothing may be added afterwards. */
  result(): Fold {
    return {
      next: this.#next,
      changed: this.#changed,
      transitions: this.#transitions,
      skipped: this.#skipped,
    };
  }

  #draftOf(id: string): GroupDraft | undefined {
    const draft = this.#changed.get(id);
    if (draft !== undefined) return draft;
    const group = this.#groups.get(id);
    if (group === undefined) return undefined;
    const copy = { ...group, hours: [...group.hours], samples: [...group.samples] };
    this.#changed.set(id, copy);
    return copy;
  }
}

type GroupDraft = { -readonly [Key in keyof Omit<Group, 'hours' | 'samples'>]: Group[Key] } & {
  hours: HourCount[];
  samples: Sample[];
};

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

function openGroup(id: string, finding: Finding): GroupDraft {
  const { id: _, isProvisional: __, ...about } = finding.fingerprint;
  const at = asTime(finding.timestamp);
  const isOverflow = id === overflowId;
  return {
    id,
    about: isOverflow ? overflowAbout : detach(forPeople(about)),
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
    samples: [detach(finding.sample())],
  };
}

/** Addresses of services may hold passwords, and messages anything. */
function forPeople(about: Group['about']): Group['about'] {
  return { ...about, component: maskText(about.component), message: maskText(about.message) };
}

function countLetter(group: GroupDraft, finding: Finding, limits: FoldLimits, told: Transition[]): void {
  const at = asTime(finding.timestamp);
  const isBack = group.state === 'resolved';
  // Rules may have changed meanwhile: the newest word counts.
  if (group.id !== overflowId) group.verdict = finding.verdict;
  group.count += 1;
  group.firstSeen = Math.min(group.firstSeen, at);
  group.lastSeen = Math.max(group.lastSeen, at);
  group.lastOffset = String(finding.offset);
  group.state = 'open';
  group.episode += isBack ? 1 : 0;
  group.episodeCount = isBack ? 1 : group.episodeCount + 1;
  if (isBack) group.episodeOffset = group.lastOffset;
  const hour = Math.floor(at / hourMs);
  countHour(group.hours, hour);
  if (group.samples.length < limits.samples) group.samples.push(detach(finding.sample()));
  tell(group, isBack, hour, limits, told);
}

/** Timestamps far from any calendar would break numbers: they count as the nearest time that a number holds. */
function asTime(timestamp: bigint): number {
  const most = 8_640_000_000_000_000n;
  return Number(timestamp < 0n ? 0n : timestamp > most ? most : timestamp);
}

function countHour(hours: HourCount[], hour: number): void {
  let at = hours.length;
  while (at > 0 && (hours[at - 1] as HourCount)[0] >= hour) at -= 1;
  const here = hours[at];
  if (here !== undefined && here[0] === hour) hours[at] = [hour, here[1] + 1];
  else hours.splice(at, 0, [hour, 1]);
  if (hours.length > hoursKept) hours.shift();
}

function tell(group: GroupDraft, isBack: boolean, hour: number, limits: FoldLimits, told: Transition[]): void {
  const { id, episode, episodeCount } = group;
  if (isBack) told.push({ kind: 'regressed', group: id, episode });
  else if (isPowerOfTen(episodeCount)) told.push({ kind: 'grown', group: id, episode, count: episodeCount });
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
