import { z } from 'zod';
import type { KafkaHeader, KafkaRecord } from '#shared/kafka/record.ts';
import { parseAvroSchema } from '../diagnose/avro.ts';
import { longestPattern } from '../pattern.ts';
import { decodeAvroEnvelope, schemaText } from './avro-envelope.ts';
import { asBuffer, parseInstant, readDecimal, readInt32, readInt64, readProse } from './bytes.ts';
import { draftHop, type Hop, type HopDraft } from './hop.ts';
import { parseJson, resolvePointer } from './json-value.ts';

const pointer = z.string().regex(/^(?:\/(?:[^~/]|~[01])*)*$/, 'a JSON pointer, such as /error/message');

const place = z.union([
  z.strictObject({ pointer: pointer.describe('JSON pointer into the value') }),
  z.strictObject({
    header: z.string().min(1).describe('name of a header; the last one of that name counts'),
    as: z.enum(['text', 'int32', 'int64']).default('text').describe('how its bytes are read'),
  }),
]);

const enclosed = z.strictObject({
  pointer: pointer.describe('JSON pointer to what could not be processed'),
  encoding: z
    .enum(['text', 'base64', 'json'])
    .describe(
      'how it is enclosed: as text, as Base64, or as a JSON value of its own, which loses how it was written; bytes of Avro are taken as they are',
    ),
});

const placeNames = [
  'topic',
  'partition',
  'offset',
  'timestamp',
  'stage',
  'component',
  'task',
  'group',
  'errorClass',
  'rootClass',
  'message',
  'stack',
  'code',
  'attempts',
  'failedAt',
] as const;
type PlaceName = (typeof placeNames)[number];

/** What a user says of dead letters that do not speak for themselves: an envelope, headers of their own, or a Flink job. */
export const sourceSchema = z.strictObject({
  topic: z.string().min(1).max(longestPattern).describe('dead letter topics of this source; * stands for anything'),
  producer: z.literal('flink').optional().describe('flink: letters without a sign of their own come from a Flink job'),
  component: z.string().min(1).optional().describe('the job or service that writes them'),
  origin: z.string().min(1).optional().describe('the topic that it reads'),
  avro: z
    .array(z.json())
    .min(1)
    .max(20)
    .refine((schemas) => schemas.every(isAvroSchema), 'not all of them are schemas of Avro')
    .optional()
    .describe('schemas of Avro that the envelope may have, as text or not; without them, it is JSON'),
  fields: z
    .partialRecord(z.enum(placeNames), place)
    .default({})
    .describe('where an envelope, or headers, tell of the failure'),
  key: enclosed.optional().describe('where the envelope has the original key'),
  value: enclosed.optional().describe('where the envelope has the original value'),
});

/** A declared source as read. */
export type DeclaredSource = z.output<typeof sourceSchema>;
type Place = z.output<typeof place>;

/** What a declaration tells of a record. */
export interface DeclaredReading {
  readonly hop: Hop;
  readonly key?: Uint8Array | null;
  readonly value?: Uint8Array | null;
  /** False when a payload was written anew as JSON. */
  readonly isExact: boolean;
}

/** Reads an envelope by its declaration; undefined when nothing of what was declared is there. */
export function readEnvelope(source: DeclaredSource, record: KafkaRecord): DeclaredReading | undefined {
  const isInValue = Object.values(source.fields).some((one) => 'pointer' in one) || source.value !== undefined;
  const body = isInValue ? readBody(source, record) : undefined;
  return readEnvelopeObject(source, body, record.headers);
}

function readBody({ avro }: DeclaredSource, record: KafkaRecord): unknown {
  if (avro !== undefined) return decodeAvroEnvelope(avro, record);
  return record.value === null ? undefined : parseJson(record.value);
}

function isAvroSchema(schema: unknown): boolean {
  try {
    parseAvroSchema(schemaText(schema));
    return true;
  } catch {
    return false;
  }
}

/** The same for a body that was already decoded. */
function readEnvelopeObject(
  source: DeclaredSource,
  body: unknown,
  headers: readonly KafkaHeader[],
): DeclaredReading | undefined {
  const hop = draftHop('envelope', 'failure');
  let isFound = false;
  for (const [name, one] of Object.entries(source.fields) as [PlaceName, Place][]) {
    const value = 'pointer' in one ? resolvePointer(body, one.pointer) : readHeader(headers, one.header, one.as);
    if (value === undefined) continue;
    isFound = true;
    if (value !== null && !puts[name](hop, value)) hop.undecoded.push(name);
  }
  const key = source.key && openEnclosed(source.key, body);
  const value = source.value && openEnclosed(source.value, body);
  if (!isFound && key === undefined && value === undefined) return undefined;
  addDeclared(source, hop);
  const isExact = [source.key, source.value].every((one) => one?.encoding !== 'json');
  return { hop, isExact, ...(key === undefined ? {} : { key }), ...(value === undefined ? {} : { value }) };
}

/** The hop of a Flink job's letter, which says nothing itself; undefined when no job was declared. */
export function declaredHop(source: DeclaredSource): Hop | undefined {
  if (source.producer === undefined) return undefined;
  const hop = draftHop(source.producer, 'failure');
  addDeclared(source, hop);
  return hop;
}

function addDeclared({ component, origin }: DeclaredSource, hop: HopDraft): void {
  if (hop.component === undefined && component !== undefined) hop.component = component;
  if (hop.origin.topic === undefined && origin !== undefined) hop.origin.topic = origin;
}

function readHeader(headers: readonly KafkaHeader[], name: string, as: 'text' | 'int32' | 'int64'): unknown {
  const wanted = Buffer.from(name);
  const value = headers.findLast(([bytes]) => wanted.equals(bytes))?.[1];
  if (value === undefined || value === null) return value;
  // What is not of the declared width is handed on as a thing that no field takes.
  if (as === 'text') return readProse(value);
  return (as === 'int32' ? readInt32(value) : readInt64(value)) ?? Symbol(as);
}

function openEnclosed({ pointer: at, encoding }: z.output<typeof enclosed>, body: unknown): Buffer | null | undefined {
  const value = resolvePointer(body, at);
  if (value === undefined || value === null) return value;
  if (encoding === 'json') return Buffer.from(JSON.stringify(value, writeBigInt));
  if (value instanceof Uint8Array) return asBuffer(value);
  if (typeof value !== 'string') return undefined;
  return Buffer.from(value, encoding === 'base64' ? 'base64' : 'utf8');
}

function writeBigInt(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? (JSON as unknown as RawJson).rawJSON(String(value)) : value;
}

/** Part of the JSON source text proposal that Node 24 has. */
interface RawJson {
  readonly rawJSON: (text: string) => unknown;
}

/** Takes a value into a hop; false when it is of the wrong kind. */
type Put = (hop: HopDraft, value: unknown) => boolean;

function put<Value>(read: (value: unknown) => Value | undefined, take: (hop: HopDraft, value: Value) => void): Put {
  return (hop, value) => {
    const converted = read(value);
    if (converted === undefined) return false;
    take(hop, converted);
    return true;
  };
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
}

function toLong(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? value : undefined;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' ? readDecimal(Buffer.from(value)) : undefined;
}

function toCount(value: unknown): number | undefined {
  const long = toLong(value);
  return long === undefined || long < 0n || long > 0x7fffffffn ? undefined : Number(long);
}

function toInstant(value: unknown): bigint | undefined {
  return toLong(value) ?? (typeof value === 'string' ? parseInstant(value) : undefined);
}

const puts: Record<PlaceName, Put> = {
  topic: put(toText, (hop, value) => void (hop.origin.topic = value)),
  partition: put(toCount, (hop, value) => void (hop.origin.partition = value)),
  offset: put(toLong, (hop, value) => void (hop.origin.offset = value)),
  timestamp: put(toInstant, (hop, value) => void (hop.origin.timestamp = value)),
  stage: put(toText, (hop, value) => void (hop.stage = value)),
  component: put(toText, (hop, value) => void (hop.component = value)),
  task: put(toText, (hop, value) => void (hop.task = value)),
  group: put(toText, (hop, value) => void (hop.group = value)),
  errorClass: put(toText, (hop, value) => void (hop.error.class = value)),
  rootClass: put(toText, (hop, value) => void (hop.error.rootClass = value)),
  message: put(toText, (hop, value) => void (hop.error.message = value)),
  stack: put(toText, (hop, value) => void (hop.error.stack = value)),
  code: put(toText, (hop, value) => void (hop.error.code = value)),
  attempts: put(toCount, (hop, value) => void (hop.attempts = value)),
  failedAt: put(toInstant, (hop, value) => void (hop.failedAt = value)),
};
