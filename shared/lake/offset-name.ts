/** Kafka offsets of one partition of a topic, from the first to the last, both included. */
export interface OffsetSpan {
  /** The Kafka topic. */
  readonly topic: string;
  /** Number of the Kafka partition. */
  readonly partition: number;
  readonly first: bigint;
  readonly last: bigint;
}

const largestPartition = 2 ** 31 - 1;
const largestOffset = 2n ** 63n - 1n;

/**
 * The offsets that a file's name tells, `topic+partition+start+end.parquet` (or `.snappy.parquet`), as Confluent's sinks for
 * HDFS write it (`FileUtils.committedFileName`, with zeros in front); undefined for any other name. What stands before the
 * last three numbers is the topic, whatever is in it.
 */
export function parseOffsetName(name: string): OffsetSpan | undefined {
  const [, topic, ...numbers] = /^(.+)\+(\d{1,20})\+(\d{1,20})\+(\d{1,20})(?:\..*)?$/su.exec(name) ?? [];
  if (topic === undefined) return undefined;
  const [partition = 0n, first = 0n, last = 0n] = numbers.map(BigInt);
  if (partition > largestPartition || last > largestOffset || first > last) return undefined;
  return { topic, partition: Number(partition), first, last };
}
