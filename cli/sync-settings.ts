import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Settings, settingsSchema } from '#functions/metastore-sync/config.ts';
import { type LakeAddresses, superuser } from '#lake-in-a-box/addresses.ts';
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
  return {
    hdfs: { addresses: [lake.webhdfs], defaultFs: lake.defaultFs, user: superuser },
    metastore: { uris: [lake.metastore], user: superuser },
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
