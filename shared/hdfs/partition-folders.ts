import { isError, type LakewardenError } from '#shared/errors/error.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import { splitGoldenPath } from '#shared/lake/golden-path.ts';
import { matchPath, type PathTemplate } from '#shared/lake/path-template.ts';
import { compareValues, isFuture } from '#shared/lake/recency.ts';
import type { FileStatus } from './file-status.ts';

/** A topic's folder and how its partitions lie in it. */
export interface TopicFolder {
  readonly topic: string;
  /** Absolute path. */
  readonly location: string;
  /** Layouts of the partitions, all with the same keys. */
  readonly templates: readonly PathTemplate[];
}

/** A folder that could not be looked at, that is not there, or that no layout knows. */
export interface FolderProblem {
  readonly code: 'path.unexpected' | 'path.missing' | 'folder.unreadable';
  readonly topic: string;
  readonly path: string;
  readonly message: string;
}

/** What finding needs of HDFS. */
export interface Folders {
  list(path: string): AsyncIterable<FileStatus>;
}

/** A folder that is a partition by its path. */
export interface PartitionFolder {
  readonly path: string;
  readonly values: readonly string[];
  /** Which of the topic's templates the path fits. */
  readonly layout: number;
  /** Milliseconds, as the parent's listing told; undefined when only an event named the folder. */
  readonly modificationTime?: number;
  /** Number of entries, as the parent's listing told. */
  readonly entries?: number;
  /** True when it is known that there is no such folder. */
  readonly missing?: boolean;
  /** True when an event named it, and nobody has seen it yet. */
  readonly named?: boolean;
}

interface Node {
  readonly path: string;
  readonly folders: readonly string[];
  readonly values: readonly string[];
  readonly layout: number;
  readonly leaf: boolean;
  readonly modificationTime: number;
  readonly entries: number;
}

type Report = (problem: FolderProblem) => void;

/**
 * Walks a whole topic (or the subtree below some of its folders), `concurrency` listings at once. Memory: one level's folders.
 * The order is the same however fast each listing comes.
 */
export async function* findAll(
  hdfs: Folders,
  topic: TopicFolder,
  concurrency: number,
  report: Report,
  below: readonly string[] = [],
): AsyncGenerator<PartitionFolder> {
  const stack: Node[] = [rootNode(topic, below)];
  const underWay: Promise<Node[]>[] = [];
  for (;;) {
    while (underWay.length < concurrency) {
      const node = stack.pop();
      if (node === undefined) break;
      const listing = listNode(hdfs, topic, node, report);
      // One that fails while an earlier one is waited for is told of when its turn comes, or not at all.
      listing.catch(() => {});
      underWay.push(listing);
    }
    const children = await underWay.shift();
    if (children === undefined) return;
    for (const child of children) {
      if (child.leaf) yield child;
      else stack.push(child);
    }
  }
}

/**
 * The newest partitions of a topic by their values, newest first, without a look at the older ones: best first over the
 * tree, a folder standing for the newest thing it may hold. Partitions that lie in the future of every time zone are
 * yielded but not counted, so that one wrong clock does not hide the present.
 */
export async function* findRecent(
  hdfs: Folders,
  topic: TopicFolder,
  count: number,
  now: Date,
  report: Report,
): AsyncGenerator<PartitionFolder> {
  const keys = topic.templates[0]?.keys ?? [];
  const frontier: Node[] = [rootNode(topic, [])];
  let left = count;
  while (left > 0) {
    const node = frontier.shift();
    if (node === undefined) return;
    if (node.leaf) {
      if (!isFuture(keys, node.values, now)) left -= 1;
      yield node;
      continue;
    }
    frontier.push(...(await listNode(hdfs, topic, node, report)));
    frontier.sort(newestFirst);
  }
}

/** The partitions that paths (of files or folders, from events) lie in, each once. */
export async function* findAtPaths(
  hdfs: Folders,
  topic: TopicFolder,
  root: string,
  paths: readonly string[],
  concurrency: number,
  report: Report,
): AsyncGenerator<PartitionFolder> {
  const seen = new Set<string>();
  for (const path of paths) {
    const { below } = splitGoldenPath(root, path);
    if (below.some(isHiddenName)) continue;
    for await (const folder of findAtPath(hdfs, topic, below, concurrency, report)) {
      if (seen.has(folder.path)) continue;
      seen.add(folder.path);
      yield folder;
    }
  }
}

async function* findAtPath(
  hdfs: Folders,
  topic: TopicFolder,
  below: readonly string[],
  concurrency: number,
  report: Report,
): AsyncGenerator<PartitionFolder> {
  const reasons: string[] = [];
  for (const [layout, template] of topic.templates.entries()) {
    const folders = below.slice(0, template.segments.length);
    const match = matchPath(template, folders);
    if ('reason' in match) {
      reasons.push(match.reason);
    } else if (match.complete) {
      yield { path: `${topic.location}/${folders.join('/')}`, values: match.values, layout, named: true };
      return;
    } else if (!below.at(-1)?.includes('.')) {
      let found = false;
      for await (const folder of findAll(hdfs, topic, concurrency, report, below)) {
        found = true;
        yield folder;
      }
      if (!found) report(missingPath(topic, [topic.location, ...below].join('/')));
      return;
    } else {
      reasons.push(`it lies above the partitions of ${template.text}`);
    }
  }
  report({
    code: 'path.unexpected',
    topic: topic.topic,
    path: `${topic.location}/${below.join('/')}`,
    message: `the path fits no layout of ${topic.topic}: ${reasons.join('; ')}`,
  });
}

async function listNode(hdfs: Folders, topic: TopicFolder, node: Node, report: Report): Promise<Node[]> {
  const children: Node[] = [];
  try {
    for await (const status of hdfs.list(node.path)) {
      if (isHiddenName(status.name)) continue;
      const child = status.type === 'DIRECTORY' ? childNode(topic, node, status) : 'it is a file above the partitions';
      if (typeof child === 'object') children.push(child);
      else
        report({
          code: 'path.unexpected',
          topic: topic.topic,
          path: status.path,
          message: `${status.path} is left aside: ${child}`,
        });
    }
  } catch (error) {
    if (isError(error, 'hdfs.access_denied')) report(unreadableFolder(topic, node.path, error));
    // A folder that vanished between two listings holds nothing any more; the topic's own folder must be there.
    else if (!isError(error, 'hdfs.not_found') || node.folders.length === 0) throw error;
  }
  return children;
}

/** A folder that may not be listed: what is in it is unknown, which is not the same as nothing. */
export function unreadableFolder(topic: TopicFolder, path: string, error: LakewardenError): FolderProblem {
  return { code: 'folder.unreadable', topic: topic.topic, path, message: `${path} cannot be listed: ${error.message}` };
}

/** A path that somebody named and that leads nowhere: it came too late, or was mistyped. */
export function missingPath(topic: TopicFolder, path: string): FolderProblem {
  return { code: 'path.missing', topic: topic.topic, path, message: `there is no partition at ${path}` };
}

function childNode(topic: TopicFolder, node: Node, status: FileStatus): Node | string {
  const folders = [...node.folders, status.name];
  const reasons: string[] = [];
  for (const [layout, template] of topic.templates.entries()) {
    const match = matchPath(template, folders);
    if ('reason' in match) reasons.push(match.reason);
    else
      return {
        path: status.path,
        folders,
        values: match.values,
        layout,
        leaf: match.complete,
        modificationTime: status.modificationTime,
        entries: status.childrenNum,
      };
  }
  return reasons.join('; ');
}

function rootNode(topic: TopicFolder, folders: readonly string[]): Node {
  return {
    path: [topic.location, ...folders].join('/'),
    folders,
    values: [],
    layout: 0,
    leaf: false,
    modificationTime: 0,
    entries: 0,
  };
}

function newestFirst(a: Node, b: Node): number {
  // A shorter list of values stands for everything below it, so it comes before what it begins.
  const shared = Math.min(a.values.length, b.values.length);
  return (
    compareValues(b.values.slice(0, shared), a.values.slice(0, shared)) ||
    a.values.length - b.values.length ||
    Number(a.leaf) - Number(b.leaf)
  );
}
