import { isUtf8 } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import type { KafkaRecord } from '#shared/kafka/record.ts';
import { entryFindings, type QuarantineEntry } from './entry.ts';

/** Bytes in JSON: as text where that is lossless, else base64. Null stays null. */
type StoredBytes = { readonly text: string } | { readonly base64: string } | null;

interface StoredRecord {
  readonly topic: string;
  readonly kafka_partition: number;
  readonly kafka_offset: string;
  readonly kafka_timestamp: string;
  readonly timestamp_type: KafkaRecord['timestampType'];
  readonly key: StoredBytes;
  readonly value: StoredBytes;
  readonly headers: readonly { readonly name: StoredBytes; readonly value: StoredBytes }[];
}

/** Letters as compressed lines of JSON; the same letters give the same bytes. */
export function encodeJsonLines(entries: readonly QuarantineEntry[]): Uint8Array {
  return gzipSync(entries.map((entry) => `${encodeLine(entry)}\n`).join(''));
}

/** One letter as a line of JSON. Numbers that JSON's readers do not keep are texts. */
export function encodeLine(entry: QuarantineEntry): string {
  const { record } = entry;
  const stored: StoredRecord = {
    topic: record.topic,
    kafka_partition: record.partition,
    kafka_offset: String(record.offset),
    kafka_timestamp: String(record.timestamp),
    timestamp_type: record.timestampType,
    key: storeBytes(record.key),
    value: storeBytes(record.value),
    headers: record.headers.map(([name, value]) => ({ name: storeBytes(name), value: storeBytes(value) })),
  };
  const { origin_offset: origin, ...findings } = entryFindings(entry);
  return JSON.stringify({ ...stored, ...findings, origin_offset: origin === null ? null : String(origin) });
}

/** The record of a line, byte for byte. @throws SyntaxError for a line that is none */
export function decodeLine(line: string): KafkaRecord {
  const stored = JSON.parse(line) as StoredRecord;
  return {
    topic: stored.topic,
    partition: stored.kafka_partition,
    offset: BigInt(stored.kafka_offset),
    timestamp: BigInt(stored.kafka_timestamp),
    timestampType: stored.timestamp_type,
    key: readBytes(stored.key),
    value: readBytes(stored.value),
    headers: stored.headers.map(({ name, value }) => [readBytes(name) ?? new Uint8Array(0), readBytes(value)]),
  };
}

function storeBytes(bytes: Uint8Array | null): StoredBytes {
  if (bytes === null) return null;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(bytes) ? { text: buffer.toString() } : { base64: buffer.toString('base64') };
}

function readBytes(stored: StoredBytes): Uint8Array | null {
  if (stored === null) return null;
  return 'text' in stored ? Buffer.from(stored.text) : Buffer.from(stored.base64, 'base64');
}
