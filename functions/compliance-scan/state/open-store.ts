import { LakewardenError } from '#shared/errors/error.ts';
import type { Settings } from '../config.ts';
import { MemoryStore, type StateStore } from './store.ts';

/** Opens the store that the settings choose; without one, findings live as long as the process. Nothing is connected yet. */
export async function openStore({
  state,
  hdfs,
  kafka,
}: Pick<Settings, 'state' | 'hdfs' | 'kafka'>): Promise<StateStore> {
  const { folder, topic, local } = state;
  if (topic !== undefined) return openTopic(topic, kafka);
  if (folder === undefined && local === undefined) return new MemoryStore();
  const { FolderStore } = await import('./folder-store.ts');
  if (local !== undefined) return new FolderStore(new (await import('./local-folder.ts')).LocalFolder(local));
  if (folder === undefined || hdfs === undefined)
    throw new LakewardenError('config.invalid', 'state.folder needs hdfs');
  const { createHdfs } = await import('#shared/hdfs/hdfs-settings.ts');
  const { HdfsFolder } = await import('./hdfs-folder.ts');
  return new FolderStore(new HdfsFolder(createHdfs(hdfs), folder));
}

async function openTopic(
  topic: NonNullable<Settings['state']['topic']>,
  kafka: Settings['kafka'],
): Promise<StateStore> {
  if (kafka === undefined) throw new LakewardenError('config.invalid', 'state.topic needs kafka');
  const { KafkaLink } = await import('#shared/kafka/kafka-link.ts');
  const { readKafkaOptions } = await import('#shared/kafka/kafka-settings.ts');
  const { KafkaStore } = await import('./kafka-store.ts');
  return new KafkaStore(new KafkaLink(readKafkaOptions(kafka)), topic);
}
