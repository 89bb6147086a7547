import pLimit from 'p-limit';
import { asError, isError } from '#shared/errors/error.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import type { Column } from '#shared/parquet/columns.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import type { Settings, TopicSettings } from '../config.ts';
import { declaredColumns } from '../table/declared-columns.ts';
import {
  type ExaminedEntry,
  examineFolder,
  examineLeftOver,
  examineSchema,
  hugeFileBytes,
  smallFileBytes,
} from './doctor.ts';
import { findAll, findRecent, type PartitionFolder } from '#shared/hdfs/partition-folders.ts';
import { problemFinding } from './problem-finding.ts';
import type { Clients } from '../survey.ts';
import { type Finding, Tally, type TalliedFinding } from './tally.ts';

/** What was found in one topic. */
export interface TopicReport {
  readonly topic: string;
  readonly table: string;
  /** Numbers of what was looked at, by name. */
  readonly seen: Readonly<Record<string, number>>;
  readonly findings: readonly TalliedFinding[];
}

/** Looks for what will hurt the readers of a topic: in the newest partitions, or with `full` in all. Writes nothing. */
export async function examineTopic(
  { hdfs, metastore }: Clients,
  settings: Settings,
  topic: TopicSettings,
  full: boolean,
): Promise<TopicReport> {
  const tally = new Tally();
  const seen = { partitions: 0, files: 0, bytes: 0, smallFiles: 0, hugeFiles: 0 };
  const table = await metastore.table(topic.database, topic.table);
  const declared = table && declaredColumns(table);
  const now = await hdfs.serverTime();
  const limit = pLimit(settings.concurrency);
  const examine = async ({ path }: PartitionFolder): Promise<void> => {
    const entries = await readEntries(hdfs, path, tally);
    const files = entries.filter(({ type, name, length }) => type === 'FILE' && !isHiddenName(name) && length > 0);
    seen.partitions += 1;
    seen.files += files.length;
    for (const { length } of files) {
      seen.bytes += length;
      seen.smallFiles += Number(length < smallFileBytes);
      seen.hugeFiles += Number(length > hugeFileBytes);
    }
    tally.add(examineFolder(path, entries, now));
    for (const file of files) tally.add(await examineFile(hdfs, file, declared, topic));
  };
  const report = (problem: Parameters<typeof problemFinding>[0]): void => tally.add([problemFinding(problem)]);
  const folders = full
    ? findAll(hdfs, topic, settings.concurrency, report)
    : findRecent(hdfs, topic, settings.recentPartitions, new Date(now), report);
  let batch: PartitionFolder[] = [];
  const work = async (): Promise<void> => {
    await Promise.all(batch.map((folder) => limit(() => examine(folder))));
    batch = [];
  };
  for await (const folder of folders) if (batch.push(folder) >= settings.concurrency * 4) await work();
  await work();
  // Kafka Connect writes below a folder of its own beside the topics, and renames.
  tally.add(await findUnfinished(hdfs, `${settings.root}/+tmp/${topic.topic}`, now));
  return { topic: topic.topic, table: `${topic.database}.${topic.table}`, seen, findings: tally.rows() };
}

/** The files below a folder for unfinished ones that nobody writes to any more. */
async function findUnfinished(hdfs: WebHdfs, top: string, now: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  const folders = [top];
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    try {
      for await (const entry of hdfs.list(path)) {
        if (entry.type === 'DIRECTORY') folders.push(entry.path);
        else findings.push(...examineLeftOver(entry, now));
      }
    } catch (error) {
      if (!isError(error, 'hdfs.not_found', 'hdfs.access_denied')) throw error;
    }
  }
  return findings;
}

async function readEntries(hdfs: WebHdfs, path: string, tally: Tally): Promise<ExaminedEntry[]> {
  const entries: ExaminedEntry[] = [];
  try {
    for await (const { name, path: where, type, length, modificationTime } of hdfs.list(path))
      entries.push({ name, path: where, type, length, modificationTime });
  } catch (error) {
    if (isError(error, 'hdfs.access_denied'))
      tally.add([{ code: 'folder.unreadable', about: '', message: 'it cannot be listed', where: path }]);
    else if (!isError(error, 'hdfs.not_found')) throw error;
  }
  return entries;
}

/** What a data file's footer tells, or that it has none; nothing when the file is gone. */
export async function examineFile(
  hdfs: WebHdfs,
  { path, length }: Pick<ExaminedEntry, 'path' | 'length'>,
  declared: readonly Column[] | undefined,
  topic: TopicSettings,
): Promise<Finding[]> {
  try {
    const footer = await readFooter({ path, length, read: (offset, size) => hdfs.read(path, offset, size) });
    if (footer.encryptedColumns)
      return [{ code: 'file.unreadable', about: 'encrypted', message: 'it has encrypted columns', where: path }];
    return examineSchema(path, footer.schema, declared, topic);
  } catch (thrown) {
    const { code } = asError(thrown);
    if (code === 'hdfs.not_found') return [];
    if (!code.startsWith('parquet.') && code !== 'hdfs.access_denied' && code !== 'hdfs.invalid') throw thrown;
    const message = 'no engine reads it, and a query over its partition fails';
    return [{ code: 'file.unreadable', about: code, message, where: path }];
  }
}
