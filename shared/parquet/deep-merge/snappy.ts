import { snappyCompressor, snappyUncompressor } from 'hysnappy';
import { corrupt } from './fault.ts';

// The raw block of google/snappy, format_description.txt: a length, then elements. An element is a literal, or a copy of
// bytes that stand a distance before it. So the elements of one block may follow those of another.

const compress = snappyCompressor();
const uncompress = snappyUncompressor();

/** Inflates a raw block to exactly `length` bytes; what was not deflated is not copied. @throws parquet.corrupt */
export function inflateSnappy(block: Uint8Array, length: number): Uint8Array {
  // The library trusts the block: it writes as much as the block says, and copies from before its beginning.
  const start = checkBlock(block, length);
  const overhead = block.length - start - length;
  // A literal of all bytes has a tag and up to four bytes of length before them, and nothing else is that short.
  if (overhead > 0 && overhead <= 5 && isLiteral(block, start, overhead)) return block.subarray(start + overhead);
  return uncompress(block, length);
}

/** True when the first element, whose tag and length take `overhead` bytes, is a literal of all that is left. */
function isLiteral(block: Uint8Array, start: number, overhead: number): boolean {
  const tag = block[start] as number;
  if ((tag & 3) !== 0) return false;
  const bytes = Math.max(0, (tag >>> 2) - 59);
  if (bytes + 1 !== overhead) return false;
  let size = bytes === 0 ? tag >>> 2 : 0;
  for (let index = bytes; index > 0; index--) size = size * 256 + (block[start + index] as number);
  return size + 1 === block.length - start - overhead;
}

/** Deflates into a raw block. */
export function deflateSnappy(bytes: Uint8Array): Uint8Array {
  return compress(bytes);
}

/**
 * Checks that a block inflates to `length` bytes and refers to nothing outside of itself, without inflating it. Gives the
 * place where its elements begin. @throws parquet.corrupt
 */
export function checkBlock(block: Uint8Array, length: number): number {
  const start = elementsOf(block);
  const claimed = lengthOf(block, start);
  if (claimed !== length) throw corrupt(`a Snappy block claims ${claimed} bytes, the page header ${length}`);
  const inflated = walkElements(block, start, length);
  if (inflated !== length) throw corrupt(`the elements of a Snappy block do not make its ${length} bytes`);
  return start;
}

/** Where the elements of a block begin. */
export function elementsOf(block: Uint8Array): number {
  for (let at = 0; at < 5; at++) {
    const byte = block[at];
    if (byte === undefined) break;
    if (byte < 0x80) return at + 1;
  }
  throw corrupt('a Snappy block has no length');
}

function lengthOf(block: Uint8Array, end: number): number {
  let length = 0;
  for (let at = end - 1; at >= 0; at--) length = length * 128 + ((block[at] as number) & 0x7f);
  return length;
}

/** The bytes that the elements make, or -1 when one of them breaks off, reaches back too far or makes more than `length`. */
function walkElements(block: Uint8Array, start: number, length: number): number {
  const end = block.length;
  let made = 0;
  let at = start;
  while (at < end) {
    const tag = block[at] as number;
    at += 1;
    const kind = tag & 3;
    if (kind === 0) {
      let size = tag >>> 2;
      if (size >= 60) {
        const bytes = size - 59;
        if (at + bytes > end) return -1;
        size = 0;
        for (let index = bytes - 1; index >= 0; index--) size = size * 256 + (block[at + index] as number);
        at += bytes;
      }
      at += size + 1;
      made += size + 1;
      if (at > end || made > length) return -1;
    } else {
      const bytes = kind === 3 ? 4 : kind;
      if (at + bytes > end) return -1;
      let distance = block[at] as number;
      let size = (tag >>> 2) + 1;
      if (kind === 1) {
        distance += (tag >>> 5) << 8;
        size = ((tag >>> 2) & 7) + 4;
      } else {
        distance += (block[at + 1] as number) << 8;
        if (kind === 3) distance += (block[at + 2] as number) * 0x1_0000 + (block[at + 3] as number) * 0x100_0000;
      }
      at += bytes;
      if (distance === 0 || distance > made) return -1;
      made += size;
      if (made > length) return -1;
    }
  }
  return made;
}
