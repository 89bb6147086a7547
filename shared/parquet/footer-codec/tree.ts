import { checkElementType, checkFieldType, type Description, type Fields, type NodeOf } from './description.ts';
import type { Kind } from './kinds.ts';
import { wire, WireReader } from './wire.ts';
import { WireWriter } from './wire-writer.ts';

interface Entry {
  readonly id: number;
  readonly type: number;
  /** The value as it was read; absent once it was set. */
  readonly bytes?: Uint8Array;
  /** The value once somebody asked for it or set it. */
  node?: unknown;
}

/**
 * A struct that gives and takes its known fields by name, and keeps all others. Until something within it is set it
 * encodes to the very bytes it came from; where something was set, only the way down to it is written anew.
 */
export class ThriftStruct<F extends Fields = Fields> {
  readonly description: Description<F>;
  readonly #bytes: Uint8Array;
  #entries: Entry[] | undefined;
  #set = false;

  /** The bytes must be one whole struct, its stop byte included; they are not copied. */
  constructor(description: Description<F>, bytes: Uint8Array) {
    this.description = description;
    this.#bytes = bytes;
  }

  /** The field's value, or undefined when it is not there. @throws parquet.corrupt when its wire type is not the specified one */
  get<N extends keyof F & string>(name: N): NodeOf<F[N]> | undefined {
    const field = this.#field(name);
    const entry = this.#read().findLast(({ id }) => id === field.id);
    if (entry === undefined) return undefined;
    if (entry.bytes !== undefined && entry.node === undefined) {
      const reader = new WireReader(entry.bytes);
      checkFieldType(reader, this.description.name, name, field, entry.type);
      entry.node = field.kind.open(reader, entry.type);
    }
    return entry.node as NodeOf<F[N]>;
  }

  /** Sets a field in its place, or puts it where its id belongs; undefined takes the field out. */
  set<N extends keyof F & string>(name: N, value: NodeOf<F[N]> | undefined): void {
    const { id, kind } = this.#field(name);
    const entries = this.#read();
    const others = entries.filter((entry) => entry.id !== id);
    if (value !== undefined) {
      const place = entries.findIndex((entry) => entry.id >= id);
      const entry = { id, type: value === false ? wire.false : kind.wire, node: value };
      others.splice(place < 0 ? others.length : place, 0, entry);
    }
    this.#entries = others;
    this.#set = true;
  }

  /** True when something in the struct or below it was set. */
  get changed(): boolean {
    return this.#set || (this.#entries ?? []).some(({ node }) => isChanged(node));
  }

  /** Writes the struct. */
  encode(writer: WireWriter): void {
    if (!this.changed) return writer.writeRaw(this.#bytes);
    let lastId = 0;
    for (const { id, type, bytes, node } of this.#read()) {
      writer.writeFieldHeader(lastId, id, type);
      lastId = id;
      if (bytes !== undefined && !isChanged(node)) writer.writeRaw(bytes);
      else this.description.byId.get(id)?.[1].kind.write(writer, node);
    }
    writer.writeStop();
  }

  /** The struct's bytes; those it came from when nothing was set. */
  toBytes(): Uint8Array {
    if (!this.changed) return this.#bytes;
    const writer = new WireWriter();
    this.encode(writer);
    return writer.toBytes();
  }

  #field(name: string): F[string] {
    return this.description.fields[name] as F[string];
  }

  #read(): Entry[] {
    this.#entries ??= readEntries(this.#bytes);
    return this.#entries;
  }
}

/** A list that gives and takes its elements, and encodes to the bytes it came from until something within it is set. */
export class ThriftList<N> {
  readonly #kind: Kind<unknown, N>;
  readonly #bytes: Uint8Array;
  #items: readonly N[] | undefined;
  #set = false;

  /** The bytes must be one whole list, its header included; they are not copied. */
  constructor(kind: Kind<unknown, N>, bytes: Uint8Array) {
    this.#kind = kind;
    this.#bytes = bytes;
  }

  /** The elements in order. @throws parquet.corrupt when they are not of the specified wire type */
  get items(): readonly N[] {
    this.#items ??= this.#read();
    return this.#items;
  }

  /** Replaces all elements. */
  set items(items: readonly N[]) {
    this.#items = items;
    this.#set = true;
  }

  /** True when the elements were replaced or something in one of them was set. */
  get changed(): boolean {
    return this.#set || (this.#items ?? []).some(isChanged);
  }

  /** Writes the list. */
  encode(writer: WireWriter): void {
    if (!this.changed) return writer.writeRaw(this.#bytes);
    writer.writeListHeader(this.items.length, this.#kind.wire);
    for (const item of this.items) this.#kind.write(writer, item);
  }

  #read(): N[] {
    const reader = new WireReader(this.#bytes);
    const count = reader.readListHeader();
    const type = checkElementType(reader, this.#kind, count);
    return Array.from({ length: count }, () => this.#kind.open(reader, type));
  }
}

function isChanged(node: unknown): boolean {
  return (node instanceof ThriftStruct || node instanceof ThriftList) && node.changed;
}

function readEntries(bytes: Uint8Array): Entry[] {
  const reader = new WireReader(bytes);
  const entries: Entry[] = [];
  let lastId = 0;
  for (;;) {
    const type = reader.readFieldHeader(lastId);
    if (type === wire.stop) return entries;
    lastId = reader.fieldId;
    const start = reader.at;
    reader.skipField(type);
    entries.push({ id: lastId, type, bytes: bytes.subarray(start, reader.at) });
  }
}
