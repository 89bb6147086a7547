import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import type { KafkaHeader, KafkaRecord } from '#shared/kafka/record.ts';

/** The parts of a record that an event becomes. */
export type EventRecord = Pick<KafkaRecord, 'key' | 'value' | 'headers'>;

/** Attributes in the order in which they are written. */
const attributes = ['specversion', 'id', 'source', 'type', 'subject', 'time', 'dataschema'] as const;

/**
 * An event as a record, in binary mode of the CloudEvents binding for Kafka (1.0.2, section 3.2): attributes and extensions
 * as `ce_` headers in UTF-8, the type of the data as `content-type`, the data as value; no data is a null value. The key is
 * the extension `partitionkey` (section 3.1). The same event gives the same record.
 */
export function encodeEventRecord(event: CloudEventIn): EventRecord {
  const named = new Map<string, string | undefined>(attributes.map((name) => [name, event[name]]));
  for (const [name, value] of Object.entries(event.extensions).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    named.set(name, value);
  const headers: KafkaHeader[] = [];
  for (const [name, value] of named)
    if (value !== undefined) headers.push([Buffer.from(`ce_${name}`), Buffer.from(value)]);
  const { value, type } = encodeData(event);
  if (type !== undefined) headers.push([Buffer.from('content-type'), Buffer.from(type)]);
  const key = event.extensions['partitionkey'];
  return { key: key === undefined ? null : Buffer.from(key), value, headers };
}

/** Bytes stay as they are; text is UTF-8; what came as JSON within an event in structured mode is JSON again. */
function encodeData({ data, datacontenttype: type }: CloudEventIn): { value: Buffer | null; type: string | undefined } {
  if (data === undefined) return { value: null, type };
  if (data instanceof Uint8Array) return { value: Buffer.from(data), type };
  if (typeof data === 'string' && type !== undefined && /^text\//i.test(type))
    return { value: Buffer.from(data), type };
  return { value: Buffer.from(JSON.stringify(data)), type: type ?? 'application/json' };
}

/** True for a record that holds this very delivery: the same event, refused by the same receiver. */
export function isSameEvent(record: Pick<KafkaRecord, 'headers'>, { id, source, extensions }: CloudEventIn): boolean {
  const text = (name: string): string | undefined => {
    const wanted = Buffer.from(`ce_${name}`);
    const value = record.headers.find(([own]) => wanted.equals(own))?.[1];
    return value == null ? undefined : Buffer.from(value).toString();
  };
  return (
    text('id') === id &&
    text('source') === source &&
    text('knativeerrordest') === extensions['knativeerrordest'] &&
    text('knativearrivaltime') === extensions['knativearrivaltime']
  );
}
