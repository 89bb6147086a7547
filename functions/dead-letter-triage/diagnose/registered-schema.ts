import { findAvroFault, parseAvroSchema } from './avro.ts';
import type { Fault } from './diagnosis.ts';
import { type JsonSchemaCheck, parseJsonSchema } from './json-schema.ts';
import { diagnoseJson } from './json-fault.ts';
import { findProtobufFault, parseProtobufMessage, type ProtobufMessage } from './protobuf.ts';
import { readMessageName } from './message-name.ts';
import type { SchemaReference, WireReading } from './wire-format.ts';

/** A schema as a registry holds it. */
export interface RegisteredSchema {
  readonly type: 'AVRO' | 'JSON' | 'PROTOBUF';
  /** The schema's own text. */
  readonly schema: string;
  /** The schemas that it refers to, those that others need first, under the names by which they are referred to. */
  readonly references: readonly { readonly name: string; readonly schema: string }[];
  /** Number in the registry. */
  readonly id: bigint;
  /** Confluent's newer name, where the registry tells it. */
  readonly guid?: string;
  /** Apicurio's own number, where it was asked for. */
  readonly globalId?: bigint;
  /** Under which names and versions it is registered. */
  readonly versions: readonly { readonly subject: string; readonly version: number }[];
}

/** Where schemas are found. Both throw `registry.unavailable` while nobody answers: that is no fault of the data. */
export interface SchemaSource {
  /** Undefined when the registry says that it has none. `subject` is where it most likely is, for those that do not tell. */
  find(reference: SchemaReference, subject?: string): Promise<RegisteredSchema | undefined>;
  /** All versions of a subject, the newest first; none when there is no such subject. */
  versions(subject: string): Promise<readonly RegisteredSchema[]>;
}

/** Where the payload is, and what names its message. */
export type PayloadPlace = Pick<WireReading, 'layout' | 'payloadAt' | 'message'>;

/** Tells what of a payload breaks a schema; undefined when it is right. */
type Check = (bytes: Uint8Array, place: PayloadPlace) => Fault | undefined;

const checks = new WeakMap<RegisteredSchema, Check>();

/** Tells what of a payload breaks its schema. @throws Error when the schema itself cannot be understood */
export function findSchemaFault(schema: RegisteredSchema, bytes: Uint8Array, place: PayloadPlace): Fault | undefined {
  let check = checks.get(schema);
  if (check === undefined) {
    check = prepare(schema);
    checks.set(schema, check);
  }
  return check(bytes, place);
}

function prepare({ type, schema, references }: RegisteredSchema): Check {
  if (type === 'AVRO') return avroCheck(schema, references);
  return type === 'JSON' ? jsonCheck(parseJsonSchema(schema, references)) : protobufCheck(schema, references);
}

function avroCheck(schema: string, references: RegisteredSchema['references']): Check {
  const parsed = parseAvroSchema(
    schema,
    references.map((reference) => reference.schema),
  );
  return (bytes, { payloadAt }) => {
    const found = findAvroFault(parsed, bytes, payloadAt);
    return found && { code: 'avro.mismatch', detail: found.rule, byte: found.byte, ...fieldAt(found.path) };
  };
}

function jsonCheck(check: JsonSchemaCheck): Check {
  return (bytes, { payloadAt }) => {
    const payload = bytes.subarray(payloadAt);
    const [fault] = diagnoseJson(payload, payloadAt);
    if (fault !== undefined) return fault;
    const found = check(JSON.parse(Buffer.from(payload).toString()));
    return found && { ...found, ...fieldAt(found.path ?? '') };
  };
}

function protobufCheck(schema: string, references: RegisteredSchema['references']): Check {
  const messages = new Map<string, ProtobufMessage>();
  return (bytes, place) => {
    const named = readMessageName(bytes, place);
    if (named === undefined) return { code: 'wire.short', detail: 'message-indexes', byte: place.payloadAt };
    const key = String(named.message);
    const message = messages.get(key) ?? parseProtobufMessage(schema, named.message, references);
    messages.set(key, message);
    const found = findProtobufFault(message, bytes, named.payloadAt);
    return found && { code: 'protobuf.mismatch', detail: found.rule, byte: found.byte, ...fieldAt(found.path) };
  };
}

/** The field of the schema to which a pointer leads: without the numbers of elements. */
function fieldAt(path: string): Pick<Fault, 'path' | 'field'> {
  const names = path.split('/').filter((name) => name !== '' && !/^\d+$/.test(name));
  const field = names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~')).join('.');
  return { path, ...(field !== '' && { field }) };
}
