/** Offsets from the first to the last, both included. */
export interface OffsetRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** Ranges in the order of their offsets, that neither overlap nor touch. */
export type OffsetRanges = readonly OffsetRange[];

/** The offsets that are in any of the ranges; these may come in any order, overlap and touch. */
export function uniteRanges(...ranges: readonly (readonly OffsetRange[])[]): OffsetRanges {
  const united: { first: bigint; last: bigint }[] = [];
  for (const { first, last } of ranges.flat().toSorted(byOffset)) {
    const before = united.at(-1);
    if (before === undefined || first > before.last + 1n) united.push({ first, last });
    else if (last > before.last) before.last = last;
  }
  return united;
}

/** The offsets of the one set that are not in the other. */
export function subtractRanges(from: OffsetRanges, taken: OffsetRanges): OffsetRanges {
  const left: OffsetRange[] = [];
  let next = 0;
  for (const { first, last } of from) {
    let start = first;
    while ((taken[next]?.last ?? last) < start) next += 1;
    for (let index = next; start <= last; index += 1) {
      const hole = taken[index];
      if (hole === undefined || hole.first > last) {
        left.push({ first: start, last });
        break;
      }
      if (hole.first > start) left.push({ first: start, last: hole.first - 1n });
      if (hole.last + 1n > start) start = hole.last + 1n;
    }
  }
  return left;
}

/** The offsets that are in both sets. */
export function intersectRanges(a: OffsetRanges, b: OffsetRanges): OffsetRanges {
  return subtractRanges(a, subtractRanges(a, b));
}

/** The offsets between the ranges of a set. */
export function gapsBetween(ranges: OffsetRanges): OffsetRanges {
  return ranges.slice(1).map(({ first }, index) => ({
    first: (ranges[index] as OffsetRange).last + 1n,
    last: first - 1n,
  }));
}

/** How many offsets a set has. */
export function countOffsets(ranges: OffsetRanges): bigint {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
}

/** Writes a set as `0-99,105-200`. */
export function formatRanges(ranges: OffsetRanges): string {
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** Reads what {@link formatRanges} wrote; undefined when it is anything else. */
export function parseRanges(text: string): OffsetRanges | undefined {
  if (text === '') return [];
  const ranges: OffsetRange[] = [];
  for (const part of text.split(',')) {
    const [, first, last = first] = /^(\d{1,19})(?:-(\d{1,19}))?$/.exec(part) ?? [];
    if (first === undefined || last === undefined) return undefined;
    const range = { first: BigInt(first), last: BigInt(last) };
    if (range.first > range.last || range.first <= (ranges.at(-1)?.last ?? -2n) + 1n) return undefined;
    ranges.push(range);
  }
  return ranges;
}

function byOffset(a: OffsetRange, b: OffsetRange): number {
  return a.first < b.first ? -1 : Number(a.first > b.first);
}
