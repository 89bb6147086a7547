import type { FetchResponse } from './fetch-response.ts';
import type { BatchCodec } from './record-batch.ts';

/** The first request that tells aborted transactions, of Kafka 0.11. */
export const firstFetchVersion = 4;
/** The last request that names topics by their names; newer ones do by ids, which a topic made anew does not share. */
export const lastNamingVersion = 12;
/** The newest request that was tried here. */
export const lastFetchVersion = 17;

/** Any connection of the client. */
export type Connection = object;

/** The client's request for reading logs, with an answer that is read by us. */
export interface FetchApi {
  readonly version: number;
  readonly async: (
    connection: Connection,
    maxWaitMs: number,
    minBytes: number,
    maxBytes: number,
    isolationLevel: 0 | 1,
    sessionId: number,
    sessionEpoch: number,
    topics: readonly { readonly topicId: string; readonly partitions: readonly FetchPosition[] }[],
    forgotten: readonly never[],
    rackId: string,
  ) => Promise<FetchResponse>;
  readonly codec: BatchCodec;
}

/** Where to read. */
interface FetchPosition {
  readonly partition: number;
  readonly currentLeaderEpoch: number;
  readonly fetchOffset: bigint;
  readonly lastFetchedEpoch: number;
  readonly partitionMaxBytes: number;
}
