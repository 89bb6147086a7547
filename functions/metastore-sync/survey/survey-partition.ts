import { isError } from '#shared/errors/error.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { Partition } from '#shared/hive/metastore.ts';
import { digestFiles, filesSince } from '#shared/lake/file-digest.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import type { TopicSettings } from '../config.ts';
import { missingPath, type PartitionFolder, unreadableFolder } from '#shared/hdfs/partition-folders.ts';
import type { FooterReader } from './footers.ts';
import { heldBy } from '../completeness/held-offsets.ts';
import { accountedRows } from '../partition/partition-parameters.ts';
import type { Problem } from '../problem.ts';
import { filesProperty } from '../properties.ts';
import type { VanishedPartition } from '../partition/vanished.ts';
import type { AccountedPartition, ViewedFile, ViewedPartition } from '../view.ts';

/** What looking at a partition's folder needs. */
export interface PartitionTools {
  readonly hdfs: WebHdfs;
  readonly reader: FooterReader;
  readonly topic: TopicSettings;
  readonly report: (problem: Problem) => void;
  /** Told of registered partitions that need nothing. */
  readonly accounted: (partition: AccountedPartition) => void;
  /** Told of registered partitions whose folder is not there, or has nothing in it. */
  readonly vanished?: ((folder: PartitionFolder, state: VanishedPartition['folder']) => void) | undefined;
}

/** The files of a partition's folder, with the footers of those that are not accounted for; undefined when there is nothing to do. */
export async function surveyPartition(
  { hdfs, reader, topic, report, accounted, vanished }: PartitionTools,
  folder: PartitionFolder,
  registered?: Partition,
): Promise<ViewedPartition | undefined> {
  const files: ViewedFile[] = [];
  let foldersInside = 0;
  const about = { topic: topic.topic };
  const tellVanished = registered === undefined ? undefined : vanished;
  if (folder.missing === true) {
    tellVanished?.(folder, 'missing');
    return undefined;
  }
  let entries = 0;
  try {
    for await (const { name, path, type, length, modificationTime, erasureCoded } of hdfs.list(folder.path)) {
      if (path === folder.path) {
        report({ ...about, code: 'path.unexpected', path, message: `${path} is a file where a partition should be` });
        return undefined;
      }
      entries += 1;
      if (isHiddenName(name)) continue;
      if (type === 'FILE') {
        files.push({ name, path, length, modificationTime, erasureCoded });
      } else {
        foldersInside += 1;
        report({
          ...about,
          code: 'folder.inside_partition',
          path,
          message: `${path} is a folder inside a partition: Hive reads what is in it, Trino and Spark do not`,
        });
      }
    }
  } catch (error) {
    // A path that is too long for a request must not hold up others of the same look.
    if (isError(error, 'hdfs.access_denied', 'limit.exceeded')) report(unreadableFolder(topic, folder.path, error));
    else if (!isError(error, 'hdfs.not_found')) throw error;
    else if (folder.named === true) report(missingPath(topic, folder.path));
    else tellVanished?.(folder, 'missing');
    return undefined;
  }
  if (entries === 0 && tellVanished !== undefined) {
    tellVanished(folder, 'empty');
    return undefined;
  }
  // Empty files hold no rows for any engine: they are told of each time, and never part of the digest.
  const [empty, full] = [files.filter((file) => file.length === 0), files.filter((file) => file.length > 0)];
  const digest = registered?.parameters?.get(filesProperty);
  const unchanged = registered !== undefined && digest === digestFiles(full);
  if (unchanged && empty.length === 0) {
    const offsets = heldBy(registered, full, topic.kafkaTopic);
    if (offsets !== '') accounted({ path: folder.path, values: folder.values, offsets });
    return undefined;
  }
  // The rows of files that are not read again must be known.
  const counted = topic.statistics === 'none' || (registered !== undefined && accountedRows(registered) !== undefined);
  const unknown = [...filesSince(full, unchanged || counted ? digest : undefined), ...empty];
  const footers = new Map(
    (await Promise.all(unknown.map((file) => reader.inspect(file, topic)))).map((file) => [file.path, file]),
  );
  return {
    path: folder.path,
    values: folder.values,
    modificationTime: folder.modificationTime,
    files: files.map((file) => footers.get(file.path) ?? file),
    ...(foldersInside === 0 ? {} : { foldersInside }),
    ...(registered === undefined ? {} : { registered }),
  };
}

/**
 * Of new folders that name the same partition (an old and a new layout, `1` and `01` of an int), the first that holds data;
 * each further one that does is reported.
 */
export function onePerName(
  partitions: readonly ViewedPartition[],
  { topic, report }: PartitionTools,
): ViewedPartition[] {
  const byName = Map.groupBy(partitions, ({ values }) => JSON.stringify(values));
  return [...byName.values()].flatMap((twins) => {
    const [used, ...others] = twins.filter(({ files }) => files.some((file) => file.length > 0));
    for (const { path } of others)
      report({
        code: 'partition.ambiguous',
        topic: topic.topic,
        path,
        message: `${path} and ${used?.path} name the same partition; only ${used?.path} is used`,
      });
    return used ?? twins.slice(0, 1);
  });
}
