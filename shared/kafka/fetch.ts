import { isError, LakewardenError } from '../errors/error.ts';
import { lastNamingVersion } from './fetch-api.ts';
import type { CallLimits, KafkaLink } from './kafka-link.ts';
import { type LogBatch, readBatches } from './record-batch.ts';
import { lastOffset, type AbortedTransaction } from './visible-record.ts';

/** A place in a log. */
export interface LogPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** What a broker sends of a log from a position on. */
export interface LogPiece {
  readonly topicId: string;
  /** The first one may begin before the position. */
  readonly batches: readonly LogBatch[];
  readonly aborted: readonly AbortedTransaction[];
  /** What lies below is decided: committed or aborted. */
  readonly stable: bigint;
  /** The offset after all batches, whether or not a record is left there; undefined when none was sent. */
  readonly next: bigint | undefined;
}

/** How to fetch. */
export interface FetchOptions extends CallLimits {
  /** Bytes wanted; a broker sends a longer batch whole. */
  readonly maxBytes: number;
  /** Ask anew who leads the partition. */
  readonly fresh?: boolean;
}

/**
 * Reads a piece of a partition's log up to what is decided, once, over no fetch session (a broker leaves partitions out of later
 * answers of one), and past the client's own filter, which lets aborted records through and throws at emptied markers.
 * Undefined when the broker sent nothing to slow us down.
 * @throws kafka.out_of_range, kafka.damaged for batches that are not what was written, and what `KafkaLink` throws
 */
export async function fetchLog(
  link: KafkaLink,
  { topic, partition, offset }: LogPosition,
  options: FetchOptions,
): Promise<LogPiece | undefined> {
  const { topicId, node } = await link.leader(topic, partition, options);
  const [connection, fetch] = await Promise.all([link.connection(node, options), link.fetchApi(options)]);
  const { maxBytes } = options;
  const unknownEpoch = { currentLeaderEpoch: -1, lastFetchedEpoch: -1 };
  const wanted = { partition, fetchOffset: offset, partitionMaxBytes: maxBytes, ...unknownEpoch };
  const topics = [{ topicId: fetch.version > lastNamingVersion ? topicId : topic, partitions: [wanted] }];
  const ask = () => fetch.async(connection, 0, 0, maxBytes, committed, 0, noSession, topics, [], '');
  const { partitions } = await link.call(ask, 'reading the log', options);
  const answer = partitions.find((each) => each.partition === partition);
  if (answer === undefined) return undefined;
  const { aborted, stable, records } = answer;
  const batches = records === null ? [] : whole(`${topic}-${partition}`, () => readBatches(records, fetch.codec));
  const next = batches.length === 0 ? undefined : batches.map(lastOffset).reduce((a, b) => (a > b ? a : b)) + 1n;
  return { topicId, batches, aborted, stable, next };
}

/** What is wrong with a batch is told with the place of its log. */
function whole<Result>(log: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!isError(error)) throw error;
    throw new LakewardenError(error.code, `Kafka: ${log}: ${error.message}`, { cause: error.cause });
  }
}

/** Isolation level of the protocol: nothing behind the last decided offset. */
const committed = 1;
/** Epoch of a request that opens no session. */
const noSession = -1;
