// Values of a few bits each, one behind the other, beginning with the lowest bit (parquet-format, Encodings, RLE).

/** Bits that hold the numbers from 0 to `max`. */
export function bitWidth(max: number): number {
  return 32 - Math.clz32(max);
}

/** Unpacks `count` values of `width` bits to `out` from `at` on; those past 31 bits become negative. */
export function unpack(
  bytes: Uint8Array,
  start: number,
  width: number,
  out: Int32Array,
  at: number,
  count: number,
): void {
  if (width > 24) unpackWide(bytes, start, width, out, at, count);
  else unpackNarrow(bytes, start, width, out, at, count);
}

/** Values of at most 24 bits: each lies in the four bytes from its first one on. */
function unpackNarrow(
  bytes: Uint8Array,
  start: number,
  width: number,
  out: Int32Array,
  at: number,
  count: number,
): void {
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

/** Values of more than 24 bits. */
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
