import { corrupt } from './fault.ts';
import type { GrowingBytes } from './growing-bytes.ts';

// Runs of one value and runs of packed values, in turn (parquet-format, Encodings, RLE). Levels, dictionary indices and
// booleans stand in it.

/** Bits that hold the numbers from 0 to `max`. */
export function bitWidth(max: number): number {
  return 32 - Math.clz32(max);
}

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
      if (width > 24) unpackWide(bytes, from, width, out, next, taken);
      else unpack(bytes, from, width, out, next, taken);
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

/** Values of at most 24 bits: each lies in the four bytes from its first one on. */
function unpack(bytes: Uint8Array, start: number, width: number, out: Int32Array, at: number, count: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const mask = (1 << width) - 1;
  // The last byte from which on four can be read, and what the last value of a group of eight needs.
  const last = bytes.length - 4 - ((7 * width) >>> 3);
  let from = start;
  let next = at;
  for (const end = at + count - 7; next < end && from <= last; next += 8) {
    for (let index = 0; index < 8; index++) {
      const bit = index * width;
      out[next + index] = (view.getInt32(from + (bit >>> 3), true) >>> (bit & 7)) & mask;
    }
    from += width;
  }
  unpackBytes(bytes, from, width, out, next, at + count - next);
}

function unpackBytes(
  bytes: Uint8Array,
  start: number,
  width: number,
  out: Int32Array,
  at: number,
  count: number,
): void {
  const mask = (1 << width) - 1;
  let from = start;
  let buffer = 0;
  let bits = 0;
  for (let index = at; index < at + count; index++) {
    while (bits < width) {
      buffer |= (bytes[from] as number) << bits;
      from += 1;
      bits += 8;
    }
    out[index] = buffer & mask;
    buffer >>>= width;
    bits -= width;
  }
}

/** Values of more than 24 bits; those past 31 bits become negative. */
function unpackWide(bytes: Uint8Array, start: number, width: number, out: Int32Array, at: number, count: number): void {
  for (let index = 0; index < count; index++) {
    let value = 0;
    for (let bit = 0; bit < width; bit++) {
      const place = index * width + bit;
      value |= (((bytes[start + (place >>> 3)] as number) >>> (place & 7)) & 1) << bit;
    }
    out[at + index] = value;
  }
}

function checkBelow(values: Int32Array, from: number, to: number, limit: number): void {
  for (let index = from; index < to; index++) {
    const value = (values[index] as number) >>> 0;
    if (value >= limit) throw corrupt(`a value of ${value} where ${limit - 1} is the greatest`);
  }
}

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

/** Packs values of at most 24 bits one behind the other, beginning with the lowest bit. */
export function pack(
  values: Int32Array,
  from: number,
  to: number,
  width: number,
  bytes: Uint8Array,
  start: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = start;
  let buffer = 0;
  let bits = 0;
  let index = from;
  // Four bytes are written for each value, so that the last values must be written byte by byte.
  for (const end = width === 0 ? from : to - 32; index < end; index++) {
    buffer |= (values[index] as number) << bits;
    bits += width;
    view.setInt32(at, buffer, true);
    buffer >>>= bits & 24;
    at += bits >>> 3;
    bits &= 7;
  }
  for (; index < to; index++) {
    buffer |= (values[index] as number) << bits;
    bits += width;
    while (bits >= 8) {
      bytes[at] = buffer;
      at += 1;
      buffer >>>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) bytes[at] = buffer;
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
