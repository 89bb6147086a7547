import { type Codec, deflate, type InputCodec } from './codec.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { deflateSnappy, elementsOf } from './snappy.ts';

/** The values of a page that is being made: bytes, or with Snappy also elements of blocks that were never inflated. */
export class PageValues {
  /** Bytes that are not deflated yet. */
  readonly plain = new GrowingBytes();
  readonly #codec: Codec;
  readonly #elements = new GrowingBytes();
  #inElements = 0;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** Bytes of all values, inflated. */
  get length(): number {
    return this.#inElements + this.plain.length;
  }

  /** True when values deflated with this codec can be taken as they are. */
  canSplice(codec: InputCodec): boolean {
    return codec === this.#codec && (codec === 'SNAPPY' || codec === 'UNCOMPRESSED');
  }

  /** Takes values that are deflated on their own and inflate to `length` bytes; they must have been checked. */
  splice(block: Uint8Array, length: number): void {
    if (this.#codec === 'UNCOMPRESSED') return this.plain.append(block);
    this.#deflatePlain();
    this.#elements.append(block.subarray(elementsOf(block)));
    this.#inElements += length;
  }

  #deflatePlain(): void {
    if (this.plain.length === 0) return;
    const block = deflateSnappy(this.plain.view());
    this.#elements.append(block.subarray(elementsOf(block)));
    this.#inElements += this.plain.length;
    this.plain.length = 0;
  }

  /** Deflates `prefix` and the values together, and forgets the values. */
  finish(prefix: Uint8Array): Uint8Array {
    const body = this.#inElements === 0 ? deflate(this.#codec, join(prefix, this.plain.view())) : this.#join(prefix);
    this.plain.length = 0;
    this.#elements.length = 0;
    this.#inElements = 0;
    return body;
  }

  #join(prefix: Uint8Array): Uint8Array {
    this.#deflatePlain();
    const first = prefix.length === 0 ? prefix : deflateSnappy(prefix);
    const block = new GrowingBytes();
    block.reserve(5 + first.length + this.#elements.length);
    let rest = prefix.length + this.#inElements;
    for (; rest > 0x7f; rest >>>= 7) block.bytes[block.length++] = (rest & 0x7f) | 0x80;
    block.bytes[block.length++] = rest;
    if (first.length > 0) block.append(first.subarray(elementsOf(first)));
    block.append(this.#elements.view());
    return block.view();
  }
}

function join(prefix: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (prefix.length === 0) return bytes;
  const joined = new Uint8Array(prefix.length + bytes.length);
  joined.set(prefix);
  joined.set(bytes, prefix.length);
  return joined;
}
