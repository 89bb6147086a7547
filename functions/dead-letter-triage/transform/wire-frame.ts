import type { KafkaHeader } from '#shared/kafka/record.ts';
import type { RegisteredSchema } from '../diagnose/registered-schema.ts';
import { asBuffer } from '../letter/bytes.ts';
import type { Payload } from './payload-codec.ts';
import { Refusal } from './refusal.ts';

/** The ways in which a value can name its schema. */
export const wireFormats = ['confluent', 'confluent-header', 'apicurio', 'apicurio-header'] as const;

/** A way in which a value names its schema. */
export type WireFormat = (typeof wireFormats)[number];

/** A value with what names its schema: bytes before the payload, or headers behind all others. */
export interface Framed {
  readonly value: Buffer;
  readonly headers: readonly KafkaHeader[];
}

const schemaHeaders = /^(?:__value_schema_id|apicurio\.value\..*|apicurio\.protobuf\.type)$/s;

/** Headers without those that name the schema of the value, or tell how it is written. */
export function dropSchemaHeaders(headers: readonly KafkaHeader[]): readonly KafkaHeader[] {
  return headers.filter(([name]) => !schemaHeaders.test(asBuffer(name).toString('latin1')));
}

/**
 * Puts the schema's number to a payload. Confluent: magic 0 and four bytes (Protobuf: and the indexes of the message) before it or
 * in a header, there with magic 1 and the GUID when the registry tells it. Apicurio: magic 0 and eight bytes (Protobuf: and the
 * message `Ref`) before it, or headers. @throws Refusal when the registry has no such number
 */
export function framePayload({ bytes, message }: Payload, schema: RegisteredSchema, format: WireFormat): Framed {
  const header = (name: string, value: Buffer): KafkaHeader => [Buffer.from(name), value];
  if (format === 'confluent')
    return { value: Buffer.concat([numberOf(schema), indexesOf(message), bytes]), headers: [] };
  if (format === 'confluent-header') {
    const { guid } = schema;
    const number = guid === undefined ? numberOf(schema) : Buffer.from(`01${guid.replaceAll('-', '')}`, 'hex');
    return { value: bytes, headers: [header('__value_schema_id', Buffer.concat([number, indexesOf(message)]))] };
  }
  if (schema.globalId === undefined) throw new Refusal('the registry has no number of Apicurio for the schema');
  const id = Buffer.alloc(8);
  id.writeBigInt64BE(schema.globalId);
  if (format === 'apicurio') return { value: Buffer.concat([Buffer.of(0), id, refOf(message), bytes]), headers: [] };
  const named = message === undefined ? [] : [header('apicurio.protobuf.type', Buffer.from(message.name))];
  return { value: bytes, headers: [header('apicurio.value.globalId', id), ...named] };
}

function numberOf({ id }: RegisteredSchema): Buffer {
  if (id > 0xffff_ffffn) throw new Refusal('the number of the schema is too large');
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32BE(Number(id), 1);
  return bytes;
}

/** Zigzag numbers: how many, and each; 0 alone for the first message. */
function indexesOf(message: Payload['message']): Buffer {
  if (message === undefined) return Buffer.alloc(0);
  const { indexes } = message;
  const numbers = indexes.length === 1 && indexes[0] === 0 ? [0] : [indexes.length, ...indexes];
  return Buffer.from(numbers.flatMap((number) => varint(number * 2)));
}

/** Apicurio's message `Ref`, delimited by its length, with the message's name in field 1. */
function refOf(message: Payload['message']): Buffer {
  if (message === undefined) return Buffer.alloc(0);
  const name = Buffer.from(message.name);
  const ref = [0x0a, ...varint(name.length), ...name];
  return Buffer.from([...varint(ref.length), ...ref]);
}

function varint(number: number): number[] {
  return number < 0x80 ? [number] : [(number & 0x7f) | 0x80, ...varint(number >>> 7)];
}
