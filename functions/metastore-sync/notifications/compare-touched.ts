import pLimit from 'p-limit';
import { asError, isError } from '#shared/errors/error.ts';
import type { PartitionFolder } from '#shared/hdfs/partition-folders.ts';
import type { Table } from '#shared/hive/metastore.ts';
import { partitionName, partitionValues } from '#shared/lake/partition-name.ts';
import { formatPath } from '#shared/lake/path-template.ts';
import { lookAtPartition } from '../examine/compare-topic.ts';
import type { Settings, TopicSettings } from '../config.ts';
import { compareColumns, compareTable } from '../examine/drift.ts';
import type { TopicReport } from '../examine/examine-topic.ts';
import { isFolderOf } from '../survey/find-vanished.ts';
import { valuesKey } from '../survey/known-partitions.ts';
import { pathAt } from '../survey/place.ts';
import type { Clients } from '../survey.ts';
import { type Finding, Tally } from '../examine/tally.ts';

/** Partitions of a table that are compared at once, each by a call or two. */
const mostPartitions = 1_000;

/** What others touched of one table. */
export interface Touched {
  /** The table before the first of their alters. */
  readonly before: Table | undefined;
  /** Names of partitions. */
  readonly partitions: ReadonlySet<string>;
}

/** As {@link compareTouched}; a table that cannot be compared holds up no other, and is no table without drift. */
export async function tryCompareTouched(...args: Parameters<typeof compareTouched>): Promise<TopicReport> {
  try {
    return await compareTouched(...args);
  } catch (thrown) {
    const error = asError(thrown);
    if (error.disposition !== 'reject') throw error;
    const [, , { topic, database, table }] = args;
    const name = `${database}.${table}`;
    const finding = { code: 'table.not_compared', about: '', count: 1, message: error.message, example: name };
    return { topic, table: name, seen: {}, findings: [finding] };
  }
}

/**
 * Compares what others touched of a topic's table, and nothing else, with what metastore-sync leaves: as it is now, which
 * may be mended already. Writes nothing.
 */
async function compareTouched(
  clients: Clients,
  settings: Settings,
  topic: TopicSettings,
  { before, partitions }: Touched,
): Promise<TopicReport> {
  const tally = new Tally();
  const name = `${topic.database}.${topic.table}`;
  const seen = { partitions: partitions.size };
  const report = (): TopicReport => ({ topic: topic.topic, table: name, seen, findings: tally.rows() });

  const table = await clients.metastore.table(topic.database, topic.table);
  if (table === undefined) {
    tally.add([
      { code: 'table.missing', about: '', message: 'somebody dropped it, or gave it another name', where: name },
    ]);
    return report();
  }
  const { findings, comparable } = compareTable(table, topic, settings.hdfs);
  tally.add(findings);
  if (!comparable) return report();
  const columns = compareColumns(table.sd?.cols ?? [], before?.sd?.cols ?? []);
  tally.add(columns.map((observation) => ({ ...observation, where: name })));
  const names = [...partitions].slice(0, mostPartitions);
  if (names.length < partitions.size) {
    const message = `more than ${mostPartitions} partitions were touched: sync drift compares them all`;
    tally.add([{ code: 'partition.not_compared', about: '', message, where: name }]);
  }
  for (let start = 0; start < names.length; start += settings.partitionsPerCall)
    tally.add(
      await comparePartitions(clients, settings, topic, table, names.slice(start, start + settings.partitionsPerCall)),
    );
  return report();
}

async function comparePartitions(
  clients: Clients,
  settings: Settings,
  topic: TopicSettings,
  table: Table,
  names: readonly string[],
): Promise<Finding[]> {
  const limit = pLimit(settings.concurrency);
  const keys = (topic.templates[0]?.keys ?? []).map((key) => key.name);
  const bodies = await clients.metastore.partitionsByNames(topic.database, topic.table, names);
  const byName = new Map(bodies.map((body) => [partitionName(keys, body.values), body]));
  const compare = async (name: string): Promise<Finding[]> => {
    const body = byName.get(name);
    const values = body?.values ?? partitionValues(name) ?? [];
    const { folders, unreadable } = await findFolders(clients, settings, topic, values, body?.sd?.location);
    if (body !== undefined) {
      const own = new Map([[valuesKey(topic, values), folders]]);
      return await lookAtPartition(clients, settings, topic, { table, body, folders: own, unreadable });
    }
    const message = 'it holds something, and somebody took its partition away';
    return folders
      .filter(({ entries }) => entries !== 0)
      .map(({ path }) => ({ code: 'folder.unregistered', about: '', message, where: path }));
  };
  return (await Promise.all(names.map((name) => limit(() => compare(name))))).flat();
}

/** The folders of a partition that are there: where each layout puts it, and where it is registered. */
async function findFolders(
  { hdfs }: Clients,
  settings: Settings,
  topic: TopicSettings,
  values: readonly string[],
  location: string | undefined,
): Promise<{ folders: PartitionFolder[]; unreadable: boolean }> {
  const registered = pathAt(location, settings.hdfs);
  const paths = new Set(topic.templates.map((template) => `${topic.location}/${formatPath(template, values)}`));
  if (registered !== undefined && isFolderOf(topic, registered, values)) paths.add(registered);
  const folders: PartitionFolder[] = [];
  let unreadable = false;
  for (const path of paths) {
    try {
      const status = await hdfs.statusIfExists(path);
      if (status?.type === 'DIRECTORY') folders.push({ path, values, layout: 0, entries: status.childrenNum });
    } catch (error) {
      if (!isError(error, 'hdfs.access_denied', 'hdfs.invalid', 'path.invalid')) throw error;
      unreadable = true;
    }
  }
  return { folders, unreadable };
}
