import { readFileSync } from 'node:fs';
import { Argument, Command } from 'commander';
import { Announce } from '#functions/dead-letter-triage/announce.ts';
import { closeClients, createClients } from '#functions/dead-letter-triage/clients.ts';
import { replayEvent } from '#functions/dead-letter-triage/replay/announce-replay.ts';
import { applyReplay } from '#functions/dead-letter-triage/replay/apply.ts';
import { openReplay } from '#functions/dead-letter-triage/replay/open-replay.ts';
import { planReplay, readPlan } from '#functions/dead-letter-triage/replay/plan-file.ts';
import { readStatus } from '#functions/dead-letter-triage/replay/replay-status.ts';
import type { ReplayTools } from '#functions/dead-letter-triage/replay/replay-tools.ts';
import type { Summary } from '#functions/dead-letter-triage/replay/summary.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { effectTeller, warn } from './effects.ts';
import { exitCode } from './exit-code.ts';
import { count, paint, printable, renderTable, size } from './terminal.ts';
import { triageSettings, type TriageOptions, withTriageOptions } from './triage-settings.ts';

/** `lakewarden replay plan`, `apply` and `status`. */
export function replayCommand(): Command {
  const replay = new Command('replay').description('send dead letters back by a plan, each of them once');
  const command = (name: string, description: string, file: Argument, work: Work): Command =>
    withTriageOptions(new Command(name).description(description))
      .addArgument(file)
      .action((path: string, options: TriageOptions) => withReplay(options, (tools) => work(path, options, tools)));
  const written = new Argument('<replay>', 'replay as you write it (YAML)');
  const printed = new Argument('<plan>', 'plan as replay plan --json printed it');
  return replay
    .addCommand(command('plan', 'show exactly what a replay would do now; changes nothing', written, showPlan))
    .addCommand(command('apply', 'do what a plan says, if it is still true; again after a stop', printed, applyPlan))
    .addCommand(command('status', 'tell how far a plan is, and how many letters came back', printed, showStatus));
}

type Work = (path: string, options: TriageOptions, tools: ReplayTools) => Promise<number>;

async function withReplay(options: TriageOptions, work: (tools: ReplayTools) => Promise<number>): Promise<void> {
  const settings = triageSettings(options);
  const clients = createClients(settings);
  try {
    process.exitCode = await work(openReplay(settings, clients, new Announce(effectTeller(), 'cli')));
  } finally {
    await closeClients(clients);
  }
}

async function showPlan(path: string, options: TriageOptions, tools: ReplayTools): Promise<number> {
  const plan = await planReplay(read(path), path, tools);
  const { summary, warnings } = plan;
  if (options.json === true) console.log(JSON.stringify(plan, undefined, 2));
  else {
    console.log(`plan ${plan.plan}: ${describe(summary, 'would be')}`);
    showSummary(summary);
    for (const { letter, to, key, value, headers } of summary.samples) {
      console.log(paint('dim', `  ${printable(letter)} → ${printable(to)}`));
      console.log(`    key ${printable(key ?? 'null')}, value ${printable(value ?? 'null')}`);
      console.log(`    headers ${printable(headers.join(', '))}`);
    }
    for (const warning of warnings) warn(warning);
    console.log('with --json it is a plan that replay apply takes');
  }
  return summary.held.length > 0 ? exitCode.partial : exitCode.ok;
}

async function applyPlan(path: string, options: TriageOptions, tools: ReplayTools): Promise<number> {
  const plan = readPlan(read(path), path);
  const outcome = await applyReplay(plan, tools);
  const told = replayEvent(plan, outcome, 'cli');
  if (told !== undefined) await effectTeller()(told);
  const { end, written, summary, reason, returns, resolved = 0 } = outcome;
  if (options.json === true) console.log(JSON.stringify(outcome, undefined, 2));
  else {
    console.log(`plan ${plan.id}: ${describe(summary, 'were')}; ${written} by this run`);
    showSummary(summary);
    if (resolved > 0) console.log(`${count(resolved, 'group')} resolved: all letters of them were replayed`);
    if (returns.returned > 0) warn(`${count(returns.returned, 'replayed letter')} came back`);
    if (reason !== undefined) console.log(paint('red', `stopped: ${printable(reason)}`));
    if (end === 'busy') warn('another instance is at it');
  }
  return end === 'done' && summary.held.length === 0 ? exitCode.ok : exitCode.partial;
}

async function showStatus(path: string, options: TriageOptions, tools: ReplayTools): Promise<number> {
  const status = await readStatus(readPlan(read(path), path), tools);
  if (options.json === true) console.log(JSON.stringify(status, undefined, 2));
  else {
    const { plan, replayed, returned, held, stopped, partitions } = status;
    console.log(`plan ${plan}: ${count(replayed, 'letter')} replayed, ${returned} came back, ${held.length} held`);
    const rows = partitions.map(({ partition, next, last, done }) => [partition, next, last, done ? 'done' : '']);
    if (rows.length > 0) console.log(renderTable(['partition', 'next', 'last', ''], rows));
    for (const { letter, reason } of held.slice(0, shown)) console.log(`  ${printable(`${letter}: ${reason}`)}`);
    if (stopped !== undefined) console.log(paint('red', `stopped: ${printable(stopped)}`));
  }
  return status.stopped === undefined ? exitCode.ok : exitCode.partial;
}

const shown = 20;

function describe({ selected, replayed, read: all }: Summary, verb: string): string {
  return `of ${count(all, 'letter')} ${selected} are selected, ${replayed} ${verb} replayed`;
}

function showSummary({ targets, held, skipped }: Summary): void {
  const rows = targets.map(({ topic, partition, records, bytes }) => [topic, partition, records, size(bytes)]);
  if (rows.length > 0) console.log(renderTable(['topic', 'partition', 'records', 'size'], rows));
  for (const { reason, count: letters, letters: some } of held)
    console.log(paint('red', `  held ${letters}: ${printable(reason)} (${printable(some.join(', '))})`));
  for (const { reason, count: letters } of skipped) console.log(`  left out ${letters}: ${printable(reason)}`);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new LakewardenError('config.invalid', `${path} cannot be read`, { cause });
  }
}
