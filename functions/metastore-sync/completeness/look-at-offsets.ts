import { calendarLabel, endOfLabel, labelValues, shiftLabel } from '#shared/lake/calendar.ts';
import {
  intersectRanges,
  formatRanges,
  type OffsetRanges,
  subtractRanges,
  uniteRanges,
} from '#shared/lake/offset-ranges.ts';
import { partitionName } from '#shared/lake/partition-name.ts';
import {
  type Completed,
  coverMore,
  describeTopic,
  type Lag,
  lateData,
  type Missing,
  newOverlaps,
  type PlannedOffsets,
  plannedFolders,
} from './completeness.ts';
import { askKafka } from './ask-kafka.ts';
import type { Settings, TopicSettings } from '../config.ts';
import { readHeldOffsets } from './held-offsets.ts';
import type { LogAnswer } from './look-at-log.ts';
import { nothing, type OffsetState, openGaps, type Progress, readOffsetState, storeOffsets } from './offset-state.ts';
import type { TablePlan } from '../plan.ts';
import type { Problem } from '../problem.ts';
import { offsetsProperty } from '../properties.ts';
import type { Clients } from '../survey.ts';
import type { TopicView } from '../view.ts';

/** How thoroughly offsets are looked at: what an event touched, what a run sees, or all that is registered. */
export type Thoroughness = 'touched' | 'seen' | 'all';

/** What the offsets of a topic's files tell, with Kafka's word where it can be had. Writes nothing. */
export async function lookAtOffsets(
  clients: Clients,
  settings: Settings,
  view: TopicView,
  plan: TablePlan,
  thoroughness: Thoroughness,
): Promise<Pick<TablePlan, 'offsets' | 'problems'>> {
  const { settings: topic, table, accounted = [] } = view;
  const { problems } = plan;
  const before = readOffsetState(table);
  const folders = plannedFolders(view, plan);
  const named = folders.some(({ planned }) => planned.offsets !== undefined) || accounted.length > 0;
  if (plan.way === undefined || (before === undefined && !named)) return { problems };

  const overlapped = newOverlaps(folders, accounted, topic.kafkaTopic);
  const late = lateData(folders, view, before?.complete);
  const changes = { overlapped, late };
  const from = table?.parameters?.get(offsetsProperty);
  let progress = coverMore(before?.partitions ?? new Map<number, Progress>(), folders, accounted);
  if (thoroughness === 'touched')
    return { problems, ...offsetsOfEvent(topic.kafkaTopic, changes, before, progress, from) };

  const changed = new Set(folders.map(({ planned }) => planned.path));
  const readAll = async (): Promise<void> => {
    if (table === undefined) return;
    const all = await readHeldOffsets(clients, settings, topic);
    progress = coverMore(
      progress,
      [],
      all.filter(({ path }) => !changed.has(path)),
    );
  };
  const openOf = (number: number): OffsetRanges => openGaps(progress.get(number) ?? nothing);
  // A gap is told of when a second look finds it again, and no partition that was registered by another run fills it.
  const doubts = (): Map<number, OffsetRanges> =>
    new Map(
      [...(before?.partitions ?? [])].map(([number, own]) => [
        number,
        subtractRanges(intersectRanges(openOf(number), openGaps(own)), own.told),
      ]),
    );
  const isOpen = [...progress.keys()].some((number) => openOf(number).length > 0);
  const isDoubtful = [...doubts().values()].some((gaps) => gaps.length > 0);
  if (before === undefined || isDoubtful || (thoroughness === 'all' && isOpen)) await readAll();
  const doubtful = doubts();

  const label = [...accounted, ...folders.map(({ planned }) => planned)]
    .map(({ values }) => calendarLabel(topic.templates[0]?.keys ?? [], values))
    .find((text) => text !== undefined);
  const { zone, lagMinutes } = settings.completeness;
  const question = { progress, doubtful, before, label: label ?? before?.complete };
  const { answer, objection } = await askKafka(clients, settings, topic, question);
  progress = answer?.progress ?? progress;
  const told = objection === undefined ? [] : [unknownCompleteness(topic, objection)];

  const missing = judgeMissing(doubtful, before, progress, answer);
  for (const [number, own] of progress) {
    const news = missing.filter(({ partition }) => partition === number).map(({ ranges }) => ranges);
    progress.set(number, { ...own, told: uniteRanges(own.told, ...news) });
  }
  const complete = answer?.complete ?? before?.complete;
  const completed = listCompleted(topic.templates[0]?.keys ?? [], before?.complete, complete, zone);
  const lag = answer?.lag;
  const step = lag === undefined ? (before?.lag ?? 0) : lagStep(lag, lagMinutes * 60);
  const grown = lag !== undefined && step > (before?.lag ?? 0) ? { ...lag, step } : undefined;
  const state = storeOffsets({ partitions: progress, ...(complete === undefined ? {} : { complete }), lag: step });
  const isNew = before === undefined || JSON.stringify(state) !== JSON.stringify(storeOffsets(before));
  return {
    problems: [...problems, ...told],
    offsets: {
      ...(isNew ? { state } : {}),
      kafkaTopic: topic.kafkaTopic,
      from,
      ...changes,
      missing: missing.map(({ ranges, ...rest }) => ({ ...rest, offsets: formatRanges(ranges) })),
      completed,
      ...(grown === undefined ? {} : { grown }),
      progress: describeTopic(progress, answer, complete, zone),
    },
  };
}

/** An event writes the state only when it took something away, fills a gap, or came so late that no later run may see its partition. */
function offsetsOfEvent(
  kafkaTopic: string,
  changes: Pick<PlannedOffsets, 'overlapped' | 'late'>,
  before: OffsetState | undefined,
  progress: ReadonlyMap<number, Progress>,
  from: string | undefined,
): Pick<TablePlan, 'offsets'> {
  const isLate = changes.late.length > 0;
  const matters = [...(before?.partitions ?? [])].some(([number, own]) => {
    const now = progress.get(number) ?? nothing;
    const [gone, more] = [subtractRanges(own.covered, now.covered), subtractRanges(now.covered, own.covered)];
    return gone.length > 0 || intersectRanges(more, openGaps(own)).length > 0 || (isLate && more.length > 0);
  });
  if (!matters && !isLate && changes.overlapped.length === 0) return {};
  return {
    offsets: {
      ...(matters && before !== undefined ? { state: storeOffsets({ ...before, partitions: progress }) } : {}),
      kafkaTopic,
      from,
      ...changes,
      missing: [],
      completed: [],
    },
  };
}

type MissingRanges = Omit<Missing, 'offsets'> & { readonly ranges: OffsetRanges };

function judgeMissing(
  doubtful: ReadonlyMap<number, OffsetRanges>,
  before: OffsetState | undefined,
  progress: ReadonlyMap<number, Progress>,
  answer: LogAnswer | undefined,
): MissingRanges[] {
  const missing: MissingRanges[] = [];
  const tell = (partition: number, ranges: OffsetRanges, log: Missing['log']): void => {
    for (const range of ranges) missing.push({ partition, ranges: [range], log });
  };
  for (const [partition, { lost }] of progress)
    tell(partition, subtractRanges(lost, before?.partitions.get(partition)?.lost ?? []), 'deleted');
  for (const [partition, gaps] of doubtful) {
    if (answer?.bounds.has(partition) === true) tell(partition, answer.readable.get(partition) ?? [], 'readable');
    else tell(partition, gaps, 'unknown');
  }
  return missing;
}

function listCompleted(
  keys: Parameters<typeof labelValues>[0],
  before: string | undefined,
  complete: string | undefined,
  zone: string,
): Completed[] {
  if (complete === undefined || complete === before) return [];
  const completed: Completed[] = [];
  for (
    let label = before === undefined ? complete : shiftLabel(before, 1);
    label <= complete;
    label = shiftLabel(label, 1)
  ) {
    const values = labelValues(keys, label);
    const names = keys.map((key) => key.name);
    const until = new Date(endOfLabel(label, zone)).toISOString();
    completed.push({ label, name: partitionName(names, values), values, until });
  }
  return completed;
}

/** 0 below the limit in seconds, then one more whenever the lag has doubled. */
function lagStep({ seconds = 0 }: Lag, limit: number): number {
  return seconds <= limit ? 0 : Math.floor(Math.log2(seconds / limit)) + 1;
}

/** Completeness that cannot be told, and why. */
export function unknownCompleteness({ topic, database, table }: TopicSettings, reason: string): Problem {
  const message = `whether ${topic} is complete is unknown: ${reason}`;
  return { code: 'completeness.unknown', topic, table: `${database}.${table}`, message };
}
