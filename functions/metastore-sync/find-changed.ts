import type { Partition } from '#shared/hive/metastore.ts';
import { partitionName, partitionValues } from '#shared/lake/partition-name.ts';
import { formatPath, matchPath } from '#shared/lake/path-template.ts';
import type { Settings, TopicSettings } from './config.ts';
import { findAll, type PartitionFolder } from '#shared/hdfs/partition-folders.ts';
import { knownPartitions } from './known-partitions.ts';
import type { Problem } from './problem.ts';
import type { Changes } from './snapshot-changes.ts';
import type { Clients } from './survey.ts';

/** Partition folders to look at, and those of them that are registered. */
export interface FoundChanges {
  readonly folders: readonly PartitionFolder[];
  /** To be told of registered ones whose folder turns out to be missing. */
  readonly missing: (folder: PartitionFolder) => void;
  /** Names of the registered ones by their values as JSON. */
  readonly known: ReadonlyMap<string, string>;
  /** Their bodies, which need not be fetched again. */
  readonly partitionsByNames: (database: string, table: string, names: readonly string[]) => Promise<Partition[]>;
}

/** Told of a vanished partition: its name, and the folder that is missing. */
type Told = (name: string, path: string) => void;

/** Finds the partitions that changes concern, at a cost that grows with the changes alone. */
export async function findChanged(
  { hdfs, metastore }: Clients,
  settings: Settings,
  topic: TopicSettings,
  changes: Changes,
  report: (problem: Problem) => void,
): Promise<FoundChanges> {
  const folders = new Map<string, PartitionFolder>();
  for (const path of changes.touched) {
    const folder = partitionFolder(topic, path);
    if (folder !== undefined) folders.set(folder.path, folder);
  }
  for (const path of changes.appeared) {
    for await (const folder of findAll(hdfs, topic, settings.concurrency, report, path.split('/')))
      folders.set(folder.path, folder);
  }
  for (const { path: below, reason } of changes.unexpected) {
    const path = `${topic.location}/${below}`;
    report({ code: 'path.unexpected', topic: topic.topic, path, message: `${path} is left aside: ${reason}` });
  }
  const tell = vanishedReporter(topic, settings.vanished === 'keep' ? () => {} : report);
  await tellVanished({ hdfs, metastore }, topic, changes.gone, tell);

  const keys = topic.templates[0]?.keys ?? [];
  const keyNames = keys.map((key) => key.name);
  // Only the list of all names tells whether another writer spelled an int in another way.
  const all = keys.every((key) => key.type === 'string') ? undefined : await knownPartitions(metastore, topic);
  const nameOf = ({ values }: PartitionFolder): string =>
    all?.get(JSON.stringify(values)) ?? partitionName(keyNames, values);
  const registered = new Map<string, Partition>();
  const names = [...new Set([...folders.values()].map(nameOf))];
  for (let start = 0; start < names.length; start += settings.partitionsPerCall) {
    const batch = names.slice(start, start + settings.partitionsPerCall);
    for (const body of await metastore.partitionsByNames(topic.database, topic.table, batch))
      registered.set(partitionName(keyNames, body.values), body);
  }
  const found = [...folders.values()];
  return {
    folders: found,
    missing: (folder) => tell(nameOf(folder), folder.path),
    known: new Map(
      found
        .filter((folder) => registered.has(nameOf(folder)))
        .map((folder) => [JSON.stringify(folder.values), nameOf(folder)]),
    ),
    partitionsByNames: async (_database, _table, wanted) => wanted.flatMap((name) => registered.get(name) ?? []),
  };
}

function partitionFolder(topic: TopicSettings, path: string): PartitionFolder | undefined {
  const folders = path.split('/');
  for (const [layout, template] of topic.templates.entries()) {
    const match = matchPath(template, folders);
    if ('values' in match && match.complete) return { path: `${topic.location}/${path}`, values: match.values, layout };
  }
  return undefined;
}

const namedAtMost = 100;

/** Reports each vanished partition once, up to a bounded number. */
function vanishedReporter(topic: TopicSettings, report: (problem: Problem) => void): Told {
  const told = new Set<string>();
  const about = { code: 'partition.vanished', topic: topic.topic } as const;
  return (name, path) => {
    if (told.has(name) || told.size > namedAtMost) return;
    told.add(name);
    if (told.size <= namedAtMost)
      report({ ...about, path, message: `the registered partition ${name} has no folder any more` });
    else report({ ...about, message: `more partitions of ${topic.topic} vanished: a whole walk counts them` });
  };
}

/** Tells of registered partitions below folders that are not there any more. Nothing is dropped. */
async function tellVanished(
  { hdfs, metastore }: Clients,
  topic: TopicSettings,
  gone: readonly string[],
  tell: Told,
): Promise<void> {
  const missing: string[] = [];
  for (const path of gone) {
    // It may have come back, by another rename or a new write.
    if ((await hdfs.statusIfExists(`${topic.location}/${path}`)) === undefined) missing.push(path);
  }
  if (missing.length === 0) return;
  for (const name of await metastore.partitionNames(topic.database, topic.table)) {
    const path = missing.find((folder) => isBelow(topic, folder, partitionValues(name) ?? []));
    if (path !== undefined) tell(name, `${topic.location}/${path}`);
  }
}

/** True when a layout puts the partition into this folder; values are compared, so that `9` and `09` of an int are one. */
function isBelow(topic: TopicSettings, path: string, values: readonly string[]): boolean {
  const folders = path.split('/');
  return topic.templates.some((template) => {
    const above = matchPath(template, folders);
    const own = matchPath(template, formatPath(template, values).split('/').slice(0, folders.length));
    return 'values' in above && 'values' in own && JSON.stringify(above.values) === JSON.stringify(own.values);
  });
}
