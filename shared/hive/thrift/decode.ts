import { finishSkip, skipValue, type Cursor } from './skip.ts';
import { decodeText } from './text.ts';
import { carried, type CarriedField, type StructType, type Type, type Value } from './types.ts';
import { brokenMessage, wire, wireType } from './wire.ts';

// Thrown, and caught by the field that it happens in, for a valid value that our types cannot hold.
const unfit = Symbol('unfit');
const canonicalNaN = 0x7ff8000000000000n;

/**
 * Decodes a struct of the binary protocol from `offset` on, and says where it ends. Fields that the descriptor does not
 * know, or that its types cannot hold, are carried along byte for byte. Throws metastore.protocol.
 */
export function decodeStruct<T extends StructType>(
  type: T,
  bytes: Buffer,
  offset = 0,
): { value: Value<T>; end: number } {
  const reader = new Reader(bytes, offset);
  const value = reader.struct(type) as Value<T>;
  return { value, end: reader.at.offset };
}

class Reader {
  readonly at: Cursor;

  constructor(bytes: Buffer, offset: number) {
    this.at = { bytes, offset, end: bytes.length, limit: bytes.length };
  }

  struct(type: StructType): object {
    const value: Record<string | symbol, unknown> = {};
    const order: CarriedField[] = [];
    let plain = true;
    let previous = -Infinity;
    for (;;) {
      const start = this.at.offset;
      const fieldType = this.#take(1).readUInt8();
      if (fieldType === wire.stop) break;
      const id = this.#take(2).readInt16BE();
      const field = type.byId.get(id);
      const known = field !== undefined && wireType(field.type) === fieldType ? this.#tryValue(field.type) : unfit;
      if (known !== unfit && field !== undefined) {
        if (Object.hasOwn(value, field.name)) throw brokenMessage(`${type.name}.${field.name} comes twice`);
        value[field.name] = known;
        order.push(id);
      } else {
        finishSkip(this.at, skipValue(this.at, fieldType));
        order.push({ id, bytes: this.at.bytes.subarray(start, this.at.offset) });
        plain = false;
      }
      plain &&= id > previous;
      previous = id;
    }
    for (const field of type.sorted) {
      if (field.required && value[field.name] === undefined)
        throw brokenMessage(`${type.name}.${field.name} is missing`);
    }
    if (!plain) value[carried] = order;
    return value;
  }

  /** A value, or `unfit` with the cursor back where it was. */
  #tryValue(type: Type): unknown {
    const start = this.at.offset;
    try {
      return this.#value(type);
    } catch (error) {
      if (error !== unfit) throw error;
      this.at.offset = start;
      return unfit;
    }
  }

  #value(type: Type): unknown {
    switch (type) {
      case 'bool':
        return this.#bool();
      case 'i8':
        return this.#take(1).readInt8();
      case 'i16':
        return this.#take(2).readInt16BE();
      case 'i32':
        return this.#take(4).readInt32BE();
      case 'i64':
        return this.#take(8).readBigInt64BE();
      case 'double':
        return this.#double();
      case 'binary':
        return this.#take(this.#take(4).readInt32BE());
      case 'string': {
        const length = this.#take(4).readInt32BE();
        const start = this.at.offset;
        this.#advance(length);
        return decodeText(this.at.bytes, start, this.at.offset);
      }
      default:
        return type.kind === 'struct' ? this.struct(type) : this.#container(type);
    }
  }

  #bool(): boolean {
    const byte = this.#take(1).readUInt8();
    if (byte > 1) throw unfit;
    return byte === 1;
  }

  #double(): number {
    const bytes = this.#take(8);
    const value = bytes.readDoubleBE();
    if (Number.isNaN(value) && bytes.readBigUInt64BE() !== canonicalNaN) throw unfit;
    return value;
  }

  #container(type: Exclude<Type, string | StructType>): unknown {
    for (const item of type.kind === 'map' ? [type.key, type.value] : [type.item]) {
      if (this.#take(1).readUInt8() !== wireType(item)) throw unfit;
    }
    const count = this.#take(4).readInt32BE();
    if (count < 0 || count > this.at.end - this.at.offset) throw brokenMessage(`a container of ${count} items`);
    if (type.kind === 'map') {
      const map = new Map<unknown, unknown>();
      while (map.size < count) {
        const key = this.#value(type.key);
        if (map.has(key)) throw unfit;
        map.set(key, this.#value(type.value));
      }
      return map;
    }
    const items: unknown[] = [];
    while (items.length < count) items.push(this.#value(type.item));
    if (type.kind === 'list') return items;
    const set = new Set(items);
    if (set.size < count) throw unfit;
    return set;
  }

  #take(count: number): Buffer {
    const start = this.at.offset;
    this.#advance(count);
    return this.at.bytes.subarray(start, this.at.offset);
  }

  #advance(count: number): void {
    if (count < 0 || count > this.at.end - this.at.offset) throw brokenMessage(`a length of ${count} bytes`);
    this.at.offset += count;
  }
}
