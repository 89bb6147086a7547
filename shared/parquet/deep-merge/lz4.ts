import { corrupt } from './fault.ts';

// The raw block of LZ4 (github.com/lz4/lz4, doc/lz4_Block_format.md): sequences of literals and a copy of bytes that stand a
// distance before; the last one has literals only. Own code, since the library at hand takes a short block for zeros.

const fault = 'an LZ4 block is broken';

/** Inflates a raw block to exactly `length` bytes. @throws parquet.corrupt */
export function inflateLz4(block: Uint8Array, length: number): Uint8Array {
  // The longest run of copies: a byte of input makes at most 255 of output.
  if (length > block.length * 255) throw corrupt(`${block.length} bytes of LZ4 cannot make ${length}`);
  const out = new Uint8Array(length);
  let from = 0;
  let to = 0;
  while (from < block.length) {
    const token = block[from] as number;
    from += 1;
    let size = token >>> 4;
    if (size === 15) {
      const end = endOfSize(block, from);
      size += sizeOf(block, from, end);
      from = end;
    }
    if (size > block.length - from || size > length - to) throw corrupt(fault);
    out.set(block.subarray(from, from + size), to);
    from += size;
    to += size;
    if (from === block.length) break;
    if (from + 2 > block.length) throw corrupt(fault);
    const distance = (block[from] as number) | ((block[from + 1] as number) << 8);
    from += 2;
    let copied = (token & 15) + 4;
    if ((token & 15) === 15) {
      const end = endOfSize(block, from);
      copied += sizeOf(block, from, end);
      from = end;
    }
    if (distance === 0 || distance > to || copied > length - to || from === block.length) throw corrupt(fault);
    for (const end = to + copied; to < end; to++) out[to] = out[to - distance] as number;
  }
  if (to !== length) throw corrupt(`an LZ4 block makes ${to} bytes, the page header says ${length}`);
  return out;
}

/** A size goes on as long as its bytes are 255. */
function endOfSize(block: Uint8Array, start: number): number {
  let at = start;
  while (block[at] === 255) at += 1;
  if (at >= block.length) throw corrupt(fault);
  return at + 1;
}

function sizeOf(block: Uint8Array, start: number, end: number): number {
  return (end - start - 1) * 255 + (block[end - 1] as number);
}
