import { Announce } from '#functions/dead-letter-triage/announce.ts';
import { closeClients, createClients } from '#functions/dead-letter-triage/clients.ts';
import { settingsSchema } from '#functions/dead-letter-triage/config.ts';
import { readDoorbell } from '#functions/dead-letter-triage/doorbell.ts';
import { applyRun } from '#functions/dead-letter-triage/run.ts';
import { openState } from '#functions/dead-letter-triage/state/open-state.ts';
import { usageOf } from '../measure.ts';

// Runs triage once with the settings that it is given, and prints what that took.
const settings = settingsSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
const clients = createClients(settings);
const announce = new Announce(async () => {}, 'bench');
const state = await openState(settings.state, clients);
const request = readDoorbell({ type: 'dev.knative.sources.ping', data: {} }, settings);
const before = process.cpuUsage();
const began = performance.now();
const { partitions } = await applyRun(request, { clients, settings, state, announce, now: Date.now });
const { user, system } = process.cpuUsage(before);
const took = {
  letters: partitions.reduce((sum, { letters }) => sum + letters, 0),
  /** Of all partitions. */
  groups: partitions.reduce((sum, { tally }) => sum + tally.groups.size, 0),
  /** Milliseconds of processor time, and of time, of the run alone. */
  cpu: (user + system) / 1_000,
  time: performance.now() - began,
  memory: usageOf(process.pid).memory,
};
console.log(JSON.stringify(took));
await closeClients(clients);
