import { hash } from 'node:crypto';
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

/** What makes a delivery this one: an event, who refused it, and when a Broker took it. */
const identity = ['id', 'source', 'knativeerrordest', 'knativearrivaltime'] as const;

/** A short name of a delivery of an event: the same when it is repeated. */
export function nameDelivery({ id, source, extensions }: CloudEventIn): string {
  const { knativeerrordest, knativearrivaltime } = extensions;
  const texts = [id, source, knativeerrordest, knativearrivaltime];
  return nameOf(texts.map((text) => (text === undefined ? undefined : Buffer.from(text))));
}

/** The name of the delivery that became a record. */
export function readDelivery({ headers }: Pick<KafkaRecord, 'headers'>): string {
  const values = identity.map((name) => {
    const wanted = Buffer.from(`ce_${name}`);
    return headers.find(([own]) => wanted.equals(own))?.[1] ?? undefined;
  });
  return nameOf(values);
}

/** By bytes: text that is no UTF-16 becomes other text on the way. */
function nameOf(parts: readonly (Uint8Array | undefined)[]): string {
  const text = parts.map((part) => (part === undefined ? '-' : Buffer.from(part).toString('base64'))).join(' ');
  return hash('sha256', text, 'base64url').slice(0, 22);
}
