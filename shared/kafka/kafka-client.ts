// Loading the client costs 300 ms, so this file is imported when Kafka is asked, and packaged as a file of its own.
import * as client from '@platformatic/kafka';
import { type ClusterApi, firstClusterVersion, lastClusterVersion } from './cluster-api.ts';
import { decompress } from './decompress.ts';
import { type FetchApi, firstFetchVersion, lastFetchVersion } from './fetch-api.ts';
import { type AnswerReader, type FetchResponse, readFetchResponse } from './fetch-response.ts';
import type { BatchCodec } from './record-batch.ts';

export { Admin, createRecordsBatch } from '@platformatic/kafka';

const { snappy, lz4 } = client.compressionsAlgorithms;
const foreign = { snappy: snappy.decompressSync, lz4: lz4.decompressSync };

/** What the client has for reading batches. */
export const batchCodec: BatchCodec = {
  crc32c: client.crc32c,
  decompress: (compression, bytes, most) => decompress(compression, bytes, most, foreign),
};

/** Number of the request for reading logs. */
const fetchKey = 1;
/** The first version of it in the form with tagged fields. */
const taggedFrom = 12;

interface Requests {
  readonly createRequest: () => client.Writer;
}

/** The newest request for reading a log that a broker takes, too; undefined when the broker is too old. */
export function chooseFetch(min: number, max: number): FetchApi | undefined {
  const apis = client as unknown as Readonly<Record<string, Requests | undefined>>;
  for (let version = Math.min(max, lastFetchVersion); version >= Math.max(min, firstFetchVersion); version -= 1) {
    const found = apis[`fetchV${version}`];
    if (found === undefined) continue;
    const isTagged = version >= taggedFrom;
    const api = client.createAPI(fetchKey, version, found.createRequest, parseAnswer, isTagged, isTagged);
    return { version, async: api.async as FetchApi['async'], codec: batchCodec };
  }
  return undefined;
}

/** The newest request for what is in a cluster that a broker takes, too; undefined when the broker is too old. */
export function chooseCluster(min: number, max: number): ClusterApi | undefined {
  const apis = client as unknown as Readonly<Record<string, { readonly api: ClusterApi } | undefined>>;
  for (let version = Math.min(max, lastClusterVersion); version >= Math.max(min, firstClusterVersion); version -= 1) {
    const found = apis[`metadataV${version}`];
    if (found !== undefined) return found.api;
  }
  return undefined;
}

function parseAnswer(_: number, key: number, version: number, reader: unknown): FetchResponse {
  const response = readFetchResponse(version, reader as AnswerReader);
  const errors = [response, ...response.partitions].flatMap(({ errorCode }, index): [string, [number, null]][] =>
    errorCode === 0 ? [] : [[`/${index}`, [errorCode, null]]],
  );
  if (errors.length > 0) throw new client.ResponseError(key, version, Object.fromEntries(errors), response);
  return response;
}

/** Makes a producer that adds partitions to a transaction as clients do. */
export function makeProducer(options: ConstructorParameters<typeof TransactionalProducer>[0]): client.Producer {
  return new TransactionalProducer(options);
}

/** The last version that brokers take from clients; newer ones are among brokers and need the right to act on the cluster. */
const lastAddPartitions = 3;

class TransactionalProducer extends client.Producer {
  override [client.kListApis](callback: Parameters<client.Producer[typeof client.kListApis]>[0]): void {
    super[client.kListApis]((error, apis) =>
      callback(
        error,
        apis?.map((api) =>
          api.name === 'AddPartitionsToTxn' ? { ...api, maxVersion: Math.min(api.maxVersion, lastAddPartitions) } : api,
        ),
      ),
    );
  }
}
