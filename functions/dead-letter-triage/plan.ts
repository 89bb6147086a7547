import type { OffsetRange } from '#shared/lake/offset-ranges.ts';
import type { Settings } from './config.ts';
import { type Finding, LetterFold } from './group/fold.ts';
import type { Group, Transition } from './group/group.ts';
import { resolveGroups } from './group/resolve-groups.ts';
import { firstOrigin, lastFailure } from './letter/letter.ts';
import { formatPlace } from './letter/replay-headers.ts';
import { makeSample } from './privacy/sample.ts';
import type { QuarantineEntry } from './quarantine/entry.ts';
import type { UnderstoodLetter } from './understand.ts';

/** What a batch of letters changes; plain data. */
export interface BatchPlan {
  /** Groups that are new or differ, to be committed together. */
  readonly changed: ReadonlyMap<string, Group>;
  /** What is told. */
  readonly transitions: readonly Transition[];
  /** New groups that are not told one by one, since there are too many. */
  readonly untold: number;
  /** Letters that are set aside. */
  readonly setAside: readonly QuarantineEntry[];
  /** Letters by class. */
  readonly classes: ReadonlyMap<string, number>;
}

/**
 * Decides what a batch does, letter by letter, so that none is held that is not set aside. The same letters, groups, settings and
 * time give the same plan; nothing else is asked.
 */
export class BatchPlanner {
  readonly #settings: Settings;
  readonly #fold: LetterFold;
  readonly #setAside: QuarantineEntry[] = [];
  readonly #classes = new Map<string, number>();

  constructor({ first }: OffsetRange, groups: ReadonlyMap<string, Group>, settings: Settings) {
    const { limits, alerts } = settings;
    this.#settings = settings;
    this.#fold = new LetterFold(
      { next: first, groups },
      { groups: limits.groups, samples: limits.samples, burst: alerts.burst, burstFactor: alerts.burstFactor },
    );
  }

  /** Takes the next letter, in the order of the offsets. */
  add(letter: UnderstoodLetter): void {
    const { verdict } = letter;
    this.#fold.add(findingOf(letter, this.#settings.samples));
    this.#classes.set(verdict.class, (this.#classes.get(verdict.class) ?? 0) + 1);
    if (isSetAside(verdict.action, this.#settings.quarantine)) this.#setAside.push(entryOf(letter));
  }

  /** The plan for all letters that were taken; `now` is in milliseconds. */
  plan(now: number): BatchPlan {
    const { changed, transitions } = this.#fold.result();
    const opened = transitions.filter(({ kind }) => kind === 'opened');
    const untold = new Set(opened.slice(this.#settings.limits.opened));
    return {
      changed: new Map([...changed].map(([id, group]) => [id, { ...group, countedAt: now }])),
      transitions: transitions.filter((one) => !untold.has(one)),
      untold: untold.size,
      setAside: this.#setAside,
      classes: this.#classes,
    };
  }
}

/** Decides which groups are resolved, since no letter came for long or all were replayed. Pure. */
export function planSettling(
  groups: ReadonlyMap<string, Group>,
  { alerts }: Pick<Settings, 'alerts'>,
  now: number,
): Pick<BatchPlan, 'changed' | 'transitions'> {
  return resolveGroups(groups.values(), { now, quietMs: alerts.quietSeconds * 1_000, handled: new Set() });
}

function findingOf(
  { letter, diagnosis, fingerprint, verdict }: UnderstoodLetter,
  samples: Settings['samples'],
): Finding {
  const { record } = letter;
  const sample = () =>
    samples === 'none' ? { place: formatPlace(record), message: '' } : makeSample(letter, diagnosis);
  return { offset: record.offset, timestamp: record.timestamp, fingerprint, verdict, sample };
}

function isSetAside(action: UnderstoodLetter['verdict']['action'], quarantine: Settings['quarantine']): boolean {
  if (quarantine === undefined) return false;
  return quarantine.letters === 'all' || quarantine.letters.includes(action);
}

function entryOf({ letter, diagnosis, fingerprint, verdict }: UnderstoodLetter): QuarantineEntry {
  return {
    record: letter.record,
    fingerprint: fingerprint.id,
    class: verdict.class,
    action: verdict.action,
    failure: lastFailure(letter),
    origin: firstOrigin(letter),
    faults: [...(diagnosis.value?.faults ?? []), ...(diagnosis.key?.faults ?? [])],
  };
}
