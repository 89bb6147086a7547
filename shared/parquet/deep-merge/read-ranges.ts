import type { RangedSource } from '../footer.ts';
import { LakewardenError } from '../../errors/error.ts';
import { aboutFile } from './fault.ts';

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

/**
 * Reads ranges into memory that is used again: what sources give is dropped at once, while it is cheap to free.
 * The bytes of the ranges before are void then.
 */
export class RangeReader {
  #bytes = new Uint8Array(0);

  /** Reads ranges, those that stand close together in one request. The bytes of each are given in the order of the ranges. */
  async read(ranges: readonly Range[]): Promise<Uint8Array[]> {
    const spans = joinRanges(ranges);
    const total = spans.reduce((sum, { start, end }) => sum + end - start, 0);
    if (total > this.#bytes.length) this.#bytes = new Uint8Array(Math.ceil(total * 1.1));
    const found: Uint8Array[] = [];
    found.length = ranges.length;
    let next = 0;
    const left = spans.values();
    const work = async (): Promise<void> => {
      for (const { source, start, end, members } of left) {
        const at = next;
        next += end - start;
        const bytes = await source.read(start, end - start);
        if (bytes.length !== end - start) {
          const reason = `the source gave ${bytes.length} of ${end - start} bytes at offset ${start}`;
          throw aboutFile(source.path, new LakewardenError('parquet.truncated', reason, { details: { reason } }));
        }
        this.#bytes.set(bytes, at);
        for (const member of members) {
          const range = ranges[member] as Range;
          const first = at + range.start - start;
          found[member] = this.#bytes.subarray(first, first + range.length);
        }
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return found;
  }
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
