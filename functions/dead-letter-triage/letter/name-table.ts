import { asBuffer } from './bytes.ts';

interface Slot<Value> {
  readonly name: Uint8Array;
  readonly value: Value | undefined;
}

const slots = 256;

/**
 * What names of headers mean, by their bytes. The reader of the log gives names that come again as the same object, and nobody
 * changes their bytes: those are not read anew.
 */
export class NameTable<Value> {
  readonly #values: ReadonlyMap<string, Value>;
  readonly #longest: number;
  readonly #recent: (Slot<Value> | undefined)[] = Array.from({ length: slots });

  constructor(values: ReadonlyMap<string, Value>) {
    this.#values = values;
    this.#longest = Math.max(...[...values.keys()].map((name) => name.length));
  }

  /** The meaning of a name; undefined when it has none. */
  get(name: Uint8Array): Value | undefined {
    const { length } = name;
    if (length > this.#longest || length === 0) return undefined;
    const at = (length * 31 + (name[length >> 1] as number) * 7 + (name[length - 1] as number)) % slots;
    const recent = this.#recent[at];
    if (recent !== undefined && recent.name === name) return recent.value;
    const value = this.#values.get(asBuffer(name).toString('latin1'));
    this.#recent[at] = { name, value };
    return value;
  }
}
