import protobuf from 'protobufjs';
import type { MessageName } from './message-name.ts';
import { findUtf8Fault } from './utf8.ts';

/** The rules of Protobuf's encoding (protobuf.dev, "Encoding") that bytes may break. */
export type ProtobufRule =
  | 'truncated'
  | 'number-too-long'
  | 'field-number'
  | 'wire-type'
  | 'group'
  | 'utf8'
  | 'required'
  | 'too-deep';

/** Where bytes stop being what a message says. */
export interface ProtobufFault {
  readonly rule: ProtobufRule;
  /** From 0; where the field begins that breaks the rule. */
  readonly byte: number;
  /** JSON pointer of the field, by its names in the schema. */
  readonly path: string;
}

/** A message type that is ready to be read with. */
export type ProtobufMessage = protobuf.Type;

/** The file of a schema that others import, under the name by which they do. */
export interface ProtobufImport {
  readonly name: string;
  readonly schema: string;
}

/**
 * Prepares a message of a file: by its name, or by indexes, of which the first counts the messages of the file, the next those
 * within it. What Google's well-known files define needs no import of its own.
 * @throws Error when the schema is none, or has no such message
 */
export function parseProtobufMessage(
  schema: string,
  message: MessageName,
  imports: readonly ProtobufImport[] = [],
): ProtobufMessage {
  const root = new protobuf.Root();
  const known = new Set(imports.map((each) => each.name));
  for (const text of [...imports.map((each) => each.schema), schema]) {
    const { imports: names = [] } = protobuf.parse(text, root, { keepCase: true });
    for (const each of names.filter((own) => !known.has(own))) {
      root.addJSON(protobuf.common.get(each)?.nested ?? {});
      known.add(each);
    }
  }
  root.resolveAll();
  return root.lookupType(findMessage(schema, message).fullName);
}

/** Where a message stands in its file: by indexes, and by its own name. @throws Error when there is none */
export function placeProtobufMessage(
  schema: string,
  message: MessageName,
): { readonly indexes: readonly number[]; readonly name: string } {
  const found = findMessage(schema, message);
  const indexes: number[] = [];
  for (
    let place: protobuf.ReflectionObject = found;
    place instanceof protobuf.Type && place.parent !== null;
    place = place.parent
  )
    indexes.unshift(messagesIn(place.parent).indexOf(place));
  return { indexes, name: found.name };
}

/** A message of a file, which is read alone: imports may add to its package. */
function findMessage(schema: string, message: MessageName): protobuf.Type {
  const root = new protobuf.Root();
  const { package: name } = protobuf.parse(schema, root, { keepCase: true });
  let place: protobuf.NamespaceBase | undefined = name === undefined ? root : (root.lookup(name) as protobuf.Namespace);
  for (const step of typeof message === 'string' ? message.split('.') : message) {
    const all: protobuf.Type[] = place === undefined ? [] : messagesIn(place);
    place = typeof step === 'number' ? all[step] : all.find((own) => own.name === step);
  }
  if (place instanceof protobuf.Type) return place;
  throw new Error(`the schema has no message ${String(message)}`);
}

function messagesIn(place: protobuf.NamespaceBase): protobuf.Type[] {
  return place.nestedArray.filter((nested) => nested instanceof protobuf.Type);
}

/** Messages within each other, at most, as the libraries of Protobuf have it. */
const maxDepth = 100;

/** Walks through a message by its type, and tells where it breaks; fields that the type does not know are right. */
export function findProtobufFault(type: ProtobufMessage, bytes: Uint8Array, from = 0): ProtobufFault | undefined {
  try {
    readMessage(type, bytes, from, bytes.length, '', 0);
    return undefined;
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { rule: error.rule, byte: error.byte, path: error.path };
  }
}

class Broken {
  readonly rule: ProtobufRule;
  readonly byte: number;
  readonly path: string;
  constructor(rule: ProtobufRule, byte: number, path: string) {
    this.rule = rule;
    this.byte = byte;
    this.path = path;
  }
}

/** Wire types by their numbers; 3 and 4 are the old groups. */
const lengthDelimited = 2;

function readMessage(
  type: protobuf.Type,
  bytes: Uint8Array,
  from: number,
  end: number,
  path: string,
  depth: number,
): void {
  if (depth > maxDepth) throw new Broken('too-deep', from, path);
  const seen = new Set<number>();
  for (let at = from; at < end;) {
    const tag = readNumber(bytes, at, end, path);
    const number = Number(tag.value >> 3n);
    if (number === 0 || number > 0x1fff_ffff) throw new Broken('field-number', at, path);
    const wireType = Number(tag.value & 7n);
    const field = type.fieldsById[number];
    const place = field === undefined ? path : `${path}/${field.name}`;
    if (wireType === 3 || wireType === 4) throw new Broken('group', at, place);
    if (wireType > 5) throw new Broken('wire-type', at, place);
    const value = valueSpan(bytes, tag.end, end, wireType, at, place);
    if (field !== undefined) {
      readField(field, bytes, wireType, value, at, place, depth);
      seen.add(number);
    }
    at = value.end;
  }
  for (const field of type.fieldsArray)
    if (field.required && !seen.has(field.id)) throw new Broken('required', end, `${path}/${field.name}`);
}

function readField(
  field: protobuf.Field,
  bytes: Uint8Array,
  wireType: number,
  { start, end }: Span,
  at: number,
  path: string,
  depth: number,
): void {
  const message = field.resolvedType instanceof protobuf.Type ? field.resolvedType : undefined;
  const own =
    field instanceof protobuf.MapField || message !== undefined
      ? lengthDelimited
      : ((protobuf.types.basic as Readonly<Record<string, number>>)[
          field.resolvedType === null ? field.type : 'int32'
        ] ?? lengthDelimited);
  // Numbers that are repeated may stand in one length-delimited field.
  const isPacked = wireType === lengthDelimited && own !== lengthDelimited && field.repeated;
  if (wireType !== own && !isPacked) throw new Broken('wire-type', at, path);
  if (isPacked) readPacked(bytes, own, start, end, path);
  else if (field instanceof protobuf.MapField) return;
  else if (message !== undefined) readMessage(message, bytes, start, end, path, depth + 1);
  else if (field.type === 'string' && findUtf8Fault(bytes.subarray(start, end)) !== undefined)
    throw new Broken('utf8', at, path);
}

function readPacked(bytes: Uint8Array, wireType: number, start: number, end: number, path: string): void {
  for (let at = start; at < end;) at = valueSpan(bytes, at, end, wireType, at, path).end;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function valueSpan(bytes: Uint8Array, at: number, end: number, wireType: number, field: number, path: string): Span {
  if (wireType === 0) return { start: at, end: readNumber(bytes, at, end, path).end };
  let start = at;
  let length = wireType === 1 ? 8 : 4;
  if (wireType === lengthDelimited) {
    const given = readNumber(bytes, at, end, path);
    if (given.value > BigInt(end)) throw new Broken('truncated', field, path);
    start = given.end;
    length = Number(given.value);
  }
  if (length > end - start) throw new Broken('truncated', field, path);
  return { start, end: start + length };
}

function readNumber(bytes: Uint8Array, at: number, end: number, path: string): { value: bigint; end: number } {
  let value = 0n;
  for (let length = 0; length < 10; length += 1) {
    const byte = at + length < end ? bytes[at + length] : undefined;
    if (byte === undefined) throw new Broken('truncated', at, path);
    value |= BigInt(byte & 0x7f) << BigInt(length * 7);
    if (byte < 0x80) return { value, end: at + length + 1 };
  }
  throw new Broken('number-too-long', at, path);
}
