import { join } from 'node:path';
import type { z } from 'zod';
import { type Settings, settingsSchema } from '#functions/metastore-sync/config.ts';
import { type LakeAddresses, superuser } from '#lake-in-a-box/addresses.ts';
import { lakeStatus } from '#lake-in-a-box/status.ts';
import { asError, LakewardenError } from '#shared/errors/error.ts';
import { readFunctionSettings } from '#shared/host/host-settings.ts';

/** Where a command's settings come from. */
export interface SettingsOptions {
  readonly config?: string;
  readonly lake: string;
}

/**
 * Settings from a file when one is given, otherwise those of the lake in a box that runs here; variables go over both.
 * @throws config.invalid that names each fault
 */
export function readSettings<Schema extends z.ZodObject>(
  schema: Schema,
  { config, lake }: SettingsOptions,
  ofLake: (addresses: LakeAddresses) => Record<string, unknown>,
): z.output<Schema> {
  if (config !== undefined) return readFunctionSettings(schema, { files: config }).settings;
  const folder = join('.lake', lake);
  const { state, addresses } = lakeStatus(folder);
  if (state !== 'down') return readFunctionSettings(schema, { values: ofLake(addresses) }).settings;
  try {
    return readFunctionSettings(schema, {}).settings;
  } catch (error) {
    const hint = `no lake runs in ${folder} (lakewarden lake up starts one), and --config names no settings`;
    throw new LakewardenError('config.invalid', `${hint}: ${asError(error).message}`, { cause: error });
  }
}

/** The settings of metastore-sync. @throws config.invalid that names each fault */
export function syncSettings(options: SettingsOptions): Settings {
  return readSettings(settingsSchema, options, settingsOfLake);
}

/** The settings of metastore-sync for a lake in a box. */
export function settingsOfLake(lake: LakeAddresses): Record<string, unknown> {
  return {
    hdfs: { addresses: [lake.webhdfs], defaultFs: lake.defaultFs, user: superuser },
    metastore: { uris: [lake.metastore], user: superuser },
    ...(lake.kafka === undefined ? {} : { kafka: { brokers: [lake.kafka] } }),
  };
}
