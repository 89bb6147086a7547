import { isError } from '#shared/errors/error.ts';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { contentFormat, isCompression } from './content-format.ts';
import type { Diagnosis, Fault, FaultCode, NamedSchema, PayloadFormat } from './diagnosis.ts';
import { diagnoseJson } from './json-fault.ts';
import { findSchemaFault, type PayloadPlace, type RegisteredSchema, type SchemaSource } from './registered-schema.ts';
import { findUtf8Fault } from './utf8.ts';
import { readWireFormats, type RecordPart, type WireReading } from './wire-format.ts';

/** What is known beforehand about keys or values of a topic; without it the bytes alone tell. */
export interface Expectation {
  /** `registered` is what names a schema of the registry. */
  readonly format?: 'json' | 'text' | 'registered' | undefined;
  /** The subject under which the topic's schemas are registered, `<topic>-value` as a rule. */
  readonly subject?: string | undefined;
}

/**
 * Tells what a key or value is and what is wrong with it. A registry that does not answer makes the diagnosis incomplete, and
 * is never a fault of the data. Nothing of the payload's values is in the result.
 */
export async function diagnosePart(
  part: RecordPart,
  record: Pick<KafkaRecord, 'key' | 'value' | 'headers'>,
  { format: expected, subject }: Expectation,
  schemas?: SchemaSource,
): Promise<Diagnosis> {
  const bytes = record[part];
  const readings = readWireFormats(part, bytes, record.headers);
  if (bytes !== null && schemas !== undefined && readings.length > 0) {
    const found = await diagnoseRegistered(bytes, readings, subject, schemas);
    const isForeign = expected !== undefined && expected !== 'registered' && found?.schema?.subject !== undefined;
    if (found !== undefined)
      return isForeign ? { ...found, faults: [{ code: 'format.foreign' }, ...found.faults] } : found;
    if (expected === 'registered' || readings[0]?.layout.endsWith('header') === true)
      return { format: contentFormat(bytes), ...namedBy(readings[0]), faults: [{ code: 'schema.unknown' }] };
  }
  return diagnoseContent(bytes, expected);
}

/** What content alone tells. */
function diagnoseContent(bytes: Uint8Array | null, expected: Expectation['format']): Diagnosis {
  const format = contentFormat(bytes);
  if (bytes === null) return { format, faults: [] };
  if (isCompression(format)) return { format, faults: [{ code: 'format.compressed' }] };
  if (expected === 'registered') return { format, faults: [magicFault(bytes)] };
  const isJson = format === 'json' || (expected === 'json' && (format === 'text' || format === 'empty'));
  if (isJson && expected !== 'text') return { format: 'json', faults: diagnoseJson(bytes) };
  if (expected === 'json' || (expected === 'text' && !['text', 'json', 'xml', 'empty'].includes(format)))
    return { format, faults: [{ code: 'format.foreign' }, ...formatFaults(format, bytes)] };
  return { format, faults: formatFaults(format, bytes) };
}

function magicFault(bytes: Uint8Array): Fault {
  return bytes[0] === 0 ? { code: 'wire.short', byte: bytes.length } : { code: 'wire.magic', byte: 0 };
}

function formatFaults(format: PayloadFormat, bytes: Uint8Array): Fault[] {
  if (format === 'text' || format === 'xml' || format === 'json') {
    const fault = findUtf8Fault(bytes);
    return fault === undefined ? [] : [{ code: 'utf8.invalid', detail: fault.reason, byte: fault.byte }];
  }
  // A Parquet file ends as it begins.
  const isCut = format === 'parquet' && !Buffer.from(bytes.subarray(-4)).equals(Buffer.from(bytes.subarray(0, 4)));
  return isCut ? [{ code: 'bytes.truncated', byte: bytes.length }] : [];
}

const formats = { AVRO: 'avro', JSON: 'json-schema', PROTOBUF: 'protobuf' } as const;
/** Faults with which a payload is still of the format that its schema has. */
const doubts: ReadonlySet<FaultCode> = new Set(['json.duplicate', 'json.surrogate', 'json.number', 'json.depth']);

/** Undefined when the registry has no schema that any of the readings names. */
async function diagnoseRegistered(
  bytes: Uint8Array,
  readings: readonly WireReading[],
  subject: string | undefined,
  schemas: SchemaSource,
): Promise<Diagnosis | undefined> {
  let broken: Diagnosis | undefined;
  for (const reading of readings) {
    try {
      const schema = await schemas.find(reading.schema, subject);
      if (schema === undefined) continue;
      const found = await diagnoseBySchema(bytes, reading, schema, subject, schemas);
      if (found.faults.length === 0) return found;
      broken ??= found;
    } catch (error) {
      if (!isError(error, 'registry.unavailable')) throw error;
      return { format: contentFormat(bytes), ...namedBy(reading), faults: [], incomplete: true };
    }
  }
  return broken;
}

async function diagnoseBySchema(
  bytes: Uint8Array,
  reading: WireReading,
  schema: RegisteredSchema,
  subject: string | undefined,
  schemas: SchemaSource,
): Promise<Diagnosis> {
  const named = schema.versions.find((version) => version.subject === subject) ?? schema.versions[0];
  const diagnosis = {
    format: formats[schema.type],
    ...namedBy(reading, { id: schema.id, ...named }),
  };
  const fault = faultBy(schema, bytes, reading);
  if (fault === 'unreadable') return { ...diagnosis, faults: [], incomplete: true };
  const isForeign = subject !== undefined && named !== undefined && named.subject !== subject;
  const faults: Fault[] = [];
  if (fault !== undefined) {
    const own = isForeign || named === undefined ? subject : named.subject;
    const accepting = own === undefined ? undefined : await acceptingVersion(own, schema, bytes, reading, schemas);
    faults.push(accepting === undefined ? fault : { ...fault, acceptedBy: accepting });
  }
  if (isForeign) faults.push({ code: 'schema.foreign' });
  return { ...diagnosis, faults };
}

/** The newest version of the subject under which the bytes are right. */
async function acceptingVersion(
  subject: string,
  named: RegisteredSchema,
  bytes: Uint8Array,
  reading: WireReading,
  schemas: SchemaSource,
): Promise<number | undefined> {
  for (const schema of await schemas.versions(subject)) {
    if (schema.id === named.id || schema.type !== named.type) continue;
    const fault = faultBy(schema, bytes, reading);
    if (fault === undefined) return schema.versions.find((version) => version.subject === subject)?.version;
  }
  return undefined;
}

/** A schema that nobody can read says nothing about the data. */
function faultBy(schema: RegisteredSchema, bytes: Uint8Array, place: PayloadPlace): Fault | 'unreadable' | undefined {
  try {
    const fault = findSchemaFault(schema, bytes, place);
    return fault !== undefined && doubts.has(fault.code) ? undefined : fault;
  } catch {
    return 'unreadable';
  }
}

const encodings = {
  'confluent-prefix': 'confluent',
  'apicurio-prefix': 'apicurio',
  'confluent-header': 'header',
  'apicurio-header': 'header',
} as const;

function namedBy(reading: WireReading | undefined, known: NamedSchema = {}): Pick<Diagnosis, 'encoding' | 'schema'> {
  if (reading === undefined) return {};
  const { layout, schema } = reading;
  const own: NamedSchema = schema.by === 'guid' ? { guid: schema.guid } : { id: BigInt(schema.id) };
  const { id, subject, version } = known;
  return {
    encoding: encodings[layout],
    schema: {
      ...(id !== undefined && { id }),
      ...own,
      ...(subject !== undefined && { subject }),
      ...(version !== undefined && { version }),
    },
  };
}
