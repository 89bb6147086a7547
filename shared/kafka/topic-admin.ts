import { setTimeout as sleep } from 'node:timers/promises';
import { isError, LakewardenError } from '../errors/error.ts';
import { readGroupPositions } from './group-positions.ts';
import type { CallLimits, KafkaLink } from './kafka-link.ts';
import { listOffsets, logBounds, type LogBounds } from './log-bounds.ts';
import { readLimits, type TopicLimits } from './topic-limits.ts';

/** A topic as the brokers know it. */
export interface TopicDescription {
  /** Changes when a topic is deleted and made anew. */
  readonly id: string;
  readonly partitions: number;
}

/** A topic to make. */
export interface NewTopic {
  readonly partitions: number;
  /** What the brokers are set to unless said. */
  readonly replicas?: number;
  /** Such as `cleanup.policy`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Number of the kind topic among the kinds of resources with settings (Kafka protocol guide, DescribeConfigs). */
const topicResource = 2;
const pauseMs = 50;

/**
 * What there is to know about topics and groups, and the making of topics.
 * @throws kafka.unavailable, kafka.unauthenticated, kafka.access_denied; so do all methods
 */
export class TopicAdmin {
  readonly #link: KafkaLink;

  constructor(link: KafkaLink) {
    this.#link = link;
  }

  /** Undefined when there is no such topic. */
  async describe(topic: string, limits: CallLimits = {}): Promise<TopicDescription | undefined> {
    const admin = await this.#link.admin();
    try {
      const ask = () => admin.metadata({ topics: [topic], forceUpdate: true });
      const { topics } = await this.#link.call(ask, 'asking for topics', limits);
      const about = topics.get(topic);
      return about && { id: about.id, partitions: about.partitionsCount };
    } catch (error) {
      if (isError(error, 'kafka.not_found')) return undefined;
      throw error;
    }
  }

  /**
   * Topics by their names, in one request, all but the brokers' own unless said. Those that are not there, or that we may not see,
   * are left out.
   */
  async describeAll(
    limits: CallLimits & { readonly topics?: readonly string[] } = {},
  ): Promise<Map<string, TopicDescription>> {
    const admin = await this.#link.admin();
    let wanted = new Set(limits.topics ?? (await this.list(limits)));
    const found = new Map<string, TopicDescription>();
    while (wanted.size > 0) {
      const topics = [...wanted];
      try {
        const ask = () => admin.metadata({ topics, forceUpdate: true });
        const answer = await this.#link.call(ask, 'asking for topics', limits);
        for (const [name, { id, partitionsCount: partitions }] of answer.topics)
          if (wanted.has(name)) found.set(name, { id, partitions });
        return found;
      } catch (error) {
        if (!isError(error, 'kafka.not_found', 'kafka.access_denied', 'kafka.invalid')) throw error;
        // The client fails as a whole when one of them is not to be seen.
        const there = new Set(await this.list(limits));
        const left = wanted.intersection(there);
        if (left.size === wanted.size) throw error;
        wanted = left;
      }
    }
    return found;
  }

  /** The names of all topics but the brokers' own, sorted. */
  async list(limits: CallLimits = {}): Promise<string[]> {
    const admin = await this.#link.admin();
    return (await this.#link.call(() => admin.listTopics(), 'asking for topics', limits)).toSorted();
  }

  /** What a topic's settings do to records. @throws kafka.not_found, kafka.protocol */
  async limits(topic: string, limits: CallLimits = {}): Promise<TopicLimits> {
    const admin = await this.#link.admin();
    const resources = [{ resourceType: topicResource, resourceName: topic, configurationKeys: null }] as const;
    const ask = () => admin.describeConfigs({ resources: [...resources] });
    const described = await this.#link.call(ask, 'asking for settings', limits);
    const configs = described.find(({ resourceName }) => resourceName === topic)?.configs ?? [];
    return readLimits(topic, new Map(configs.map(({ name, value }) => [name, value])));
  }

  /** The bounds of partitions' logs, by their numbers. @throws kafka.not_found */
  bounds(topic: string, partitions: readonly number[], limits: CallLimits = {}): Promise<Map<number, LogBounds>> {
    return logBounds(this.#link, topic, partitions, limits);
  }

  /** Bytes of a partition's log on the broker that has most of it; undefined where we may not know (Describe on the cluster). */
  async logBytes(topic: string, partition: number, limits: CallLimits = {}): Promise<number | undefined> {
    const admin = await this.#link.admin();
    const topics = [{ name: topic, partitions: [partition] }];
    const described = await this.#link.call(() => admin.describeLogDirs({ topics }), 'asking for sizes', limits);
    const sizes = described
      .flatMap(({ results }) => results.flatMap((folder) => folder.topics))
      .filter(({ name }) => name === topic)
      .flatMap(({ partitions }) => partitions)
      .filter(({ partitionIndex, isFutureKey }) => partitionIndex === partition && !isFutureKey)
      .map(({ partitionSize }) => Number(partitionSize));
    return sizes.length === 0 ? undefined : Math.max(...sizes);
  }

  /**
   * For each partition, the offset of its first record at or after a time in milliseconds; none where there is no such record.
   * @throws kafka.not_found
   */
  offsetsAt(
    topic: string,
    partitions: readonly number[],
    time: bigint,
    limits: CallLimits = {},
  ): Promise<Map<number, bigint>> {
    return listOffsets(this.#link, topic, partitions, time, limits);
  }

  /** The committed positions of a group in partitions of a topic, none where it has none; never a stale one. */
  groupPositions(
    group: string,
    topic: string,
    partitions: readonly number[],
    limits: CallLimits = {},
  ): Promise<Map<number, bigint>> {
    return readGroupPositions(this.#link, group, topic, partitions, limits);
  }

  /** Makes a topic unless it is there, and waits until it can be used; true when it was made. @throws kafka.invalid */
  async create(topic: string, { partitions, replicas, settings = {} }: NewTopic, limits: CallLimits = {}) {
    const admin = await this.#link.admin();
    const configs = Object.entries(settings).map(([name, value]) => ({ name, value }));
    const wanted = { topics: [topic], partitions, configs, ...(replicas === undefined ? {} : { replicas }) };
    const isNew = await this.#link
      .call(() => admin.createTopics(wanted), `making topic ${topic}`, limits)
      .then(() => true)
      .catch((error: unknown) => {
        if (!isError(error, 'kafka.exists')) throw error;
        return false;
      });
    const until = performance.now() + this.#link.options.deadlineMs;
    while (!(await this.#isLed(topic, limits))) {
      if (performance.now() >= until)
        throw new LakewardenError('kafka.unavailable', `Kafka: topic ${topic} was made and cannot be used yet`);
      await sleep(pauseMs);
    }
    return isNew;
  }

  async #isLed(topic: string, limits: CallLimits): Promise<boolean> {
    const partitions = (await this.describe(topic, limits))?.partitions ?? 0;
    const leaders = Array.from({ length: partitions }, (_, partition) =>
      this.#link.leader(topic, partition, limits).catch((error: unknown) => {
        if (!isError(error, 'kafka.unavailable', 'kafka.not_found')) throw error;
      }),
    );
    return partitions > 0 && (await Promise.all(leaders)).every((leader) => leader !== undefined);
  }
}
