import { createHash } from 'node:crypto';
import type { KafkaHeader } from '#shared/kafka/record.ts';

/** Names what is written to a topic by its key and value: 32 hexadecimal digits. Null and empty are different. */
export function hashContent(topic: string, key: Uint8Array | null, value: Uint8Array | null): string {
  const digest = createHash('sha256').update(`${topic} ${key?.length ?? 'null'} ${value?.length ?? 'null'} `);
  if (key !== null) digest.update(key);
  if (value !== null) digest.update(value);
  return digest.digest('hex').slice(0, 32);
}

/** The same of headers, in their order. */
export function hashHeaders(headers: readonly KafkaHeader[]): string {
  const digest = createHash('sha256');
  for (const [name, value] of headers) {
    digest.update(`${name.length} ${value?.length ?? 'null'} `).update(name);
    if (value !== null) digest.update(value);
  }
  return digest.digest('hex').slice(0, 32);
}
