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

/**
 * The state topic, which is made when it is missing. @throws config.invalid for one that forgets: with another number of
 * partitions states would not be found, and without compaction, or with retention, they would be deleted
 */
export async function openState(
  { topic, partitions, replicas }: StateSettings,
  { link, admin }: { readonly link: KafkaLink; readonly admin: TopicAdmin },
): Promise<StateTopic> {
  const wanted = { partitions, settings: { 'cleanup.policy': 'compact' } };
  await admin.create(topic, replicas === undefined ? wanted : { ...wanted, replicas });
  const found = await admin.describe(topic);
  if (found?.partitions !== partitions)
    throw refused(topic, `has ${found?.partitions ?? 'no'} partitions; the settings say ${partitions}`);
  const { compacts, deletes } = await admin.limits(topic);
  if (!compacts || deletes) throw refused(topic, 'must have the cleanup.policy compact, and that alone');
  return new StateTopic(link, topic, partitions);
}

function refused(topic: string, reason: string): LakewardenError {
  return new LakewardenError('config.invalid', `the state topic ${topic} ${reason}`);
}
