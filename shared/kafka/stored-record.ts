import { LakewardenError } from '../errors/error.ts';

/** A record as it stands in a batch (Kafka protocol guide, record). */
export interface StoredRecord {
  readonly timestampDelta: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [name: Buffer, value: Buffer | null])[];
}

/** The records of a batch. Each is read when it is asked for, so that what nobody holds is gone at once. */
export interface StoredRecords {
  readonly length: number;
  /** The offset of a record, counted from the first one of the batch. */
  readonly offsetDelta: (index: number) => number;
  /** Bytes that a record takes. */
  readonly size: (index: number) => number;
  /** @throws kafka.damaged for a record that ends within its fields */
  readonly at: (index: number) => StoredRecord;
}

/** Finds the records in the body of a batch; undefined when they do not fit into it. */
export function listRecords(body: Buffer, count: number): StoredRecords | undefined {
  // A record is at least a length, attributes, two numbers and three more lengths.
  if (count < 0 || count * 7 > body.length) return undefined;
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  const deltas = new Int32Array(count);
  const cursor = new Cursor(body, 0, body.length);
  for (let index = 0; index < count; index += 1) {
    const length = cursor.readInt();
    const start = cursor.at;
    const end = start + length;
    if (length < 6 || end > body.length) return undefined;
    starts[index] = start;
    ends[index] = end;
    cursor.at += 1;
    cursor.skipNumber();
    deltas[index] = cursor.readInt();
    cursor.at = end;
  }
  return {
    length: count,
    offsetDelta: (index) => deltas[index] as number,
    size: (index) => (ends[index] as number) - (starts[index] as number),
    at: (index) => readRecord(new Cursor(body, starts[index] as number, ends[index] as number)),
  };
}

function readRecord(cursor: Cursor): StoredRecord {
  // Attributes, of which none is used.
  cursor.at += 1;
  const timestampDelta = cursor.readLong();
  cursor.skipNumber();
  const key = cursor.readBytes();
  const value = cursor.readBytes();
  const count = cursor.readInt();
  if (count > cursor.left) throw short();
  const headers: (readonly [Buffer, Buffer | null])[] = [];
  for (let index = 0; index < count; index += 1) headers.push([cursor.readName(), cursor.readBytes()]);
  return { timestampDelta, key, value, headers };
}

/** Names of headers come again and again: those of the last records, by a few of their bytes. */
const names: (Buffer | undefined)[] = Array.from({ length: 256 });
const longestShared = 128;

/** Reads numbers of variable length (zigzag), and what they announce. */
class Cursor {
  readonly #bytes: Buffer;
  readonly #end: number;
  at: number;

  constructor(bytes: Buffer, at: number, end: number) {
    this.#bytes = bytes;
    this.at = at;
    this.#end = end;
  }

  get left(): number {
    return this.#end - this.at;
  }

  readInt(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.at] ?? 0;
      this.at += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  readLong(): bigint {
    const start = this.at;
    this.skipNumber();
    if (this.at - start <= 4) {
      this.at = start;
      return BigInt(this.readInt());
    }
    let value = 0n;
    for (let at = this.at - 1; at >= start; at -= 1) value = (value << 7n) | BigInt((this.#bytes[at] ?? 0) & 0x7f);
    value = BigInt.asUintN(64, value);
    return (value >> 1n) ^ -(value & 1n);
  }

  skipNumber(): void {
    for (let length = 0; length < 10; length += 1) {
      const byte = this.#bytes[this.at] ?? 0;
      this.at += 1;
      if (byte < 0x80) return;
    }
  }

  /** Null where the length is -1. */
  readBytes(): Buffer | null {
    const length = this.readInt();
    if (length < 0) return null;
    const start = this.#take(length);
    return this.#bytes.subarray(start, this.at);
  }

  readName(): Buffer {
    const length = this.readInt();
    const start = this.#take(Math.max(0, length));
    if (length > longestShared || length <= 0) return this.#bytes.subarray(start, this.at);
    const middle = this.#bytes[start + (length >> 1)] as number;
    const last = this.#bytes[this.at - 1] as number;
    const slot = (length * 31 + middle * 7 + last) & 0xff;
    const known = names[slot];
    if (known !== undefined && known.length === length && this.#isAt(start, known)) return known;
    const name = Buffer.from(this.#bytes.subarray(start, this.at));
    names[slot] = name;
    return name;
  }

  #take(length: number): number {
    const start = this.at;
    this.at += length;
    if (this.at > this.#end) throw short();
    return start;
  }

  #isAt(start: number, name: Buffer): boolean {
    for (let index = 0; index < name.length; index += 1) if (this.#bytes[start + index] !== name[index]) return false;
    return true;
  }
}

function short(): LakewardenError {
  return new LakewardenError('kafka.damaged', 'Kafka: a record of a batch ends within its fields');
}
