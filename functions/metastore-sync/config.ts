import { z } from 'zod';
import { folderSetting, hdfsSettings } from '#shared/hdfs/hdfs-settings.ts';
import { kafkaSettings } from '#shared/kafka/kafka-settings.ts';
import { widenings } from '#shared/parquet/leaf-join.ts';
import { isZone } from '#shared/lake/calendar.ts';
import { layouts } from '#shared/lake/layouts.ts';
import type { PathTemplate } from '#shared/lake/path-template.ts';
import { vanishedPolicies } from './partition/vanished.ts';

const widening = z.enum(widenings);

const statistics = z.enum(['none', 'basic', 'columns']);

const topic = z.strictObject({
  database: z.string().toLowerCase().optional().describe('database of the table'),
  table: z
    .string()
    .regex(/^[a-z0-9_]+$/, 'letters a-z, digits and _ only')
    .optional()
    .describe('name of the table'),
  templates: layouts.optional().describe('layouts of the partitions, the first one is preferred'),
  owner: z.string().optional().describe('owner of the table when we create it'),
  comment: z.string().optional().describe('comment of the table when we create it'),
  kafkaTopic: z.string().min(1).optional().describe("name of the Kafka topic, where it is not the folder's"),
  adopt: z.boolean().default(false).describe('true: alter a table of this name that does not carry our mark'),
  allow: z.array(widening).default([]).describe('widenings beyond the safe ones, each named aloud in plan and outcome'),
  statistics: statistics.optional().describe('what the metastore is told of the rows of partitions'),
  distinctValues: z.boolean().optional().describe('true: with statistics of columns, read how many distinct values'),
});

/** The settings of metastore-sync; unknown keys are refused. */
export const settingsSchema = z.strictObject({
  root: folderSetting.default('/golden').describe('folder that holds one folder per topic'),
  database: z.string().toLowerCase().default('default').describe('database of the tables; it must exist'),
  templates: layouts
    .prefault(['{year}/{month}/{day}/{hour}'])
    .describe('layouts of the partitions, the first one is preferred'),
  owner: z.string().default('lakewarden').describe('owner of the tables that we create'),
  topics: z.record(z.string(), topic).default({}).describe('what differs for single topics'),
  exclude: z.array(z.string()).default([]).describe('topics that are left alone'),
  recentPartitions: z
    .int()
    .min(1)
    .max(10_000)
    .default(6)
    .describe('newest partitions per topic that a recent run looks at'),
  concurrency: z.int().min(1).max(256).default(16).describe('HDFS calls under way at once'),
  partitionsPerCall: z
    .int()
    .min(1)
    .max(5_000)
    .default(500)
    .describe('partitions added or fetched in one metastore call'),
  maxPartitionsPerRun: z
    .int()
    .min(1)
    .default(100_000)
    .describe('partitions that one run adds per table; the rest waits for the next run'),
  maxWaitingPaths: z
    .int()
    .min(1)
    .default(100_000)
    .describe('paths of events that wait at once while their tables are looked at; events beyond are answered 503'),
  vanished: z
    .enum(vanishedPolicies)
    .default('report')
    .describe('registered partitions whose folder is gone or empty: keep, report, or drop them (files never)'),
  maxDropPartitions: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1_000)
    .describe('when more partitions of a table vanished than this, none is dropped'),
  maxDropShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe('when a larger share of a table vanished than this, none is dropped'),
  statistics: statistics
    .default('basic')
    .describe(
      'what the metastore is told of the rows of partitions: none, basic (their number), columns (their values, too)',
    ),
  distinctValues: z
    .boolean()
    .default(false)
    .describe('true: with statistics of columns, read how many distinct values dictionaries hold'),
  completeness: z
    .strictObject({
      zone: z
        .string()
        .refine(isZone, 'a zone of the IANA database such as America/New_York')
        .default('UTC')
        .describe("time zone of the writer's folders; it only tells when an hour is over"),
      latenessMinutes: z
        .number()
        .min(0)
        .max(100_000)
        .default(10)
        .describe('how long after its end records of an hour may still be written to Kafka'),
      lagMinutes: z
        .number()
        .positive()
        .max(100_000)
        .default(60)
        .describe('records that are older and not queryable raise an event, and again whenever their age has doubled'),
    })
    .prefault({}),
  kafka: kafkaSettings.optional().describe('cluster of the topics; with it, hours are declared complete'),
  objectStores: z
    .array(z.strictObject({ bucket: z.string(), prefix: z.string().default(''), path: z.string().startsWith('/') }))
    .default([])
    .describe('how object names of a bucket (or container) map to lake paths: prefix is replaced by path'),
  hdfs: hdfsSettings,
  metastore: z.strictObject({
    uris: z
      .array(z.string().regex(/^(?:thrift|https?):\/\//, 'thrift://host:port or https://host:port/metastore'))
      .min(1)
      .describe('metastores, tried in this order: thrift://host:port, or https://host:port/metastore over HTTP'),
    user: z.string().default('lakewarden').describe('user name told to the metastore'),
    tokenFile: z.string().optional().describe('file with a bearer token for HTTP, read anew for each call'),
    framed: z.boolean().default(false).describe('framed instead of buffered transport'),
    caFile: z.string().optional().describe('file with the CA of HTTPS; with a thrift address TLS is spoken when given'),
    connections: z.int().min(1).max(64).default(4).describe('connections at once'),
    locks: z
      .boolean()
      .default(true)
      .describe(
        'one instance writes to a table at a time; false for a metastore without locks, or on Derby, whose locks deadlock',
      ),
    turnSeconds: z
      .number()
      .positive()
      .max(500)
      .default(120)
      .describe('longest wait for another instance that writes to the same table; then 503'),
    deadlineSeconds: z.number().positive().max(3_600).default(60).describe('longest time of one call'),
    cascadeDeadlineSeconds: z
      .number()
      .positive()
      .max(3_600)
      .default(500)
      .describe('longest time of an alter that reaches every partition'),
  }),
  outbox: z
    .strictObject({
      folder: z
        .string()
        .startsWith('/')
        .optional()
        .describe(
          'folder of HDFS for events that the sink does not take, shared by all instances; left out, memory has them',
        ),
      intentSeconds: z
        .number()
        .min(0)
        .max(86_400)
        .default(1_200)
        .describe('age at which what a run was about to tell is taken for that of a killed run; longer than any call'),
      maxEvents: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(10_000)
        .describe('events that may wait before new work is answered 503; without a folder 1,000 at most'),
      maxMebibytes: z
        .number()
        .positive()
        .max(65_536)
        .default(128)
        .describe('size in MiB of events that may wait; without a folder 16 at most'),
    })
    .prefault({})
    .describe('what happens to events while the sink is away'),
  notifications: z
    .strictObject({
      cursor: z
        .string()
        .startsWith('/')
        .describe('folder of HDFS, of this deployment alone, that carries how far the log was read'),
    })
    .optional()
    .describe("lets the metastore's log of notifications be read; left out, it is not"),
  lineage: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/ })
        .describe('address that takes RunEvents, such as http://marquez:5000/api/v1/lineage'),
      tokenFile: z.string().optional().describe('file with a bearer token, read anew for each call'),
      namespace: z.string().min(1).default('lakewarden').describe('namespace of our jobs'),
      deadlineSeconds: z
        .number()
        .positive()
        .max(60)
        .default(10)
        .describe('longest time of one call, and of the wait for what is not told at the end of a run'),
    })
    .optional()
    .describe('tells each effect to a catalogue of lineage (OpenLineage); left out, nothing is told'),
});

/** The settings of metastore-sync as read. */
export type Settings = z.output<typeof settingsSchema>;

/** What holds for one topic: its own settings over the general ones. */
export interface TopicSettings {
  readonly topic: string;
  readonly database: string;
  readonly table: string;
  readonly location: string;
  readonly templates: readonly PathTemplate[];
  readonly owner: string;
  readonly comment: string | undefined;
  readonly kafkaTopic: string;
  readonly adopt: boolean;
  readonly allow: readonly z.output<typeof widening>[];
  readonly statistics: z.output<typeof statistics>;
  readonly distinctValues: boolean;
}
