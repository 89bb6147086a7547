import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type Settings, settingsSchema } from '#functions/metastore-sync/config.ts';
import type { LakeAddresses } from '#lake-in-a-box/addresses.ts';
import { readFunctionSettings } from '#shared/host/host-settings.ts';

/** Settings from a file when one is given (or LAKEWARDEN_CONFIG is set), otherwise those of the lake in a box that runs here. */
export function syncSettings(options: { config?: string; lake: string }): Settings {
  const lake = options.config === undefined ? readLake(options.lake) : undefined;
  return readFunctionSettings(settingsSchema, {
    ...(options.config === undefined ? {} : { files: options.config }),
    ...(lake === undefined ? {} : { values: settingsOfLake(lake) }),
  }).settings;
}

/** The settings of metastore-sync for a lake in a box. */
export function settingsOfLake(lake: LakeAddresses): Record<string, unknown> {
  // Who started HDFS may write everywhere in it.
  const user = userInfo().username;
  return {
    hdfs: { addresses: [lake.webhdfs], defaultFs: lake.defaultFs, user },
    metastore: { uris: [lake.metastore], user },
  };
}

function readLake(name: string): LakeAddresses | undefined {
  try {
    const { addresses } = JSON.parse(readFileSync(join('.lake', name, 'lake.json'), 'utf8')) as {
      addresses: LakeAddresses;
    };
    return addresses;
  } catch {
    return undefined;
  }
}
