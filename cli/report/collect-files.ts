import pLimit from 'p-limit';
import { asError, isError } from '#shared/errors/error.ts';
import { findRecent, type PartitionFolder, type TopicFolder } from '#shared/hdfs/partition-folders.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { calendarLabel } from '#shared/lake/calendar.ts';
import { isFuture } from '#shared/lake/recency.ts';
import { addSums, FolderSums, nothing, type SizePolicy } from './folder-sums.ts';
import type { Counted, HourCell, TopicFiles } from './lake-report.ts';

/** How much is looked at. */
export interface FileLimits {
  /** Newest folders of each topic. */
  readonly folders: number;
  /** Folders of all topics together; with many topics each has fewer. */
  readonly foldersInAll: number;
  /** True: the NameNode is asked to count all that lies below each topic. */
  readonly counts: boolean;
}

/** What listing topics needs. */
export interface FileTools {
  readonly hdfs: Pick<WebHdfs, 'list' | 'contentSummary' | 'serverTime'>;
  readonly limits: FileLimits;
  /** HDFS calls under way at once. */
  readonly concurrency: number;
  readonly policyOf: (topic: string) => SizePolicy | undefined;
  /** False when no further folder should be listed. */
  readonly hasTime: () => boolean;
  readonly report: (problem: string) => void;
}

/** A topic's files, and the folders that were looked at with their sums. */
export interface FoundTopic {
  readonly files: TopicFiles;
  readonly folders: readonly FoundFolder[];
}

/** A folder and what lies in it. */
export interface FoundFolder {
  readonly folder: PartitionFolder;
  readonly sums: Counted;
}

/** Newest folders that each of so many topics may have. */
export function foldersPerTopic({ folders, foldersInAll }: FileLimits, topics: number): number {
  return Math.max(1, Math.min(folders, Math.floor(foldersInAll / Math.max(1, topics))));
}

/** Folders of the future that are passed over in the search for the newest ones. */
const mostFuture = 10_000;

/** Topics that are walked at once; the listings of their folders share one limit. */
const topicsAtOnce = 4;

/** Lists the newest folders of topics. What cannot be listed is told, and the topic is called incomplete. */
export async function collectFiles(topics: readonly TopicFolder[], tools: FileTools): Promise<FoundTopic[]> {
  const now = await tools.hdfs.serverTime();
  const most = foldersPerTopic(tools.limits, topics.length);
  const listings = pLimit(tools.concurrency);
  const walks = pLimit(topicsAtOnce);
  const look = (topic: TopicFolder): Promise<FoundTopic> =>
    walks(async () => await collectTopic(topic, { ...tools, now, most, listings }));
  return await Promise.all(topics.slice(0, tools.limits.foldersInAll).map(look));
}

interface TopicTools extends FileTools {
  readonly now: number;
  readonly most: number;
  readonly listings: ReturnType<typeof pLimit>;
}

async function collectTopic(topic: TopicFolder, tools: TopicTools): Promise<FoundTopic> {
  const { hdfs, now, listings, report, hasTime } = tools;
  const keys = topic.templates[0]?.keys ?? [];
  let isWhole = true;
  const tell = (problem: string): void => {
    isWhole = false;
    report(problem);
  };
  const { folders, future } = await findFolders(topic, tools, tell);
  const found = await Promise.all(
    folders.map((folder) =>
      listings(async (): Promise<FoundFolder | undefined> => {
        if (!hasTime()) return undefined;
        const sums = await listFolder(hdfs, folder.path, tools.policyOf(topic.topic), tell);
        return sums && { folder, sums: sums.end(now) };
      }),
    ),
  );
  const listed = found.filter((one) => one !== undefined);
  if (found.includes(undefined) && !hasTime()) tell(`${topic.topic}: the time was over before all folders were listed`);
  const all = tools.limits.counts && hasTime() ? await countAll(hdfs, topic, tell) : undefined;
  const cells = new Map<string, Counted>();
  for (const { folder, sums } of listed) {
    const label = calendarLabel(keys, folder.values);
    if (label !== undefined) cells.set(label, addSums(cells.get(label) ?? nothing, sums));
  }
  const files: TopicFiles = {
    topic: topic.topic,
    ...listed.reduce((sum, { sums }) => addSums(sum, sums), nothing),
    cells: [...cells]
      .map(([label, sums]): HourCell => ({ label, ...sums }))
      .toSorted((a, b) => (a.label < b.label ? -1 : 1)),
    future,
    isWhole,
    ...(all === undefined ? {} : { all }),
  };
  return { files, folders: listed };
}

async function findFolders(
  topic: TopicFolder,
  { hdfs, most, now, hasTime }: TopicTools,
  tell: (problem: string) => void,
): Promise<{ folders: PartitionFolder[]; future: number }> {
  const keys = topic.templates[0]?.keys ?? [];
  const folders: PartitionFolder[] = [];
  let future = 0;
  const stray = { count: 0, first: '' };
  const walk = findRecent(hdfs, topic, most, new Date(now), ({ code, message }) => {
    if (code === 'folder.unreadable') tell(message);
    stray.first ||= message;
    stray.count += Number(code === 'path.unexpected');
  });
  try {
    for await (const folder of walk) {
      // They are counted alone, so that a wrong clock does not hide the present.
      if (isFuture(keys, folder.values, new Date(now))) future += 1;
      else folders.push(folder);
      if (future > mostFuture) {
        tell(`${topic.topic}: more than ${mostFuture} folders of the future stand before all others`);
        break;
      }
      if (!hasTime()) break;
    }
  } catch (error) {
    if (!isError(error, 'hdfs.not_found', 'hdfs.access_denied')) throw error;
    tell(`${topic.location} cannot be listed: ${error.message}`);
  }
  if (stray.count > 0) tell(`${topic.topic}: ${stray.count} paths are no partitions, such as: ${stray.first}`);
  return { folders, future };
}

/** Undefined when it cannot be listed; nothing when it vanished meanwhile. */
async function listFolder(
  hdfs: Pick<WebHdfs, 'list'>,
  path: string,
  policy: SizePolicy | undefined,
  tell: (problem: string) => void,
): Promise<FolderSums | undefined> {
  const sums = new FolderSums(policy);
  try {
    for await (const entry of hdfs.list(path)) sums.add(entry);
    return sums;
  } catch (error) {
    if (isError(error, 'hdfs.not_found')) return new FolderSums(policy);
    if (!isError(error, 'hdfs.access_denied')) throw error;
    tell(`${path} cannot be listed: ${error.message}`);
    return undefined;
  }
}

async function countAll(
  hdfs: Pick<WebHdfs, 'contentSummary'>,
  { location }: TopicFolder,
  tell: (problem: string) => void,
): Promise<TopicFiles['all']> {
  try {
    const { fileCount, directoryCount, length } = await hdfs.contentSummary(location);
    return { files: fileCount, folders: directoryCount, bytes: length };
  } catch (thrown) {
    // It may take the NameNode longer than one call may take; all else is known without it.
    tell(`what lies below ${location} was not counted: ${asError(thrown).message}`);
    return undefined;
  }
}
