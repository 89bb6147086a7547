import { corrupt } from './fault.ts';
import { plainStarts } from './plain.ts';

/** The entries of a dictionary page, inflated. */
export interface Dictionary {
  /** PLAIN values, aligned to four bytes. */
  readonly entries: Uint8Array;
  readonly count: number;
  /** Where each entry begins, when entries have lengths of their own. */
  readonly starts: Int32Array | undefined;
}

/** Reads the entries of a dictionary, `width` bytes each (0: each says its own). @throws parquet.corrupt */
export function readDictionary(bytes: Uint8Array, count: number, width: number): Dictionary {
  const entries = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  if (count * width > bytes.length) throw corrupt(`${count} entries of ${width} bytes do not fit into ${bytes.length}`);
  return { entries, count, starts: width === 0 ? plainStarts(entries, count) : undefined };
}

/** Gives each distinct entry of several dictionaries one place. Entries are bytes: what they mean is not looked at. */
export class DictionaryUnion {
  /** Distinct entries so far. */
  count = 0;
  /** Bytes of the entries in PLAIN encoding. */
  length = 0;
  readonly #width: number;
  readonly #limit: number;
  #entries: Uint8Array;
  #starts: Int32Array;
  /** Pairs, found by hash: the place of an entry plus one, where 0 is free, and its hash. A power of two of them. */
  #table: Int32Array = new Int32Array(2048);
  #steps = 0;

  /** The entries may take `limit` bytes. */
  constructor(width: number, limit: number) {
    this.#width = width;
    this.#limit = limit;
    this.#entries = new Uint8Array(4096);
    this.#starts = new Int32Array(1024);
  }

  /** The entries in PLAIN encoding; not a copy. */
  get entries(): Uint8Array {
    return this.#entries.subarray(0, this.length);
  }

  /** Adds a dictionary and gives the new place of each of its entries; undefined when they all do not fit the limit. */
  add(dictionary: Dictionary): Int32Array | undefined {
    // Its entries are distinct, unless somebody wants to keep us busy.
    if (dictionary.entries.length > this.#limit) return undefined;
    this.#reserve(dictionary);
    const places = new Int32Array(dictionary.count);
    const width = this.#width;
    const state: Table = {
      table: this.#table,
      entries: this.#entries,
      starts: this.#starts,
      count: this.count,
      length: this.length,
      steps: this.#steps,
      // Entries that were made to collide would take for ever: a column of such is better without a dictionary.
      mostSteps: 16 * (this.count + dictionary.count + 65_536),
    };
    if (width === 4) uniteWords(dictionary, places, state);
    else if (width === 8) uniteDoubleWords(dictionary, places, state);
    else uniteBytes(dictionary, width, places, state);
    this.count = state.count;
    this.length = state.length;
    this.#steps = state.steps;
    return this.length > this.#limit || this.#steps > state.mostSteps ? undefined : places;
  }

  #reserve({ entries, count }: Dictionary): void {
    this.#entries = grow(this.#entries, this.length + entries.length);
    this.#starts = grow(this.#starts, this.count + count + 1);
    this.#widen(this.count + count);
  }

  /** Makes room in the table for so many entries at once, when a dictionary of them does not pass the limit. */
  expect(count: number): void {
    this.#widen(Math.min(count, this.#limit / Math.max(4, this.#width)));
  }

  #widen(count: number): void {
    if (count * 4 <= this.#table.length) return;
    let size = this.#table.length;
    while (size < count * 4) size *= 2;
    this.#table = moveTable(this.#table, new Int32Array(size));
  }
}

interface Table {
  readonly table: Int32Array;
  readonly entries: Uint8Array;
  readonly starts: Int32Array;
  count: number;
  length: number;
  /** Places of the table that were looked at and held another entry. */
  steps: number;
  /** Steps after which the union is given up. */
  readonly mostSteps: number;
}

function grow<T extends Uint8Array | Int32Array>(array: T, length: number): T {
  if (length <= array.length) return array;
  const larger = new (array.constructor as new (length: number) => T)(Math.max(length, array.length * 2));
  larger.set(array);
  return larger;
}

function moveTable(from: Int32Array, to: Int32Array): Int32Array {
  const mask = to.length - 2;
  for (let pair = 0; pair < from.length; pair += 2) {
    if (from[pair] === 0) continue;
    const hash = from[pair + 1] as number;
    let slot = (hash << 1) & mask;
    while (to[slot] !== 0) slot = (slot + 2) & mask;
    to[slot] = from[pair] as number;
    to[slot + 1] = hash;
  }
  return to;
}

/** Spreads a number over all bits, each number to another one (the finaliser of MurmurHash3). */
function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

function words(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
}

function uniteWords({ entries, count }: Dictionary, places: Int32Array, state: Table): void {
  const { table, mostSteps } = state;
  const from = words(entries);
  const to = words(state.entries);
  const mask = table.length - 2;
  let next = state.count;
  let { steps } = state;
  for (let index = 0; index < count && steps <= mostSteps; index++) {
    const value = from[index] as number;
    // Each number has a hash of its own.
    const hash = mix(value);
    let slot = (hash << 1) & mask;
    let place = table[slot] as number;
    while (place !== 0 && table[slot + 1] !== hash) {
      steps += 1;
      slot = (slot + 2) & mask;
      place = table[slot] as number;
    }
    if (place === 0) {
      to[next] = value;
      next += 1;
      place = next;
      table[slot] = place;
      table[slot + 1] = hash;
    }
    places[index] = place - 1;
  }
  state.count = next;
  state.length = next * 4;
  state.steps = steps;
}

function uniteDoubleWords({ entries, count }: Dictionary, places: Int32Array, state: Table): void {
  const { table, mostSteps } = state;
  const from = words(entries);
  const to = words(state.entries);
  const mask = table.length - 2;
  let next = state.count;
  let { steps } = state;
  for (let index = 0; index < count && steps <= mostSteps; index++) {
    const low = from[index * 2] as number;
    const high = from[index * 2 + 1] as number;
    const hash = mix(low ^ mix(high ^ 0x9e37_79b9));
    let slot = (hash << 1) & mask;
    let place = table[slot] as number;
    while (place !== 0 && (table[slot + 1] !== hash || to[place * 2 - 2] !== low || to[place * 2 - 1] !== high)) {
      steps += 1;
      slot = (slot + 2) & mask;
      place = table[slot] as number;
    }
    if (place === 0) {
      to[next * 2] = low;
      to[next * 2 + 1] = high;
      next += 1;
      place = next;
      table[slot] = place;
      table[slot + 1] = hash;
    }
    places[index] = place - 1;
  }
  state.count = next;
  state.length = next * 8;
  state.steps = steps;
}

function uniteBytes({ entries, count, starts }: Dictionary, width: number, places: Int32Array, state: Table): void {
  const { table, starts: known, mostSteps } = state;
  const from = viewOf(entries);
  const to = viewOf(state.entries);
  const mask = table.length - 2;
  let next = state.count;
  let length = state.length;
  let { steps } = state;
  for (let index = 0; index < count && steps <= mostSteps; index++) {
    const start = starts === undefined ? index * width : (starts[index] as number);
    const end = starts === undefined ? start + width : (starts[index + 1] as number);
    const hash = hashBytes(from, start, end);
    let slot = (hash << 1) & mask;
    let place = table[slot] as number;
    while (place !== 0 && (table[slot + 1] !== hash || !sameBytes(from, start, end, to, known[place - 1] as number))) {
      steps += 1;
      slot = (slot + 2) & mask;
      place = table[slot] as number;
    }
    if (place === 0) {
      copyBytes(from, start, end, to, length);
      known[next] = length;
      length += end - start;
      next += 1;
      place = next;
      table[slot] = place;
      table[slot + 1] = hash;
    }
    places[index] = place - 1;
  }
  state.count = next;
  state.length = length;
  state.steps = steps;
}

// Four bytes at once: V8 makes one load of them.

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function hashBytes(bytes: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ bytes.getInt32(at, true), 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ bytes.getUint8(at), 0x0100_0193);
  return mix(hash);
}

/** An entry of another length differs within the length that stands before it. */
function sameBytes(a: DataView, start: number, end: number, b: DataView, from: number): boolean {
  let at = start;
  const move = from - start;
  for (; at + 4 <= end; at += 4) if (a.getInt32(at) !== b.getInt32(at + move)) return false;
  for (; at < end; at++) if (a.getUint8(at) !== b.getUint8(at + move)) return false;
  return true;
}

function copyBytes(from: DataView, start: number, end: number, to: DataView, place: number): void {
  let at = start;
  const move = place - start;
  for (; at + 4 <= end; at += 4) to.setInt32(at + move, from.getInt32(at));
  for (; at < end; at++) to.setUint8(at + move, from.getUint8(at));
}
