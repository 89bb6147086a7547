import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { Partition } from '#shared/hive/metastore.ts';
import { partitionName } from '#shared/lake/partition-name.ts';
import { formatPath, matchPath } from '#shared/lake/path-template.ts';
import type { Settings, TopicSettings } from '../config.ts';
import { findAll, type PartitionFolder } from '#shared/hdfs/partition-folders.ts';
import type { FoundFew } from '../survey/find-few.ts';
import { knownPartitions } from '../survey/known-partitions.ts';
import { pathAt } from '../survey/place.ts';
import type { Problem } from '../problem.ts';
import type { Changes } from './snapshot-changes.ts';
import type { Clients } from '../survey.ts';

/** Partition folders to look at, and those of them that are registered. */
export interface FoundChanges extends FoundFew {
  /** How many partitions are registered in all. */
  readonly countRegistered: () => Promise<number>;
}

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

  const keys = topic.templates[0]?.keys ?? [];
  const keyNames = keys.map((key) => key.name);
  let listed: Promise<ReadonlyMap<string, string>> | undefined;
  const listKnown = (): Promise<ReadonlyMap<string, string>> => (listed ??= knownPartitions(metastore, topic));
  // Only the list of all names tells whether another writer spelled an int in another way.
  const all = keys.every((key) => key.type === 'string') ? undefined : await listKnown();
  const nameOf = (values: readonly string[]): string =>
    all?.get(JSON.stringify(values)) ?? partitionName(keyNames, values);
  const tops = await lookAgain(hdfs, topic, changes.gone);
  const below =
    tops.length === 0 ? [] : [...(await listKnown())].filter(([key]) => liesBelow(topic, tops, valuesOf(key)));

  const registered = new Map<string, Partition>();
  const names = [
    ...new Set([...[...folders.values()].map(({ values }) => nameOf(values)), ...below.map(([, name]) => name)]),
  ];
  for (let start = 0; start < names.length; start += settings.partitionsPerCall) {
    const batch = names.slice(start, start + settings.partitionsPerCall);
    for (const body of await metastore.partitionsByNames(topic.database, topic.table, batch))
      registered.set(partitionName(keyNames, body.values), body);
  }
  for (const [key, name] of below) {
    // What is registered in the folder of another layout does not care for this one's end.
    const path = pathAt(registered.get(name)?.sd?.location, settings.hdfs);
    const top = tops.find((folder) => path?.startsWith(`${folder.path}/`));
    if (path !== undefined && top !== undefined && !folders.has(path))
      folders.set(path, { path, values: valuesOf(key), layout: 0, missing: top.missing });
  }
  const found = [...folders.values()];
  return {
    folders: found,
    countRegistered: async () => (await listKnown()).size,
    known: new Map(
      found
        .filter(({ values }) => registered.has(nameOf(values)))
        .map(({ values }) => [JSON.stringify(values), nameOf(values)]),
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

interface Top {
  readonly path: string;
  readonly missing: boolean;
}

/** Folders that were deleted or renamed, and whether they are missing still: a rename or a write may have brought one back. */
async function lookAgain(hdfs: WebHdfs, topic: TopicSettings, gone: readonly string[]): Promise<Top[]> {
  const tops: Top[] = [];
  for (const path of gone.map((folder) => `${topic.location}/${folder}`))
    tops.push({ path, missing: (await hdfs.statusIfExists(path)) === undefined });
  return tops;
}

/** True when a layout puts the partition into one of the folders; values are compared, so that `9` and `09` of an int are one. */
function liesBelow(topic: TopicSettings, tops: readonly Top[], values: readonly string[]): boolean {
  return topic.templates.some((template) => {
    const path = formatPath(template, values).split('/');
    return tops.some((top) => {
      const folders = top.path.slice(topic.location.length + 1).split('/');
      const above = matchPath(template, folders);
      const own = matchPath(template, path.slice(0, folders.length));
      return 'values' in above && 'values' in own && JSON.stringify(above.values) === JSON.stringify(own.values);
    });
  });
}

function valuesOf(key: string): string[] {
  return JSON.parse(key) as string[];
}
