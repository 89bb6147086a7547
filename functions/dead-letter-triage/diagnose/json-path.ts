/** Levels of a pointer that are shown at its beginning, and at its end. */
const shownLevels = 16;
/** Bytes of a key that are shown. */
const shownKeyBytes = 64;

/** The way to the value that is being read. Two numbers for each level, so that a hundred thousand levels cost little. */
export class JsonPath {
  readonly #bytes: Uint8Array;
  /** Where the key of a level begins; -1 in arrays, and -2 in objects before the first key. */
  #starts = new Int32Array(64);
  /** Where the key ends, or the index. */
  #ends = new Int32Array(64);
  /** Keys of a level, from the second one on. */
  readonly #keys = new Map<number, Set<string>>();
  depth = 0;
  deepest = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isObject(): boolean {
    return this.#starts[this.depth - 1] !== -1;
  }

  open(isObject: boolean): void {
    if (this.depth === this.#starts.length) {
      this.#starts = grown(this.#starts);
      this.#ends = grown(this.#ends);
    }
    this.#starts[this.depth] = isObject ? -2 : -1;
    this.#ends[this.depth] = -1;
    this.depth += 1;
    this.deepest = Math.max(this.deepest, this.depth);
  }

  close(): void {
    this.depth -= 1;
    this.#keys.delete(this.depth);
  }

  enterIndex(): void {
    const level = this.depth - 1;
    this.#ends[level] = (this.#ends[level] as number) + 1;
  }

  /** Enters the key whose quotes stand at `start` and before `end`; true when the object had it already. */
  enterKey(start: number, end: number): boolean {
    const level = this.depth - 1;
    const before = this.#starts[level] as number;
    let isKnown = false;
    if (before >= 0) {
      const known = this.#keys.get(level) ?? new Set([this.#key(before, this.#ends[level] as number)]);
      const key = this.#key(start + 1, end - 1);
      isKnown = known.has(key);
      this.#keys.set(level, known.add(key));
    }
    this.#starts[level] = start + 1;
    this.#ends[level] = end - 1;
    return isKnown;
  }

  /** The JSON pointer (RFC 6901); `/…` stands for levels that are left out. */
  pointer(): string {
    const levels = Array.from({ length: Math.min(this.depth, shownLevels) }, (_, level) => this.#token(level));
    const rest = Math.max(shownLevels, this.depth - shownLevels);
    if (rest > shownLevels) levels.push('/…');
    for (let level = rest; level < this.depth; level += 1) levels.push(this.#token(level));
    return levels.join('');
  }

  #token(level: number): string {
    const start = this.#starts[level] as number;
    const end = this.#ends[level] as number;
    if (start === -2) return '';
    if (start === -1) return `/${Math.max(end, 0)}`;
    const isLong = end - start > shownKeyBytes;
    const key = this.#key(start, isLong ? start + shownKeyBytes : end);
    return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}${isLong ? '…' : ''}`;
  }

  #key(start: number, end: number): string {
    const raw = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, end - start).toString();
    if (!raw.includes('\\')) return raw;
    try {
      return JSON.parse(`"${raw}"`) as string;
    } catch {
      // A key that was cut within an escape.
      return raw;
    }
  }
}

function grown(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const more = new Int32Array(numbers.length * 2);
  more.set(numbers);
  return more;
}
