import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { flushCompileCache } from 'node:module';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Announce } from '#functions/dead-letter-triage/announce.ts';
import { closeClients, createClients } from '#functions/dead-letter-triage/clients.ts';
import { settingsSchema } from '#functions/dead-letter-triage/config.ts';
import { readDoorbell } from '#functions/dead-letter-triage/doorbell.ts';
import { applyRun } from '#functions/dead-letter-triage/run.ts';
import { openState } from '#functions/dead-letter-triage/state/open-state.ts';

/** Starts a process that runs triage until nothing waits, and prints each event that it sends, a line each. */
export function startTriage(written: Record<string, unknown>): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(written)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

if (import.meta.main) {
  // Whoever is killed hands on what it has compiled, too.
  flushCompileCache();
  const settings = settingsSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
  const clients = createClients(settings);
  const announce = new Announce(async (event) => void process.stdout.write(`${JSON.stringify(event)}\n`), 'test');
  const state = await openState(settings.state, clients);
  const request = readDoorbell({ type: 'dev.knative.sources.ping', data: {} }, settings);
  await applyRun(request, { clients, settings, state, announce, now: Date.now });
  await closeClients(clients);
}
