import { type SchemaReference, readWireFormats } from '../diagnose/wire-format.ts';
import type { PayloadPlace, RegisteredSchema } from '../diagnose/registered-schema.ts';
import { asBuffer } from '../letter/bytes.ts';
import type { JsonValue } from './json-document.ts';
import { codecOf } from './payload-codec.ts';
import { Refusal } from './refusal.ts';
import type { Draft, TransformSchemas } from './transform-record.ts';

/** A schema that is named instead of the one that the value names. */
export interface NamedSchema {
  readonly subject?: string | undefined;
  readonly version?: number | undefined;
}

/** Bytes that name no schema are read from their beginning. */
const bare: PayloadPlace = { layout: 'confluent-header', payloadAt: 0 };

/** Reads a value by the schema that it names, or by another one. @throws Refusal when there is none, or the value does not follow it */
export function decodeValue(
  { value, headers }: Draft,
  { subject, version }: NamedSchema,
  schemas: TransformSchemas,
): JsonValue {
  if (value === null) throw new Refusal('there is no value');
  const bytes = asBuffer(value);
  const readings = readWireFormats('value', bytes, headers);
  const given = subject === undefined ? undefined : schemas.named(subject, version);
  if (subject !== undefined && given === undefined)
    throw new Refusal(`the registry has no such schema of subject ${subject}`);
  const ways: (PayloadPlace & { readonly schema?: SchemaReference })[] = [...readings];
  if (given !== undefined && readings.length === 0) ways.push(bare);
  if (ways.length === 0) throw new Refusal('the value names no schema');
  let refusal: Refusal | undefined;
  for (const way of ways) {
    const schema: RegisteredSchema | undefined = given ?? (way.schema && schemas.referred(way.schema));
    if (schema === undefined) continue;
    try {
      return codecOf(schema).read(bytes, way);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusal ??= error;
    }
  }
  throw refusal ?? new Refusal('the registry has no schema that the value names');
}
