import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { type Settings as ScanSettings, settingsSchema as scanSchema } from '#functions/compliance-scan/config.ts';
import {
  type Settings as TriageSettings,
  settingsSchema as triageSchema,
} from '#functions/dead-letter-triage/config.ts';
import { type Settings as SyncSettings, settingsSchema as syncSchema } from '#functions/metastore-sync/config.ts';
import {
  type Settings as CompactSettings,
  settingsSchema as compactSchema,
} from '#functions/partition-compaction/config.ts';
import { type LakeAddresses, superuser } from '#lake-in-a-box/addresses.ts';
import { lakeStatus } from '#lake-in-a-box/status.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { readFunctionSettings } from '#shared/host/host-settings.ts';
import { scanOfLake } from '../scan-settings.ts';
import { settingsOfLake as syncOfLake } from '../sync-settings.ts';
import { triageOfLake } from '../triage-settings.ts';

/** Where the settings of a report come from. */
export interface ReportSettingsOptions {
  /** A folder with a file for each function, named after it. */
  readonly settings?: string;
  readonly sync?: string;
  readonly compact?: string;
  readonly triage?: string;
  readonly scan?: string;
  readonly lake: string;
}

/** The settings of the functions whose work is reported; what is absent was not named. */
export interface ReportSettings {
  readonly sync?: SyncSettings | undefined;
  readonly compact?: CompactSettings | undefined;
  readonly triage?: TriageSettings | undefined;
  readonly scan?: ScanSettings | undefined;
}

const functions = {
  sync: { name: 'metastore-sync', ofLake: syncOfLake },
  compact: { name: 'partition-compaction', ofLake: compactOfLake },
  triage: { name: 'dead-letter-triage', ofLake: triageOfLake },
  scan: { name: 'compliance-scan', ofLake: scanOfLake },
} as const;

type Key = keyof typeof functions;

/**
 * Reads the settings of all functions that are named, or those of the lake in a box that runs here. Variables take no part:
 * one that a function knows would be a fault in the settings of another. @throws config.invalid that names each fault
 */
export function readReportSettings(options: ReportSettingsOptions): ReportSettings {
  const files = Object.fromEntries((Object.keys(functions) as Key[]).map((key) => [key, fileOf(key, options)]));
  const isNamed = Object.values(files).some((file) => file !== undefined);
  if (!isNamed && options.settings !== undefined) {
    const names = Object.values(functions).map(({ name }) => `${name}.yaml`);
    throw new LakewardenError('config.invalid', `${options.settings} holds none of ${names.join(', ')}`);
  }
  const lake = isNamed ? undefined : addressesOf(options.lake);
  const read = <Schema extends z.ZodObject>(key: Key, schema: Schema): z.output<Schema> | undefined => {
    const [file, { name, ofLake }] = [files[key], functions[key]];
    if (file === undefined && (lake === undefined || !isServed(key, lake))) return undefined;
    const from = lake === undefined ? { files: file } : { values: ofLake(lake) };
    try {
      return readFunctionSettings(schema, { ...from, env: {} }).settings;
    } catch (cause) {
      throw new LakewardenError('config.invalid', `${name}: ${(cause as Error).message}`, { cause });
    }
  };
  return {
    sync: read('sync', syncSchema),
    compact: read('compact', compactSchema),
    triage: read('triage', triageSchema),
    scan: read('scan', scanSchema),
  };
}

function fileOf(key: Key, options: ReportSettingsOptions): string | undefined {
  if (options[key] !== undefined) return options[key];
  const { settings } = options;
  if (settings === undefined) return undefined;
  const { name } = functions[key];
  return ['.yaml', '.yml', '.json', ''].map((end) => join(settings, name + end)).find((path) => existsSync(path));
}

function addressesOf(lake: string): LakeAddresses {
  const folder = join('.lake', lake);
  const { state, addresses } = lakeStatus(folder);
  if (state !== 'down') return addresses;
  const hint = `no lake runs in ${folder} (lakewarden lake up starts one), and no option names settings`;
  throw new LakewardenError('config.invalid', hint);
}

/** A lake in a box may run without some of its parts. */
function isServed(key: Key, { webhdfs, metastore, kafka }: LakeAddresses): boolean {
  const wanted = { sync: [webhdfs, metastore], compact: [webhdfs], triage: [kafka], scan: [webhdfs ?? kafka] };
  return wanted[key].every((address) => address !== undefined);
}

function compactOfLake({ webhdfs, defaultFs }: LakeAddresses): Record<string, unknown> {
  return { hdfs: { addresses: [webhdfs], defaultFs, user: superuser } };
}
