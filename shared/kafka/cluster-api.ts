import type { Connection } from './fetch-api.ts';

/** The first request of its form, of Kafka 2.4. */
export const firstClusterVersion = 9;
/** The newest request that was tried here. */
export const lastClusterVersion = 12;

/** The client's request for brokers and topics (Kafka protocol guide, Metadata), also for the brokers' own topics. */
export interface ClusterApi {
  readonly async: (
    connection: Connection,
    topics: readonly string[] | null,
    makeTopics: false,
    tellRights: false,
  ) => Promise<ClusterAnswer>;
}

/** What a broker answers. Topics that we may not see are left out without a word. */
export interface ClusterAnswer {
  readonly clusterId: string | null;
  readonly brokers: readonly {
    readonly nodeId: number;
    readonly host: string;
    readonly port: number;
    readonly rack: string | null;
  }[];
  readonly topics: readonly {
    readonly errorCode: number;
    readonly name: string | null;
    readonly topicId?: string;
    readonly isInternal: boolean;
    readonly partitions: readonly {
      readonly partitionIndex: number;
      readonly leaderId: number;
      readonly replicaNodes: readonly number[];
      readonly isrNodes: readonly number[];
      readonly offlineReplicas: readonly number[];
    }[];
  }[];
}
