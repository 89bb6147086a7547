import type { NewRecord } from './cut-sends.ts';

/** A record as the client takes it; its types deny what is null, which it writes all the same. */
export function messageOf({ topic, partition, timestamp, key, value, headers }: NewRecord) {
  return {
    topic,
    partition,
    timestamp,
    key: key === null ? nothing : viewOf(key),
    value: value === null ? nothing : viewOf(value),
    // By the identity of the names, so each has an object of its own, also where the same object was given twice.
    headers: new Map(headers.map(([name, content]) => [viewOf(name), content === null ? nothing : viewOf(content)])),
  };
}

const nothing = null as unknown as Buffer;

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
