import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readTokenFile } from '#shared/config/token-file.ts';
import { HiveServer } from '#shared/hive/hiveserver.ts';

/** The settings of the engine that large files are handed to. */
export const engineSettings = z
  .strictObject({
    url: z
      .string()
      .regex(/^hive2:\/\/[^/@\s]+\/?$/, 'hive2://host:10000')
      .describe('HiveServer2 that writes files anew which are too large for this function'),
    user: z.string().min(1).default('lakewarden').describe('user name told to HiveServer2'),
    passwordFile: z.string().optional().describe('file with the password of SASL PLAIN, read anew for each connection'),
    tls: z.boolean().default(false).describe('true: the connection is made by TLS, also for the password'),
    caFile: z.string().optional().describe('file with the CA of HiveServer2'),
    timeoutSeconds: z
      .number()
      .min(10)
      .max(86_400)
      .default(420)
      .describe('longest time that one file may take; a run with less time left leaves it to a later one'),
  })
  .refine(({ tls, caFile }) => tls || caFile === undefined, { error: 'caFile is of use with tls: true only' });

/** An engine that files are handed to. */
export interface Engine {
  readonly timeoutMs: number;
  /** A path with the file system's name, as the engine needs it. */
  readonly locate: (path: string) => string;
  /** Opens a session of its own; nothing is connected yet. */
  readonly connect: () => HiveServer;
}

/** The engine that settings name; undefined when they name none. */
export function createEngine({
  engine,
  hdfs,
}: {
  readonly engine?: z.output<typeof engineSettings> | undefined;
  readonly hdfs: { readonly defaultFs: string };
}): Engine | undefined {
  if (engine === undefined) return undefined;
  const { url, user, passwordFile, tls, caFile, timeoutSeconds } = engine;
  return {
    timeoutMs: timeoutSeconds * 1_000,
    locate: (path) => `${hdfs.defaultFs}${path}`,
    connect: () =>
      new HiveServer({
        url,
        user,
        ...(tls && { tls: caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') } }),
        ...(passwordFile !== undefined && { password: readTokenFile(passwordFile, 'hive.unavailable') }),
      }),
  };
}
