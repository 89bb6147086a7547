import type { Table } from '#shared/hive/metastore.ts';
import {
  formatRanges,
  gapsBetween,
  intersectRanges,
  type OffsetRanges,
  parseRanges,
  uniteRanges,
} from '#shared/lake/offset-ranges.ts';
import { offsetsProperty } from '../properties.ts';

/** How far one Kafka partition is in the lake. */
export interface Progress {
  /** Offsets that files held when they were registered, and offsets of which Kafka said that they hold no record. */
  readonly covered: OffsetRanges;
  /** Offsets that Kafka has not any more, and that never came. */
  readonly lost: OffsetRanges;
  /** Gaps that were told of. */
  readonly told: OffsetRanges;
  /** The first offset that was ever there, when it is not there any more. */
  readonly first?: bigint;
}

/** What is known of the offsets of a table's files, kept as one parameter of the table. */
export interface OffsetState {
  readonly partitions: ReadonlyMap<number, Progress>;
  /** The newest calendar label that was declared complete. */
  readonly complete?: string;
  /** How often the lag has doubled beyond its limit; 0 below it. */
  readonly lag: number;
}

/** The state as plain data, as it stands in a plan and in the parameter. */
export interface StoredOffsets {
  readonly partitions: Readonly<Record<string, readonly string[]>>;
  readonly complete?: string | undefined;
  readonly lag?: number | undefined;
}

/** A Kafka partition that has no file yet. */
export const nothing: Progress = { covered: [], lost: [], told: [] };

/** Gaps beyond this number are given up, the oldest ones first. */
const gapsAtMost = 64;
/** Ranges of lost offsets that are remembered, the newest ones. */
const lostAtMost = 32;

/** The table's state; undefined when there is none, or when it came with a copy of another table's parameters. */
export function readOffsetState(table: Table | undefined): OffsetState | undefined {
  try {
    const text = table?.parameters?.get(offsetsProperty) ?? 'null';
    const { table: made, partitions, complete, lag } = JSON.parse(text) as StoredOffsets & { table?: unknown };
    if (made !== table?.createTime) return undefined;
    return {
      partitions: new Map(Object.entries(partitions).map(([number, ranges]) => [Number(number), readProgress(ranges)])),
      ...(typeof complete === 'string' ? { complete } : {}),
      lag: lag ?? 0,
    };
  } catch {
    return undefined;
  }
}

/** The text of a state for this very table. */
export function formatOffsetState(stored: StoredOffsets, table: Table): string {
  return JSON.stringify({ ...stored, table: table.createTime });
}

/** The state as plain data, of bounded length for each Kafka partition. */
export function storeOffsets({ partitions, complete, lag }: OffsetState): StoredOffsets {
  return {
    partitions: Object.fromEntries(
      [...partitions]
        .toSorted(([a], [b]) => a - b)
        .map(([number, progress]) => {
          const { covered, lost, told, first } = bound(progress);
          const texts = [...[covered, lost, told].map(formatRanges), String(first ?? '')];
          while (texts.at(-1) === '') texts.pop();
          return [String(number), texts];
        }),
    ),
    ...(complete === undefined ? {} : { complete }),
    ...(lag === 0 ? {} : { lag }),
  };
}

/** The first offset of the lake; undefined when it never had one. */
export function firstOffset({ covered, first }: Progress): bigint | undefined {
  return first ?? covered[0]?.first;
}

/** The first offset from there on that is neither queryable nor lost; undefined when the lake has nothing of the partition. */
export function nextOffset(progress: Progress): bigint | undefined {
  const from = firstOffset(progress);
  if (from === undefined) return undefined;
  const reach = uniteRanges(progress.covered, progress.lost).find(({ last }) => last >= from);
  return reach !== undefined && reach.first <= from ? reach.last + 1n : from;
}

/** Offsets before others that never came, or went, and are not given up. */
export function openGaps({ covered, lost, first }: Progress): OffsetRanges {
  const before = first === undefined ? [] : [{ first: first - 1n, last: first - 1n }];
  return gapsBetween(uniteRanges(covered, lost, before));
}

function bound({ covered, lost, told, first }: Progress): Progress {
  const head = first === undefined || first >= (covered[0]?.first ?? first + 1n) ? {} : { first };
  const gaps = openGaps({ covered, lost, told, ...head });
  const given = gaps.slice(0, Math.max(0, gaps.length - gapsAtMost));
  const allLost = uniteRanges(lost, given);
  const forgotten = allLost.slice(0, Math.max(0, allLost.length - lostAtMost));
  const kept = { covered: uniteRanges(covered, forgotten), lost: allLost.slice(forgotten.length), ...head };
  return { ...kept, told: intersectRanges(told, openGaps({ ...kept, told })) };
}

function readProgress([covered = '', lost = '', told = '', first = '']: readonly string[]): Progress {
  const [a, b, c] = [covered, lost, told].map(parseRanges);
  if (a === undefined || b === undefined || c === undefined) throw new Error('no ranges');
  return { covered: a, lost: b, told: c, ...(first === '' ? {} : { first: BigInt(first) }) };
}
