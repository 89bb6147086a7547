import { z } from 'zod';
import { secret } from '#shared/config/secret.ts';
import { folderSetting, hdfsSettings } from '#shared/hdfs/hdfs-settings.ts';
import { kafkaSettings } from '#shared/kafka/kafka-settings.ts';
import { actions } from './classify/classes.ts';
import { rulesSchema, testRules } from './classify/rules.ts';
import { sourceSchema } from './letter/declared-source.ts';
import { compilePattern, longestPattern } from './pattern.ts';

const pattern = z.string().min(1).max(longestPattern);
const topicName = z.string().regex(/^[\w.-]{1,249}$/, 'the name of a Kafka topic');

const part = z.strictObject({
  format: z.enum(['json', 'text', 'registered']).optional().describe('registered: it names a schema of the registry'),
  subject: z.string().min(1).optional().describe('subject of its schemas; {topic} stands for the topic it comes from'),
});

const expectation = z.strictObject({
  topic: pattern.describe('topics that the letters come from, or dead letter topics where that is not told'),
  key: part.optional().describe('what keys are'),
  value: part.optional().describe('what values are'),
});

const ownership = z.strictObject({
  topic: pattern.optional().describe('dead letter topics'),
  origin: pattern.optional().describe('topics in which records first failed'),
  component: pattern.optional().describe('connectors, handlers or services that failed'),
  owner: z.string().min(1).max(100).describe('who looks after such letters'),
});

const registry = z
  .strictObject({
    url: z.url().describe("base address of Confluent's API; for Apicurio it ends with /apis/ccompat/v7"),
    user: z.string().optional().describe('user of HTTP basic'),
    password: secret().optional().describe('its password: a text, or {file: path}'),
    token: secret().optional().describe('bearer token: a text, or {file: path}'),
    deadlineSeconds: z.number().positive().max(60).default(5).describe('longest time of one call'),
    keepSeconds: z.number().positive().default(3_600).describe('how long an answer is believed'),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    error: 'user and password belong together',
  });

const quarantine = z.strictObject({
  root: folderSetting.default('/quarantine').describe('folder that holds one folder per dead letter topic'),
  format: z.enum(['parquet', 'jsonl']).default('parquet').describe('how letters are stored; both keep every byte'),
  letters: z
    .union([z.literal('all'), z.array(z.enum(actions)).min(1)])
    .default('all')
    .describe('all letters, or those for which one of these actions is best'),
});

const ownTopic = {
  partitions: z.int().min(1).max(1_000),
  replicas: z.int().min(1).max(32_767).optional().describe('replicas, when it is made; the brokers decide unless said'),
};

/** The settings of dead-letter-triage; unknown keys are refused. */
export const settingsSchema = z
  .strictObject({
    topics: z.array(pattern).min(1).describe('dead letter topics; * stands for any characters'),
    exclude: z.array(pattern).default([]).describe('topics that are left alone all the same'),
    sources: z.array(sourceSchema).default([]).describe('letters that do not speak for themselves: envelopes, jobs'),
    expectations: z.array(expectation).default([]).describe('what keys and values of topics should be'),
    rules: rulesSchema.default([]).describe('rules of your own: class, action, owner and group of letters'),
    owners: z.array(ownership).default([]).describe('who looks after letters, the first that fits, unless a rule says'),
    group: z
      .string()
      .regex(/^[\w.-]{1,120}$/, 'letters, digits, dots, dashes, underscores')
      .default('lakewarden-triage')
      .describe('consumer group of the positions, and beginning of the transactional ids'),
    state: z
      .strictObject({
        topic: topicName.default('lakewarden-triage-state').describe('compacted topic of the state; made when missing'),
        partitions: ownTopic.partitions.default(12).describe('its partitions; never to be changed'),
        replicas: ownTopic.replicas,
      })
      .prefault({}),
    knativeLetters: z
      .strictObject({
        topic: topicName.describe("dead letter topic of ours for events that a Broker's dead letter sink delivers"),
        partitions: ownTopic.partitions.default(1).describe('its partitions, when it is made'),
        replicas: ownTopic.replicas,
      })
      .optional(),
    quarantine: quarantine.optional().describe('sets letters aside in HDFS; left out, none are'),
    registry: registry.optional().describe('schema registry'),
    limits: z
      .strictObject({
        groups: z
          .int()
          .min(1)
          .max(1_000_000)
          .default(10_000)
          .describe('groups of one Kafka partition; letters of further ones are counted together'),
        samples: z.int().min(1).max(20).default(3).describe('samples that a group keeps'),
        batchRecords: z.int().min(1).max(100_000).default(4_000).describe('letters that are worked on together'),
        batchBytes: z
          .int()
          .min(1)
          .default(8 << 20)
          .describe('bytes that are worked on together; one letter may be longer'),
        diagnosed: z
          .int()
          .min(0)
          .default(10)
          .describe(
            'letters of a group whose bytes are looked into, the first ones, of those that tell why they failed',
          ),
        pointers: z.int().min(0).default(100).describe('originals that are fetched for the pointers of a batch'),
        opened: z
          .int()
          .min(1)
          .default(100)
          .describe('new groups of a batch that are told one by one; the others are counted in the log'),
        partitionsAtOnce: z.int().min(1).max(64).default(2).describe('Kafka partitions worked on at once'),
      })
      .prefault({}),
    alerts: z
      .strictObject({
        burst: z.int().min(1).default(100).describe('letters of a group in an hour, below which nothing is a burst'),
        burstFactor: z.number().min(1).default(10).describe('how many times the usual letters of an hour are a burst'),
        quietSeconds: z
          .number()
          .min(0)
          .default(7 * 86_400)
          .describe('a group without letters for so long is resolved'),
        retentionSeconds: z
          .number()
          .min(0)
          .default(86_400)
          .describe('how long before retention deletes unhandled letters that is told'),
      })
      .prefault({}),
    replay: z
      .strictObject({
        targets: z
          .array(pattern)
          .optional()
          .describe('topics that replays may write to; any but forbidden ones unless said'),
        forbidden: z
          .array(pattern)
          .default([])
          .describe('topics that replays never write to, besides internal, retry and dead letter topics'),
        byEvents: z
          .boolean()
          .default(false)
          .describe('true: whoever may send us events may have plans replayed; else the command line alone'),
        ledger: z
          .strictObject({
            topic: topicName
              .default('lakewarden-replays')
              .describe('compacted topic of what was replayed; made when missing'),
            partitions: ownTopic.partitions.default(4).describe('its partitions; never to be changed'),
            replicas: ownTopic.replicas,
          })
          .prefault({}),
      })
      .prefault({}),
    samples: z
      .enum(['masked', 'none'])
      .default('masked')
      .describe('what is kept of letters for people to look at: masked messages, keys and values, or places alone'),
    kafka: kafkaSettings,
    hdfs: hdfsSettings.optional().describe('file system of the quarantine'),
  })
  .superRefine((settings, context) => {
    const fault = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (settings.quarantine !== undefined && settings.hdfs === undefined) fault(['hdfs'], 'quarantine needs it');
    if (isDeadLetterTopic(settings, settings.state.topic))
      fault(['topics'], `our own topic ${settings.state.topic} is no dead letter topic: exclude it`);
    if (isDeadLetterTopic(settings, settings.replay.ledger.topic))
      fault(['topics'], `our own topic ${settings.replay.ledger.topic} is no dead letter topic: exclude it`);
    const own = settings.knativeLetters?.topic;
    if (own !== undefined && !isDeadLetterTopic(settings, own))
      fault(['knativeLetters', 'topic'], 'topics leave it out');
    for (const { rule, example, reason } of testRules(settings.rules))
      fault(['rules'], `example ${example} of rule ${rule} fails: ${reason}`);
  });

/** The settings of dead-letter-triage as read. */
export type Settings = z.output<typeof settingsSchema>;

/** True for a topic that the settings call a dead letter topic. */
export function isDeadLetterTopic({ topics, exclude }: Pick<Settings, 'topics' | 'exclude'>, topic: string): boolean {
  const fits = (one: string): boolean => compilePattern(one)(topic);
  return topics.some(fits) && !exclude.some(fits);
}
