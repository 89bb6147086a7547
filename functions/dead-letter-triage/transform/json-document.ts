import { isUtf8 } from 'node:buffer';
import { diagnoseJson } from '../diagnose/json-fault.ts';
import { asBuffer } from '../letter/bytes.ts';
import { Refusal } from './refusal.ts';

/** A JSON value whose numbers keep the text that they were written with. */
export type JsonValue = string | boolean | null | RawNumber | JsonValue[] | JsonObject;
/** Members in their order; those whose names are whole numbers come first, as JavaScript has it. */
export interface JsonObject {
  [name: string]: JsonValue;
}
/** A number as its text (JSON.rawJSON of the proposal "JSON.parse source text access", in Node 24). */
export interface RawNumber {
  readonly rawJSON: string;
}

const json = JSON as unknown as {
  readonly rawJSON: (text: string) => RawNumber;
  readonly isRawJSON: (value: unknown) => value is RawNumber;
};

/** True for a number. */
export const isRawNumber = json.isRawJSON;

/** A number by its text, which JSON must allow. */
export const rawNumber = json.rawJSON;

/** True for an object with members. */
export function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value);
}

/** Reads a JSON text. @throws Refusal when it is none, or when a member is there twice, since one would get lost */
export function readDocument(bytes: Uint8Array | null): JsonValue {
  if (bytes === null) throw new Refusal('there is no value');
  if (!isUtf8(bytes)) throw new Refusal('the value is not UTF-8');
  if (diagnoseJson(bytes).some(({ code }) => code === 'json.duplicate'))
    throw new Refusal('the value is JSON in which an object has a member twice');
  try {
    return parseExact(asBuffer(bytes).toString('utf8'));
  } catch {
    throw new Refusal('the value is not JSON');
  }
}

/** A document of its own out of a value that a plan names. */
export function toDocument(value: unknown): JsonValue {
  return parseExact(JSON.stringify(value));
}

/** Writes a document without blanks. @throws Refusal when it is nested too deeply */
export function writeDocument(value: JsonValue): Buffer {
  try {
    return Buffer.from(JSON.stringify(value));
  } catch {
    throw new Refusal('the value is nested too deeply');
  }
}

function parseExact(text: string): JsonValue {
  return JSON.parse(text, (_, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? json.rawJSON(context?.source ?? String(value)) : value,
  ) as JsonValue;
}
