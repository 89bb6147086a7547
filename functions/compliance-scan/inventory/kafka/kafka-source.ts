import type { z } from 'zod';
import { isError, LakewardenError } from '#shared/errors/error.ts';
import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import { ClusterAdmin, type ClusterView, type TopicPlaces } from '#shared/kafka/cluster-admin.ts';
import { type CallLimits, KafkaLink } from '#shared/kafka/kafka-link.ts';
import { readKafkaOptions } from '#shared/kafka/kafka-settings.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import { asListingError } from '../listing-error.ts';
import type { Change, Reference, Source } from '../source.ts';
import { AccessRules } from './access.ts';
import { readKafkaChanges } from './changes.ts';
import type { kafkaSettings } from './settings.ts';
import { kafkaKinds } from './kinds.ts';
import { kafkaScope, normaliseAcl, normaliseBroker, normaliseCluster, normaliseTopic } from './normalise.ts';

type Settings = z.output<typeof kafkaSettings>;

/** Topics whose settings one request asks for. */
const pageSize = 200;

/** A Kafka cluster: itself, its brokers, topics and access rules. It needs Describe and DescribeConfigs, no more. */
export class KafkaSource implements Source {
  readonly name = 'kafka';
  readonly #settings: Settings;
  readonly #link: KafkaLink;
  readonly #admin: ClusterAdmin;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#link = new KafkaLink(readKafkaOptions(settings.connection));
    this.#admin = new ClusterAdmin(this.#link);
  }

  /** Requests made so far. */
  get calls(): number {
    return this.#link.calls;
  }

  async *scopes(kinds: ReadonlySet<string>): AsyncGenerator<Scope> {
    for (const kind of Object.values(kafkaKinds))
      if (kinds.has(kind)) yield { id: kafkaScope(this.#settings.name, kind), kind };
  }

  async *list({ kind }: Scope, signal: AbortSignal): AsyncGenerator<readonly Resource[]> {
    const what = `${kind} of ${this.#settings.name}`;
    try {
      if (kind === kafkaKinds.cluster) yield [await this.#cluster({ signal })];
      else if (kind === kafkaKinds.broker) yield* this.#brokers({ signal });
      else if (kind === kafkaKinds.topic) yield* this.#topics({ signal });
      else if (kind === kafkaKinds.acl) yield* this.#acls({ signal });
    } catch (error) {
      throw asListingError(error, what);
    }
  }

  async read({ kind, name, uid }: Reference, signal: AbortSignal): Promise<Resource | undefined> {
    const limits = { signal };
    try {
      if (kind === kafkaKinds.cluster) return await this.#cluster(limits);
      if (kind === kafkaKinds.topic) return await this.#topic(name, limits);
      const found = kind === kafkaKinds.broker ? this.#brokers(limits) : this.#acls(limits);
      for await (const page of found)
        for (const each of page) if (uid === undefined ? each.name === name : each.uid === uid) return each;
      return undefined;
    } catch (error) {
      throw asListingError(error, `${kind} ${name}`);
    }
  }

  changes(event: CloudEventIn): readonly Change[] | undefined {
    return readKafkaChanges(event, this.#settings.name);
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  async #cluster(limits: CallLimits): Promise<Resource> {
    const [view, rules] = await Promise.all([this.#admin.view([], limits), this.#rules(limits)]);
    return normaliseCluster(this.#settings.name, view, rules);
  }

  async *#brokers(limits: CallLimits): AsyncGenerator<readonly Resource[]> {
    const { brokers } = await this.#admin.view([], limits);
    for (const broker of brokers) {
      const settings = await this.#admin.brokerSettings(broker.id, limits);
      yield [normaliseBroker(this.#settings.name, broker, settings, this.#settings)];
    }
  }

  async *#topics(limits: CallLimits): AsyncGenerator<readonly Resource[]> {
    const rules = await this.#rules(limits);
    const view = await this.#admin.view(undefined, limits);
    await this.#checkHidden(view, limits);
    for (let start = 0; start < view.topics.length; start += pageSize)
      yield await this.#normaliseTopics(view.topics.slice(start, start + pageSize), rules, limits);
  }

  /** Brokers leave out what we may not see. What lies on their disks tells whether that happened. */
  async #checkHidden({ topics }: ClusterView, limits: CallLimits): Promise<void> {
    const seen = new Set(topics.map(({ name }) => name));
    const stored = await this.#admin.storedTopics(limits);
    const missing = [...stored].filter((name) => !seen.has(name)).toSorted();
    if (missing.length === 0) return;
    // What was made or deleted in between is there or gone by now; what stays hidden is neither.
    const { hidden } = await this.#admin.view(missing, limits);
    if (hidden.length === 0) return;
    const some = hidden.slice(0, 3).join(', ');
    throw new LakewardenError(
      'inventory.forbidden',
      `${hidden.length} topics of ${this.#settings.name} are hidden from us (${some}): Describe on all topics is needed`,
    );
  }

  async #topic(name: string, limits: CallLimits): Promise<Resource | undefined> {
    const [rules, { topics }] = await Promise.all([this.#rules(limits), this.#admin.view([name], limits)]);
    return (await this.#normaliseTopics(topics, rules, limits))[0];
  }

  async #normaliseTopics(
    topics: readonly TopicPlaces[],
    rules: AccessRules | 'forbidden' | undefined,
    limits: CallLimits,
  ): Promise<Resource[]> {
    const settings = await this.#admin.topicSettings(
      topics.map(({ name }) => name),
      limits,
    );
    const known = rules === 'forbidden' ? undefined : rules;
    const { name: cluster, labels } = this.#settings;
    return topics.map((topic) => normaliseTopic(cluster, topic, settings.get(topic.name), known, labels));
  }

  async *#acls(limits: CallLimits): AsyncGenerator<readonly Resource[]> {
    const rules = await this.#admin.accessRules(limits);
    // Without an authorizer there are none, which the cluster's own rule speaks of.
    if (rules === undefined) return;
    const index = new AccessRules(rules);
    for (let start = 0; start < rules.length; start += pageSize)
      yield rules.slice(start, start + pageSize).map((rule) => normaliseAcl(this.#settings.name, rule, index));
  }

  async #rules(limits: CallLimits): Promise<AccessRules | 'forbidden' | undefined> {
    try {
      const rules = await this.#admin.accessRules(limits);
      return rules && new AccessRules(rules);
    } catch (error) {
      if (isError(error, 'kafka.access_denied')) return 'forbidden';
      throw error;
    }
  }
}
