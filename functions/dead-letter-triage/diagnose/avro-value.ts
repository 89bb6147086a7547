import avro from 'avsc';
import type { AvroOptions, AvroType } from './avro.ts';

/** Numbers of 64 bits, all of their digits. */
// oxlint-disable-next-line no-underscore-dangle -- the library's own name
const longs = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
});

/** Nothing is lost: numbers of 64 bits are BigInts, and branches of unions are named. */
export const exactAvro: AvroOptions = { registry: { long: longs }, wrapUnions: 'always' };

/** Elements without bytes that one value may have where it is held in memory. */
export const maxEmptyElements = 10_000;

/** A value that was read with `exactAvro`, as plain objects and lists, without the names of branches. */
export function plainAvro(type: AvroType, value: unknown, leaf: (value: unknown) => unknown): unknown {
  const { Type, types } = avro;
  if (value === null) return leaf(null);
  if (Type.isType(type, 'union')) {
    const [[name, inner] = ['', null]] = Object.entries(value as object) as [string, unknown][];
    const branch = (type as avro.types.WrappedUnionType).types.find(({ branchName }) => branchName === name);
    return plainAvro(branch as AvroType, inner, leaf);
  }
  const members = (entries: readonly (readonly [string, AvroType, unknown])[]): unknown =>
    Object.fromEntries(entries.map(([name, inner, content]) => [name, plainAvro(inner, content, leaf)]));
  if (type instanceof types.RecordType)
    return members(
      type.fields.map((field) => [field.name, field.type, (value as Record<string, unknown>)[field.name]]),
    );
  if (type instanceof types.MapType)
    return members(Object.entries(value as object).map(([key, content]) => [key, type.valuesType, content as unknown]));
  if (type instanceof types.ArrayType) return (value as unknown[]).map((item) => plainAvro(type.itemsType, item, leaf));
  return leaf(value);
}
