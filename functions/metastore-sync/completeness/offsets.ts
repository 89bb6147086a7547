import { isError } from '#shared/errors/error.ts';
import { type OffsetSpan, parseOffsetName } from '#shared/lake/offset-name.ts';
import {
  countOffsets,
  formatRanges,
  intersectRanges,
  type OffsetRanges,
  parseRanges,
  uniteRanges,
} from '#shared/lake/offset-ranges.ts';
import { decodeManifest, manifestKey, writtenPieces } from '#shared/parquet/piece-manifest.ts';
import type { ViewedFile } from '../view.ts';

/** The offsets of one Kafka partition that files hold, and their rows, where these are known. */
export interface Held {
  readonly ranges: OffsetRanges;
  readonly rows?: number;
}

/** What files hold, by the numbers of the Kafka partitions. */
export type HeldOffsets = ReadonlyMap<number, Held>;

/** Offsets that a file holds, with its rows when its footer was read. */
export interface FileOffsets extends OffsetSpan {
  readonly rows?: number;
}

/** What the footer of a merged file says of the files that went into it; undefined when it is none or they had no offsets. */
export function mergedOffsets(keyValueMetadata: ReadonlyMap<string, string>): FileOffsets[] | undefined {
  const text = keyValueMetadata.get(manifestKey);
  if (text === undefined) return undefined;
  try {
    const pieces = [...writtenPieces(decodeManifest(text))];
    const offsets = pieces.flatMap(({ name, rows }): FileOffsets[] => {
      const span = parseOffsetName(name);
      return span === undefined ? [] : [{ ...span, rows }];
    });
    return offsets.length === pieces.length ? offsets : undefined;
  } catch (error) {
    // Its rows are readable all the same.
    if (isError(error, 'parquet.corrupt')) return undefined;
    throw error;
  }
}

/** The offsets of a Kafka topic that a file holds, by its footer or its name; undefined when neither tells. */
export function offsetsOf(
  file: Pick<ViewedFile, 'name' | 'footer'>,
  kafkaTopic: string,
): readonly FileOffsets[] | undefined {
  const footer = file.footer !== undefined && 'columns' in file.footer ? file.footer : undefined;
  const named = parseOffsetName(file.name);
  const own = footer?.offsets ?? (named && [{ ...named, ...(footer && { rows: footer.rows }) }]);
  return own?.every(({ topic }) => topic === kafkaTopic) === true ? own : undefined;
}

/** What files of one folder hold together. */
export function holdOffsets(files: readonly FileOffsets[]): Map<number, Held> {
  const held = new Map<number, Held>();
  for (const [partition, own] of Map.groupBy(files, (file) => file.partition)) {
    const ranges = uniteRanges(own);
    const rows = own.reduce<number | undefined>(
      (sum, file) => (sum === undefined || file.rows === undefined ? undefined : sum + file.rows),
      0,
    );
    held.set(partition, rows === undefined ? { ranges } : { ranges, rows });
  }
  return held;
}

/**
 * What the good files of a partition hold, as its parameter has it; undefined when nothing tells. Files that were not read
 * are those that the partition held before, whatever their names say: one may have been merged of others. What it held
 * before also counts while there is a file whose offsets nobody tells: somebody else merged files.
 */
export function accountOffsets(
  files: readonly ViewedFile[],
  kafkaTopic: string,
  before: string | undefined,
): string | undefined {
  const [known, read] = [
    files.filter(({ footer }) => footer === undefined),
    files.filter(({ footer }) => footer !== undefined),
  ];
  const offsets = (some: readonly ViewedFile[]): FileOffsets[] =>
    some.flatMap((file) => offsetsOf(file, kafkaTopic) ?? []);
  const earlier = before === undefined ? undefined : parseHeld(before);
  let held = holdOffsets(offsets(read));
  if (known.length > 0) held = joinHeld(earlier ?? holdOffsets(offsets(known)), held);
  else if (read.some((file) => offsetsOf(file, kafkaTopic) === undefined)) held = joinHeld(withoutRows(earlier), held);
  return held.size === 0 ? undefined : formatHeld(held);
}

function joinHeld(a: HeldOffsets, b: HeldOffsets): Map<number, Held> {
  const joined = new Map(a);
  for (const [partition, { ranges, rows }] of b) {
    const own = a.get(partition) ?? { ranges: [], rows: 0 };
    const sum = own.rows === undefined || rows === undefined ? {} : { rows: own.rows + rows };
    joined.set(partition, { ranges: uniteRanges(own.ranges, ranges), ...sum });
  }
  return joined;
}

function withoutRows(held: HeldOffsets | undefined): HeldOffsets {
  return new Map([...(held ?? [])].map(([partition, { ranges }]) => [partition, { ranges }]));
}

/** Writes what files hold as `0:0-99,105-200/196;1:0-5`: partition, offsets, rows. */
export function formatHeld(held: HeldOffsets): string {
  return [...held]
    .toSorted(([a], [b]) => a - b)
    .map(
      ([partition, { ranges, rows }]) => `${partition}:${formatRanges(ranges)}${rows === undefined ? '' : `/${rows}`}`,
    )
    .join(';');
}

/** Reads what {@link formatHeld} wrote; undefined when it is anything else. */
export function parseHeld(text: string): Map<number, Held> | undefined {
  const held = new Map<number, Held>();
  if (text === '') return held;
  for (const part of text.split(';')) {
    const [, partition, offsets = '', rows] = /^(\d{1,10}):([\d,-]+)(?:\/(\d{1,15}))?$/.exec(part) ?? [];
    const ranges = parseRanges(offsets);
    if (partition === undefined || ranges === undefined) return undefined;
    held.set(Number(partition), rows === undefined ? { ranges } : { ranges, rows: Number(rows) });
  }
  return held;
}

/** A partition's value in the metastore's database may have 4,000 characters. */
const longestText = 3_900;

/** The text as it is kept on a partition; `?` when it is too long, and names must be listed to know. */
export function storedHeld(text: string): string {
  return text.length > longestText ? '?' : text;
}

/** Offsets that two files or two folders hold both, so that their rows are there twice. */
export interface Overlap {
  readonly partition: number;
  /** As `105-200`. */
  readonly offsets: string;
  readonly paths: readonly [string, string];
}

/** Files of one folder with offsets in common: one writer writes each offset into a folder once. */
export function overlapsWithin(files: readonly ViewedFile[], kafkaTopic: string): Overlap[] {
  const spans = files.flatMap((file) =>
    (offsetsOf(file, kafkaTopic) ?? []).map((span) => ({ ...span, path: file.path })),
  );
  return pairs(
    spans.map(({ path, partition, ...range }) => ({ path, partition, held: { ranges: [range] } })),
    (a, b) => a.path !== b.path,
  );
}

/** What one folder holds. */
export interface HeldFolder {
  readonly path: string;
  readonly held: HeldOffsets;
}

/**
 * Folders that hold more rows together than they hold offsets: some rows are there twice. That ranges overlap says nothing,
 * since records of two hours stand mixed in a log.
 */
export function overlapsBetween(folders: readonly HeldFolder[]): Overlap[] {
  const each = folders.flatMap(({ path, held }) =>
    [...held].map(([partition, own]) => ({ path, partition, held: own })),
  );
  return pairs(each, (a, b) => {
    if (a.held.rows === undefined || b.held.rows === undefined) return false;
    return BigInt(a.held.rows + b.held.rows) > countOffsets(uniteRanges(a.held.ranges, b.held.ranges));
  });
}

interface Candidate {
  readonly path: string;
  readonly partition: number;
  readonly held: Held;
}

function pairs(candidates: readonly Candidate[], isOverlap: (a: Candidate, b: Candidate) => boolean): Overlap[] {
  const overlaps: Overlap[] = [];
  const first = ({ held }: Candidate): bigint => held.ranges[0]?.first ?? 0n;
  const last = ({ held }: Candidate): bigint => held.ranges.at(-1)?.last ?? -1n;
  for (const [partition, own] of Map.groupBy(candidates, (candidate) => candidate.partition)) {
    const open: Candidate[] = [];
    for (const next of own.toSorted((a, b) => (first(a) < first(b) ? -1 : Number(first(a) > first(b))))) {
      for (const [index, before] of [...open.entries()].toReversed()) {
        if (last(before) < first(next)) open.splice(index, 1);
        else {
          const common = intersectRanges(before.held.ranges, next.held.ranges);
          if (common.length > 0 && isOverlap(before, next))
            overlaps.push({ partition, offsets: formatRanges(common), paths: inOrder(before.path, next.path) });
        }
      }
      open.push(next);
    }
  }
  // The order in which services answered must not show.
  return overlaps.toSorted(
    ({ partition: a, paths: [c, e] }, { partition: b, paths: [d, f] }) => a - b || compare(c, d) || compare(e, f),
  );
}

function inOrder(a: string, b: string): [string, string] {
  return a < b ? [a, b] : [b, a];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
