import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type Settings, settingsSchema } from '#functions/compliance-scan/config.ts';
import { manifestsSettings } from '#functions/compliance-scan/inventory/manifests/settings.ts';
import { type OpenScan, openScan } from '#functions/compliance-scan/scan/open-scan.ts';
import { type LakeAddresses, superuser } from '#lake-in-a-box/addresses.ts';
import { lakeStatus } from '#lake-in-a-box/status.ts';
import { asError } from '#shared/errors/error.ts';
import { readFunctionSettings } from '#shared/host/host-settings.ts';
import { scrub } from '#shared/observe/scrub.ts';
import { paint, printable } from './terminal.ts';

/** The exit codes of scans, as CI knows them of linters. */
export const scanExit = { clean: 0, found: 1, notScanned: 2 } as const;

/** The lines about exit codes in `--help`. */
export const scanExitHelp = `
Exit codes:
  0  nothing open at or above --fail-on
  1  findings at or above --fail-on; what could not be judged counts, too
  2  could not scan, or not everything: settings, a service that is away, a listing that broke off`;

/** Options that every command about scans has. */
export interface ScanSettingsOptions {
  readonly config?: string;
  readonly state?: string;
  readonly manifests?: string;
}

/** Adds the option that names the settings. */
export function withScanConfig(command: Command): Command {
  return command.addOption(
    new Option('--config <file>', 'settings file (YAML or JSON) or folder').env('LAKEWARDEN_CONFIG'),
  );
}

/** Adds the options that every command that scans has. */
export function withScanSettings(command: Command): Command {
  return withScanConfig(command)
    .option('--manifests <folder>', 'judge the manifests in a folder, and nothing that runs')
    .option('--state <folder>', 'keep findings in this folder, and tell what changed since the last scan');
}

/** The settings of compliance-scan. @throws config.invalid that names each fault */
export function scanSettings({ config, state, manifests }: ScanSettingsOptions): Settings {
  const given = readGiven(config, manifests);
  const { keepResolvedDays } = given.state;
  return {
    ...given,
    // What is not deployed yet is judged by itself, and its findings are none of the cluster's.
    ...(manifests === undefined ? {} : { sources: { manifests: manifestsSettings.parse({ folder: manifests }) } }),
    ...(state === undefined && manifests === undefined
      ? {}
      : { state: { keepResolvedDays, ...(state === undefined ? {} : { local: state }) } }),
  };
}

/** Without settings, the lake in a box that runs here is what is looked at. */
function readGiven(config: string | undefined, manifests: string | undefined): Settings {
  if (config !== undefined) return readFunctionSettings(settingsSchema, { files: config }).settings;
  const { state, addresses } = lakeStatus(join('.lake', 'default'));
  const isLake = manifests === undefined && state !== 'down';
  return readFunctionSettings(settingsSchema, isLake ? { values: scanOfLake(addresses) } : {}).settings;
}

/** The settings of compliance-scan for a lake in a box. */
export function scanOfLake({ kafka, webhdfs, defaultFs, metastore }: LakeAddresses): Record<string, unknown> {
  const hdfs = { addresses: [webhdfs], defaultFs, user: superuser };
  return {
    sources: {
      ...(kafka === undefined ? {} : { kafka: { connection: { brokers: [kafka] } } }),
      ...(webhdfs === undefined ? {} : { hdfs: { connection: hdfs } }),
      ...(metastore === undefined ? {} : { hive: { connection: { uris: [metastore] }, defaultFs } }),
    },
  };
}

/** Works with an opened scan and closes it; whatever goes wrong, a scan that did not happen is never exit code 0 or 1. */
export async function withScan(options: ScanSettingsOptions, work: (open: OpenScan) => Promise<number>): Promise<void> {
  try {
    const open = await openScan(scanSettings(options));
    try {
      process.exitCode = await work(open);
    } finally {
      await open.close();
    }
  } catch (thrown) {
    const error = asError(thrown);
    process.stderr.write(`${paint('red', `${error.code}: ${printable(scrub(error.message))}`, process.stderr)}\n`);
    if (error.disposition === 'bug') process.stderr.write(`${error.stack}\n`);
    process.exitCode = scanExit.notScanned;
  }
}
