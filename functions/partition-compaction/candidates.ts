import { isError, LakewardenError } from '#shared/errors/error.ts';
import { findAll, findAtPaths, findRecent, type PartitionFolder } from '#shared/hdfs/partition-folders.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { isHiddenName } from '#shared/lake/file-name.ts';
import { splitGoldenPath } from '#shared/lake/golden-path.ts';
import { type Settings, type TopicSettings, topicSettings } from './config.ts';
import type { Scope } from './doorbell.ts';
import { isHalfWritten } from './leftovers/leftover.ts';
import { isOurs, keepName } from './journal/names.ts';
import { isSmall } from './plan.ts';
import { isCold } from './plan-rewrites.ts';
import type { Problem } from './problem.ts';

/** A partition that is worth a look. */
export interface Candidate {
  readonly topic: TopicSettings;
  readonly path: string;
  /** Small files in it. */
  readonly small: number;
}

/** What finding partitions needs. */
export interface FindTools {
  readonly hdfs: WebHdfs;
  readonly settings: Settings;
  /** The present, only used to tell partitions of the future. */
  readonly now: Date;
}

/** The topics of a scope. One listing of the root. */
export async function chooseTopics(
  { hdfs, settings }: FindTools,
  scope: Scope,
): Promise<{ topics: TopicSettings[]; problems: Problem[] }> {
  const { root, exclude } = settings;
  const present = new Set<string>();
  try {
    for await (const { name, type } of hdfs.list(root))
      if (type === 'DIRECTORY' && !isHiddenName(name) && !exclude.includes(name)) present.add(name);
  } catch (cause) {
    if (!isError(cause, 'hdfs.not_found')) throw cause;
    const message = `there is no root folder ${root} in ${settings.hdfs.defaultFs}: create it, or name another by the setting root`;
    throw new LakewardenError('hdfs.not_found', message, { details: { root }, cause });
  }
  const named =
    scope.kind === 'paths' ? scope.paths.map((path) => splitGoldenPath(root, path).topic) : (scope.topics ?? present);
  const wanted = [...new Set(named)].filter((topic) => !exclude.includes(topic)).toSorted();
  const missing = wanted.filter((topic) => !present.has(topic));
  return {
    topics: wanted.filter((topic) => present.has(topic)).map((topic) => topicSettings(settings, topic)),
    problems: missing.map((topic) => ({
      code: 'topic.failed',
      topic,
      message: `there is no folder for the topic ${topic} in ${root}`,
    })),
  };
}

/**
 * The partitions of a topic that have enough small files, or something that an earlier run or a dead writer left, or files that
 * may be written anew, by their listings; those first that lose most files.
 */
export async function findCandidates(
  topic: TopicSettings,
  scope: Scope,
  tools: FindTools,
  report: (problem: Problem) => void,
): Promise<Candidate[]> {
  const { hdfs } = tools;
  const late = new Set<string>();
  if (topic.policy.latePartitions > 0)
    for await (const { path } of findRecent(hdfs, topic, topic.policy.latePartitions, tools.now, report))
      late.add(path);
  const candidates: Candidate[] = [];
  const now = topic.policy.deepMerge.swap === 'off' ? 0 : await hdfs.serverTime();
  for await (const { path } of findFolders(topic, scope, tools, report)) {
    if (late.has(path)) {
      const message = `${path} is one of the newest partitions of ${topic.topic}, to which late files still come`;
      if (scope.kind === 'paths') report({ code: 'partition.open', topic: topic.topic, path, message });
      continue;
    }
    const counts = await countFiles(hdfs, path, topic);
    const hasCold = counts.files > 0 && isCold(counts.newest, now, topic.policy);
    if (counts.small >= topic.policy.minFiles || counts.ours > 0 || counts.halfWritten > 0 || hasCold)
      candidates.push({ topic, path, small: counts.small });
  }
  return candidates.toSorted(compareCandidates);
}

/** Those first that lose most files. */
export function compareCandidates(a: Candidate, b: Candidate): number {
  return b.small - a.small || (a.path < b.path ? -1 : 1);
}

function findFolders(
  topic: TopicSettings,
  scope: Scope,
  { hdfs, settings, now }: FindTools,
  report: (problem: Problem) => void,
): AsyncIterable<PartitionFolder> {
  if (scope.kind === 'full') return findAll(hdfs, topic, settings.concurrency, report);
  if (scope.kind === 'recent') {
    const count = (scope.partitions ?? settings.recentPartitions) + topic.policy.latePartitions;
    return findRecent(hdfs, topic, count, now, report);
  }
  const own = scope.paths.filter((path) => `${path}/`.startsWith(`${topic.location}/`));
  return findAtPaths(hdfs, topic, settings.root, own, settings.concurrency, report);
}

async function countFiles(
  hdfs: WebHdfs,
  path: string,
  { policy, leftovers }: TopicSettings,
): Promise<{ small: number; ours: number; halfWritten: number; files: number; newest: number }> {
  const counts = { small: 0, ours: 0, halfWritten: 0, files: 0, newest: 0 };
  try {
    for await (const file of hdfs.list(path)) {
      if (file.name === keepName) continue;
      if (isOurs(file.name)) counts.ours += 1;
      else if (isHalfWritten(file, leftovers)) counts.halfWritten += 1;
      if (isOurs(file.name) || file.type !== 'FILE') continue;
      counts.newest = Math.max(counts.newest, file.modificationTime);
      if (isHiddenName(file.name)) continue;
      counts.files += 1;
      if (isSmall(file, policy.targetBytes)) counts.small += 1;
    }
  } catch (error) {
    // It vanished, or it may not be listed, which the look at it tells.
    if (!isError(error, 'hdfs.not_found', 'hdfs.access_denied')) throw error;
  }
  return counts;
}
