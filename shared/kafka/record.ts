/** A header as it stands in a record: a name that need not be UTF-8, and a value that may be null. */
export type KafkaHeader = readonly [name: Uint8Array, value: Uint8Array | null];

/** A record byte for byte as it stands in a log (Kafka protocol guide, record format 2). */
export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Milliseconds since the epoch; the producer's, or the broker's where the topic wants that. */
  readonly timestamp: bigint;
  /** Who gave the timestamp: `create` the producer, `append` the broker. */
  readonly timestampType: 'create' | 'append';
  /** Null and empty are different. */
  readonly key: Uint8Array | null;
  /** Null, a tombstone where the topic is compacted, and empty are different. */
  readonly value: Uint8Array | null;
  /** In their order; names may be there twice. */
  readonly headers: readonly KafkaHeader[];
}
