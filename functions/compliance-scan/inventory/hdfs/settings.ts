import { z } from 'zod';
import { folderSetting, hdfsSettings as connectionSettings } from '#shared/hdfs/hdfs-settings.ts';
import { labelRegistry } from '../label-registry.ts';

const root = z.strictObject({
  name: z.string().min(1).describe('what rules call it, such as golden, quarantine or raw'),
  path: folderSetting.describe('the folder'),
  depth: z
    .int()
    .min(0)
    .max(20)
    .default(5)
    .describe('folders so far below it are looked at; 5 reaches topic/yyyy/MM/dd/HH'),
  files: z.boolean().default(true).describe('look into folders of the last level too, one more call for each'),
});

/** Settings of the source `hdfs`. */
export const hdfsSettings = z.strictObject({
  name: z
    .string()
    .min(1)
    .default('lake')
    .describe('what findings call the file system; changing it makes all findings new'),
  connection: connectionSettings.describe('how to reach it; the user must be able to list all folders'),
  roots: z
    .array(root)
    .min(1)
    .default([{ name: 'golden', path: '/golden', depth: 5, files: true }])
    .describe('folders to look at, with what is below'),
  quotas: z
    .boolean()
    .default(true)
    .describe('ask for the quota of each root; without one, the NameNode walks the tree'),
  labels: labelRegistry,
});

/** The settings, read. */
export type HdfsSettings = z.output<typeof hdfsSettings>;
