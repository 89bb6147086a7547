import { LakewardenError } from '../../errors/error.ts';

/** The types of Thrift's compact protocol, as they stand in field and list headers (thrift, doc/specs/thrift-compact-protocol.md). */
export const wire = {
  stop: 0,
  true: 1,
  false: 2,
  i8: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
  uuid: 13,
} as const;

/** Structs, lists and maps within each other that are followed; Parquet itself needs seven. */
const maxDepth = 64;

/** Values that are read into memory from one footer: some 100,000 column chunks. */
const maxValues = 4_000_000;

const decoder = new TextDecoder();

// The fewest bytes that an element of each wire type takes in a list, by number.
const leastSizes = [0, 1, 1, 1, 1, 1, 1, 8, 1, 1, 1, 1, 1, 16];

/**
 * Reads Thrift's compact protocol out of bytes that may lie: every length and count is held against the bytes that are
 * left, and nesting is limited. Each method throws `parquet.corrupt`.
 */
export class WireReader {
  readonly bytes: Uint8Array;
  /** Where the next byte stands. */
  at = 0;
  /** The id of the field whose header was read last. */
  fieldId = 0;
  /** The element type of the list whose header was read last. */
  elementType = 0;
  #depth = 0;
  #budget = maxValues;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  corrupt(reason: string): LakewardenError {
    return corruptFooter(`${reason} at byte ${this.at}`);
  }

  readByte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw this.corrupt('the metadata breaks off');
    this.at += 1;
    return byte;
  }

  /** Moves past `length` bytes. */
  advance(length: number): void {
    if (length > this.bytes.length - this.at) throw this.corrupt(`a length of ${length} reaches past the end`);
    this.at += length;
  }

  /** An unsigned number of at most 32 bits. */
  readVarint(): number {
    let result = 0;
    for (let factor = 1; factor <= 2 ** 63; factor *= 128) {
      const byte = this.readByte();
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (result > 0xffff_ffff) break;
        return result;
      }
    }
    throw this.corrupt('a number is longer than 32 bits');
  }

  readInt(): number {
    const zigzag = this.readVarint();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  readLong(): bigint {
    let small = 0;
    let large = 0n;
    for (let index = 0; index < 10; index++) {
      const byte = this.readByte();
      if (index < 7) small += (byte & 0x7f) * 128 ** index;
      else large |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte >= 0x80) continue;
      if (index < 7) return BigInt(small % 2 === 0 ? small / 2 : -(small + 1) / 2);
      const zigzag = large | BigInt(small);
      if (zigzag >= 1n << 64n) break;
      return (zigzag >> 1n) ^ -(zigzag & 1n);
    }
    throw this.corrupt('a number is longer than 64 bits');
  }

  /** A signed number of 64 bits that is exact as a JavaScript number: of at most 52 bits. */
  readSafeLong(): number {
    let result = 0;
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const byte = this.readByte();
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (result > Number.MAX_SAFE_INTEGER) break;
        return result % 2 === 0 ? result / 2 : -(result + 1) / 2;
      }
    }
    throw this.corrupt('a number is longer than 52 bits');
  }

  #skipLong(): void {
    for (let index = 0; index < 10; index++) if (this.readByte() < 0x80) return;
    throw this.corrupt('a number is longer than 64 bits');
  }

  readDouble(): number {
    const at = this.at;
    this.advance(8);
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + at, 8).getFloat64(0, true);
  }

  /** A view of the bytes, not a copy. */
  readBinary(): Uint8Array {
    const length = this.readVarint();
    const at = this.at;
    this.advance(length);
    return this.bytes.subarray(at, at + length);
  }

  /** Text; bytes that are no UTF-8 become U+FFFD. */
  readText(): string {
    const length = this.readVarint();
    const at = this.at;
    this.advance(length);
    let text = '';
    // A decoder costs more than a short loop, and nearly every text of a footer is short ASCII.
    for (let index = at; index < Math.min(this.at, at + 32); index++) {
      const byte = this.bytes[index] as number;
      if (byte >= 0x80) break;
      text += String.fromCharCode(byte);
    }
    return text.length === length ? text : decoder.decode(this.bytes.subarray(at, this.at));
  }

  /** Reads a field header after the field `lastId` and gives its wire type; its id is then in `fieldId`. */
  readFieldHeader(lastId: number): number {
    const header = this.readByte();
    if (header === wire.stop) return wire.stop;
    const delta = header >> 4;
    this.fieldId = delta === 0 ? this.readInt() : lastId + delta;
    if (this.fieldId > 0x7fff || this.fieldId < -0x8000) throw this.corrupt(`${this.fieldId} is no field id`);
    return header & 0x0f;
  }

  /** Reads a list header and gives the count of elements; their wire type is then in `elementType`. */
  readListHeader(): number {
    const header = this.readByte();
    this.elementType = header & 0x0f;
    const count = header >> 4 === 15 ? this.readVarint() : header >> 4;
    this.#checkCount(count, this.elementType);
    return count;
  }

  #checkCount(count: number, ...types: number[]): void {
    if (count === 0) return;
    const least = types.reduce((sum, type) => sum + (leastSizes[type] || Number.POSITIVE_INFINITY), 0);
    if (count * least > this.bytes.length - this.at) throw this.corrupt(`a count of ${count} reaches past the end`);
  }

  enter(): void {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw this.corrupt(`more than ${maxDepth} levels of nesting`);
  }

  leave(): void {
    this.#depth -= 1;
  }

  /** Counts values that are about to be kept in memory. @throws parquet.unsupported past 4 million */
  keep(count: number): void {
    this.#budget -= count;
    if (this.#budget >= 0) return;
    const reason = `it holds more than ${maxValues} values`;
    throw new LakewardenError('parquet.unsupported', `The Parquet footer is too large: ${reason}`, {
      details: { reason },
    });
  }

  /** Moves past a field's value. */
  skipField(type: number): void {
    // The value of a boolean field is its wire type.
    if (type !== wire.true && type !== wire.false) this.skipElement(type);
  }

  /** Moves past an element of a list. */
  skipElement(type: number): void {
    switch (type) {
      case wire.true:
      case wire.false:
      case wire.i8:
        return this.advance(1);
      case wire.i16:
      case wire.i32:
        this.readVarint();
        return;
      case wire.i64:
        return this.#skipLong();
      case wire.double:
        return this.advance(8);
      case wire.uuid:
        return this.advance(16);
      case wire.binary:
        return this.advance(this.readVarint());
      case wire.list:
      case wire.set:
        return this.#skipList();
      case wire.map:
        return this.#skipMap();
      case wire.struct:
        return this.skipStruct();
      default:
        throw this.corrupt(`${type} is no type of Thrift's compact protocol`);
    }
  }

  skipStruct(): void {
    this.enter();
    let lastId = 0;
    for (;;) {
      const type = this.readFieldHeader(lastId);
      if (type === wire.stop) break;
      lastId = this.fieldId;
      this.skipField(type);
    }
    this.leave();
  }

  #skipList(): void {
    this.enter();
    const count = this.readListHeader();
    const type = this.elementType;
    for (let index = 0; index < count; index++) this.skipElement(type);
    this.leave();
  }

  #skipMap(): void {
    this.enter();
    const count = this.readVarint();
    if (count > 0) {
      const types = this.readByte();
      const [key, value] = [types >> 4, types & 0x0f];
      this.#checkCount(count, key, value);
      for (let index = 0; index < count; index++) {
        this.skipElement(key);
        this.skipElement(value);
      }
    }
    this.leave();
  }
}

/** The error for metadata that cannot be what its writer meant. */
export function corruptFooter(reason: string): LakewardenError {
  return new LakewardenError('parquet.corrupt', `The Parquet footer is corrupt: ${reason}`, { details: { reason } });
}
