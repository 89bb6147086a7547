import { z } from 'zod';
import { folderSetting, hdfsSettings } from '#shared/hdfs/hdfs-settings.ts';
import { layouts } from '#shared/lake/layouts.ts';
import type { PathTemplate } from '#shared/lake/path-template.ts';
import { engineSettings } from './engine/engine.ts';
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
  maxFooterBytes: z
    .int()
    .min(1_000)
    .describe('footer of one merged file, with its key-value metadata and list of pieces'),
};

const deepRules = {
  swap: z
    .enum(['off', 'rename', 'concat'])
    .describe('how a file that was written anew takes the place of the old one; off: nothing is written anew'),
  coldSeconds: z
    .number()
    .min(0)
    .describe('age of the newest file in a folder from which on its files may be written anew'),
  minRowGroups: z.int().min(2).describe('fewest row groups of a file that is worth it; at most half may be left'),
  groupRows: z.int().min(1).describe('rows of a row group at most, unless it was larger before'),
  groupBytes: z.int().min(1).describe('bytes of a row group at most, as they were before, unless it was larger'),
  codec: z
    .enum(['as found', 'uncompressed', 'snappy', 'gzip', 'zstd', 'brotli'])
    .describe('codec of the columns afterwards'),
  maxBytes: z.int().min(1).describe('size of the largest file that is written anew'),
  maxDeadShare: z
    .number()
    .min(0)
    .max(1)
    .describe('share of a file that may be old bytes; beyond it the file is written anew by rename; 1: never'),
  handOver: z
    .boolean()
    .describe('true: files beyond maxBytes are written anew by the engine, where one is set and swap is rename'),
  schemaChange: z
    .enum(['same', 'compatible'])
    .describe('what an engine may change of a schema: nothing, or what a table over the file does not notice'),
  reclaimSeconds: z
    .number()
    .min(0)
    .describe('how long old bytes stay in a file at least, for readers that have it open'),
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
  deepMerge: z
    .strictObject({
      swap: deepRules.swap.default('off'),
      coldSeconds: deepRules.coldSeconds.default(86_400),
      minRowGroups: deepRules.minRowGroups.default(8),
      groupRows: deepRules.groupRows.default(131_072),
      groupBytes: deepRules.groupBytes.default(128 << 20),
      codec: deepRules.codec.default('as found'),
      maxBytes: deepRules.maxBytes.default(2 ** 31),
      maxDeadShare: deepRules.maxDeadShare.default(1),
      handOver: deepRules.handOver.default(true),
      schemaChange: deepRules.schemaChange.default('same'),
      reclaimSeconds: deepRules.reclaimSeconds.default(86_400),
    })
    .prefault({}),
});

const topic = z
  .strictObject(rules)
  .partial()
  .extend({
    deepMerge: z.strictObject(deepRules).partial().optional(),
    templates: layouts.optional().describe('layouts of the partitions'),
    leftovers: z.strictObject(leftoverRules).partial().optional().describe('files that dead writers left half written'),
  });

/** The settings of partition-compaction; unknown keys are refused. */
export const settingsSchema = z
  .strictObject({
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
    maxRewrittenBytesPerRun: z
      .int()
      .min(1)
      .default(50 * 2 ** 30)
      .describe('bytes of files that one run writes anew at most; the rest waits for the next run'),
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
    engine: engineSettings.optional().describe('takes files that are too large for this function; left out, none does'),
    acceptShortAnswers: z
      .boolean()
      .default(false)
      .describe(
        'with swap concat, a query that listed a file before the swap and opens it after may find no rows, and no error; true accepts that',
      ),
    hdfs: hdfsSettings,
  })
  .refine(
    ({ acceptShortAnswers, deepMerge, topics }) =>
      acceptShortAnswers ||
      [deepMerge, ...Object.values(topics).map((own) => own.deepMerge)].every((deep) => deep?.swap !== 'concat'),
    'deepMerge.swap: concat wants acceptShortAnswers: true, since queries that listed a file before the swap may find no rows in it',
  );

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
  const { templates, leftovers, deepMerge, ...own } = settings.topics[name] ?? {};
  const given = Object.entries({ ...settings, ...defined(own) }).filter(([key]) => key in rules);
  const deep: Policy['deepMerge'] = { ...settings.deepMerge, ...defined(deepMerge) };
  return {
    topic: name,
    location: `${settings.root === '/' ? '' : settings.root}/${name}`,
    templates: templates ?? settings.templates,
    policy: {
      ...(Object.fromEntries(given) as Omit<Policy, 'deepMerge'>),
      deepMerge: { ...deep, handOver: deep.handOver && settings.engine !== undefined },
    },
    leftovers: { ...settings.leftovers, ...defined(leftovers) },
  };
}

/** Without keys whose value is left out. */
function defined(values: object = {}): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
