import type { KafkaHeader } from '#shared/kafka/record.ts';
import { type MessageName, readMessageIndexes } from './message-name.ts';

/** How a schema is named beside or before a payload. */
export type SchemaReference =
  /** Confluent's: a number of four bytes. */
  | { readonly by: 'id'; readonly id: number }
  /** Confluent's newer one. */
  | { readonly by: 'guid'; readonly guid: string }
  /** Apicurio's numbers of eight bytes. */
  | { readonly by: 'global-id' | 'content-id'; readonly id: bigint };

/** A way in which a key or a value may be read. Bytes that begin with 0 prove nothing: the registry decides. */
export interface WireReading {
  readonly layout: 'confluent-prefix' | 'confluent-header' | 'apicurio-prefix' | 'apicurio-header';
  readonly schema: SchemaReference;
  /** Where the payload begins, or what names a Protobuf message before it. */
  readonly payloadAt: number;
  /** Which message of a Protobuf schema it is, where a header tells. */
  readonly message?: MessageName;
}

/** Which of the two parts of a record. */
export type RecordPart = 'key' | 'value';

/**
 * The ways in which a part of a record may name its schema, the likelier ones first. Headers are proof, a prefix is none.
 * Confluent: magic 0 and a 4-byte number, big-endian, before the payload, or a header `__value_schema_id` with magic 1 and 16
 * bytes of a GUID. Apicurio: a header `apicurio.value.globalId` of 8 bytes, or magic 0 and 8 bytes before the payload.
 */
export function readWireFormats(
  part: RecordPart,
  bytes: Uint8Array | null,
  headers: readonly KafkaHeader[],
): WireReading[] {
  const named = headerReadings(part, headers);
  if (bytes === null || bytes[0] !== 0 || named.length > 0) return named;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const readings: WireReading[] = [];
  if (bytes.length >= 5)
    readings.push({ layout: 'confluent-prefix', schema: { by: 'id', id: buffer.readUInt32BE(1) }, payloadAt: 5 });
  if (bytes.length >= 9) {
    const id = buffer.readBigInt64BE(1);
    if (id >= 0n) readings.push({ layout: 'apicurio-prefix', schema: { by: 'global-id', id }, payloadAt: 9 });
  }
  return readings;
}

/** The last header of a name counts, as for those who read it. */
function headerReadings(part: RecordPart, headers: readonly KafkaHeader[]): WireReading[] {
  const readings: WireReading[] = [];
  const confluent = confluentReading(lastHeader(headers, `__${part}_schema_id`));
  if (confluent !== undefined) readings.push(confluent);
  const name = lastHeader(headers, `apicurio.protobuf.type${part === 'key' ? '.key' : ''}`);
  for (const [by, header] of [
    ['global-id', 'globalId'],
    ['content-id', 'contentId'],
  ] as const) {
    const value = lastHeader(headers, `apicurio.${part}.${header}`);
    if (value?.length === 8)
      readings.push({
        layout: 'apicurio-header',
        schema: { by, id: value.readBigInt64BE(0) },
        payloadAt: 0,
        ...(name !== undefined && { message: name.toString() }),
      });
  }
  return readings;
}

/** Magic 1 and a GUID, or magic 0 and a number; of Protobuf, the message's indexes follow. */
function confluentReading(value: Buffer | undefined): WireReading | undefined {
  const length = value?.[0] === 1 ? 17 : 5;
  if (value === undefined || value.length < length || (value[0] !== 0 && value[0] !== 1)) return undefined;
  const rest = value.subarray(length);
  const named = rest.length === 0 ? undefined : readMessageIndexes(rest);
  if (rest.length > 0 && named?.end !== rest.length) return undefined;
  const guid = value.toString('hex', 1, length).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return {
    layout: 'confluent-header',
    schema: length === 17 ? { by: 'guid', guid } : { by: 'id', id: value.readUInt32BE(1) },
    payloadAt: 0,
    ...(named !== undefined && { message: named.indexes }),
  };
}

function lastHeader(headers: readonly KafkaHeader[], name: string): Buffer | undefined {
  const wanted = Buffer.from(name);
  const value = headers.findLast(([bytes]) => wanted.equals(bytes))?.[1];
  return value == null ? undefined : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
