import { hash } from 'node:crypto';

/** Keys at the beginning; there is room for twice as many whenever two thirds of it are taken. */
const firstRoom = 1_024;

/**
 * Numbers by texts, in 18 to 36 bytes for each: of a text it keeps 64 bits of its SHA-256. Among a million texts two are taken for
 * the same with a chance of one to 37 millions.
 */
export class KeyTable {
  #keys = new Uint32Array(2 * firstRoom);
  /** 0 where nothing is. */
  #values = new Uint32Array(firstRoom);
  #size = 0;

  /** Texts that have a number. */
  get size(): number {
    return this.#size;
  }

  has(text: string): boolean {
    return this.get(text) !== 0;
  }

  /** The number of a text; 0 when it has none. */
  get(text: string): number {
    if (this.#size === 0) return 0;
    const [low, high] = hashText(text);
    return this.#values[this.#find(low, high)] ?? 0;
  }

  /** Gives a text a number, which is 1 to 2^32 - 1. */
  set(text: string, value = 1): void {
    const [low, high] = hashText(text);
    if (this.#put(low, high, value) && this.#size * 3 > this.#values.length * 2) this.#grow();
  }

  /** Gives a text the number unless it has a greater one. */
  raise(text: string, value: number): void {
    if (this.get(text) < value) this.set(text, value);
  }

  #put(low: number, high: number, value: number): boolean {
    const slot = this.#find(low, high);
    const isNew = this.#values[slot] === 0;
    this.#keys[2 * slot] = low;
    this.#keys[2 * slot + 1] = high;
    this.#values[slot] = value;
    if (isNew) this.#size += 1;
    return isNew;
  }

  /** Where a key is, or would be. */
  #find(low: number, high: number): number {
    const mask = this.#values.length - 1;
    let slot = low & mask;
    while (this.#values[slot] !== 0 && (this.#keys[2 * slot] !== low || this.#keys[2 * slot + 1] !== high))
      slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Uint32Array(2 * keys.length);
    this.#values = new Uint32Array(2 * values.length);
    this.#size = 0;
    for (const [slot, value] of values.entries())
      if (value !== 0) this.#put(keys[2 * slot] ?? 0, keys[2 * slot + 1] ?? 0, value);
  }
}

function hashText(text: string): [low: number, high: number] {
  const digest = hash('sha256', text, 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}
