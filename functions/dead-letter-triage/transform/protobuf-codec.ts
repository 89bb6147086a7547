import protobuf from 'protobufjs';
import {
  findProtobufFault,
  parseProtobufMessage,
  placeProtobufMessage,
  type ProtobufMessage,
} from '../diagnose/protobuf.ts';
import { type MessageName, readMessageName } from '../diagnose/message-name.ts';
import type { PayloadPlace, RegisteredSchema } from '../diagnose/registered-schema.ts';
import { isObject, isRawNumber, type JsonObject, type JsonValue, toDocument, writeDocument } from './json-document.ts';
import type { Payload, PayloadCodec } from './payload-codec.ts';
import { Refusal } from './refusal.ts';

interface KnownMessage {
  readonly type: ProtobufMessage;
  readonly place: NonNullable<Payload['message']>;
}

/** Protobuf and JSON with the names of its schema: numbers of 64 bits and bytes (base64) are texts, enums their names. */
export class ProtobufCodec implements PayloadCodec {
  readonly #schema: RegisteredSchema;
  readonly #messages = new Map<string, KnownMessage>();

  constructor(schema: RegisteredSchema) {
    this.#schema = schema;
    this.#find([0]);
  }

  read(value: Buffer, place: PayloadPlace): JsonValue {
    const named = readMessageName(value, place);
    if (named === undefined) throw new Refusal('the value ends before it names its message');
    const message = this.#find(named.message);
    const bytes = value.subarray(named.payloadAt);
    const document = decode(message.type, bytes);
    // Fields that the schema does not know, and those in an order of their own, would come out as other bytes.
    if (!encode(message.type, document).equals(bytes))
      throw new Refusal('the value cannot be told in JSON without loss, by its Protobuf schema');
    return document;
  }

  write(document: JsonValue, message?: string): Payload {
    const { type, place } = this.#find(message ?? [0]);
    const told = tell(type, document);
    const bytes = encode(type, told);
    // The library takes anything for a number, and leaves out what the schema does not have.
    if (!isSame(told, decode(type, bytes)))
      throw new Refusal(`the value is not what message ${place.name} of the schema can hold`);
    return { bytes, message: place };
  }

  #find(name: MessageName): KnownMessage {
    const key = String(name);
    let known = this.#messages.get(key);
    if (known === undefined) {
      const { schema, references } = this.#schema;
      try {
        known = { type: parseProtobufMessage(schema, name, references), place: placeProtobufMessage(schema, name) };
      } catch {
        throw new Refusal('the schema has no such message');
      }
      this.#messages.set(key, known);
    }
    return known;
  }
}

/** Messages within each other, as the library has it. */
const maxDepth = 100;

const conversion = { longs: String, enums: String, bytes: String, json: true };

function decode(type: ProtobufMessage, bytes: Buffer): JsonValue {
  const fault = findProtobufFault(type, bytes);
  if (fault !== undefined) throw new Refusal(`the value does not follow its Protobuf schema: ${fault.rule}`);
  try {
    return toDocument(type.toObject(type.decode(bytes), conversion));
  } catch {
    throw new Refusal('the value does not follow its Protobuf schema');
  }
}

function encode(type: ProtobufMessage, document: JsonValue): Buffer {
  try {
    const plain = JSON.parse(writeDocument(document).toString()) as object;
    return Buffer.from(type.encode(type.fromObject(plain)).finish());
  } catch {
    throw new Refusal(`the value does not follow message ${type.name} of the schema`);
  }
}

/** A document as the library tells it: with texts for whole numbers of 64 bits. @throws Refusal when it is nested too deeply */
function tell(type: ProtobufMessage, value: JsonValue, depth = 0): JsonValue {
  if (depth > maxDepth) throw new Refusal('the value is nested too deeply');
  if (!isObject(value)) return value;
  const { MapField, Type, types } = protobuf;
  const tellField = (field: protobuf.Field, inner: JsonValue): JsonValue => {
    if (Array.isArray(inner)) return inner.map((item) => tellField(field, item));
    if (field.resolvedType instanceof Type) return tell(field.resolvedType, inner, depth + 1);
    return isRawNumber(inner) && Object.hasOwn(types.long, field.type) ? wholeText(inner.rawJSON) : inner;
  };
  const tellMap = (field: protobuf.Field, inner: JsonValue): JsonValue =>
    field instanceof MapField && isObject(inner)
      ? Object.fromEntries(Object.entries(inner).map(([key, one]) => [key, tellField(field, one)]))
      : tellField(field, inner);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
      return [name, field === undefined ? inner : tellMap(field, inner)];
    }),
  );
}

function wholeText(text: string): string {
  return Number.isSafeInteger(Number(text)) ? String(Number(text)) : text;
}

/** True when a value came back as it was given, but for the ways in which a number is written. */
function isSame(given: JsonValue, back: JsonValue | undefined): boolean {
  // A list or a map without elements is none.
  if (back === undefined) return isParts(given) && !isRawNumber(given) && Object.keys(given).length === 0;
  if (isRawNumber(given)) return isRawNumber(back) && isSameNumber(Number(given.rawJSON), Number(back.rawJSON));
  if (!isObject(given) && !Array.isArray(given)) return given === back;
  if (Array.isArray(given) !== Array.isArray(back) || isRawNumber(back) || !isParts(back)) return false;
  const [before, after] = [given as JsonObject, back as JsonObject];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].every(
    (name) =>
      Object.hasOwn(before, name) && isSame(before[name] ?? null, Object.hasOwn(after, name) ? after[name] : undefined),
  );
}

/** Fractions are those of the field's own width. */
function isSameNumber(given: number, back: number): boolean {
  return given === back || (!Number.isInteger(given) && Math.fround(given) === back);
}

function isParts(value: JsonValue): value is JsonObject | JsonValue[] {
  return typeof value === 'object' && value !== null;
}
