import { z } from 'zod';
import { folderSetting, hdfsSettings } from '#shared/hdfs/hdfs-settings.ts';
import { kafkaSettings } from '#shared/kafka/kafka-settings.ts';
import { sourcesSettings } from './inventory/open-sources.ts';
import { severities } from './model/verdict.ts';
import { requiredLabelSchema } from './rules/labels/judge-label.ts';

const ruleSetting = z.strictObject({
  enabled: z.boolean().optional().describe('false: the rule is not used'),
  severity: z
    .enum(severities)
    .optional()
    .describe('in place of its own; failures that are worse or milder than usual move with it'),
  parameters: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('its parameters; `lakewarden scan rules` lists them'),
});

const patterns = z.array(z.string().min(1).max(300));

/** What many rules must know of the site, under the names that they give to their parameters. */
const siteSettings = z.strictObject({
  people: patterns.optional().describe('principals that are people; * stands for any characters'),
  services: patterns.optional().describe('principals that are services'),
  admins: patterns.optional().describe('principals that may administrate'),
  partners: z.array(z.string()).optional().describe('public addresses of partners (CIDR)'),
  roots: z
    .strictObject({
      golden: z.array(z.string().startsWith('/')).optional().describe('folders of golden data'),
      quarantine: z.array(z.string().startsWith('/')).optional().describe('folders of quarantined data'),
      raw: z.array(z.string().startsWith('/')).optional().describe('folders of raw data'),
    })
    .optional(),
  deadLetterTopics: patterns.optional().describe('names of dead letter topics, such as {source}.dlq'),
  requiredLabels: z
    .array(requiredLabelSchema)
    .optional()
    .describe('labels that everything must have: name, and allowed values or a pattern'),
  ownerLabels: z
    .array(z.string().min(1))
    .default(['owner', 'Owner', 'team', 'Team'])
    .describe('labels that name the owner of a thing, the first that is there'),
});

const state = z
  .strictObject({
    folder: folderSetting.optional().describe('folder in HDFS, which `hdfs` reaches'),
    topic: z
      .strictObject({
        topic: z
          .string()
          .regex(/^[\w.-]{1,249}$/, 'the name of a Kafka topic')
          .default('lakewarden-scan-state')
          .describe('compacted topic; made when it is missing'),
        partitions: z.int().min(1).max(1_000).default(6).describe('its partitions; never to be changed'),
        replicas: z
          .int()
          .min(1)
          .max(32_767)
          .optional()
          .describe('replicas, when it is made; the brokers decide unless said'),
      })
      .optional()
      .describe('compacted Kafka topic, which `kafka` reaches'),
    local: z.string().min(1).optional().describe('folder on this machine, for the command line'),
    keepResolvedDays: z.number().positive().default(90).describe('how long resolved findings are remembered'),
  })
  .refine(({ folder, topic, local }) => [folder, topic, local].filter((way) => way !== undefined).length < 2, {
    error: 'folder, topic and local are three ways to keep it: choose one',
  });

/** The settings of compliance-scan; unknown keys are refused. */
export const settingsSchema = z
  .strictObject({
    sources: sourcesSettings.prefault({}),
    rules: z.record(z.string(), ruleSetting).default({}),
    ownRules: z.string().min(1).optional().describe('folder of your own rules (YAML with CEL)'),
    waivers: z
      .strictObject({
        folder: z.string().min(1).optional().describe('folder of waivers (YAML)'),
        maxDays: z.int().min(1).max(3_650).default(365).describe('a waiver that ends later than this does not hold'),
      })
      .prefault({}),
    site: siteSettings.prefault({}),
    state: state.prefault({}),
    remedy: z
      .strictObject({
        rules: patterns
          .default([])
          .describe('rules whose findings `scan repair` may mend in the cluster; none unless said'),
        most: z.int().min(1).max(1_000).default(10).describe('objects that one run may change'),
      })
      .prefault({}),
    hdfs: hdfsSettings.optional().describe('file system of the state folder'),
    kafka: kafkaSettings.optional().describe('brokers of the state topic'),
    limits: z
      .strictObject({
        listingsAtOnce: z.int().min(1).max(64).default(4).describe('listings that go on at once'),
        listingSeconds: z.number().positive().max(3_600).default(300).describe('longest time of one listing'),
        followUpSeconds: z
          .number()
          .min(0)
          .default(300)
          .describe('shortest time between two sweeps that an instance asks for after changes'),
      })
      .prefault({}),
  })
  .superRefine((settings, context) => {
    const fault = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (settings.state.folder !== undefined && settings.hdfs === undefined) fault(['hdfs'], 'state.folder needs it');
    if (settings.state.topic !== undefined && settings.kafka === undefined) fault(['kafka'], 'state.topic needs it');
  });

/** The settings of compliance-scan as read. */
export type Settings = z.output<typeof settingsSchema>;
