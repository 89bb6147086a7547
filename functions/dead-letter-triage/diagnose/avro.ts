import avro from 'avsc';
import { findUtf8Fault } from './utf8.ts';

/** The rules of Avro's binary encoding (specification 1.12, "Binary Encoding") that bytes may break. */
export type AvroRule =
  | 'truncated'
  | 'trailing'
  | 'boolean'
  | 'number-too-long'
  | 'int-range'
  | 'negative-length'
  | 'utf8'
  | 'enum-symbol'
  | 'union-branch'
  | 'too-deep'
  | 'too-many';

/** Where bytes stop being what a schema says. */
export interface AvroFault {
  readonly rule: AvroRule;
  /** From 0; where the value begins that breaks the rule. */
  readonly byte: number;
  /** JSON pointer of the field; elements of arrays by number, of maps by key. */
  readonly path: string;
  /** Name of the type that was read. */
  readonly type: string;
}

/** A schema that is ready to be read with. */
export type AvroType = avro.Type;

/** How the library is to represent values. */
export type AvroOptions = Pick<Partial<avro.ForSchemaOptions>, 'registry' | 'wrapUnions'>;

/** Prepares a schema. @throws Error when it is none */
export function parseAvroSchema(
  schema: string,
  references: readonly string[] = [],
  { registry: own, ...options }: AvroOptions = {},
): AvroType {
  const registry: Record<string, avro.Type> = { ...own };
  for (const text of references) avro.Type.forSchema(JSON.parse(text), { ...options, registry });
  return avro.Type.forSchema(JSON.parse(schema), { ...options, registry });
}

/** Levels that a recursive schema may have in one value. */
const maxDepth = 1_000;

/**
 * Walks through a value by its schema, and tells where it breaks; undefined when it is right and nothing follows. Elements without
 * bytes, such as nulls, may be counted in billions: whoever must hold them in memory says how many it takes.
 */
export function findAvroFault(type: AvroType, bytes: Uint8Array, from = 0, maxEmpty = Infinity): AvroFault | undefined {
  const walk = new AvroWalk(bytes, from, maxEmpty);
  try {
    walk.read(type);
    if (walk.at < bytes.length) throw new Broken('trailing', walk.at, type.typeName);
    return undefined;
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { rule: error.rule, byte: error.byte, path: walk.pointer(), type: error.type };
  }
}

class Broken {
  readonly rule: AvroRule;
  readonly byte: number;
  readonly type: string;
  constructor(rule: AvroRule, byte: number, type: string) {
    this.rule = rule;
    this.byte = byte;
    this.type = type;
  }
}

class AvroWalk {
  readonly #bytes: Uint8Array;
  readonly #path: (string | number)[] = [];
  /** Elements without bytes that may still come. */
  #empty: number;
  at: number;

  constructor(bytes: Uint8Array, from: number, maxEmpty: number) {
    this.#bytes = bytes;
    this.at = from;
    this.#empty = maxEmpty;
  }

  pointer(): string {
    return this.#path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  }

  read(given: avro.Type): void {
    if (this.#path.length > maxDepth) throw new Broken('too-deep', this.at, given.typeName);
    const type = given instanceof avro.types.LogicalType ? given.underlyingType : given;
    const start = this.at;
    if (type instanceof avro.types.RecordType) for (const field of type.fields) this.#enter(field.name, field.type);
    else if (type instanceof avro.types.ArrayType) this.#readBlocks(type.itemsType, undefined);
    else if (type instanceof avro.types.MapType) this.#readBlocks(type.valuesType, 'keys');
    else if (type instanceof avro.types.FixedType) this.#skip(type.size, type.typeName);
    else if (type instanceof avro.types.EnumType) {
      if (type.symbols[this.#readIndex(type.typeName)] === undefined)
        throw new Broken('enum-symbol', start, type.typeName);
    } else if (type instanceof avro.types.UnwrappedUnionType || type instanceof avro.types.WrappedUnionType) {
      const branch = type.types[this.#readIndex('union')];
      if (branch === undefined) throw new Broken('union-branch', start, 'union');
      this.read(branch);
    } else this.#readPrimitive(type.typeName);
  }

  #enter(part: string | number, type: avro.Type): void {
    this.#path.push(part);
    this.read(type);
    this.#path.pop();
  }

  #readPrimitive(name: string): void {
    const start = this.at;
    switch (name) {
      case 'null':
        return;
      case 'boolean':
        if (this.#byte(name) > 1) throw new Broken('boolean', start, name);
        return;
      case 'int': {
        const value = this.#readLong(name);
        if (value < -0x8000_0000n || value > 0x7fff_ffffn) throw new Broken('int-range', start, name);
        return;
      }
      case 'long':
        this.#readLong(name);
        return;
      case 'float':
        return this.#skip(4, name);
      case 'double':
        return this.#skip(8, name);
      case 'bytes':
        return this.#skip(this.#readLength(name), name);
      default:
        this.#readText(name);
    }
  }

  #readText(name: string): Uint8Array {
    const start = this.at;
    const length = this.#readLength(name);
    const begin = this.at;
    this.#skip(length, name);
    const text = this.#bytes.subarray(begin, this.at);
    if (findUtf8Fault(text) !== undefined) throw new Broken('utf8', start, name);
    return text;
  }

  /** Arrays and maps come in blocks with a count; a negative one is followed by the bytes of the block. */
  #readBlocks(type: avro.Type, keys: 'keys' | undefined): void {
    const name = keys === undefined ? 'array' : 'map';
    let index = 0;
    for (;;) {
      let count = this.#readLong(name);
      if (count === 0n) return;
      if (count < 0n) {
        count = -count;
        this.#readLength(name);
      }
      for (; count > 0n; count -= 1n) {
        const before = this.at;
        const part = keys === undefined ? index : Buffer.from(this.#readText('map key')).toString();
        this.#enter(part, type);
        index += 1;
        if (this.at > before) continue;
        this.#empty -= Number(count);
        if (this.#empty < 0) throw new Broken('too-many', before, name);
        break;
      }
    }
  }

  #readIndex(name: string): number {
    const value = this.#readLong(name);
    return value < 0n || value > 0xffff_ffffn ? -1 : Number(value);
  }

  #readLength(name: string): number {
    const start = this.at;
    const length = this.#readLong(name);
    if (length < 0n) throw new Broken('negative-length', start, name);
    if (length > BigInt(this.#bytes.length - this.at)) throw new Broken('truncated', start, name);
    return Number(length);
  }

  /** A zigzag number of up to 64 bits, seven in each byte. */
  #readLong(name: string): bigint {
    const start = this.at;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte(name, start);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw new Broken('number-too-long', start, name);
  }

  #byte(name: string, start = this.at): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw new Broken('truncated', start, name);
    this.at += 1;
    return byte;
  }

  #skip(length: number, name: string): void {
    if (length > this.#bytes.length - this.at) throw new Broken('truncated', this.at, name);
    this.at += length;
  }
}
