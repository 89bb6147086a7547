import { type CompactedTopic, provideCompactedTopic, refusedTopic } from '#shared/kafka/compacted-topic.ts';
import type { KafkaLink } from '#shared/kafka/kafka-link.ts';
import type { TopicAdmin } from '#shared/kafka/topic-admin.ts';
import { StateTopic } from './state-topic.ts';

type StateClients = { readonly link: KafkaLink; readonly admin: TopicAdmin };

/**
 * The state topic, which is made when it is missing. @throws config.invalid for one that forgets: with another number of
 * partitions states would not be found, and without compaction, or with retention, they would be deleted
 */
export async function openState(settings: CompactedTopic, clients: StateClients): Promise<StateTopic> {
  await provideCompactedTopic(settings, clients.admin);
  return new StateTopic(clients.link, settings.topic, settings.partitions);
}

/**
 * The state topic for those who only look: it is not made, and one that is not there knows nothing.
 * @throws config.invalid for another number of partitions than the settings say
 */
export async function findState(
  { topic, partitions }: CompactedTopic,
  { link, admin }: StateClients,
  signal?: AbortSignal,
): Promise<StateTopic> {
  const found = await admin.describe(topic, { signal });
  if (found !== undefined && found.partitions !== partitions)
    throw refusedTopic(topic, `has ${found.partitions} partitions; the settings say ${partitions}`);
  return new StateTopic(link, topic, found === undefined ? 0 : partitions);
}
