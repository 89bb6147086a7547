import type { PayloadPlace, RegisteredSchema } from '../diagnose/registered-schema.ts';
import { AvroCodec } from './avro-codec.ts';
import type { JsonValue } from './json-document.ts';
import { JsonSchemaCodec } from './json-schema-codec.ts';
import { ProtobufCodec } from './protobuf-codec.ts';
import { Refusal } from './refusal.ts';

/** A payload as a schema has it. */
export interface Payload {
  readonly bytes: Buffer;
  /** Which message of a Protobuf schema it is, in both ways of naming it. */
  readonly message?: { readonly indexes: readonly number[]; readonly name: string };
}

/** Turns payloads of one schema into JSON and back, without loss. Both throw Refusal where that cannot be. */
export interface PayloadCodec {
  read(value: Buffer, place: PayloadPlace): JsonValue;
  /** `message` names one of a Protobuf schema, the first unless said; nested ones with dots. */
  write(document: JsonValue, message?: string): Payload;
}

const codecs = new WeakMap<RegisteredSchema, PayloadCodec>();

/** The codec of a schema, prepared once. @throws Refusal when nobody can understand it */
export function codecOf(schema: RegisteredSchema): PayloadCodec {
  let codec = codecs.get(schema);
  if (codec === undefined) {
    try {
      codec = prepare(schema);
    } catch {
      throw new Refusal('the schema cannot be understood');
    }
    codecs.set(schema, codec);
  }
  return codec;
}

function prepare(schema: RegisteredSchema): PayloadCodec {
  if (schema.type === 'AVRO') return new AvroCodec(schema);
  return schema.type === 'JSON' ? new JsonSchemaCodec(schema) : new ProtobufCodec(schema);
}
