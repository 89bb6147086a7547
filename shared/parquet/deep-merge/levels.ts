import type { GrowingBytes } from './growing-bytes.ts';
import { bitWidth } from './bit-packing.ts';
import { decodeHybrid, valueOfRun } from './hybrid-reader.ts';
import { encodeHybrid, encodeRun } from './hybrid-writer.ts';

/** Levels of one kind, from 0 to `max`. As long as all are the same, only their number is kept. */
export class Levels {
  readonly max: number;
  count = 0;
  /** The level of all; -1 when they differ and stand in the array. */
  #same = 0;
  #levels: Int32Array = new Int32Array(0);

  constructor(max: number) {
    this.max = max;
  }

  /** Takes `count` times the level 0, which stands nowhere. */
  takeNone(count: number): void {
    this.count = count;
    this.#same = 0;
  }

  /** Takes `count` levels out of runs in the place of what was there. @throws parquet.corrupt */
  read(bytes: Uint8Array, start: number, end: number, count: number): void {
    const width = bitWidth(this.max);
    this.#same = count === 0 ? 0 : valueOfRun(bytes, start, end, width, count);
    this.count = count;
    if (this.#same >= 0 && this.#same <= this.max) return;
    this.#same = -1;
    if (count > this.#levels.length) this.#levels = new Int32Array(Math.max(count, this.#levels.length * 2));
    decodeHybrid(bytes, start, end, width, this.max + 1, this.#levels, 0, count);
  }

  /** Adds those of another page. */
  append(more: Levels): void {
    const total = this.count + more.count;
    if (this.count === 0) this.#same = more.#same;
    if (this.#same < 0 || this.#same !== more.#same) {
      this.#spread(total);
      if (more.#same < 0) this.#levels.set(more.#levels.subarray(0, more.count), this.count);
      else this.#levels.fill(more.#same, this.count, total);
    }
    this.count = total;
  }

  /** Writes levels to the array, which gets room for `total`. */
  #spread(total: number): void {
    if (total > this.#levels.length) {
      const larger = new Int32Array(Math.max(total, this.#levels.length * 2));
      if (this.#same < 0) larger.set(this.#levels.subarray(0, this.count));
      this.#levels = larger;
    }
    if (this.#same >= 0) this.#levels.fill(this.#same, 0, this.count);
    this.#same = -1;
  }

  /** How many are `level`. */
  countOf(level: number): number {
    if (this.#same >= 0) return this.#same === level ? this.count : 0;
    return countEqual(this.#levels, this.count, level);
  }

  /** True when the first is 0, or when there is none. */
  get startsWithZero(): boolean {
    return this.count === 0 || (this.#same < 0 ? this.#levels[0] : this.#same) === 0;
  }

  /** Writes runs of them. */
  encode(out: GrowingBytes): void {
    const width = bitWidth(this.max);
    if (this.#same >= 0 && encodeRun(this.#same, this.count, width, out)) return;
    if (this.#same >= 0) this.#spread(this.count);
    encodeHybrid(this.#levels, this.count, width, out);
  }

  clear(): void {
    this.count = 0;
  }
}

function countEqual(levels: Int32Array, count: number, wanted: number): number {
  let found = 0;
  for (let index = 0; index < count; index++) if (levels[index] === wanted) found += 1;
  return found;
}
