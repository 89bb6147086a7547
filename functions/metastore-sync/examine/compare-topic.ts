import pLimit from 'p-limit';
import { isError } from '#shared/errors/error.ts';
import type { Partition, Table } from '#shared/hive/metastore.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import { partitionName } from '#shared/lake/partition-name.ts';
import type { Settings, TopicSettings } from '../config.ts';
import { declaredColumns } from '../table/declared-columns.ts';
import { comparePartition, compareTable } from './drift.ts';
import { examineFile, type TopicReport } from './examine-topic.ts';
import { findAll, findRecent, type PartitionFolder } from '#shared/hdfs/partition-folders.ts';
import { valuesKey } from '../survey/known-partitions.ts';
import { isFolderOf } from '../survey/find-vanished.ts';
import { accountedRows } from '../partition/partition-parameters.ts';
import { pathAt } from '../survey/place.ts';
import { problemFinding } from './problem-finding.ts';
import { filesProperty } from '../properties.ts';
import type { Clients } from '../survey.ts';
import { type Finding, Tally } from './tally.ts';

/**
 * Compares a topic's folders, registered partitions, columns and newest files, and tells what is not as metastore-sync
 * leaves it. Walks the whole topic and reads every partition's body. Writes nothing.
 */
export async function compareTopic(clients: Clients, settings: Settings, topic: TopicSettings): Promise<TopicReport> {
  const { hdfs, metastore } = clients;
  const tally = new Tally();
  const name = `${topic.database}.${topic.table}`;
  const seen = { partitions: 0, folders: 0 };
  const report = (): TopicReport => ({ topic: topic.topic, table: name, seen, findings: tally.rows() });

  const table = await metastore.table(topic.database, topic.table);
  if (table === undefined) {
    tally.add([{ code: 'table.missing', about: '', message: 'the topic has no table', where: name }]);
    return report();
  }
  const { findings, comparable } = compareTable(table, topic, settings.hdfs);
  tally.add(findings);
  if (!comparable) return report();

  let unreadable = false;
  const folders = new Map<string, PartitionFolder[]>();
  const tell = (problem: Parameters<typeof problemFinding>[0]): void => {
    unreadable ||= problem.code === 'folder.unreadable';
    tally.add([problemFinding(problem)]);
  };
  for await (const folder of findAll(hdfs, topic, settings.concurrency, tell)) {
    seen.folders += 1;
    const key = JSON.stringify(folder.values);
    folders.set(key, [...(folders.get(key) ?? []), folder]);
  }

  const names = await metastore.partitionNames(topic.database, topic.table);
  seen.partitions = names.length;
  const limit = pLimit(settings.concurrency);
  for (let start = 0; start < names.length; start += settings.partitionsPerCall) {
    const batch = names.slice(start, start + settings.partitionsPerCall);
    const bodies = await metastore.partitionsByNames(topic.database, topic.table, batch);
    const told = bodies.map((body) =>
      limit(() => lookAtPartition(clients, settings, topic, { table, body, folders, unreadable })),
    );
    for (const some of await Promise.all(told)) tally.add(some);
  }
  // What is left belongs to no partition.
  const message = 'it holds something and is not registered: it was dropped by hand, held back, or not synced yet';
  for (const { path, entries } of [...folders.values()].flat())
    if (entries !== 0) tally.add([{ code: 'folder.unregistered', about: '', message, where: path }]);

  tally.add(await compareNewestFiles(clients, settings, topic, table));
  return report();
}

/** A registered partition, and the folders to hold against it. */
export interface Comparison {
  readonly table: Table;
  readonly body: Partition;
  /** Folders by values; those of the partition are taken out. */
  readonly folders: Map<string, PartitionFolder[]>;
  readonly unreadable: boolean;
}

/** What is not right about one registered partition. */
export async function lookAtPartition(
  { hdfs }: Clients,
  settings: Settings,
  topic: TopicSettings,
  { table, body, folders, unreadable }: Comparison,
): Promise<Finding[]> {
  const keys = topic.templates[0]?.keys ?? [];
  const values = body.values ?? [];
  const name = partitionName(
    keys.map((key) => key.name),
    values,
  );
  const key = valuesKey(topic, values);
  const path = pathAt(body.sd?.location, settings.hdfs);
  const own = folders.get(key) ?? [];
  folders.delete(key);
  const folder = own.find((candidate) => candidate.path === path);
  const findings: Finding[] = comparePartition(table, body).map((observation) => ({ ...observation, where: name }));
  const add = (code: string, message: string, where = name): void =>
    void findings.push({ code, about: '', message, where });

  if (body.parameters?.get(filesProperty) === undefined)
    add('partition.by_others', 'somebody else registered it, or removed its digest of files');
  if (folder === undefined) {
    if (path === undefined || own.length > 0 || !isFolderOf(topic, path, values))
      add(
        'partition.elsewhere',
        'it is registered at another place than its folder',
        `${name} at ${body.sd?.location}`,
      );
    else if (!unreadable) add('partition.vanished', 'its folder is not there');
  } else if (folder.entries === 0) {
    add('partition.empty', 'its folder has nothing in it');
  } else if (Number(body.parameters?.get('numFiles')) !== folder.entries) {
    const count = await countDataFiles(hdfs, folder.path);
    if (count !== undefined && Number(body.parameters?.get('numFiles')) !== count)
      add('partition.num_files', 'its numFiles is not the number of its data files');
  } else {
    const rows = accountedRows(body);
    if (rows !== undefined && body.parameters?.get('numRows') !== String(rows))
      add('partition.num_rows', 'its numRows is not the number of rows that metastore-sync counted in its files');
  }
  return findings;
}

async function countDataFiles(hdfs: Clients['hdfs'], path: string): Promise<number | undefined> {
  let count = 0;
  try {
    for await (const { name, type, length } of hdfs.list(path))
      if (type === 'FILE' && length > 0 && !isHiddenName(name)) count += 1;
    return count;
  } catch (error) {
    if (isError(error, 'hdfs.access_denied', 'hdfs.not_found')) return undefined;
    throw error;
  }
}

/** The files of the newest partitions against the table's columns. */
async function compareNewestFiles(
  { hdfs }: Clients,
  settings: Settings,
  topic: TopicSettings,
  table: Table,
): Promise<Finding[]> {
  const declared = declaredColumns(table);
  const findings: Finding[] = [];
  const now = new Date(await hdfs.serverTime());
  for await (const { path } of findRecent(hdfs, topic, settings.recentPartitions, now, () => {})) {
    try {
      for await (const file of hdfs.list(path)) {
        if (file.type !== 'FILE' || file.length === 0 || isHiddenName(file.name)) continue;
        const told = await examineFile(hdfs, file, declared, topic);
        findings.push(...told.filter(({ code }) => code === 'file.differs' || code === 'file.ahead'));
      }
    } catch (error) {
      if (!isError(error, 'hdfs.access_denied', 'hdfs.not_found')) throw error;
    }
  }
  return findings;
}
