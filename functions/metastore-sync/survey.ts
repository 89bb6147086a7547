import pLimit from 'p-limit';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { statisticsRefusal } from '#shared/hive/column-statistics.ts';
import type { Metastore, Partition } from '#shared/hive/metastore.ts';
import type { Kafka } from '#shared/kafka/kafka.ts';
import { isGlob } from '#shared/lake/file-name.ts';
import { partitionName } from '#shared/lake/partition-name.ts';
import type { Settings, TopicSettings } from './config.ts';
import type { Scope } from './doorbell.ts';
import { findChanged } from './changes/find-changed.ts';
import { findVanished } from './survey/find-vanished.ts';
import { findFew } from './survey/find-few.ts';
import { findAll, findAtPaths, findRecent, type PartitionFolder } from '#shared/hdfs/partition-folders.ts';
import { FooterReader } from './survey/footers.ts';
import { knownPartitions } from './survey/known-partitions.ts';
import { lookForChanges } from './changes/look.ts';
import type { Problem } from './problem.ts';
import { liesAt } from './survey/place.ts';
import { topicProperty } from './properties.ts';
import type { Snapshots } from './changes/snapshots.ts';
import { onePerName, surveyPartition } from './survey/survey-partition.ts';
import { judgeTable } from './table/table-guard.ts';
import { chooseTopics } from './topics.ts';
import type { Vanished, VanishedPartition } from './partition/vanished.ts';
import type { AccountedPartition, TopicView, ViewedPartition } from './view.ts';
import { walkedUntilMark } from './table/walk-again.ts';

/** The services that a sync reads from. */
export interface Clients {
  readonly hdfs: WebHdfs;
  readonly metastore: Metastore;
  /** Where the topics come from, when the settings say. */
  readonly kafka?: Kafka;
}

/** Reads one topic: its folders in the scope, the table, what is registered, and the footers of new files. Writes nothing but a snapshot, when it may. */
export async function surveyTopic(
  clients: Clients,
  settings: Settings,
  topic: TopicSettings,
  scope: Scope,
  now: Date,
  snapshots?: Snapshots,
): Promise<TopicView> {
  const { hdfs, metastore } = clients;
  const problems: Problem[] = [];
  const report = (problem: Problem): void =>
    void problems.push({ table: `${topic.database}.${topic.table}`, ...problem });
  const view = (rest: Partial<TopicView> = {}): TopicView => ({
    settings: topic,
    defaultFs: settings.hdfs.defaultFs,
    partitions: [],
    folders: 0,
    problems,
    ...rest,
  });

  const table = await metastore.table(topic.database, topic.table);
  const objection = table && judgeTable(table, topic, settings.hdfs);
  if (objection !== undefined) {
    report(objection);
    return view();
  }

  if (scope.kind === 'paths' && table?.parameters?.get(topicProperty) !== topic.topic) {
    const { topics, problems: objections } = await chooseTopics(hdfs, settings, {
      kind: 'full',
      topics: [topic.topic],
    });
    if (topics.length === 0) {
      objections.forEach(report);
      return view();
    }
  }

  const look = scope.kind === 'changes' ? await lookForChanges(hdfs, topic, table, snapshots, report) : undefined;
  const changed = look?.changes && (await findChanged(clients, settings, topic, look.changes, report));
  const way =
    scope.kind === 'full' || scope.kind === 'changes' ? (changed === undefined ? 'walk' : 'snapshot') : scope.kind;
  const walkStart = way === 'walk' ? await hdfs.serverTime() : 0;
  const walkedBefore = table === undefined ? 0 : walkedUntilMark(table);
  const found = findFolders(hdfs, settings, topic, scope, now, report);
  const isFew = scope.kind === 'paths' || scope.kind === 'recent';
  const few = changed ?? (table && isFew ? await findFew(metastore, settings, topic, found) : undefined);
  const known =
    few?.known ?? (table === undefined ? new Map<string, string>() : await knownPartitions(metastore, topic));
  // Only a walk that sees every folder, or a snapshot, tells which ones are not there.
  const minds = settings.vanished !== 'keep';
  const unseen = new Map(way === 'walk' && minds ? known : []);
  const gone = new Map<string, VanishedPartition['folder']>();
  const fresh: PartitionFolder[] = [];
  const touched: PartitionFolder[] = [];
  let [folders, newest, postponed] = [0, 0, 0];
  for await (const folder of few?.folders ?? found) {
    const key = JSON.stringify(folder.values);
    const name = known.get(key);
    folders += 1;
    newest = Math.max(newest, folder.modificationTime ?? 0);
    const isEmpty = unseen.has(key) && folder.entries === 0;
    unseen.delete(key);
    if (isGlob(folder.path)) {
      report({
        code: 'path.glob',
        topic: topic.topic,
        path: folder.path,
        message: `${folder.path} is left aside: Hive takes * ? [ { \\ in a partition's path for a pattern, and answers with rows of other folders or fails`,
      });
    } else if (isEmpty && name !== undefined) {
      gone.set(name, 'empty');
    } else if (name !== undefined) {
      // A folder changes its time whenever a file enters or leaves it, so an older one has nothing new.
      if (way !== 'walk' || (folder.modificationTime ?? Infinity) > walkedBefore) touched.push(folder);
    } else if (fresh.length < settings.maxPartitionsPerRun) {
      fresh.push(folder);
    } else {
      postponed += 1;
    }
  }
  for (const name of unseen.values()) gone.set(name, 'missing');
  if (postponed > 0)
    report({
      code: 'partition.postponed',
      topic: topic.topic,
      message: `${postponed} more new partitions wait for the next run (maxPartitionsPerRun is ${settings.maxPartitionsPerRun})`,
    });

  const accounted: AccountedPartition[] = [];
  const tools = {
    hdfs,
    reader: new FooterReader(hdfs, settings.concurrency),
    topic,
    report,
    accounted: (partition: AccountedPartition): void => void accounted.push(partition),
    vanished:
      way === 'snapshot' && minds
        ? ({ values }: PartitionFolder, state: VanishedPartition['folder']) =>
            void gone.set(known.get(JSON.stringify(values)) ?? '', state)
        : undefined,
  };
  const limit = pLimit(settings.concurrency);
  const inspect = async (pairs: readonly [PartitionFolder, Partition?][]): Promise<ViewedPartition[]> => {
    const viewed = await Promise.all(pairs.map((pair) => limit(() => surveyPartition(tools, ...pair))));
    return viewed.filter((partition) => partition !== undefined);
  };
  const byLayout = fresh.toSorted((a, b) => a.layout - b.layout || (a.path < b.path ? -1 : 1));
  const partitions = onePerName(await inspect(byLayout.map((folder) => [folder])), tools);
  for await (const batch of registeredPartitions(few ?? metastore, settings, topic, touched, known, report))
    partitions.push(...(await inspect(batch)));
  const vanished = async (): Promise<Vanished> => {
    const registered = (await changed?.countRegistered()) ?? known.size;
    return findVanished(few ?? metastore, settings, topic, gone, {
      registered,
      present: registered - gone.size,
      policy: settings.vanished,
      maxPartitions: settings.maxDropPartitions,
      maxShare: settings.maxDropShare,
    });
  };
  const refusal = table && statisticsRefusal(table);
  // A change during the walk is later than its start by the same clock (whole seconds), so it is found the next time.
  const unreadable = problems.some((problem) => problem.code === 'folder.unreadable');
  const complete = postponed === 0 && !unreadable;
  const walkedUntil = way === 'walk' && complete ? { walkedUntil: Math.min(newest, walkStart - 1_000) } : {};
  return view({
    ...(table === undefined ? {} : { table }),
    ...(refusal === undefined ? {} : { statisticsRefusal: refusal }),
    partitions,
    accounted,
    folders,
    ...walkedUntil,
    way,
    ...(look === undefined ? {} : { look, complete }),
    ...(gone.size > 0 && !unreadable ? { vanished: await vanished() } : {}),
  });
}

function findFolders(
  hdfs: WebHdfs,
  settings: Settings,
  topic: TopicSettings,
  scope: Scope,
  now: Date,
  report: (problem: Problem) => void,
): AsyncIterable<PartitionFolder> {
  if (scope.kind === 'paths') return findAtPaths(hdfs, topic, settings.root, scope.paths, settings.concurrency, report);
  if (scope.kind === 'full' || scope.kind === 'changes') return findAll(hdfs, topic, settings.concurrency, report);
  return findRecent(hdfs, topic, scope.partitions ?? settings.recentPartitions, now, report);
}

/** The bodies of registered partitions whose location is the folder, batch by batch; one that lies elsewhere is reported and left alone. */
async function* registeredPartitions(
  metastore: Pick<Metastore, 'partitionsByNames'>,
  settings: Settings,
  topic: TopicSettings,
  folders: readonly PartitionFolder[],
  known: ReadonlyMap<string, string>,
  report: (problem: Problem) => void,
): AsyncGenerator<[PartitionFolder, Partition][]> {
  const keys = (topic.templates[0]?.keys ?? []).map((key) => key.name);
  const nameOf = ({ values }: PartitionFolder): string => known.get(JSON.stringify(values)) ?? '';
  for (let start = 0; start < folders.length; start += settings.partitionsPerCall) {
    const batch = folders.slice(start, start + settings.partitionsPerCall);
    const names = [...new Set(batch.map(nameOf))];
    const bodies = new Map<string, Partition>();
    for (const body of await metastore.partitionsByNames(topic.database, topic.table, names))
      bodies.set(partitionName(keys, body.values ?? []), body);
    const pairs: [PartitionFolder, Partition][] = [];
    for (const folder of batch) {
      const body = bodies.get(nameOf(folder));
      if (body === undefined) continue;
      if (liesAt(body.sd?.location, folder.path, settings.hdfs)) pairs.push([folder, body]);
      else
        report({
          code: 'partition.elsewhere',
          topic: topic.topic,
          path: folder.path,
          message: `the partition ${folder.values.join('/')} is registered at ${body.sd?.location}, not at ${folder.path}; it is left alone`,
        });
    }
    yield pairs;
  }
}
