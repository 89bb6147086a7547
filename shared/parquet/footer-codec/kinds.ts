import { wire, type WireReader } from './wire.ts';
import type { WireWriter } from './wire-writer.ts';

/**
 * How a value of a Thrift struct stands in bytes, in plain objects (`P`) and in a lossless tree (`N`).
 * For all but structs and lists the two are the same.
 */
export interface Kind<P, N = P> {
  /** The wire type in headers; booleans also go by `false`. */
  readonly wire: number;
  /** Reads a value for keeps; what is unknown is skipped. */
  readonly read: (reader: WireReader, type: number) => P;
  /** Reads a node of a lossless tree, without looking into it when it is a struct or a list. */
  readonly open: (reader: WireReader, type: number) => N;
  readonly write: (writer: WireWriter, value: P | N) => void;
}

/** A scalar kind, whose plain form is its node. */
export function scalar<T>(
  type: number,
  read: (reader: WireReader) => T,
  write: (writer: WireWriter, value: T) => void,
): Kind<T> {
  return { wire: type, read, open: read, write };
}

export const i8 = scalar(
  wire.i8,
  (reader) => (reader.readByte() << 24) >> 24,
  (writer, value: number) => writer.writeByte(value & 0xff),
);
export const i16 = scalar(
  wire.i16,
  (reader) => reader.readInt(),
  (writer, value) => writer.writeInt(value),
);
export const i32 = scalar(
  wire.i32,
  (reader) => reader.readInt(),
  (writer, value) => writer.writeInt(value),
);
export const i64 = scalar(
  wire.i64,
  (reader) => reader.readLong(),
  (writer, value) => writer.writeLong(value),
);
export const double = scalar(
  wire.double,
  (reader) => reader.readDouble(),
  (writer, value) => writer.writeDouble(value),
);
export const binary = scalar(
  wire.binary,
  (reader) => reader.readBinary(),
  (writer, value) => writer.writeBinary(value),
);
export const text = scalar(
  wire.binary,
  (reader) => reader.readText(),
  (writer, value) => writer.writeText(value),
);

/** A boolean field: its wire type is its value, no bytes follow. Parquet's footers have no lists of booleans. */
export const bool: Kind<boolean> = {
  wire: wire.true,
  read: (_, type) => type === wire.true,
  open: (_, type) => type === wire.true,
  write: () => {},
};

/** An enum by the names of its values, in order from 0; a value without a name is called `name_value`. */
export function enumOf<const Name extends string>(name: string, names: readonly Name[]): Kind<Name> {
  return scalar(
    wire.i32,
    (reader) => {
      const value = reader.readInt();
      return names[value] ?? (`${name}_${value}` as Name);
    },
    (writer, value) => {
      const index = names.indexOf(value);
      writer.writeInt(index >= 0 ? index : Number(value.slice(name.length + 1)));
    },
  );
}
