import { member, textOf } from './json-value.ts';
import type { Place } from './replay-headers.ts';

/** More than a feed sends at once, so that an event cannot make us work for ever. */
const mostPlaces = 100_000;

/** What a batch of OpenWhisk's Kafka feed says: where to look, and how many of its messages said it illegibly. */
export interface FeedBatch {
  readonly places: readonly Place[];
  readonly illegible: number;
}

/**
 * The places that a batch of OpenWhisk's Kafka feed names; undefined when it is no batch. Keys and values of the batch are left
 * alone: the feed has no headers and damages what is not UTF-8, so that the records are read from Kafka.
 */
export function readFeedBatch(data: unknown): FeedBatch | undefined {
  const messages = member(data, 'messages');
  if (!Array.isArray(messages)) return undefined;
  const places: Place[] = [];
  let illegible = 0;
  for (const message of messages.slice(0, mostPlaces) as unknown[]) {
    const topic = textOf(member(message, 'topic'));
    const partition = toCount(member(message, 'partition'));
    const offset = toCount(member(message, 'offset'));
    if (topic === undefined || !/^[\w.-]{1,249}$/.test(topic) || partition === undefined || offset === undefined)
      illegible += 1;
    else places.push({ topic, partition: Number(partition), offset });
  }
  return { places, illegible: illegible + Math.max(0, messages.length - mostPlaces) };
}

/** Text is taken, too: some gateways write long numbers so. */
function toCount(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;
  return typeof value === 'string' && /^\d{1,18}$/.test(value) ? BigInt(value) : undefined;
}
