import { isError, LakewardenError } from '../../errors/error.ts';
import { encodeText } from './text.ts';
import { carried, type CarriedField, type StructField, type StructType, type Type, type Value } from './types.ts';
import { wire, wireType } from './wire.ts';

/**
 * Encodes a struct in the binary protocol. A struct that was decoded and not changed gives its bytes again; fields that
 * were added come at the end. A field that is undefined is left out. Throws metastore.invalid for a value that does not
 * fit its type.
 */
export function encodeStruct<T extends StructType>(type: T, value: Value<T>): Buffer {
  const writer = new Writer();
  writer.struct(type, value);
  return writer.bytes();
}

class Writer {
  #buffer = Buffer.allocUnsafe(4096);
  #length = 0;

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  struct(type: StructType, value: object): void {
    const values = value as Readonly<Record<string, unknown>> & { readonly [carried]?: readonly CarriedField[] };
    const order = values[carried];
    if (order === undefined) {
      for (const field of type.sorted) this.#field(type, field, values[field.name]);
    } else {
      const known = new Set(order.filter((field) => typeof field === 'number'));
      for (const part of order) {
        const field = type.byId.get(typeof part === 'number' ? part : part.id);
        const replaced = field !== undefined && values[field.name] !== undefined;
        if (typeof part !== 'number' && !replaced) this.#copy(part.bytes);
        else if (typeof part === 'number' && field !== undefined) this.#field(type, field, values[field.name]);
      }
      for (const field of type.sorted) if (!known.has(field.id)) this.#field(type, field, values[field.name]);
    }
    this.#u8(wire.stop);
  }

  #field(type: StructType, field: StructField, value: unknown): void {
    if (value === undefined) {
      if (field.required) throw new LakewardenError('metastore.invalid', `${type.name} has no ${field.name}`);
      return;
    }
    this.#u8(wireType(field.type));
    this.#i16(field.id);
    try {
      this.#value(field.type, value);
    } catch (error) {
      if (isError(error)) throw error;
      const reason = `${type.name}.${field.name} holds a value that is no ${nameType(field.type)}`;
      throw new LakewardenError('metastore.invalid', reason, { cause: error });
    }
  }

  #value(type: Type, value: unknown): void {
    switch (type) {
      case 'bool':
        return this.#u8(value === true ? 1 : 0);
      case 'i8':
        return void (this.#length = this.#room(1).writeInt8(whole(value), this.#length));
      case 'i16':
        return this.#i16(whole(value));
      case 'i32':
        return this.#i32(whole(value));
      case 'i64':
        return void (this.#length = this.#room(8).writeBigInt64BE(value as bigint, this.#length));
      case 'double':
        return void (this.#length = this.#room(8).writeDoubleBE(value as number, this.#length));
      case 'binary':
        return this.#sized(value as Uint8Array);
      case 'string':
        return this.#sized(encodeText(value as string));
      default:
        return type.kind === 'struct' ? this.struct(type, value as object) : this.#container(type, value);
    }
  }

  #container(type: Exclude<Type, string | StructType>, value: unknown): void {
    if (type.kind === 'map') {
      const entries = value as ReadonlyMap<unknown, unknown>;
      this.#u8(wireType(type.key));
      this.#u8(wireType(type.value));
      this.#i32(entries.size);
      for (const [key, item] of entries) {
        this.#value(type.key, key);
        this.#value(type.value, item);
      }
      return;
    }
    const items = [...(value as Iterable<unknown>)];
    this.#u8(wireType(type.item));
    this.#i32(items.length);
    for (const item of items) this.#value(type.item, item);
  }

  #sized(bytes: Uint8Array): void {
    this.#i32(bytes.length);
    this.#copy(bytes);
  }

  #copy(bytes: Uint8Array): void {
    this.#room(bytes.length).set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #u8(value: number): void {
    this.#length = this.#room(1).writeUInt8(value, this.#length);
  }

  #i16(value: number): void {
    this.#length = this.#room(2).writeInt16BE(value, this.#length);
  }

  #i32(value: number): void {
    this.#length = this.#room(4).writeInt32BE(value, this.#length);
  }

  /** The buffer, with room for so many bytes more. */
  #room(count: number): Buffer {
    const needed = this.#length + count;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    return this.#buffer;
  }
}

function whole(value: unknown): number {
  if (!Number.isInteger(value)) throw new RangeError(`${String(value)} is no whole number`);
  return value as number;
}

function nameType(type: Type): string {
  return typeof type === 'string' ? type : type.kind;
}
