import { bloomFilterHeader } from '../footer-codec/bloom-filter.ts';
import { struct } from '../footer-codec/struct.ts';
import { WireWriter } from '../footer-codec/wire-writer.ts';

// Split block bloom filter (parquet-format, BloomFilter.md): a value sets one bit in each of the eight words of one block.

const salt = Int32Array.of(
  0x47b6_137b,
  0x4497_4d91,
  0x8824_ad5b,
  0xa2b7_289d,
  0x7054_95c7,
  0x2df1_424b,
  0x9efc_4947,
  0x5c6b_fb31,
);

const headerKind = struct(bloomFilterHeader);

/** Bits for each distinct value, so that one of a hundred values that are not there seems to be: -8 / ln(1 - 0.01^(1/8)). */
const bitsPerValue = 9.681;

/**
 * The bytes of a bloom filter with its header, for hashes that stand in pairs of their high and low halves; where both are 0,
 * there is none. `count` tells how many there are. Its size is a power of two, as some readers want it.
 */
export function encodeBloomFilter(pairs: Int32Array, count: number): Uint8Array {
  let length = 32;
  while (length * 8 < count * bitsPerValue) length *= 2;
  const words = new Int32Array(length / 4);
  for (let pair = 0; pair < pairs.length; pair += 2) {
    const high = pairs[pair] as number;
    const low = pairs[pair + 1] as number;
    if (high !== 0 || low !== 0) insert(words, high, low);
  }
  const writer = new WireWriter();
  headerKind.write(writer, {
    numBytes: length,
    algorithm: { BLOCK: {} },
    hash: { XXHASH: {} },
    compression: { UNCOMPRESSED: {} },
  });
  writer.writeRaw(new Uint8Array(words.buffer));
  return writer.toBytes();
}

function insert(words: Int32Array, high: number, low: number): void {
  // The high half of the hash, as a share of 2^32, picks the block.
  const block = Math.floor(((high >>> 0) * (words.length / 8)) / 2 ** 32) * 8;
  for (let index = 0; index < 8; index++) {
    const bit = Math.imul(low, salt[index] as number) >>> 27;
    words[block + index] = (words[block + index] as number) | (1 << bit);
  }
}
