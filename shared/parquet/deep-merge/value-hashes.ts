import { encodeBloomFilter } from './bloom-filter.ts';
import { type Hash64, xxhash64 } from './xxhash64.ts';

/** Distinct values of one row group past which a filter would be larger than what it saves. */
const most = 1024 * 1024;

/** Hashes of the distinct values of a column chunk, for its bloom filter. */
export class ValueHashes {
  readonly #width: number;
  /** Pairs of the high and low halves, found by the low one. A power of two of them. */
  #pairs = new Int32Array(2048);
  #count = 0;
  #hasZero = false;
  #steps = 0;
  #known = true;
  readonly #hash: Hash64 = { high: 0, low: 0 };

  /** For values of `width` bytes; 0 when each says its own length. */
  constructor(width: number) {
    this.#width = width;
  }

  /** Adds the first `count` of PLAIN values; they must have been checked. */
  add(bytes: Uint8Array, count: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    for (let index = 0; index < count && this.#known; index++) {
      const start = this.#width > 0 ? at : at + 4;
      const end = start + (this.#width > 0 ? this.#width : view.getUint32(at, true));
      xxhash64(view, start, end, this.#hash);
      this.#insert(this.#hash.high, this.#hash.low);
      at = end;
    }
  }

  /** Tells that there are values that cannot be seen, so that a filter would be wrong. */
  giveUp(): void {
    this.#known = false;
    this.#pairs = new Int32Array(0);
  }

  #insert(high: number, low: number): void {
    if (high === 0 && low === 0) {
      this.#hasZero = true;
      return;
    }
    const steps = insertPair(this.#pairs, high, low);
    if (steps < 0) return;
    this.#count += 1;
    this.#steps += steps;
    // Values that were made to collide would take for ever.
    if (this.#count > most || this.#steps > 16 * (this.#count + 65_536)) return this.giveUp();
    if (this.#count * 4 <= this.#pairs.length) return;
    const larger = new Int32Array(this.#pairs.length * 2);
    for (let pair = 0; pair < this.#pairs.length; pair += 2)
      if (this.#pairs[pair] !== 0 || this.#pairs[pair + 1] !== 0)
        insertPair(larger, this.#pairs[pair] as number, this.#pairs[pair + 1] as number);
    this.#pairs = larger;
  }

  /** The filter with its header; undefined when there are values that were not seen, or too many. */
  toFilter(): Uint8Array | undefined {
    // Of all hashes this one alone cannot stand in the table.
    if (!this.#known || this.#hasZero) return undefined;
    return encodeBloomFilter(this.#pairs, this.#count);
  }
}

/** The pairs that were in the way; -1 when the pair was there before. */
function insertPair(pairs: Int32Array, high: number, low: number): number {
  const mask = pairs.length - 2;
  let slot = (low << 1) & mask;
  let steps = 0;
  while (pairs[slot] !== 0 || pairs[slot + 1] !== 0) {
    if (pairs[slot] === high && pairs[slot + 1] === low) return -1;
    slot = (slot + 2) & mask;
    steps += 1;
  }
  pairs[slot] = high;
  pairs[slot + 1] = low;
  return steps;
}
