import { endOfLabel, labelAt, labelsBetween, shiftLabel } from '#shared/lake/calendar.ts';
import {
  intersectRanges,
  type OffsetRange,
  type OffsetRanges,
  subtractRanges,
  uniteRanges,
} from '#shared/lake/offset-ranges.ts';
import type { KafkaLog, LogBounds } from '#shared/kafka/kafka-log.ts';
import type { Lag } from './completeness.ts';
import { nextOffset, nothing, type OffsetState, type Progress } from './offset-state.ts';

/** What to ask of a topic's log. */
export interface LogQuestion {
  readonly kafkaTopic: string;
  readonly progress: ReadonlyMap<number, Progress>;
  /** Gaps that are to be told of, when Kafka does not say that they hold no record. */
  readonly doubtful: ReadonlyMap<number, OffsetRanges>;
  /** The state that an earlier run left. */
  readonly before: OffsetState | undefined;
  /** A label of the topic, to know what a partition spans; undefined when it is no calendar. */
  readonly label: string | undefined;
  readonly zone: string;
  readonly latenessMs: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What a topic's log told. */
export interface LogAnswer {
  readonly progress: Map<number, Progress>;
  readonly bounds: ReadonlyMap<number, LogBounds>;
  /** Records of the log that are not queryable, by Kafka partition. */
  readonly lags: ReadonlyMap<number, bigint>;
  /** Doubtful offsets that Kafka can still give. */
  readonly readable: ReadonlyMap<number, OffsetRanges>;
  readonly lag: Lag;
  readonly complete: string | undefined;
  /** Why completeness cannot be told. */
  readonly objection?: string;
}

/** Labels that one run declares complete. */
const completedAtMost = 1_000;
/** How many labels back the first look at a topic goes. */
const firstLook = 48;

/** Asks Kafka's brokers about the offsets that are not in the lake, and until when it is complete. */
export async function lookAtLog(log: KafkaLog, question: LogQuestion): Promise<LogAnswer> {
  const { kafkaTopic, doubtful, before, now } = question;
  const bounds = await log.bounds(kafkaTopic);
  const progress = new Map(question.progress);
  const readable = new Map<number, OffsetRanges>();
  const [reach, lags] = [new Map<number, bigint>(), new Map<number, bigint>()];
  let oldest: number | undefined;
  let hidden = false;
  for (const [partition, { earliest, end }] of bounds ?? []) {
    let own = progress.get(partition) ?? nothing;
    const cover = (first: bigint, last: bigint): void => {
      if (first <= last) own = { ...own, covered: uniteRanges(own.covered, [{ first, last }]) };
    };
    const deleted: OffsetRanges = earliest > 0n ? [{ first: 0n, last: earliest - 1n }] : [];
    const doubts = doubtful.get(partition) ?? [];
    own = { ...own, lost: uniteRanges(own.lost, intersectRanges(uniteRanges(doubts, own.told), deleted)) };
    for (const gap of subtractRanges(doubts, deleted)) {
      const content = await log.look(kafkaTopic, partition, gap.first, gap.last);
      if (content === 'empty') cover(gap.first, gap.last);
      else if (content !== 'unknown') {
        cover(gap.first, content.offset - 1n);
        readable.set(
          partition,
          uniteRanges(readable.get(partition) ?? [], [{ first: content.offset, last: gap.last }]),
        );
      }
    }
    // What Kafka deleted before it came: a second look makes sure that no file was on its way.
    const next = nextOffset(own);
    if (next !== undefined && next < earliest && next === nextOffset(before?.partitions.get(partition) ?? nothing))
      own = { ...own, lost: uniteRanges(own.lost, [{ first: next, last: earliest - 1n }]) };
    let at = nextOffset(own) ?? earliest;
    const until = tailOf(own, at, end);
    if (at >= earliest && at < until) {
      const content = await log.look(kafkaTopic, partition, at, until - 1n);
      if (content === 'unknown') hidden = true;
      else {
        const visible = content === 'empty' ? until : content.offset;
        if (own.covered.length > 0) cover(at, visible - 1n);
        at = own.covered.length > 0 ? (nextOffset(own) ?? visible) : visible;
        if (content !== 'empty') oldest = Math.min(oldest ?? Infinity, content.timestamp);
      }
    }
    reach.set(partition, at);
    lags.set(partition, end > at ? end - at : 0n);
    progress.set(partition, own);
  }
  const objection = judgeBounds(kafkaTopic, progress, bounds);
  const records = [...lags.values()].reduce((sum, lag) => sum + lag, 0n);
  const isKnown = oldest !== undefined || (records === 0n && !hidden);
  const seconds = oldest === undefined ? 0 : Math.max(0, Math.round((now - oldest) / 1_000));
  const complete =
    objection === undefined && question.label !== undefined
      ? await findComplete(log, question, question.label, reach, bounds ?? new Map<number, LogBounds>())
      : before?.complete;
  return {
    progress,
    bounds: bounds ?? new Map<number, LogBounds>(),
    lags,
    readable,
    lag: { records: String(records), ...(isKnown ? { seconds } : {}) },
    complete,
    ...(objection === undefined ? {} : { objection }),
  };
}

/** Where the run of offsets that are in no file ends, from an offset on. */
function tailOf({ covered }: Progress, from: bigint, end: bigint): bigint {
  const next: OffsetRange | undefined = covered.find(({ first }) => first > from);
  return next === undefined || next.first > end ? end : next.first;
}

function judgeBounds(
  kafkaTopic: string,
  progress: ReadonlyMap<number, Progress>,
  bounds: ReadonlyMap<number, LogBounds> | undefined,
): string | undefined {
  if (bounds === undefined) return `Kafka has no topic ${kafkaTopic}`;
  for (const [partition, { covered }] of progress) {
    const last = covered.at(-1)?.last;
    const end = bounds.get(partition)?.end;
    if (last !== undefined && end === undefined) return `the topic ${kafkaTopic} has no partition ${partition}`;
    if (last !== undefined && end !== undefined && last >= end)
      return `files hold offsets up to ${last} of partition ${partition} of ${kafkaTopic}, and its log ends before ${end}: was the topic made anew?`;
  }
  return undefined;
}

/** The newest label for which nothing more can come: below the first record of a later time, all is queryable in each Kafka partition. */
async function findComplete(
  log: KafkaLog,
  { kafkaTopic, before, zone, latenessMs, now }: LogQuestion,
  like: string,
  reach: ReadonlyMap<number, bigint>,
  bounds: ReadonlyMap<number, LogBounds>,
): Promise<string | undefined> {
  const partitions = [...bounds.keys()];
  const isComplete = async (label: string): Promise<boolean> => {
    const later = await log.offsetsAt(kafkaTopic, partitions, endOfLabel(label, zone) + latenessMs);
    return partitions.every((partition) => {
      const bound = later.get(partition) ?? bounds.get(partition)?.end ?? 0n;
      return (reach.get(partition) ?? 0n) >= bound;
    });
  };
  let newest = shiftLabel(labelAt(now - latenessMs, zone, like), -1);
  while (endOfLabel(newest, zone) + latenessMs > now) newest = shiftLabel(newest, -1);
  let known = before?.complete;
  if (known !== undefined && labelsBetween(known, newest) > completedAtMost)
    newest = shiftLabel(known, completedAtMost);
  const first = known ?? shiftLabel(newest, -firstLook);
  // All before `low` is complete, or not to be known; nothing from `high` on is.
  let [low, high] = [0, labelsBetween(first, newest) + 1];
  let probe = high - 1;
  while (low < high - 1 && probe > low) {
    if (await isComplete(shiftLabel(first, probe))) [low, known] = [probe, shiftLabel(first, probe)];
    else high = probe;
    probe = low + Math.floor((high - low) / 2);
  }
  return known;
}
