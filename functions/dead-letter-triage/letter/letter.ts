import type { KafkaRecord } from '#shared/kafka/record.ts';
import type { Hop, Origin } from './hop.ts';

/** Where the bytes are that could not be processed. */
export type Payload =
  /** They are the record's own key and value. */
  | { readonly kind: 'record' }
  /** An envelope in the record's value has them; `isExact` is false when they are not the original bytes. */
  | {
      readonly kind: 'enclosed';
      /** Absent when the envelope has no key. */
      readonly key?: Uint8Array | null;
      readonly value?: Uint8Array | null;
      readonly isExact: boolean;
    }
  /** The letter is a pointer: they are still where they were, unless it is known that they are not. */
  | { readonly kind: 'elsewhere'; readonly origin: Origin; readonly missing?: WhyMissing };

/** Why the record to which a pointer leads is not there, in words that follow "its record". */
export const missingReasons = {
  untold: 'is at a place that it does not tell',
  topic: 'was in a topic that is not there any more',
  expired: 'was deleted by retention',
  removed: 'was removed by compaction, or never committed',
  ahead: 'is not there yet: the topic was made anew',
  forbidden: 'may not be read by us',
  damaged: 'is in a batch that is damaged',
} as const;

/** Why the record to which a pointer leads is not there. */
export type WhyMissing = keyof typeof missingReasons;

/** A dead letter in the form that everything here works with. */
export interface Letter {
  readonly record: KafkaRecord;
  /** Oldest first; empty when the record tells nothing of itself. */
  readonly hops: readonly Hop[];
  /** Hops that were left out between the first and the others, since there were too many. */
  readonly hopsLeftOut: number;
  readonly payload: Payload;
}

/** The newest failure that a letter tells of. */
export function lastFailure({ hops }: Letter): Hop | undefined {
  return hops.findLast(({ kind }) => kind !== 'replay');
}

/** Where the record first failed, so far as its hops tell. */
export function firstOrigin({ hops }: Letter): Origin | undefined {
  return hops.find(({ kind, origin }) => kind !== 'replay' && origin.topic !== undefined)?.origin;
}

/** Bytes that could not be processed; undefined is unknown, null is a null. */
export interface PayloadBytes {
  readonly key: Uint8Array | null | undefined;
  readonly value: Uint8Array | null | undefined;
}

/** The bytes that could not be processed, so far as the letter has them. */
export function payloadBytes({ record, payload }: Letter): PayloadBytes {
  if (payload.kind === 'elsewhere') return { key: undefined, value: undefined };
  if (payload.kind === 'record') return { key: record.key, value: record.value };
  return { key: payload.key, value: payload.value };
}
