/** Headers that a replay adds to a record; all values are text. */
export const replayHeaders = {
  /** How often the record was replayed, this time included. */
  count: 'lake-replay-count',
  /** The plan that replayed it. */
  id: 'lake-replay-id',
  /** The dead letter that it was, as {@link formatPlace} writes it. */
  origin: 'lake-replay-origin',
  /** The timestamp that it had, in milliseconds, where it could not be kept. */
  timestamp: 'lake-replay-timestamp',
} as const;

/** Where a record stands in Kafka. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** Writes a place as `topic/partition/offset`; names of topics hold no slash. */
export function formatPlace({ topic, partition, offset }: Place): string {
  return `${topic}/${partition}/${offset}`;
}

/** Reads what {@link formatPlace} wrote; undefined when it is anything else. */
export function parsePlace(text: string): Place | undefined {
  const [, topic, partition, offset] = /^([\w.-]{1,249})\/(\d{1,9})\/(\d{1,18})$/.exec(text) ?? [];
  if (topic === undefined || partition === undefined || offset === undefined) return undefined;
  return { topic, partition: Number(partition), offset: BigInt(offset) };
}
