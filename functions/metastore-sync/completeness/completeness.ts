import { calendarLabel, endOfLabel } from '#shared/lake/calendar.ts';
import { formatRanges, subtractRanges, uniteRanges } from '#shared/lake/offset-ranges.ts';
import type { LogAnswer } from './look-at-log.ts';
import { firstOffset, nextOffset, openGaps, type Progress, type StoredOffsets } from './offset-state.ts';
import { offsetsOf, type Overlap, overlapsBetween, overlapsWithin, parseHeld } from './offsets.ts';
import type { TablePlan } from '../plan.ts';
import type { PlannedPartition } from '../partition/planned-partition.ts';
import { offsetsProperty } from '../properties.ts';
import type { AccountedPartition, TopicView, ViewedPartition } from '../view.ts';

/** Offsets that are in no file, although later ones are. */
export interface Missing {
  readonly partition: number;
  /** As `100-104`. */
  readonly offsets: string;
  /** Whether Kafka has them still, has deleted them, or was not asked. */
  readonly log: 'readable' | 'deleted' | 'unknown';
}

/** Files that came for an hour that had been declared complete. */
export interface LateData {
  readonly name: string;
  readonly path: string;
  readonly files: readonly string[];
  readonly rows: number;
}

/** A partition for which nothing more can come. */
export interface Completed {
  readonly label: string;
  /** The metastore's name. */
  readonly name: string;
  readonly values: readonly string[];
  /** When its time was over, as ISO text in UTC. */
  readonly until: string;
}

/** Records that are in Kafka and not queryable. */
export interface Lag {
  readonly records: string;
  /** Age of the oldest one; undefined when none is lagging, or an open transaction hides it. */
  readonly seconds?: number;
}

/** How far one Kafka partition is queryable. Offsets are decimal texts. */
export interface PartitionProgress {
  readonly partition: number;
  /** The first offset in the lake. */
  readonly from?: string;
  /** Everything from `from` on and below this is queryable, or lost for good. */
  readonly next?: string;
  readonly missing?: string;
  readonly lost?: string;
  readonly end?: string;
  readonly lag?: string;
}

/** How far a topic is queryable. */
export interface TopicProgress {
  /** False when Kafka was not or could not be asked: then whether hours are complete is unknown. */
  readonly asked: boolean;
  readonly partitions: readonly PartitionProgress[];
  readonly lag?: Lag;
  /** The newest hour (or day, …) that is complete, such as `2019-09-01T01`, and when it was over, as ISO text. */
  readonly complete?: { readonly label: string; readonly until: string };
}

/** What the offsets in names tell, what of it is new, and what is to be remembered. Plain data. */
export interface PlannedOffsets {
  readonly kafkaTopic: string;
  /** The table's next state, when it changes; stored only while the table has `from` still. */
  readonly state?: StoredOffsets;
  readonly from?: string | undefined;
  readonly missing: readonly Missing[];
  readonly overlapped: readonly Overlap[];
  readonly late: readonly LateData[];
  readonly completed: readonly Completed[];
  /** The lag, when it grew beyond its limit, or beyond twice what was told. */
  readonly grown?: Lag & { readonly step: number };
  /** Undefined for an event, which looks at what it touches. */
  readonly progress?: TopicProgress;
}

/** A planned partition with its folder. */
export interface PlannedFolder {
  readonly planned: PlannedPartition;
  readonly view: ViewedPartition;
}

/** The partitions that a plan adds or changes, with their folders. */
export function plannedFolders(view: TopicView, plan: TablePlan): PlannedFolder[] {
  const byPath = new Map(view.partitions.map((partition) => [partition.path, partition]));
  return [...plan.add, ...plan.change].flatMap((planned) => {
    const folder = byPath.get(planned.path);
    return folder === undefined ? [] : [{ planned, view: folder }];
  });
}

/** Rows that are there twice because of files that are new. */
export function newOverlaps(
  folders: readonly PlannedFolder[],
  others: readonly AccountedPartition[],
  kafkaTopic: string,
): Overlap[] {
  const within = folders.flatMap(({ view: { files } }) => {
    const fresh = new Set(files.filter(({ footer }) => footer !== undefined).map(({ path }) => path));
    return overlapsWithin(files, kafkaTopic).filter(({ paths }) => paths.some((path) => fresh.has(path)));
  });
  const paths = new Set(folders.map(({ planned }) => planned.path));
  const held = [...folders.map(({ planned: { path, offsets = '' } }) => ({ path, offsets })), ...others].map(
    ({ path, offsets }) => ({ path, held: parseHeld(offsets) ?? new Map<number, never>() }),
  );
  return [...within, ...overlapsBetween(held).filter((overlap) => overlap.paths.some((path) => paths.has(path)))];
}

/** Files that came for hours up to the one that was declared complete; merged files bring nothing new. */
export function lateData(folders: readonly PlannedFolder[], view: TopicView, complete: string | undefined): LateData[] {
  const { kafkaTopic, templates } = view.settings;
  return folders.flatMap(({ planned: { name, path }, view: { values, files, registered } }): LateData[] => {
    const label = calendarLabel(templates[0]?.keys ?? [], values);
    if (complete === undefined || label === undefined || label > complete) return [];
    const before = parseHeld(registered?.parameters?.get(offsetsProperty) ?? '');
    const appended = registered === undefined || files.some(({ footer }) => footer === undefined);
    const late = files.flatMap((file) => {
      if (file.footer === undefined || !('rows' in file.footer) || file.footer.rows === 0) return [];
      const spans = offsetsOf(file, kafkaTopic);
      const isNew =
        spans === undefined
          ? appended
          : spans.some(
              ({ partition, ...range }) => subtractRanges([range], before?.get(partition)?.ranges ?? []).length > 0,
            );
      return isNew ? [{ name: file.name, rows: file.footer.rows }] : [];
    });
    const rows = late.reduce((sum, file) => sum + file.rows, 0);
    return late.length === 0 ? [] : [{ name, path, files: late.map((file) => file.name), rows }];
  });
}

/** The state with what partitions hold, and without what partitions held that changed, unless others hold it. */
export function coverMore(
  before: ReadonlyMap<number, Progress>,
  folders: readonly PlannedFolder[],
  others: readonly AccountedPartition[],
): Map<number, Progress> {
  const covered = new Map(before);
  const cover = (number: number, change: (progress: Progress) => Progress): void =>
    void covered.set(number, change(covered.get(number) ?? { covered: [], lost: [], told: [] }));
  for (const { planned, view } of folders) {
    const now = parseHeld(planned.offsets ?? '');
    for (const [number, { ranges }] of parseHeld(view.registered?.parameters?.get(offsetsProperty) ?? '') ?? [])
      cover(number, (own) => {
        const first = firstOffset(own);
        const left = subtractRanges(own.covered, subtractRanges(ranges, now?.get(number)?.ranges ?? []));
        return { ...own, covered: left, ...(first === undefined ? {} : { first }) };
      });
  }
  for (const { offsets = '' } of [...folders.map(({ planned }) => planned), ...others])
    for (const [number, { ranges }] of parseHeld(offsets) ?? [])
      cover(number, (own) => ({
        ...own,
        covered: uniteRanges(own.covered, ranges),
        lost: subtractRanges(own.lost, ranges),
      }));
  return covered;
}

/** How far a topic is queryable, as plain data. */
export function describeTopic(
  progress: ReadonlyMap<number, Progress>,
  answer: LogAnswer | undefined,
  complete: string | undefined,
  zone: string,
): TopicProgress {
  const partitions = [...progress].toSorted(([a], [b]) => a - b);
  return {
    asked: answer !== undefined && answer.objection === undefined,
    partitions: partitions.map(([number, own]) => describePartition(number, own, answer)),
    ...(answer?.lag === undefined ? {} : { lag: answer.lag }),
    ...(complete === undefined
      ? {}
      : { complete: { label: complete, until: new Date(endOfLabel(complete, zone)).toISOString() } }),
  };
}

function describePartition(partition: number, progress: Progress, answer: LogAnswer | undefined): PartitionProgress {
  const texts = {
    from: firstOffset(progress),
    next: nextOffset(progress),
    missing: formatRanges(openGaps(progress)),
    lost: formatRanges(progress.lost),
    end: answer?.bounds.get(partition)?.end,
    lag: answer?.lags.get(partition),
  };
  const told = Object.entries(texts).filter(([, value]) => value !== undefined && value !== '');
  return { partition, ...Object.fromEntries(told.map(([name, value]) => [name, String(value)])) };
}
