import { wire } from './wire.ts';

const encoder = new TextEncoder();

/** Writes Thrift's compact protocol in its shortest form into a buffer that grows. */
export class WireWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  #grow(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  writeByte(byte: number): void {
    this.#grow(1);
    this.#bytes[this.#length++] = byte;
  }

  /** Bytes as they are, without their length. */
  writeRaw(bytes: Uint8Array): void {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  writeVarint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.writeByte((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.writeByte(rest);
  }

  /** A signed number of at most 32 bits. */
  writeInt(value: number): void {
    this.writeVarint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  /** A signed number of at most 64 bits. */
  writeLong(value: bigint): void {
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    while (rest > 0x7fn) {
      this.writeByte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.writeByte(Number(rest));
  }

  writeDouble(value: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.writeRaw(bytes);
  }

  writeBinary(bytes: Uint8Array): void {
    this.writeVarint(bytes.length);
    this.writeRaw(bytes);
  }

  writeText(text: string): void {
    this.writeBinary(encoder.encode(text));
  }

  writeFieldHeader(lastId: number, id: number, type: number): void {
    const delta = id - lastId;
    if (delta > 0 && delta <= 15) return this.writeByte((delta << 4) | type);
    this.writeByte(type);
    this.writeInt(id);
  }

  writeListHeader(count: number, elementType: number): void {
    if (count < 15) return this.writeByte((count << 4) | elementType);
    this.writeByte(0xf0 | elementType);
    this.writeVarint(count);
  }

  writeStop(): void {
    this.writeByte(wire.stop);
  }

  /** A copy of all that was written. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}
