import { LakewardenError } from '../errors/error.ts';
import type { NewRecord } from './cut-sends.ts';

/** Where a broker put the first of some records. */
export interface Placed {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** The offsets of records out of an answer, which must name exactly their partitions. @throws kafka.protocol */
export function offsetsOf(records: readonly NewRecord[], placed: readonly Placed[]): bigint[] {
  const name = ({ topic, partition }: Omit<Placed, 'offset'>): string => `${topic}-${partition}`;
  const next = new Map(placed.map((place) => [name(place), place.offset]));
  const asked = new Set(records.map(name));
  if (placed.length !== asked.size || next.size !== asked.size || [...asked].some((each) => !next.has(each)))
    throw new LakewardenError('kafka.protocol', `Kafka: records for ${[...asked].join()} went elsewhere`);
  return records.map((record) => {
    const offset = next.get(name(record)) as bigint;
    next.set(name(record), offset + 1n);
    return offset;
  });
}
