import { pack } from './bit-packing.ts';
import type { GrowingBytes } from './growing-bytes.ts';

// Runs of one value and runs of packed values, in turn (parquet-format, Encodings, RLE). Levels, dictionary indices and
// booleans stand in it.

/** Runs shorter than this are packed. */
const shortestRun = 8;

/** Encodes the first `count` values, none of more than `width` bits (at most 24). */
export function encodeHybrid(values: Int32Array, count: number, width: number, out: GrowingBytes): void {
  // Each group of 8 values takes at most its bits and the headers of two runs.
  out.reserve((Math.ceil(count / 8) + 1) * (width + 14));
  const { bytes } = out;
  let at = out.length;
  let packed = 0;
  let index = 0;
  while (index < count) {
    const runEnd = endOfRun(values, index, count);
    // A packed run holds whole groups of 8, so it may have to take the first values of this run.
    const fill = (packed - index) & 7;
    if (runEnd - index - fill >= shortestRun) {
      if (index > packed) at = writePacked(values, packed, index + fill, width, bytes, at);
      at = writeRun(values[index] as number, runEnd - index - fill, width, bytes, at);
      packed = runEnd;
    }
    index = runEnd;
  }
  if (packed < count) at = writePacked(values, packed, count, width, bytes, at);
  out.length = at;
}

/** Encodes `count` times one value; false when they are too few for a run. */
export function encodeRun(value: number, count: number, width: number, out: GrowingBytes): boolean {
  if (count < shortestRun) return false;
  out.reserve(10);
  out.length = writeRun(value, count, width, out.bytes, out.length);
  return true;
}

function endOfRun(values: Int32Array, start: number, count: number): number {
  const value = values[start];
  let end = start + 1;
  while (end < count && values[end] === value) end += 1;
  return end;
}

function writeRun(value: number, length: number, width: number, bytes: Uint8Array, start: number): number {
  let at = writeVarint(length * 2, bytes, start);
  for (let bit = 0; bit < width; bit += 8) {
    bytes[at] = value >>> bit;
    at += 1;
  }
  return at;
}

/** Values of a packed run at most, as Arrow has it: a header is one byte then, and DuckDB takes a third longer over longer runs. */
const longestPacked = 63 * 8;

function writePacked(
  values: Int32Array,
  from: number,
  to: number,
  width: number,
  bytes: Uint8Array,
  start: number,
): number {
  let at = start;
  for (let next = from; next < to; next += longestPacked)
    at = writePackedRun(values, next, Math.min(to, next + longestPacked), width, bytes, at);
  return at;
}

function writePackedRun(
  values: Int32Array,
  from: number,
  to: number,
  width: number,
  bytes: Uint8Array,
  start: number,
): number {
  const groups = (to - from + 7) >>> 3;
  bytes[start] = groups * 2 + 1;
  pack(values, from, to, width, bytes, start + 1);
  const used = start + 1 + (((to - from) * width + 7) >>> 3);
  const end = start + 1 + groups * width;
  bytes.fill(0, used, end);
  return end;
}

function writeVarint(value: number, bytes: Uint8Array, start: number): number {
  let at = start;
  let rest = value;
  while (rest > 0x7f) {
    bytes[at] = (rest & 0x7f) | 0x80;
    at += 1;
    rest >>>= 7;
  }
  bytes[at] = rest;
  return at + 1;
}
