import type { Metastore } from '#shared/hive/metastore.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import { partitionName } from '#shared/lake/partition-name.ts';
import { normaliseValue } from '#shared/lake/partition-value.ts';
import { matchPath } from '#shared/lake/path-template.ts';
import type { Settings, TopicSettings } from '../config.ts';
import { pathAt } from './place.ts';
import { enoughVanished, type Vanished, type VanishedPartition, type VanishedRules } from '../partition/vanished.ts';

/**
 * Of registered partitions (by name) for which no folder was found, or an empty one, those that lie where a walk would
 * have seen them. One that somebody registered at another place says nothing by not being seen. Reads the places of no
 * more than it takes to find enough of them: bodies are what is dear in a metastore.
 */
export async function findVanished(
  metastore: Pick<Metastore, 'partitionsByNames'>,
  settings: Settings,
  topic: TopicSettings,
  unseen: ReadonlyMap<string, VanishedPartition['folder']>,
  rules: VanishedRules,
): Promise<Vanished> {
  const keys = (topic.templates[0]?.keys ?? []).map((key) => key.name);
  const names = [...unseen.keys()].toSorted();
  const enough = enoughVanished(rules);
  const vanished: VanishedPartition[] = [];
  let read = 0;
  while (read < names.length && vanished.length < enough) {
    const batch = names.slice(read, read + settings.partitionsPerCall);
    read += batch.length;
    for (const { values = [], sd } of await metastore.partitionsByNames(topic.database, topic.table, batch)) {
      const name = partitionName(keys, values);
      const folder = unseen.get(name);
      const path = pathAt(sd?.location, settings.hdfs);
      if (folder !== undefined && path !== undefined && isFolderOf(topic, path, values))
        vanished.push({ name, values: [...values], path, folder });
    }
  }
  return { ...rules, partitions: vanished, unread: names.length - read };
}

/** True when a walk of the topic takes this path for the partition of these values. */
export function isFolderOf(topic: TopicSettings, path: string, values: readonly string[]): boolean {
  if (!path.startsWith(`${topic.location}/`)) return false;
  const folders = path.slice(topic.location.length + 1).split('/');
  if (folders.some(isHiddenName)) return false;
  return topic.templates.some((template) => {
    const match = matchPath(template, folders);
    return (
      'values' in match &&
      match.complete &&
      match.values.every((value, index) => {
        const type = template.keys[index]?.type ?? 'string';
        return normaliseValue(type, value) === normaliseValue(type, values[index] ?? '');
      })
    );
  });
}
