import type { KafkaHeader } from '#shared/kafka/record.ts';
import type { RegisteredSchema } from '../diagnose/registered-schema.ts';
import { asBuffer } from '../letter/bytes.ts';
import type { Transform } from '../replay/plan-schema.ts';
import type { SchemaReference } from '../diagnose/wire-format.ts';
import { decodeValue } from './decode-value.ts';
import { type JsonValue, readDocument, toDocument, writeDocument } from './json-document.ts';
import { hasAt, patchDocument } from './json-patch.ts';
import { codecOf } from './payload-codec.ts';
import { Refusal } from './refusal.ts';
import { dropSchemaHeaders, framePayload } from './wire-frame.ts';

/** What transforms change. */
export interface Draft {
  readonly value: Uint8Array | null;
  readonly headers: readonly KafkaHeader[];
}

/** The schemas that a plan needs, as they were found beforehand. */
export interface TransformSchemas {
  /** The one that a plan names, the newest of its subject unless it says a version. */
  named(subject: string, version?: number): RegisteredSchema | undefined;
  /** The one that a value names. */
  referred(reference: SchemaReference): RegisteredSchema | undefined;
}

/** Changes a value and headers as a plan says; what no step touches keeps every byte. @throws Refusal */
export function transformRecord(draft: Draft, steps: readonly Transform[], schemas: TransformSchemas): Draft {
  let { value, headers } = draft;
  let document: JsonValue | undefined;
  const open = (): JsonValue => document ?? readDocument(value);
  for (const step of steps) {
    if ('addHeaders' in step) headers = [...headers, ...Object.entries(step.addHeaders).map(toHeader)];
    else if ('dropHeaders' in step) headers = headers.filter(([name]) => !isNamed(name, step.dropHeaders));
    else if ('decode' in step) {
      document = decodeValue({ value, headers }, step.decode, schemas);
      headers = dropSchemaHeaders(headers);
    } else if ('encode' in step) {
      const { subject, version, message, wire } = step.encode;
      const schema = schemas.named(subject, version);
      if (schema === undefined) throw new Refusal(`the registry has no such schema of subject ${subject}`);
      const framed = framePayload(codecOf(schema).write(open(), message), schema, wire);
      value = framed.value;
      headers = [...dropSchemaHeaders(headers), ...framed.headers];
      document = undefined;
    } else document = changeDocument(open(), step);
  }
  return { value: document === undefined ? value : writeDocument(document), headers };
}

type DocumentStep = Exclude<
  Transform,
  { addHeaders: unknown } | { dropHeaders: unknown } | { decode: unknown } | { encode: unknown }
>;

function changeDocument(document: JsonValue, step: DocumentStep): JsonValue {
  if ('patch' in step) return patchDocument(document, step.patch);
  if ('rename' in step) return patchDocument(document, [{ op: 'move', from: step.rename, path: step.to }]);
  if ('drop' in step)
    return hasAt(document, step.drop) ? patchDocument(document, [{ op: 'remove', path: step.drop }]) : document;
  if (step.set === '') return toDocument(step.value);
  // In a list, to set is to replace.
  const op = hasAt(document, step.set) ? 'replace' : 'add';
  return patchDocument(document, [{ op, path: step.set, value: step.value }]);
}

function toHeader([name, value]: [string, string]): KafkaHeader {
  return [Buffer.from(name), Buffer.from(value)];
}

function isNamed(name: Uint8Array, names: readonly string[]): boolean {
  const bytes = asBuffer(name);
  return names.some((wanted) => bytes.equals(Buffer.from(wanted)));
}
