import type { OffsetRange } from '#shared/lake/offset-ranges.ts';
import type { Settings } from './config.ts';
import { type Finding, foldLetters, type Fold } from './group/fold.ts';
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
}

/** Decides what a batch does. Pure: the same letters, groups, settings and time (in milliseconds) give the same plan. */
export function planBatch(
  { first }: OffsetRange,
  letters: readonly UnderstoodLetter[],
  groups: ReadonlyMap<string, Group>,
  settings: Settings,
  now: number,
): BatchPlan {
  const { limits, alerts } = settings;
  const findings = letters.map((one) => findingOf(one, settings.samples));
  const fold: Fold = foldLetters({ next: first, groups }, findings, {
    groups: limits.groups,
    samples: limits.samples,
    burst: alerts.burst,
    burstFactor: alerts.burstFactor,
  });
  const opened = fold.transitions.filter(({ kind }) => kind === 'opened');
  const untold = new Set(opened.slice(limits.opened));
  return {
    changed: new Map([...fold.changed].map(([id, group]) => [id, { ...group, countedAt: now }])),
    transitions: fold.transitions.filter((one) => !untold.has(one)),
    untold: untold.size,
    setAside: letters.filter(({ verdict }) => isSetAside(verdict.action, settings.quarantine)).map(entryOf),
  };
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
