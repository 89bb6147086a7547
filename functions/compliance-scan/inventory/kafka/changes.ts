import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import type { Change } from '../source.ts';
import { kafkaKinds } from './kinds.ts';
import { kafkaScope } from './normalise.ts';

/** Types of Confluent's audit log, which is made of CloudEvents. */
const types: ReadonlySet<string> = new Set([
  'io.confluent.kafka.server/authorization',
  'io.confluent.kafka.server/request',
]);

interface Effect {
  readonly happening: string;
  /** The topic that the event names, or the cluster for what concerns many things. */
  readonly of: 'topic' | 'cluster';
  readonly deletes?: true;
}

/** Methods that change something; all others only read. */
const effects = new Map<unknown, Effect>([
  ['kafka.CreateTopics', { happening: 'kafka/topic', of: 'topic' }],
  ['kafka.DeleteTopics', { happening: 'kafka/topic', of: 'topic', deletes: true }],
  ['kafka.CreatePartitions', { happening: 'kafka/topic', of: 'topic' }],
  ['kafka.AlterConfigs', { happening: 'kafka/config', of: 'topic' }],
  ['kafka.IncrementalAlterConfigs', { happening: 'kafka/config', of: 'topic' }],
  ['kafka.CreateAcls', { happening: 'kafka/acl', of: 'cluster' }],
  ['kafka.DeleteAcls', { happening: 'kafka/acl', of: 'cluster' }],
]);

interface AuditData {
  readonly methodName?: unknown;
  readonly resourceName?: unknown;
  readonly authorizationInfo?: {
    readonly granted?: unknown;
    readonly resourceType?: unknown;
    readonly resourceName?: unknown;
    readonly patternType?: unknown;
  };
  readonly result?: { readonly status?: unknown };
}

/**
 * What an entry of the audit log says has changed; undefined for other events. A change of access rules concerns all that they
 * speak of: it names the cluster, with the happening `kafka/acl` for the rules that look at access.
 */
export function readKafkaChanges({ type, data }: CloudEventIn, cluster: string): readonly Change[] | undefined {
  if (!types.has(type)) return undefined;
  const entry = (typeof data === 'object' && data !== null ? data : {}) as AuditData;
  const effect = effects.get(entry.methodName);
  if (effect === undefined || hasFailed(entry)) return [];
  const topic = effect.of === 'topic' ? topicOf(entry) : undefined;
  if (topic === undefined) return [change(cluster, kafkaKinds.cluster, cluster, effect.happening, false)];
  // That something was allowed does not say yet that it was done.
  const deleted = effect.deletes === true && entry.result !== undefined;
  return [change(cluster, kafkaKinds.topic, topic, effect.happening, deleted)];
}

function change(cluster: string, kind: string, name: string, happening: string, deleted: boolean): Change {
  return { reference: { kind, scope: kafkaScope(cluster, kind), name, place: { cluster } }, deleted, happening };
}

/** An entry is also written for what was refused. */
function hasFailed({ authorizationInfo, result }: AuditData): boolean {
  return (
    authorizationInfo?.granted === false || (typeof result?.status === 'string' && !/^success$/i.test(result.status))
  );
}

function topicOf({ authorizationInfo, resourceName }: AuditData): string | undefined {
  if (authorizationInfo?.resourceType === 'Topic' && typeof authorizationInfo.resourceName === 'string')
    return authorizationInfo.resourceName;
  // A resource name is a path of `kind=name`, such as `crn://…/kafka=lake/topic=clicks`.
  const match = typeof resourceName === 'string' ? /\/topic=([^/]+)$/.exec(resourceName) : null;
  return match?.[1];
}
