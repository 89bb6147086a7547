import { z } from 'zod';
import { folderSetting, hdfsSettings } from '#shared/hdfs/hdfs-settings.ts';
import { layouts } from '#shared/lake/layouts.ts';
import type { PathTemplate } from '#shared/lake/path-template.ts';
import { type LeftoverPolicy, leftoverPolicy, leftoverRules } from './leftovers/policy.ts';

const rules = {
  quietSeconds: z
    .number()
    .min(0)
    .describe('age of the newest file in a folder from which on nobody writes into it any more'),
  latePartitions: z
    .int()
    .min(0)
    .max(1_000)
    .describe('newest partitions of a topic that are left alone, since late files still come'),
  minFiles: z.int().min(2).describe('fewest files that are worth a merge'),
  targetBytes: z.int().min(1).describe('size of a merged file at most; files below three quarters of it are small'),
  maxFiles: z.int().min(2).describe('files, as writers wrote them, in one merged file'),
  maxRowGroups: z.int().min(2).describe('row groups in one merged file; every reader parses them all'),
  maxFooterBytes: z.int().min(1_000).describe('footer of one merged file'),
};

/** The longest time in seconds that a run may hold a partition. */
export const maxLeaseSeconds = 86_400;

const policy = z.strictObject({
  quietSeconds: rules.quietSeconds.default(3_600),
  latePartitions: rules.latePartitions.default(1),
  minFiles: rules.minFiles.default(5),
  targetBytes: rules.targetBytes.default(256 << 20),
  maxFiles: rules.maxFiles.default(1_000),
  maxRowGroups: rules.maxRowGroups.default(1_000),
  maxFooterBytes: rules.maxFooterBytes.default(2 << 20),
});

const topic = z
  .strictObject(rules)
  .partial()
  .extend({
    templates: layouts.optional().describe('layouts of the partitions'),
    leftovers: z.strictObject(leftoverRules).partial().optional().describe('files that dead writers left half written'),
  });

/** The settings of partition-compaction; unknown keys are refused. */
export const settingsSchema = z.strictObject({
  root: folderSetting.default('/golden').describe('folder that holds one folder per topic'),
  templates: layouts.prefault(['{year}/{month}/{day}/{hour}']).describe('layouts of the partitions'),
  ...policy.shape,
  leftovers: leftoverPolicy.prefault({}).describe('files that dead writers left half written'),
  topics: z.record(z.string(), topic).default({}).describe('what differs for single topics'),
  exclude: z.array(z.string()).default([]).describe('topics that are left alone'),
  recentPartitions: z
    .int()
    .min(1)
    .max(10_000)
    .default(48)
    .describe('newest partitions per topic that a recent run looks at'),
  maxFilesPerRun: z
    .int()
    .min(1)
    .default(100_000)
    .describe('files that one run merges away at most; the rest waits for the next run'),
  maxLeftoversPerRun: z
    .int()
    .min(0)
    .default(1_000)
    .describe('left-over files that one run removes at most; a partition that has more stays as it is'),
  verifyPieces: z
    .boolean()
    .default(true)
    .describe('before a merge, ask which blocks each file has, and after it, whether the result has them'),
  fanOut: z
    .boolean()
    .default(false)
    .describe('ask for each partition by an event of its own, so that many instances share the work'),
  leaseSeconds: z
    .number()
    .min(1)
    .max(maxLeaseSeconds)
    .default(900)
    .describe('how long a run may hold a partition; after that another one may finish or undo its work'),
  concurrency: z.int().min(1).max(256).default(16).describe('HDFS calls under way at once'),
  hdfs: hdfsSettings,
});

/** The settings of partition-compaction as read. */
export type Settings = z.output<typeof settingsSchema>;

/** What decides over merges of a topic. */
export type Policy = z.output<typeof policy>;

/** What holds for one topic: its own settings over the general ones. */
export interface TopicSettings {
  readonly topic: string;
  readonly location: string;
  readonly templates: readonly PathTemplate[];
  readonly policy: Policy;
  readonly leftovers: LeftoverPolicy;
}

/** The settings of one topic: its own over the general ones. */
export function topicSettings(settings: Settings, name: string): TopicSettings {
  const { templates, leftovers, ...own } = settings.topics[name] ?? {};
  const given = Object.entries({ ...settings, ...own }).filter(([key, value]) => key in rules && value !== undefined);
  return {
    topic: name,
    location: `${settings.root === '/' ? '' : settings.root}/${name}`,
    templates: templates ?? settings.templates,
    policy: Object.fromEntries(given) as Policy,
    leftovers: { ...settings.leftovers, ...defined(leftovers) },
  };
}

/** Without keys whose value is left out. */
function defined(values: object = {}): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
