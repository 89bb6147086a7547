import type { KafkaHeader } from '#shared/kafka/record.ts';

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
  /** Where the payload begins. */
  readonly payloadAt: number;
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
  const confluent = lastHeader(headers, `__${part}_schema_id`);
  if (confluent?.[0] === 1 && confluent.length === 17) {
    const hex = confluent.subarray(1).toString('hex');
    const guid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    readings.push({ layout: 'confluent-header', schema: { by: 'guid', guid }, payloadAt: 0 });
  }
  if (confluent?.[0] === 0 && confluent.length === 5)
    readings.push({
      layout: 'confluent-header',
      schema: { by: 'id', id: confluent.readUInt32BE(1) },
      payloadAt: 0,
    });
  for (const [by, name] of [
    ['global-id', 'globalId'],
    ['content-id', 'contentId'],
  ] as const) {
    const value = lastHeader(headers, `apicurio.${part}.${name}`);
    if (value?.length === 8)
      readings.push({ layout: 'apicurio-header', schema: { by, id: value.readBigInt64BE(0) }, payloadAt: 0 });
  }
  return readings;
}

function lastHeader(headers: readonly KafkaHeader[], name: string): Buffer | undefined {
  const wanted = Buffer.from(name);
  const value = headers.findLast(([bytes]) => wanted.equals(bytes))?.[1];
  return value == null ? undefined : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** The message indexes that stand before a Protobuf payload in Confluent's format: zigzag numbers, `0` alone for the first. */
export function readMessageIndexes(
  bytes: Uint8Array,
): { readonly indexes: readonly number[]; readonly end: number } | undefined {
  let at = 0;
  const next = (): number | undefined => {
    let [value, shift] = [0, 0];
    for (; shift < 35; shift += 7) {
      const byte = bytes[at];
      if (byte === undefined) return undefined;
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    return undefined;
  };
  const count = next();
  if (count === undefined || count < 0 || count > bytes.length) return undefined;
  if (count === 0) return { indexes: [0], end: at };
  const indexes: number[] = [];
  for (let read = 0; read < count; read += 1) {
    const index = next();
    if (index === undefined || index < 0) return undefined;
    indexes.push(index);
  }
  return { indexes, end: at };
}
