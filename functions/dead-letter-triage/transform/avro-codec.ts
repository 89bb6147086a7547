import { type AvroType, findAvroFault, parseAvroSchema } from '../diagnose/avro.ts';
import { exactAvro, maxEmptyElements, plainAvro } from '../diagnose/avro-value.ts';
import type { PayloadPlace, RegisteredSchema } from '../diagnose/registered-schema.ts';
import { AvroValues } from './avro-values.ts';
import { type JsonValue, rawNumber } from './json-document.ts';
import type { Payload, PayloadCodec } from './payload-codec.ts';
import { Refusal } from './refusal.ts';

/** Avro's binary encoding and plain JSON: branches of unions are not named, bytes are text of one character each. */
export class AvroCodec implements PayloadCodec {
  readonly #plain: AvroType;
  readonly #type: AvroType;

  constructor({ schema, references }: RegisteredSchema) {
    const texts = references.map((reference) => reference.schema);
    this.#plain = parseAvroSchema(schema, texts);
    this.#type = parseAvroSchema(schema, texts, exactAvro);
  }

  read(value: Buffer, { payloadAt }: PayloadPlace): JsonValue {
    const bytes = value.subarray(payloadAt);
    const fault = findAvroFault(this.#plain, bytes, 0, maxEmptyElements);
    if (fault !== undefined) throw new Refusal(`the value does not follow its Avro schema: ${fault.rule}`);
    const document = plainAvro(this.#type, this.#type.fromBuffer(bytes), toLeaf) as JsonValue;
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

function toLeaf(value: unknown): JsonValue {
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  if (typeof value === 'number' || typeof value === 'bigint') return toNumber(value);
  return value as string | boolean | null;
}

function toNumber(value: number | bigint): JsonValue {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Refusal('JSON has no word for a number of the value');
  return rawNumber(Object.is(value, -0) ? '-0' : String(value));
}
