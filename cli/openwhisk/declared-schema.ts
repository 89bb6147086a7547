import { z } from 'zod';

const name = z.string().regex(/^[A-Za-z0-9_][\w@ .-]{0,255}$/, 'a name as OpenWhisk takes it');
const actionName = z.string().regex(/^[A-Za-z0-9_][\w@ .-]*\/[A-Za-z0-9_][\w@ .-]*$/, 'package/action');
const feedName = z.string().regex(/^\/[^/]+\/[^/]+\/[^/]+$/, '/namespace/package/feed');
const values = z.record(z.string(), z.unknown());
const annotations = z.record(z.string().regex(/^(?!lakewarden-|feed$|exec$)/, 'not a name that is ours'), z.unknown());

/** Limits as OpenWhisk has them by default (common/scala/src/main/resources/application.conf). */
const limits = z.strictObject({
  timeoutSeconds: z.number().min(0.1).max(300).default(300),
  memoryMb: z.int().min(128).max(512).default(512),
  logsMb: z.int().min(0).max(10).default(10),
  /** Activations at once in one container. */
  concurrency: z.int().min(1).max(500).default(1),
});

const action = z.strictObject({
  /** The bundle, from the folder of the declaration. */
  code: z.string().min(1),
  kind: z
    .string()
    .regex(/^nodejs:[\w.]+$|^blackbox$/, 'nodejs:<version> or blackbox')
    .default('nodejs:20'),
  /** The container image of a runtime of one's own, for the kind blackbox. */
  image: z.string().min(1).optional(),
  limits: limits.prefault({}),
  /** `raw`: an address of its own takes events by HTTP. */
  web: z.enum(['no', 'raw']).default('no'),
  /** What a web request must bring as `X-Require-Whisk-Auth`. */
  webToken: z.unknown().optional(),
  settings: values.default({}),
  /** Files that the settings name, in `/tmp/lakewarden-files` of the container. */
  files: z.record(z.string().regex(/^\w[\w.-]*$/, 'the name of a file'), z.unknown()).default({}),
  /** Variables of the process, such as `K_SINK`. */
  environment: values.default({}),
  annotations: annotations.default({}),
});

const alarm = z.strictObject({
  cron: z.string().min(9).optional(),
  minutes: z.int().min(1).optional(),
  date: z.string().min(1).optional(),
  timezone: z.string().min(1).optional(),
  strict: z.boolean().optional(),
  startDate: z.string().min(1).optional(),
  stopDate: z.string().min(1).optional(),
  payload: values.default({}),
  package: z.string().default('/whisk.system/alarms'),
});

const kafka = z.strictObject({
  brokers: z.array(z.string().min(1)).min(1),
  topic: z.string().min(1),
  isJSONData: z.boolean().default(false),
  isBinaryKey: z.boolean().default(false),
  isBinaryValue: z.boolean().default(false),
  feed: feedName.default('/whisk.system/messaging/kafkaFeed'),
});

const trigger = z
  .strictObject({
    alarm: alarm.optional(),
    kafka: kafka.optional(),
    /** Any other feed. */
    feed: z.strictObject({ name: feedName, parameters: values.default({}) }).optional(),
    annotations: annotations.default({}),
  })
  .refine(
    ({ alarm: a, kafka: k, feed: f }) => [a, k, f].filter((one) => one !== undefined).length <= 1,
    'alarm, kafka or feed, not several',
  )
  .refine(
    ({ alarm: a }) => a === undefined || [a.cron, a.minutes, a.date].filter((one) => one !== undefined).length === 1,
    'an alarm has either cron, minutes or date',
  );

/** What is to be on OpenWhisk, as the files of a folder declare it. */
export const declaredSchema = z.strictObject({
  /** Whose things these are: only what carries this name is changed or removed. */
  owner: z.string().regex(/^[\w.-]{1,64}$/, 'letters, digits, dots and dashes'),
  packages: z.record(name, z.strictObject({ annotations: annotations.default({}) })).default({}),
  actions: z.record(actionName, action).default({}),
  triggers: z.record(name, trigger).default({}),
  rules: z
    .record(name, z.strictObject({ trigger: name, action: actionName, active: z.boolean().default(true) }))
    .default({}),
});

/** A declaration as it was read. */
export type Declared = z.output<typeof declaredSchema>;
