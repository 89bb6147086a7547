import { corrupt, unsupported } from './fault.ts';
import type { GrowingBytes } from './growing-bytes.ts';
import { longestPage } from './page.ts';

// PLAIN encoding (parquet-format, Encodings): values of one width, or each behind its length in four bytes, little-endian.

/** Where `count` PLAIN values of `width` bytes (0: each says its own) end. @throws parquet.corrupt */
export function plainEnd(bytes: Uint8Array, start: number, count: number, width: number): number {
  if (width === 0) return walkLengths(bytes, start, count, undefined);
  const end = start + count * width;
  if (end > bytes.length) throw corrupt(`${count} values of ${width} bytes do not fit into ${bytes.length - start}`);
  return end;
}

/** Where each of `count` byte arrays begins, its length included, and behind them where the last one ends. */
export function plainStarts(bytes: Uint8Array, count: number): Int32Array {
  if (count * 4 > bytes.length) throw corrupt(`${count} values do not fit into ${bytes.length} bytes`);
  const starts = new Int32Array(count + 1);
  starts[count] = walkLengths(bytes, 0, count, starts);
  return starts;
}

function walkLengths(bytes: Uint8Array, start: number, count: number, starts: Int32Array | undefined): number {
  const end = bytes.length;
  let at = start;
  for (let index = 0; index < count; index++) {
    if (starts !== undefined) starts[index] = at;
    if (at + 4 > end) throw corrupt('a value breaks off');
    const length =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    if (length < 0 || length > end - at - 4) throw corrupt(`a value of ${length >>> 0} bytes breaks off`);
    at += 4 + length;
  }
  return at;
}

/** Appends the entries that the first `count` indices name; all must be below the number of entries. @throws parquet.unsupported */
export function gatherPlain(
  entries: Uint8Array,
  starts: Int32Array | undefined,
  width: number,
  indices: Int32Array,
  count: number,
  out: GrowingBytes,
): void {
  if (starts !== undefined) gatherArrays(entries, starts, indices, count, out);
  else {
    checkLength(count * width);
    out.reserve(count * width);
    if (width === 4) gatherWords(entries, indices, count, out.bytes, out.length, 1);
    else if (width === 8) gatherWords(entries, indices, count, out.bytes, out.length, 2);
    else gatherFixed(entries, width, indices, count, out.bytes, out.length);
    out.length += count * width;
  }
}

/** A few indices can name a long entry again and again. */
function checkLength(length: number): void {
  if (length > longestPage)
    throw unsupported(
      `entries of a long dictionary are ${length} bytes in full; ${longestPage} are the limit of a page`,
    );
}

function gatherWords(
  entries: Uint8Array,
  indices: Int32Array,
  count: number,
  bytes: Uint8Array,
  at: number,
  words: 1 | 2,
): void {
  const from = new Int32Array(entries.buffer, entries.byteOffset, entries.length >>> 2);
  if ((at & 3) !== 0) throw new RangeError('values of a page are not aligned');
  const to = new Int32Array(bytes.buffer, bytes.byteOffset + at, count * words);
  if (words === 1) for (let index = 0; index < count; index++) to[index] = from[indices[index] as number] as number;
  else
    for (let index = 0; index < count; index++) {
      const entry = (indices[index] as number) * 2;
      to[index * 2] = from[entry] as number;
      to[index * 2 + 1] = from[entry + 1] as number;
    }
}

function gatherFixed(
  entries: Uint8Array,
  width: number,
  indices: Int32Array,
  count: number,
  bytes: Uint8Array,
  start: number,
): void {
  let at = start;
  for (let index = 0; index < count; index++) {
    const from = (indices[index] as number) * width;
    for (let offset = 0; offset < width; offset++) bytes[at + offset] = entries[from + offset] as number;
    at += width;
  }
}

function gatherArrays(
  entries: Uint8Array,
  starts: Int32Array,
  indices: Int32Array,
  count: number,
  out: GrowingBytes,
): void {
  let total = 0;
  for (let index = 0; index < count; index++) {
    const entry = indices[index] as number;
    total += (starts[entry + 1] as number) - (starts[entry] as number);
  }
  checkLength(total);
  out.reserve(total);
  const { bytes } = out;
  let at = out.length;
  for (let index = 0; index < count; index++) {
    const entry = indices[index] as number;
    const from = starts[entry] as number;
    const to = starts[entry + 1] as number;
    if (to - from > 64) bytes.set(entries.subarray(from, to), at);
    else for (let offset = from; offset < to; offset++) bytes[at + offset - from] = entries[offset] as number;
    at += to - from;
  }
  out.length = at;
}
