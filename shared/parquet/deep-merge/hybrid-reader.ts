import { pack, unpack } from './bit-packing.ts';
import { corrupt } from './fault.ts';

// Runs of one value and runs of packed values, in turn (parquet-format, Encodings, RLE). Levels, dictionary indices and
// booleans stand in it.

/**
 * Decodes `count` values, each below `limit`, to `out` from `at` on. Gives the place behind the last run that was needed.
 * @throws parquet.corrupt when the runs break off or hold a greater value
 */
export function decodeHybrid(
  bytes: Uint8Array,
  start: number,
  end: number,
  width: number,
  limit: number,
  out: Int32Array,
  at: number,
  count: number,
): number {
  if (width === 0) {
    if (count > 0 && limit < 1) throw corrupt('there is no entry 0');
    out.fill(0, at, at + count);
    return start;
  }
  const valueBytes = (width + 7) >>> 3;
  const last = at + count;
  let next = at;
  let from = start;
  while (next < last) {
    let header = 0;
    let factor = 1;
    let byte: number;
    do {
      if (from >= end || factor > 0x1000_0000) throw corrupt('a run breaks off');
      byte = bytes[from] as number;
      from += 1;
      header += (byte & 0x7f) * factor;
      factor *= 128;
    } while (byte >= 0x80);
    if (header % 2 === 0) {
      if (from + valueBytes > end) throw corrupt('a run breaks off');
      let value = 0;
      for (let index = valueBytes - 1; index >= 0; index--) value = value * 256 + (bytes[from + index] as number);
      from += valueBytes;
      const taken = Math.min(header / 2, last - next);
      if (value >= limit && taken > 0) throw corrupt(`a value of ${value} where ${limit - 1} is the greatest`);
      out.fill(value, next, next + taken);
      next += taken;
    } else {
      const groups = (header - 1) / 2;
      const taken = Math.min(groups * 8, last - next);
      // The last run may be cut off behind the values that are meant.
      if (Math.ceil((taken * width) / 8) > end - from) throw corrupt('a run breaks off');
      unpack(bytes, from, width, out, next, taken);
      if (width >= 31 || 1 << width > limit) checkBelow(out, next, next + taken, limit);
      from = Math.min(from + groups * width, end);
      next += taken;
    }
  }
  return from;
}

/** The value of the first run, when it alone makes `count` values; -1 when it does not, or when it breaks off. */
export function valueOfRun(bytes: Uint8Array, start: number, end: number, width: number, count: number): number {
  let header = 0;
  let from = start;
  for (let shift = 0; ; shift += 7) {
    if (from >= end || shift > 21) return -1;
    const byte = bytes[from] as number;
    from += 1;
    header |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  if ((header & 1) === 1 || header >>> 1 < count || width > 8 || from >= end) return -1;
  return bytes[from] as number;
}

/** The numbers from 0 on, packed, by their width. */
const packedSequences: (Uint8Array | undefined)[] = [];

function packedSequence(width: number): Uint8Array {
  const known = packedSequences[width];
  if (known !== undefined) return known;
  const count = 1 << width;
  const packed = new Uint8Array((count * width + 7) >>> 3);
  pack(
    Int32Array.from({ length: count }, (_, index) => index),
    0,
    count,
    width,
    packed,
    0,
  );
  packedSequences[width] = packed;
  return packed;
}

/**
 * True when `count` values are the numbers from 0 on and stand in packed runs, found without unpacking them. When it is
 * false they may still be these numbers.
 */
export function isPackedSequence(bytes: Uint8Array, start: number, width: number, count: number): boolean {
  if (width === 0 || width > 16 || count > 1 << width) return false;
  const sequence = packedSequence(width);
  let from = start;
  let next = 0;
  while (next < count) {
    // Writers end packed runs early, so that their header is one byte; two are enough for the longest page.
    const first = bytes[from] ?? 0;
    const second = first < 0x80 ? 0 : (bytes[from + 1] ?? 0x80);
    if ((first & 1) === 0 || second >= 0x80) return false;
    from += first < 0x80 ? 1 : 2;
    const groups = ((first & 0x7f) | (second << 7)) >>> 1;
    if (groups === 0) return false;
    const taken = Math.min(groups * 8, count - next);
    const whole = (taken * width) >>> 3;
    const at = (next * width) >>> 3;
    const rest = (taken * width) & 7;
    if (from + whole + (rest > 0 ? 1 : 0) > bytes.length) return false;
    if (!sameBytes(bytes, from, sequence, at, whole)) return false;
    const difference = (bytes[from + whole] ?? 0) ^ (sequence[at + whole] ?? 0);
    if (rest > 0 && (difference & ((1 << rest) - 1)) !== 0) return false;
    next += taken;
    from += groups * width;
  }
  return true;
}

function sameBytes(a: Uint8Array, from: number, b: Uint8Array, at: number, length: number): boolean {
  for (let offset = 0; offset < length; offset++) if (a[from + offset] !== b[at + offset]) return false;
  return true;
}

function checkBelow(values: Int32Array, from: number, to: number, limit: number): void {
  for (let index = from; index < to; index++) {
    const value = (values[index] as number) >>> 0;
    if (value >= limit) throw corrupt(`a value of ${value} where ${limit - 1} is the greatest`);
  }
}
