import { LakewardenError } from '#shared/errors/error.ts';
import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import type { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { StateTopic } from './state-topic.ts';

/** What the state topic should be. */
export interface StateSettings {
  readonly topic: string;
  readonly partitions: number;
  readonly replicas?: number | undefined;
}

type StateClients = { readonly link: KafkaLink; readonly admin: TopicAdmin };

/**
 * The state topic, which is made when it is missing. @throws config.invalid for one that forgets: with another number of
 * partitions states would not be found, and without compaction, or with retention, they would be deleted
 */
export async function openState(settings: StateSettings, clients: StateClients): Promise<StateTopic> {
  const { topic, partitions, replicas } = settings;
  const wanted = { partitions, settings: { 'cleanup.policy': 'compact' } };
  await clients.admin.create(topic, replicas === undefined ? wanted : { ...wanted, replicas });
  const state = await findState(settings, clients);
  const { compacts, deletes } = await clients.admin.limits(topic);
  if (!compacts || deletes) throw refused(topic, 'must have the cleanup.policy compact, and that alone');
  return state;
}

/**
 * The state topic for those who only look: it is not made, and one that is not there knows nothing.
 * @throws config.invalid for another number of partitions than the settings say
 */
export async function findState(
  { topic, partitions }: StateSettings,
  { link, admin }: StateClients,
  signal?: AbortSignal,
): Promise<StateTopic> {
  const found = await admin.describe(topic, { signal });
  if (found !== undefined && found.partitions !== partitions)
    throw refused(topic, `has ${found.partitions} partitions; the settings say ${partitions}`);
  return new StateTopic(link, topic, found === undefined ? 0 : partitions);
}

function refused(topic: string, reason: string): LakewardenError {
  return new LakewardenError('config.invalid', `the state topic ${topic} ${reason}`);
}
