import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readTokenFile } from '#shared/config/token-file.ts';
import { WebHdfs } from './webhdfs.ts';

/** A folder in settings: to HDFS, slashes that are doubled or stand at the end mean nothing, and so they do here. */
export const folderSetting = z
  .string()
  .startsWith('/')
  .overwrite((path) => `/${path.split('/').filter(Boolean).join('/')}`);

/** The name of a file system in settings, without a slash at the end. */
export const fileSystemSetting = z
  .string()
  .regex(/^hdfs:\/\/[^/]+\/?$/, 'hdfs://host:port, or hdfs:// and the name of a pair')
  .overwrite((name) => name.replace(/\/$/, ''));

/** The settings of HDFS, the same for every function. */
export const hdfsSettings = z.strictObject({
  addresses: z.array(z.url()).min(1).describe('WebHDFS addresses of the NameNodes'),
  defaultFs: fileSystemSetting.describe("the file system's own name, written into locations"),
  aliases: z.array(z.string()).default([]).describe('other names of the same file system'),
  user: z.string().min(1).default('lakewarden').describe('user name without Kerberos'),
  tokenFile: z.string().optional().describe('file with a delegation token'),
  caFile: z.string().optional().describe('file with the CA of an HTTPS NameNode'),
  deadlineSeconds: z.number().positive().max(600).default(30).describe('longest time of one call'),
});

/** Builds the client that the settings describe; nothing is connected yet. */
export function createHdfs({
  addresses,
  user,
  tokenFile,
  caFile,
  deadlineSeconds,
}: z.output<typeof hdfsSettings>): WebHdfs {
  return new WebHdfs({
    addresses,
    user,
    deadlineMs: deadlineSeconds * 1_000,
    // A token is renewed in its file while we run, so it is read anew each time.
    ...(tokenFile === undefined ? {} : { delegationToken: () => readTokenFile(tokenFile, 'hdfs.unauthenticated') }),
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
  });
}
