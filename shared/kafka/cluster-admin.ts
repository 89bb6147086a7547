import { isError, LakewardenError } from '../errors/error.ts';
import { type AccessRule, readAccessRules } from './access-rule.ts';
import type { ClusterAnswer, ClusterApi } from './cluster-api.ts';
import type { Connection } from './fetch-api.ts';
import type { CallLimits, KafkaLink } from './kafka-link.ts';

/** A broker as clients are told of it. */
export interface BrokerAddress {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly rack?: string;
}

/** A topic and where its partitions are. */
export interface TopicPlaces {
  readonly name: string;
  /** Changes when a topic is deleted and made anew; undefined before Kafka 2.8. */
  readonly id?: string;
  /** True for topics of the brokers' own. */
  readonly internal: boolean;
  readonly partitions: readonly PartitionPlace[];
}

/** Where a partition is: the numbers of brokers. */
export interface PartitionPlace {
  readonly replicas: readonly number[];
  /** Those that have all records. */
  readonly inSync: readonly number[];
  /** False when nobody leads it. */
  readonly led: boolean;
}

/** What there is in a cluster, as far as we may see it. */
export interface ClusterView {
  readonly id?: string;
  readonly brokers: readonly BrokerAddress[];
  readonly topics: readonly TopicPlaces[];
  /** Topics that were asked for by name, are there, and may not be seen by us. */
  readonly hidden: readonly string[];
}

/** A setting of a topic or broker. */
export interface Setting {
  readonly name: string;
  /** Undefined where it has none, and where brokers hide it. */
  readonly value?: string;
  /** True for a secret, and for settings of plugins, which brokers do not know and so treat as secrets. */
  readonly hidden: boolean;
  /** True when somebody set it, for this thing or for the whole cluster. */
  readonly set: boolean;
  /** True when it was set for this topic by itself. */
  readonly own: boolean;
}

// Numbers of the Kafka protocol guide, DescribeConfigs.
const kinds = { topic: 2, broker: 4 } as const;
const ownSource = 1;
const defaultSource = 5;
/** TOPIC_AUTHORIZATION_FAILED of the Kafka protocol guide. */
const accessDenied = 29;
/** Any kind, pattern, operation and permission (Kafka protocol guide, DescribeAcls). */
const any = 1;

/**
 * What rules about a whole cluster need to know. It changes nothing.
 * @throws kafka.unavailable, kafka.unauthenticated, kafka.access_denied; so do all methods
 */
export class ClusterAdmin {
  readonly #link: KafkaLink;
  #api: Promise<ClusterApi> | undefined;

  constructor(link: KafkaLink) {
    this.#link = link;
  }

  /** All brokers and all topics that we may see, or those of these names that are there; the brokers' own are among them. */
  async view(topics?: readonly string[], limits: CallLimits = {}): Promise<ClusterView> {
    const [connection, api] = await Promise.all([this.#anyConnection(limits), this.#clusterApi(limits)]);
    const ask = () => wholeOrPart(api.async(connection, topics ?? null, false, false));
    return readView(await this.#link.call(ask, 'asking for topics and brokers', limits));
  }

  /**
   * The names of all topics that lie on the brokers' disks, also of those that are hidden from us.
   * @throws kafka.access_denied without Describe on the cluster
   */
  async storedTopics(limits: CallLimits = {}): Promise<Set<string>> {
    const admin = await this.#link.admin();
    // The client's types want topics; without any, brokers tell of all.
    const topics = null as unknown as [];
    const described = await this.#link.call(() => admin.describeLogDirs({ topics }), 'asking for logs', limits);
    return new Set(
      described.flatMap(({ results }) => results.flatMap((folder) => folder.topics.map(({ name }) => name))),
    );
  }

  /** The settings of topics, by their names; those that are gone or whose settings we may not read are left out. */
  topicSettings(topics: readonly string[], limits: CallLimits = {}): Promise<Map<string, Setting[]>> {
    return this.#settings('topic', topics, limits);
  }

  /** The settings of a broker. */
  async brokerSettings(id: number, limits: CallLimits = {}): Promise<Setting[]> {
    const settings = (await this.#settings('broker', [String(id)], limits)).get(String(id));
    if (settings === undefined)
      throw new LakewardenError('kafka.access_denied', `Kafka: the settings of broker ${id} may not be read`);
    return settings;
  }

  /** All access rules; undefined when the brokers have no authorizer, so that there can be none. */
  async accessRules(limits: CallLimits = {}): Promise<AccessRule[] | undefined> {
    const admin = await this.#link.admin();
    const filter = {
      resourceType: any,
      resourceName: null,
      resourcePatternType: any,
      principal: null,
      host: null,
      operation: any,
      permissionType: any,
    } as const;
    const ask = () => admin.describeAcls({ filter });
    try {
      return readAccessRules(await this.#link.call(ask, 'asking for access rules', limits));
    } catch (error) {
      if (isError(error, 'kafka.unsupported')) return undefined;
      throw error;
    }
  }

  async #settings(
    kind: keyof typeof kinds,
    names: readonly string[],
    limits: CallLimits,
  ): Promise<Map<string, Setting[]>> {
    if (names.length === 0) return new Map();
    const admin = await this.#link.admin();
    const resources = names.map((name) => ({
      resourceType: kinds[kind],
      resourceName: name,
      configurationKeys: null,
    }));
    const ask = () =>
      admin
        .describeConfigs({ resources })
        .catch((error: unknown) => (partOf(error) as { results: DescribedSettings[] }).results);
    const described: readonly DescribedSettings[] = await this.#link.call(ask, 'asking for settings', limits);
    const readable = described.filter(({ errorCode = 0 }) => errorCode === 0);
    return new Map(readable.map(({ resourceName, configs }) => [resourceName, configs.map(readSetting)]));
  }

  async #anyConnection(limits: CallLimits): Promise<Connection> {
    const admin = await this.#link.admin();
    const { brokers } = await this.#link.call(() => admin.metadata({ topics: [] }), 'asking for brokers', limits);
    let trouble: unknown = new LakewardenError('kafka.unavailable', 'Kafka: no broker is there');
    for (const id of brokers.keys()) {
      try {
        return await this.#link.connection(id, limits);
      } catch (error) {
        trouble = error;
      }
    }
    throw trouble;
  }

  #clusterApi(limits: CallLimits): Promise<ClusterApi> {
    this.#api ??= this.#chooseApi(limits).catch((error: unknown) => {
      this.#api = undefined;
      throw error;
    });
    return this.#api;
  }

  async #chooseApi(limits: CallLimits): Promise<ClusterApi> {
    const [client, admin] = await Promise.all([import('./kafka-client.ts'), this.#link.admin()]);
    const apis = await this.#link.call(() => admin.listApis(), 'asking for versions', limits);
    const { minVersion = 0, maxVersion = 0 } = apis.find(({ name }) => name === 'Metadata') ?? {};
    const api = client.chooseCluster(minVersion, maxVersion);
    if (api === undefined) throw new LakewardenError('kafka.unsupported', 'Kafka: the brokers are older than 2.4');
    return api;
  }
}

interface DescribedSettings {
  /** The client leaves it out when all went well. */
  readonly errorCode?: number;
  readonly resourceName: string;
  readonly configs: readonly {
    readonly name: string;
    readonly value?: string | null | undefined;
    readonly isSensitive: boolean;
    readonly configSource: number;
  }[];
}

function readSetting({ name, value, isSensitive, configSource }: DescribedSettings['configs'][number]): Setting {
  return {
    name,
    hidden: isSensitive,
    set: configSource !== defaultSource,
    own: configSource === ownSource,
    ...(value === null || value === undefined || isSensitive ? {} : { value }),
  };
}

/** The client throws a whole answer away when one thing in it is an error; here the others count. */
function wholeOrPart<Answer>(asked: Promise<Answer>): Promise<Answer> {
  return asked.catch((error: unknown) => partOf(error) as Answer);
}

/** The answer that an error of the client holds. Throws the error when there was none. */
function partOf(error: unknown): unknown {
  const answer = findAnswer(error, 0);
  if (answer === undefined) throw error;
  return answer;
}

/** Errors of the whole answer, such as a lack of rights, are no answers. */
function findAnswer(error: unknown, depth: number): unknown {
  if (!(error instanceof Error) || depth > 8) return undefined;
  const { response, errors = [], cause } = error as Error & { response?: unknown; errors?: readonly unknown[] };
  if (Array.isArray(errors) && errors.some((each) => (each as { path?: string } | null)?.path === '/'))
    return undefined;
  if (response !== undefined) return response;
  return [...errors, cause].map((each) => findAnswer(each, depth + 1)).find((each) => each !== undefined);
}

function readView({ clusterId, brokers, topics }: ClusterAnswer): ClusterView {
  return {
    ...(clusterId === null ? {} : { id: clusterId }),
    brokers: brokers.map(({ nodeId, host, port, rack }) => ({
      id: nodeId,
      host,
      port,
      ...(rack === null ? {} : { rack }),
    })),
    // A partition without a leader makes its topic's code one that passes.
    topics: topics.filter(({ partitions }) => partitions.length > 0).map(readTopic),
    hidden: topics.filter(({ errorCode }) => errorCode === accessDenied).map(({ name }) => name ?? ''),
  };
}

function readTopic({ name, topicId, isInternal, partitions }: ClusterAnswer['topics'][number]): TopicPlaces {
  return {
    name: name ?? '',
    ...(topicId === undefined ? {} : { id: topicId }),
    internal: isInternal,
    partitions: partitions
      .toSorted((a, b) => a.partitionIndex - b.partitionIndex)
      .map(({ replicaNodes, isrNodes, leaderId }) => ({
        replicas: replicaNodes,
        inSync: isrNodes,
        led: leaderId >= 0,
      })),
  };
}
