import { Command, Option } from 'commander';
import { Announce } from '#functions/dead-letter-triage/announce.ts';
import { closeClients, createClients } from '#functions/dead-letter-triage/clients.ts';
import { type Settings, settingsSchema } from '#functions/dead-letter-triage/config.ts';
import type { RunTools } from '#functions/dead-letter-triage/run.ts';
import { findState, openState } from '#functions/dead-letter-triage/state/open-state.ts';
import { type LakeAddresses, superuser } from '#lake-in-a-box/addresses.ts';
import { effectTeller } from './effects.ts';
import { readSettings, type SettingsOptions } from './sync-settings.ts';

/** Options that every command about dead letters has. */
export interface TriageOptions extends SettingsOptions {
  readonly json?: true;
}

/** Adds the options that every command about dead letters has. */
export function withTriageOptions(command: Command): Command {
  return command
    .option('--json', 'print data instead of text')
    .addOption(new Option('--config <file>', 'settings file (YAML or JSON) or folder').env('LAKEWARDEN_CONFIG'))
    .option('--lake <name>', 'without settings: the lake in a box of this name', 'default');
}

/** The settings of dead-letter-triage. @throws config.invalid that names each fault */
export function triageSettings(options: SettingsOptions): Settings {
  return readSettings(settingsSchema, options, triageOfLake);
}

/** The settings of dead-letter-triage for a lake in a box. */
export function triageOfLake({ kafka, webhdfs, defaultFs, registry }: LakeAddresses): Record<string, unknown> {
  return {
    topics: ['*-dlq', '*-dlt', '*.DLT', '*dead-letter*'],
    kafka: { brokers: [kafka] },
    ...(webhdfs === undefined ? {} : { hdfs: { addresses: [webhdfs], defaultFs, user: superuser }, quarantine: {} }),
    ...(registry === undefined ? {} : { registry: { url: `${registry}/apis/ccompat/v7` } }),
  };
}

/** Works with the clients and the state of triage, and closes them. Whoever only looks makes no state topic. */
export async function withTriage(
  options: TriageOptions,
  work: (tools: RunTools) => Promise<number>,
  { onlyLooks = false } = {},
): Promise<void> {
  const settings = triageSettings(options);
  const clients = createClients(settings);
  try {
    const state = await (onlyLooks ? findState : openState)(settings.state, clients);
    const announce = new Announce(effectTeller(), 'cli');
    process.exitCode = await work({ clients, settings, state, announce, now: Date.now });
  } finally {
    await closeClients(clients);
  }
}
