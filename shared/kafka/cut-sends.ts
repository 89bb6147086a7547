import type { KafkaRecord } from './record.ts';

/** A record to write: where, when, and its bytes. A record that was read can be written as it is. */
export type NewRecord = Pick<KafkaRecord, 'topic' | 'partition' | 'timestamp' | 'key' | 'value' | 'headers'>;

/** What one request may hold. */
export interface SendLimits {
  /** Bytes of its records; a longer record goes alone. */
  readonly maxBytes: number;
  readonly maxRecords: number;
}

/** The client writes times wrong that differ from the first one of their batch by more than 32 bits can hold. */
const farMs = 2n ** 31n;
/** Most bytes that lengths, deltas and the count of headers take. */
const recordOverhead = 40;
const headerOverhead = 10;

/**
 * Cuts records, in their order, into requests in which the client makes one batch for each partition: none longer than the limit,
 * none with times of one partition that are 2^31 ms (24.8 days) or more from the first.
 */
export function cutSends<Of extends NewRecord>(records: readonly Of[], { maxBytes, maxRecords }: SendLimits): Of[][] {
  const sends: Of[][] = [];
  let send: Of[] = [];
  let bytes = 0;
  const firstTimes = new Map<string, bigint>();
  for (const record of records) {
    const place = `${record.partition} ${record.topic}`;
    const size = sizeOf(record);
    const first = firstTimes.get(place) ?? record.timestamp;
    const isFar = record.timestamp - first >= farMs || first - record.timestamp >= farMs;
    if (send.length > 0 && (isFar || bytes + size > maxBytes || send.length >= maxRecords)) {
      sends.push(send);
      send = [];
      bytes = 0;
      firstTimes.clear();
    }
    if (!firstTimes.has(place)) firstTimes.set(place, record.timestamp);
    send.push(record);
    bytes += size;
  }
  return send.length > 0 ? [...sends, send] : sends;
}

function sizeOf({ key, value, headers }: NewRecord): number {
  let size = recordOverhead + (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, content] of headers) size += headerOverhead + name.length + (content?.length ?? 0);
  return size;
}
