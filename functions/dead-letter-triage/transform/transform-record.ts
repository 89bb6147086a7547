import type { KafkaHeader } from '#shared/kafka/record.ts';
import type { RegisteredSchema } from '../diagnose/registered-schema.ts';
import { asBuffer } from '../letter/bytes.ts';
import type { Transform } from '../replay/plan-schema.ts';
import { encodeAvro } from './encode-avro.ts';
import { type JsonValue, readDocument, toDocument, writeDocument } from './json-document.ts';
import { hasAt, patchDocument } from './json-patch.ts';

/** What transforms change. */
export interface Draft {
  readonly value: Uint8Array | null;
  readonly headers: readonly KafkaHeader[];
}

/** The schema that a plan names, as it was found beforehand. */
export type SchemaOf = (subject: string, version?: number) => RegisteredSchema | undefined;

/** Changes a value and headers as a plan says; what no step touches keeps every byte. @throws Refusal */
export function transformRecord(draft: Draft, steps: readonly Transform[], schemaOf: SchemaOf): Draft {
  let { value, headers } = draft;
  let document: JsonValue | undefined;
  const open = (): JsonValue => document ?? readDocument(value);
  for (const step of steps) {
    if ('addHeaders' in step) headers = [...headers, ...Object.entries(step.addHeaders).map(toHeader)];
    else if ('dropHeaders' in step) headers = headers.filter(([name]) => !isNamed(name, step.dropHeaders));
    else if ('encode' in step) {
      const { subject, version } = step.encode;
      value = encodeAvro(writeDocument(open()), subject, schemaOf(subject, version));
      document = undefined;
    } else document = changeDocument(open(), step);
  }
  return { value: document === undefined ? value : writeDocument(document), headers };
}

type DocumentStep = Exclude<Transform, { addHeaders: unknown } | { dropHeaders: unknown } | { encode: unknown }>;

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
