import type { Metastore } from '#shared/hive/metastore.ts';
import { partitionValues } from '#shared/lake/partition-name.ts';
import { normaliseValue } from '#shared/lake/partition-value.ts';
import type { TopicSettings } from '../config.ts';

/** Values as Hive stores them, in one text: another writer may have registered `hour=01` of an int key, which is `hour=1`. */
export function valuesKey(topic: TopicSettings, values: readonly string[]): string {
  const keys = topic.templates[0]?.keys ?? [];
  return JSON.stringify(values.map((value, index) => normaliseValue(keys[index]?.type ?? 'string', value)));
}

/** The names of all registered partitions by their {@link valuesKey}. One call, no bodies. */
export async function knownPartitions(
  metastore: Pick<Metastore, 'partitionNames'>,
  topic: TopicSettings,
): Promise<Map<string, string>> {
  const names = await metastore.partitionNames(topic.database, topic.table);
  return new Map(names.map((name) => [valuesKey(topic, partitionValues(name) ?? []), name]));
}
