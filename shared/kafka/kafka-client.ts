// Loading the client costs 300 ms, so this file is imported when Kafka is asked, and packaged as a file of its own.
import * as client from '@platformatic/kafka';
import { type ClusterApi, firstClusterVersion, lastClusterVersion } from './cluster-api.ts';
import { type FetchApi, firstFetchVersion, lastFetchVersion } from './fetch-api.ts';

export { Admin, createRecordsBatch, Reader, readRecordsBatches } from '@platformatic/kafka';

/** The newest request for reading a log that a broker takes, too; undefined when the broker is too old. */
export function chooseFetch(min: number, max: number): FetchApi | undefined {
  const apis = client as unknown as Readonly<Record<string, { readonly api: FetchApi } | undefined>>;
  for (let version = Math.min(max, lastFetchVersion); version >= Math.max(min, firstFetchVersion); version -= 1) {
    const found = apis[`fetchV${version}`];
    if (found !== undefined) return found.api;
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
