import type { Metastore, Partition } from '#shared/hive/metastore.ts';
import { partitionName } from '#shared/lake/partition-name.ts';
import type { Settings, TopicSettings } from '../config.ts';
import type { PartitionFolder } from '#shared/hdfs/partition-folders.ts';

/** Partition folders, and those of them that are registered. */
export interface FoundFew {
  readonly folders: readonly PartitionFolder[];
  /** Names of the registered ones by their values as JSON. */
  readonly known: ReadonlyMap<string, string>;
  /** Their bodies, which need not be fetched again. */
  readonly partitionsByNames: (database: string, table: string, names: readonly string[]) => Promise<Partition[]>;
}

/**
 * Looks up the partitions of a few folders by name, so that the cost does not grow with the table. Undefined when a key
 * is no string: then another writer's `hour=1` may be our `hour=01`, and only the list of all names tells.
 */
export async function findFew(
  metastore: Pick<Metastore, 'partitionsByNames'>,
  settings: Settings,
  topic: TopicSettings,
  found: AsyncIterable<PartitionFolder>,
): Promise<FoundFew | undefined> {
  const keys = topic.templates[0]?.keys ?? [];
  if (keys.some((key) => key.type !== 'string')) return undefined;
  const names = keys.map((key) => key.name);
  const folders: PartitionFolder[] = [];
  for await (const folder of found) folders.push(folder);
  const wanted = [...new Set(folders.map(({ values }) => partitionName(names, values)))];
  const bodies = new Map<string, Partition>();
  for (let start = 0; start < wanted.length; start += settings.partitionsPerCall) {
    const batch = wanted.slice(start, start + settings.partitionsPerCall);
    for (const body of await metastore.partitionsByNames(topic.database, topic.table, batch))
      bodies.set(partitionName(names, body.values), body);
  }
  return {
    folders,
    known: new Map([...bodies].map(([name, { values }]) => [JSON.stringify(values), name])),
    partitionsByNames: async (_database, _table, asked) => asked.flatMap((name) => bodies.get(name) ?? []),
  };
}
