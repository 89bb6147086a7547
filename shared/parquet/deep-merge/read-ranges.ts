import type { RangedSource } from '../footer.ts';
import { corrupt } from './fault.ts';

/** A range of a file. */
export interface Range {
  readonly source: RangedSource;
  readonly start: number;
  readonly length: number;
}

/** Bytes between two ranges that are read with them: less than asking again costs. */
const gap = 64 * 1024;
/** Bytes that are asked for at once. */
const longest = 8 * 1024 * 1024;
const atOnce = 8;

/** Reads ranges, those that stand close together in one request. The bytes of each are given in the order of the ranges. */
export async function readRanges(ranges: readonly Range[]): Promise<Uint8Array[]> {
  const spans = joinRanges(ranges);
  const found: Uint8Array[] = [];
  found.length = ranges.length;
  const left = spans.values();
  const work = async (): Promise<void> => {
    for (const { source, start, end, members } of left) {
      const bytes = await source.read(start, end - start);
      if (bytes.length !== end - start)
        throw corrupt(`the source gave ${bytes.length} of ${end - start} bytes at offset ${start}`);
      for (const member of members) {
        const range = ranges[member] as Range;
        found[member] = bytes.subarray(range.start - start, range.start - start + range.length);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found;
}

interface Span {
  readonly source: RangedSource;
  readonly start: number;
  end: number;
  /** Places in the list of ranges. */
  readonly members: number[];
}

function joinRanges(ranges: readonly Range[]): Span[] {
  const spans: Span[] = [];
  let open: Span | undefined;
  for (const [index, { source, start, length }] of ranges.entries()) {
    const end = start + length;
    if (
      open !== undefined &&
      open.source === source &&
      start >= open.start &&
      start - open.end <= gap &&
      Math.max(end, open.end) - open.start <= longest
    ) {
      open.end = Math.max(open.end, end);
      open.members.push(index);
    } else {
      open = { source, start, end, members: [index] };
      spans.push(open);
    }
  }
  return spans;
}
