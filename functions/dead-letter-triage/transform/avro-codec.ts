import avro from 'avsc';
import { type AvroType, findAvroFault, parseAvroSchema } from '../diagnose/avro.ts';
import type { PayloadPlace, RegisteredSchema } from '../diagnose/registered-schema.ts';
import { AvroValues } from './avro-values.ts';
import { type JsonValue, rawNumber } from './json-document.ts';
import type { Payload, PayloadCodec } from './payload-codec.ts';
import { Refusal } from './refusal.ts';

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

/** Elements without bytes in one value. */
const maxEmpty = 10_000;

/** Avro's binary encoding and plain JSON: branches of unions are not named, bytes are text of one character each. */
export class AvroCodec implements PayloadCodec {
  readonly #plain: AvroType;
  readonly #type: AvroType;

  constructor({ schema, references }: RegisteredSchema) {
    const texts = references.map((reference) => reference.schema);
    this.#plain = parseAvroSchema(schema, texts);
    this.#type = parseAvroSchema(schema, texts, { registry: { long: longs }, wrapUnions: 'always' });
  }

  read(value: Buffer, { payloadAt }: PayloadPlace): JsonValue {
    const bytes = value.subarray(payloadAt);
    const fault = findAvroFault(this.#plain, bytes, 0, maxEmpty);
    if (fault !== undefined) throw new Refusal(`the value does not follow its Avro schema: ${fault.rule}`);
    const document = toDocument(this.#type, this.#type.fromBuffer(bytes) as unknown);
    // What a reader would choose another branch of a union for, or what JSON has no word for, comes out as other bytes.
    if (!this.write(document).bytes.equals(bytes))
      throw new Refusal('the value cannot be told in JSON without loss, by its Avro schema');
    return document;
  }

  write(document: JsonValue): Payload {
    const value = new AvroValues().make(this.#type, document);
    return { bytes: this.#type.toBuffer(value) };
  }
}

function toDocument(type: AvroType, value: unknown): JsonValue {
  const { Type, types } = avro;
  if (value === null) return null;
  if (Type.isType(type, 'union')) {
    const [[name, inner] = ['', null]] = Object.entries(value as object) as [string, unknown][];
    const branch = (type as avro.types.WrappedUnionType).types.find(({ branchName }) => branchName === name);
    return toDocument(branch as AvroType, inner);
  }
  if (type instanceof types.RecordType)
    return Object.fromEntries(
      type.fields.map(({ name, type: inner }) => [name, toDocument(inner, (value as Record<string, unknown>)[name])]),
    );
  if (type instanceof types.ArrayType)
    return (value as unknown[]).map((item: unknown) => toDocument(type.itemsType, item));
  if (type instanceof types.MapType)
    return Object.fromEntries(
      Object.entries(value as object).map(([key, inner]) => [key, toDocument(type.valuesType, inner)]),
    );
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (typeof value === 'number' || typeof value === 'bigint') return toNumber(value);
  return value as string | boolean;
}

function toNumber(value: number | bigint): JsonValue {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Refusal('JSON has no word for a number of the value');
  return rawNumber(Object.is(value, -0) ? '-0' : String(value));
}
