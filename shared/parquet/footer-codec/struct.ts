import { checkElementType, checkFieldType, type Description, type Fields, type Plain } from './description.ts';
import type { Kind } from './kinds.ts';
import { ThriftList, ThriftStruct } from './tree.ts';
import { wire, type WireReader } from './wire.ts';
import { WireWriter } from './wire-writer.ts';

/** The kind of a struct. A known field of another wire type, or a required one that is missing, is `parquet.corrupt`. */
export function struct<F extends Fields>(description: Description<F>): Kind<Plain<F>, ThriftStruct<F>> {
  return {
    wire: wire.struct,
    read: (reader) => readStruct(reader, description),
    open(reader) {
      const start = reader.at;
      reader.skipStruct();
      return new ThriftStruct(description, reader.bytes.subarray(start, reader.at));
    },
    write(writer, value) {
      if (value instanceof ThriftStruct) value.encode(writer);
      else writePlain(writer, description, value);
    },
  };
}

/** A node of a lossless tree that was made from plain values. */
export function makeStruct<F extends Fields>(description: Description<F>, plain: Plain<F>): ThriftStruct<F> {
  const writer = new WireWriter();
  writePlain(writer, description, plain);
  return new ThriftStruct(description, writer.toBytes());
}

/** A list of a lossless tree that was made from nodes. */
export function makeList<P, N>(element: Kind<P, N>, items: readonly N[]): ThriftList<N> {
  const empty = new WireWriter();
  empty.writeListHeader(0, element.wire);
  const made = new ThriftList(element as Kind<unknown, N>, empty.toBytes());
  made.items = items;
  return made;
}

/** The kind of a list; a list without elements may be of any element type, as some writers leave it out. */
export function list<P, N>(element: Kind<P, N>): Kind<P[], ThriftList<N>> {
  return {
    wire: wire.list,
    read(reader) {
      const count = reader.readListHeader();
      const type = checkElementType(reader, element, count);
      reader.keep(count);
      reader.enter();
      const values: P[] = [];
      for (let index = 0; index < count; index++) values.push(element.read(reader, type));
      reader.leave();
      return values;
    },
    open(reader) {
      const start = reader.at;
      reader.skipElement(wire.list);
      return new ThriftList(element as Kind<unknown, N>, reader.bytes.subarray(start, reader.at));
    },
    write(writer, value) {
      if (value instanceof ThriftList) return value.encode(writer);
      writer.writeListHeader(value.length, element.wire);
      for (const item of value) element.write(writer, item);
    },
  };
}

function readStruct<F extends Fields>(reader: WireReader, description: Description<F>): Plain<F> {
  reader.enter();
  const plain: Record<string, unknown> = {};
  let lastId = 0;
  for (;;) {
    const type = reader.readFieldHeader(lastId);
    if (type === wire.stop) break;
    lastId = reader.fieldId;
    const [name, field] = description.byId.get(lastId) ?? [];
    if (name === undefined || field === undefined) {
      reader.skipField(type);
      continue;
    }
    checkFieldType(reader, description.name, name, field, type);
    reader.keep(1);
    plain[name] = field.kind.read(reader, type);
  }
  reader.leave();
  for (const [name, field] of description.byId.values()) {
    if (field.required && !(name in plain)) throw reader.corrupt(`${description.name} lacks ${name}`);
  }
  return plain as Plain<F>;
}

function writePlain(writer: WireWriter, description: Description, plain: Readonly<Record<string, unknown>>): void {
  let lastId = 0;
  for (const [id, [name, field]] of description.byId) {
    const value = plain[name];
    if (value === undefined) continue;
    writer.writeFieldHeader(lastId, id, value === false ? wire.false : field.kind.wire);
    field.kind.write(writer, value);
    lastId = id;
  }
  writer.writeStop();
}
