import type { AbortedTransaction } from './visible-record.ts';

/** What is needed of the client's reader of answers. */
export interface AnswerReader {
  readonly readInt16: () => number;
  readonly readInt32: () => number;
  readonly readInt64: () => bigint;
  readonly readUUID: () => string;
  readonly readString: (compact: boolean) => string;
  readonly readNullableBytes: (compact: boolean) => Buffer | null;
  readonly readNullableArray: <Item>(
    read: (reader: AnswerReader) => Item,
    compact: boolean,
    isTagged: boolean,
  ) => Item[] | null;
  readonly readTaggedFields: () => void;
}

/** What a broker answers about a partition, its batches as they are stored. */
export interface FetchedPartition {
  readonly partition: number;
  /** 0 when there is none. */
  readonly errorCode: number;
  readonly stable: bigint;
  readonly aborted: readonly AbortedTransaction[];
  readonly records: Buffer | null;
}

/** What a broker answers to a request for logs. */
export interface FetchResponse {
  readonly errorCode: number;
  readonly partitions: readonly FetchedPartition[];
}

// Versions from which on the answer has more, or has it in another form (Kafka protocol guide, Fetch).
const logStarts = 5;
const sessions = 7;
const replicas = 11;
const compactForm = 12;
const topicIds = 13;

/** Reads an answer of any version from 4 on; the batches are not looked into. */
export function readFetchResponse(version: number, answer: AnswerReader): FetchResponse {
  const isCompact = version >= compactForm;
  answer.readInt32();
  const errorCode = version >= sessions ? answer.readInt16() : 0;
  if (version >= sessions) answer.readInt32();
  const readPartition = (reader: AnswerReader): FetchedPartition => {
    const about = { partition: reader.readInt32(), errorCode: reader.readInt16() };
    // The end of what is replicated, also of what is not decided.
    reader.readInt64();
    const stable = reader.readInt64();
    if (version >= logStarts) reader.readInt64();
    const readAborted = (): AbortedTransaction => ({ producerId: reader.readInt64(), firstOffset: reader.readInt64() });
    const aborted = reader.readNullableArray(readAborted, isCompact, isCompact) ?? [];
    if (version >= replicas) reader.readInt32();
    return { ...about, stable, aborted, records: reader.readNullableBytes(isCompact) };
  };
  const readTopic = (reader: AnswerReader): FetchedPartition[] => {
    if (version >= topicIds) reader.readUUID();
    else reader.readString(isCompact);
    return reader.readNullableArray(readPartition, isCompact, isCompact) ?? [];
  };
  const topics = answer.readNullableArray(readTopic, isCompact, isCompact) ?? [];
  return { errorCode, partitions: topics.flat() };
}
