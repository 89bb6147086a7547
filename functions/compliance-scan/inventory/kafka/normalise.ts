import type { AccessRule } from '#shared/kafka/access-rule.ts';
import type { BrokerAddress, Setting, TopicPlaces } from '#shared/kafka/cluster-admin.ts';
import type { Resource } from '../../model/resource.ts';
import { labelsOf, type LabelRule } from '../label-registry.ts';
import type { AccessRules } from './access.ts';
import {
  type KafkaAclBody,
  type KafkaBrokerBody,
  type KafkaClusterBody,
  type KafkaTopicBody,
  kafkaKinds,
} from './kinds.ts';
import { readListeners } from './listeners.ts';

/** What the brokers hide and somebody who knows their files states. */
export interface StatedSettings {
  readonly allowsEveryone?: boolean | undefined;
  readonly superUsers?: readonly string[] | undefined;
}

/** The id of the listing of a kind. */
export function kafkaScope(cluster: string, kind: string): string {
  return `kafka/${cluster}/${kind}`;
}

/** A cluster as a resource. `rules` are undefined without an authorizer, `forbidden` where we may not ask. */
export function normaliseCluster(
  cluster: string,
  view: { readonly id?: string; readonly brokers: readonly BrokerAddress[] },
  rules: AccessRules | 'forbidden' | undefined,
): Resource<KafkaClusterBody> {
  const body: KafkaClusterBody = {
    ...(view.id === undefined ? {} : { id: view.id }),
    brokers: view.brokers.map(({ id }) => id).toSorted((a, b) => a - b),
    ...(rules === 'forbidden' ? {} : { authorizer: rules !== undefined }),
    ...(rules === undefined || rules === 'forbidden' ? {} : { access: rules.access('cluster', 'kafka-cluster') }),
  };
  return { uid: `kafka/${cluster}/cluster`, ...common(cluster, kafkaKinds.cluster, cluster), body };
}

/** Settings of brokers that rules look at although nobody set them. */
const lookedAt: ReadonlySet<string> = new Set([
  'auto.create.topics.enable',
  'default.replication.factor',
  'min.insync.replicas',
  'offsets.topic.replication.factor',
  'ssl.client.auth',
  'ssl.enabled.protocols',
  'transaction.state.log.replication.factor',
  'unclean.leader.election.enable',
]);

/** A broker as a resource. */
export function normaliseBroker(
  cluster: string,
  { id, host, port, rack }: BrokerAddress,
  settings: readonly Setting[],
  stated: StatedSettings,
): Resource<KafkaBrokerBody> {
  const values = new Map(settings.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])));
  const hidden = settings.filter((setting) => setting.hidden && setting.set).map(({ name }) => name);
  const kept = settings.filter(({ name, set }) => set || lookedAt.has(name)).map(({ name }) => name);
  const allows = readHidden('allow.everyone.if.no.acl.found', values, hidden, 'false');
  const superUsers = readHidden('super.users', values, hidden, '');
  const allowsEveryone = stated.allowsEveryone ?? (allows === undefined ? undefined : allows.toLowerCase() === 'true');
  const users = stated.superUsers ?? superUsers?.split(';').filter((user) => user.trim() !== '');
  const body: KafkaBrokerBody = {
    id,
    host,
    port,
    ...(rack === undefined ? {} : { rack }),
    listeners: readListeners(values),
    authorizer: values.get('authorizer.class.name') ?? '',
    ...(allowsEveryone === undefined ? {} : { allowsEveryone }),
    ...(users === undefined ? {} : { superUsers: users.map((user) => user.trim()).toSorted() }),
    settings: pick(values, kept),
    hidden: hidden.toSorted(),
  };
  return { uid: `kafka/${cluster}/broker/${id}`, ...common(cluster, kafkaKinds.broker, `broker ${id}`), body };
}

/** Undefined when the broker has it and hides it. */
function readHidden(
  name: string,
  values: ReadonlyMap<string, string>,
  hidden: readonly string[],
  otherwise: string,
): string | undefined {
  return values.get(name) ?? (hidden.includes(name) ? undefined : otherwise);
}

/** A topic as a resource; settings and rules are undefined where they could not be read. */
export function normaliseTopic(
  cluster: string,
  topic: TopicPlaces,
  settings: readonly Setting[] | undefined,
  rules: AccessRules | undefined,
  registry: readonly LabelRule[],
): Resource<KafkaTopicBody> {
  const { name, id, internal, partitions } = topic;
  const body: KafkaTopicBody = {
    ...(id === undefined ? {} : { id }),
    internal,
    partitions: partitions.length,
    replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    lagging: partitions.filter(({ replicas, inSync }) => inSync.length < replicas.length).length,
    leaderless: partitions.filter(({ led }) => !led).length,
    ...(settings === undefined ? {} : readTopicSettings(settings)),
    ...(rules === undefined ? {} : { access: rules.access('topic', name) }),
  };
  const labels = labelsOf(registry, name);
  return {
    uid: `kafka/${cluster}/topic/${name}${id === undefined ? '' : `/${id}`}`,
    ...common(cluster, kafkaKinds.topic, name),
    ...(labels === undefined || internal ? {} : { labels }),
    body,
  };
}

function readTopicSettings(settings: readonly Setting[]): Required<Pick<KafkaTopicBody, 'settings' | 'own'>> {
  const values = new Map(settings.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])));
  const own = settings.filter((setting) => setting.own).map(({ name }) => name);
  return { settings: pick(values, [...values.keys()]), own: own.toSorted() };
}

/** An access rule as a resource. */
export function normaliseAcl(cluster: string, rule: AccessRule, rules: AccessRules): Resource<KafkaAclBody> {
  const { target, pattern, name, principal, host, operation, permission } = rule;
  const parts = [target, pattern, name, principal, host, operation, permission];
  const thing = target === 'cluster' ? 'the cluster' : `${target} ${name}${pattern === 'prefixed' ? '…' : ''}`;
  return {
    uid: `kafka/${cluster}/acl/${parts.map(encodeURIComponent).join('/')}`,
    ...common(cluster, kafkaKinds.acl, `${permission} ${operation} on ${thing} to ${principal} from ${host}`),
    body: { ...rule, denied: rules.isDenied(rule) },
  };
}

function common(cluster: string, kind: string, name: string) {
  return { kind, scope: kafkaScope(cluster, kind), name, place: { cluster } };
}

function pick(values: ReadonlyMap<string, string>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.toSorted().flatMap((name) => {
      const value = values.get(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
