/** Numbers that look random and follow from a seed, so that a test that fails can be run again. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  }

  /** From 0 to `count - 1`; at most 32 bits. Mulberry32, which is in the public domain. */
  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  }

  /** True in one of so many cases. */
  oneIn(cases: number): boolean {
    return this.below(cases) === 0;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }

  /** As many as are asked for, each made for itself. */
  times<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, index) => make(index));
  }

  /** Hex digits of so many bytes; of few values only, so that dictionaries have something to do, in half of the cases. */
  bytes(length: number): string {
    const isFew = this.oneIn(2);
    return this.times(length, () =>
      this.below(isFew ? 2 : 256)
        .toString(16)
        .padStart(2, '0'),
    ).join('');
  }
}
