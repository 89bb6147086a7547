import { z } from 'zod';
import { fileSystemSetting } from '#shared/hdfs/hdfs-settings.ts';

const connection = z.strictObject({
  uris: z
    .array(z.string().regex(/^(?:thrift|https?):\/\//, 'thrift://host:port or https://host:port/metastore'))
    .min(1)
    .describe('metastores, tried in this order'),
  user: z.string().min(1).default('lakewarden').describe('user name told to the metastore'),
  tokenFile: z.string().optional().describe('file with the bearer token for a metastore over HTTP'),
  framed: z.boolean().default(false).describe('true when the metastore uses the framed transport'),
  deadlineSeconds: z.number().positive().max(600).default(60).describe('longest time of one call'),
});

/** Settings of the source `hive`. */
export const hiveSettings = z.strictObject({
  name: z
    .string()
    .min(1)
    .default('lake')
    .describe('what findings call the metastore; changing it makes all findings new'),
  connection: connection.describe('how to reach it; a user that sees all databases and tables'),
  defaultFs: fileSystemSetting.describe("the file system's own name, as locations should have it"),
  aliases: z.array(z.string()).default([]).describe('other names of the same file system'),
  exclude: z.array(z.string()).default(['sys', 'information_schema']).describe('databases that are not looked at'),
});

/** The settings, read. */
export type HiveSettings = z.output<typeof hiveSettings>;
