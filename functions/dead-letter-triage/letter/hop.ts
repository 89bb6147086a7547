/** Producers of dead letters that are told apart. `flink` is only ever declared: its letters carry no sign of their own. */
export const familyNames = [
  'connect',
  'streams',
  'share-group',
  'spring',
  'spring-cloud-stream',
  'smallrye',
  'ksqldb',
  'knative',
  'watermill',
  'eventferry',
  'karafka',
  'masstransit',
  'pubsub',
  'service-bus',
  'envelope',
  'flink',
  'lakewarden',
] as const;

/** The name of a family of producers. */
export type FamilyName = (typeof familyNames)[number];

/** What a hop tells of: something failed, waits to be tried again, or was replayed by us. */
export type HopKind = 'failure' | 'retry' | 'replay';

/** Where a record stood before. What the producer did not tell, or told illegibly, is absent. */
export interface Origin {
  readonly topic?: string;
  /** True when `topic` has the form of a topic's id: brokers write that where they cannot resolve the name. */
  readonly maybeId?: boolean;
  readonly partition?: number;
  readonly offset?: bigint;
  /** Milliseconds since the epoch. */
  readonly timestamp?: bigint;
  readonly timestampType?: string;
}

/** What the producer told of the failure. */
export interface HopError {
  /** Class of the outer exception, as its language names it. */
  readonly class?: string;
  readonly rootClass?: string;
  /** Null when the producer said that there is none; absent when it said nothing. */
  readonly message?: string | null;
  readonly rootMessage?: string;
  readonly stack?: string;
  /** A status or error number, such as that of an HTTP answer. */
  readonly code?: string;
}

/** One stay of a record with a producer that could not process it. */
export interface Hop {
  readonly family: FamilyName;
  readonly kind: HopKind;
  /** The step that failed, in the family's own words. */
  readonly stage?: string;
  /** The connector, handler, logger or service that failed. */
  readonly component?: string;
  readonly task?: string;
  /** The consumer group. */
  readonly group?: string;
  readonly origin: Origin;
  readonly error: HopError;
  readonly attempts?: number;
  /** Milliseconds since the epoch. */
  readonly failedAt?: bigint;
  /** What else the family tells, by names of ours. */
  readonly extras: Readonly<Record<string, string>>;
  /** Headers or fields of the family that were there and could not be read. */
  readonly undecoded: readonly string[];
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** A hop while it is read. */
export interface HopDraft extends Mutable<Omit<Hop, 'origin' | 'error' | 'extras' | 'undecoded'>> {
  readonly origin: Mutable<Origin>;
  readonly error: Mutable<HopError>;
  readonly extras: Record<string, string>;
  readonly undecoded: string[];
}

/** A hop of which nothing is known yet. */
export function draftHop(family: FamilyName, kind: HopKind): HopDraft {
  return { family, kind, origin: {}, error: {}, extras: {}, undecoded: [] };
}
