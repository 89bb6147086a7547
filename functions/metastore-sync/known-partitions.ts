import type { Metastore } from '#shared/hive/metastore.ts';
import { partitionValues } from '#shared/lake/partition-name.ts';
import { normaliseValue } from '#shared/lake/partition-value.ts';
import type { TopicSettings } from './config.ts';

/**
 * The names of all registered partitions by their values as JSON, the values as Hive stores them (another writer may have
 * registered `hour=01` of an int key, which is `hour=1`). One call, no bodies.
 */
export async function knownPartitions(
  metastore: Pick<Metastore, 'partitionNames'>,
  topic: TopicSettings,
): Promise<Map<string, string>> {
  const keys = topic.templates[0]?.keys ?? [];
  const names = await metastore.partitionNames(topic.database, topic.table);
  return new Map(
    names.map((name) => {
      const values = partitionValues(name) ?? [];
      return [JSON.stringify(values.map((value, index) => normaliseValue(keys[index]?.type ?? 'string', value))), name];
    }),
  );
}
