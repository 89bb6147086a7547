import { endOfLabel, labelAt, labelsBetween, shiftLabel } from '#shared/lake/calendar.ts';
import {
  countOffsets,
  intersectRanges,
  type OffsetRange,
  type OffsetRanges,
  subtractRanges,
  uniteRanges,
} from '#shared/lake/offset-ranges.ts';
import type { KafkaLog } from '#shared/kafka/kafka-log.ts';
import type { LogBounds } from '#shared/kafka/log-bounds.ts';
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
  /** Undefined when it cannot be told. */
  readonly lag: Lag | undefined;
  readonly complete: string | undefined;
  /** Why completeness cannot be told. */
  readonly objection?: string;
}

/** Labels that one run declares complete. */
const completedAtMost = 1_000;
/** How many labels back the first look at a topic goes: years and months, and shorter ones. */
const firstLook = { long: 48, short: 10_000 };

/** Asks Kafka's brokers about the offsets that are not in the lake, and until when it is complete. */
export async function lookAtLog(log: KafkaLog, question: LogQuestion): Promise<LogAnswer> {
  const { kafkaTopic, before, now, label } = question;
  const bounds = (await log.bounds(kafkaTopic)) ?? new Map<number, LogBounds>();
  const objection = judgeBounds(kafkaTopic, question.progress, bounds);
  if (objection !== undefined) {
    const unknown = { readable: new Map<number, OffsetRanges>(), lags: new Map<number, bigint>(), lag: undefined };
    return { ...unknown, progress: new Map(question.progress), bounds, complete: before?.complete, objection };
  }
  const looks = new Map<number, PartitionLook>();
  for (const [partition, own] of bounds) looks.set(partition, await lookAtPartition(log, question, partition, own));
  const each = <Value>(take: (look: PartitionLook) => Value): Map<number, Value> =>
    new Map([...looks].map(([partition, look]) => [partition, take(look)]));
  const lags = each(({ lag }) => lag);
  const records = [...lags.values()].reduce((sum, lag) => sum + lag, 0n);
  const oldest = [...looks.values()].flatMap((look) => look.oldest ?? []);
  // Records of an open transaction have an age that nobody tells.
  const isKnown = oldest.length > 0 || records === 0n;
  const seconds = Math.max(0, ...oldest.map((time) => Math.round((now - time) / 1_000)));
  return {
    progress: each(({ progress }) => progress),
    bounds,
    lags,
    readable: each(({ readable }) => readable),
    lag: { records: String(records), ...(isKnown ? { seconds } : {}) },
    complete:
      label === undefined
        ? before?.complete
        : await findComplete(
            log,
            question,
            label,
            each(({ reach }) => reach),
            bounds,
          ),
  };
}

/** What the log of one Kafka partition told. */
interface PartitionLook {
  readonly progress: Progress;
  readonly readable: OffsetRanges;
  /** Everything below is queryable, lost, or no record. */
  readonly reach: bigint;
  readonly lag: bigint;
  /** Time of the first record that is not queryable, in milliseconds. */
  readonly oldest?: number;
}

async function lookAtPartition(
  log: KafkaLog,
  { kafkaTopic, progress, doubtful, before }: LogQuestion,
  partition: number,
  { earliest, end }: LogBounds,
): Promise<PartitionLook> {
  let own = progress.get(partition) ?? nothing;
  const cover = (ranges: OffsetRanges): void => void (own = { ...own, covered: uniteRanges(own.covered, ranges) });
  const lose = (ranges: OffsetRanges): void => void (own = { ...own, lost: uniteRanges(own.lost, ranges) });
  const deleted = rangeOf(0n, earliest);
  const doubts = doubtful.get(partition) ?? [];
  lose(intersectRanges(uniteRanges(doubts, own.told), deleted));
  const readable: OffsetRange[] = [];
  for (const { first, last } of subtractRanges(doubts, deleted)) {
    const content = await log.look(kafkaTopic, partition, first, last);
    if (content === 'unknown') continue;
    const record = content === 'empty' ? last + 1n : content.offset;
    cover(rangeOf(first, record));
    readable.push(...rangeOf(record, last + 1n));
  }
  // What Kafka deleted before it came: a second look makes sure that no file was on its way.
  const next = nextOffset(own);
  if (next !== undefined && next === nextOffset(before?.partitions.get(partition) ?? nothing))
    lose(rangeOf(next, earliest));
  let reach = nextOffset(own) ?? earliest;
  let oldest: number | undefined;
  const until = tailOf(own, reach, end);
  if (reach >= earliest && reach < until) {
    const content = await log.look(kafkaTopic, partition, reach, until - 1n);
    if (content !== 'unknown') {
      const record = content === 'empty' ? until : content.offset;
      if (own.covered.length > 0) cover(rangeOf(reach, record));
      reach = nextOffset(own) ?? record;
      if (content !== 'empty') oldest = content.timestamp;
    }
  }
  const lag = countOffsets(subtractRanges(rangeOf(reach, end), own.covered));
  return { progress: own, readable, reach, lag, ...(oldest === undefined ? {} : { oldest }) };
}

/** The offsets from one on and below another. */
function rangeOf(from: bigint, to: bigint): OffsetRanges {
  return from < to ? [{ first: from, last: to - 1n }] : [];
}

/** Where the run of offsets that are in no file ends, from an offset on. */
function tailOf({ covered }: Progress, from: bigint, end: bigint): bigint {
  const next: OffsetRange | undefined = covered.find(({ first }) => first > from);
  return next === undefined || next.first > end ? end : next.first;
}

function judgeBounds(
  kafkaTopic: string,
  progress: ReadonlyMap<number, Progress>,
  bounds: ReadonlyMap<number, LogBounds>,
): string | undefined {
  if (bounds.size === 0) return `Kafka has no topic ${kafkaTopic}`;
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
  const isLong = newest.length <= 'yyyy-mm'.length;
  const first = known ?? shiftLabel(newest, -(isLong ? firstLook.long : firstLook.short));
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
