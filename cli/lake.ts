import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { completeParts, startLake } from '#lake-in-a-box/lake.ts';
import { partNames, type PartName } from '#lake-in-a-box/record.ts';
import { lakeStatus, type LakeStatus } from '#lake-in-a-box/status.ts';
import { removeLake, stopLake } from '#lake-in-a-box/stop.ts';
import { renderTable } from './terminal.ts';

interface Place {
  readonly name: string;
  readonly folder?: string;
}

function parseParts(text: string): PartName[] {
  const wanted = text.split(',').map((name) => name.trim());
  const known: readonly string[] = partNames;
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`no part "${unknown}"; there are ${partNames.join(', ')}.`);
  return wanted as PartName[];
}

function folderOf(place: Place): string {
  return resolve(place.folder ?? join('.lake', place.name));
}

/** The status of a lake for people. */
function renderStatus(status: LakeStatus): string {
  const total = status.processes.reduce((sum, { memory }) => sum + memory, 0);
  const rows = status.processes.map((p) => [
    p.part,
    p.name,
    p.state,
    p.state === 'running' ? p.pid : '-',
    p.address,
    `${p.memory} MiB`,
    p.since.slice(0, 19).replace('T', ' '),
    p.startSeconds === undefined ? '-' : `${p.startSeconds} s`,
  ]);
  const head = ['part', 'process', 'state', 'pid', 'address', 'memory', 'since (UTC)', 'start'];
  const summary = `lake in ${status.folder}: ${status.state}${total > 0 ? `, ${total} MiB` : ''}\n`;
  return rows.length === 0 ? summary : `${summary}${renderTable(head, rows)}\n`;
}

function printStatus(status: LakeStatus, json: boolean | undefined): void {
  process.stdout.write(json ? `${JSON.stringify(status)}\n` : renderStatus(status));
}

interface UpOptions extends Place {
  readonly parts: PartName[];
  readonly fresh?: boolean;
  readonly json?: boolean;
}

async function lakeUp(options: UpOptions): Promise<void> {
  const folder = folderOf(options);
  const before = lakeStatus(folder);
  const missing = completeParts(options.parts).some((part) => !before.parts.includes(part));
  if (before.state !== 'up' || missing || options.fresh) {
    const abort = new AbortController();
    // The second Ctrl-C ends this process at once; the lake's watchdog then stops what was started.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => abort.abort(new Error(`stopped by ${signal}`)));
    }
    const began = Date.now();
    await startLake({
      folder,
      parts: before.state === 'up' ? [...before.parts, ...options.parts] : options.parts,
      keepData: options.fresh !== true,
      detached: true,
      signal: abort.signal,
      onProgress: (line) =>
        process.stderr.write(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}\n`),
    });
  }
  printStatus(lakeStatus(folder), options.json);
}

async function lakeDown(options: Place & { readonly remove?: boolean }): Promise<void> {
  const { folder } = lakeStatus(folderOf(options));
  await stopLake(folder);
  if (options.remove) removeLake(folder);
  process.stderr.write(`lake in ${folder}: down${options.remove ? ', removed' : ''}\n`);
}

const exitCodes = `
Exit codes:
  0    done; for status: the whole lake is up
  1    it failed; the reason is on standard error
  3    only status: the lake is down, starting or broken`;

function addPlace(command: Command): Command {
  return command
    .addOption(new Option('--name <name>', 'the lake called so, in .lake/<name>').default('default'))
    .addOption(new Option('--folder <folder>', 'the lake in this folder instead').conflicts('name'));
}

/** `lakewarden lake`: a lake of real services on this machine, as plain processes. */
export function lakeCommand(): Command {
  const lake = new Command('lake')
    .description('start, look at and stop a lake of real services on this machine')
    .addHelpText('after', exitCodes);
  const up = lake
    .command('up')
    .description('start a lake, or the parts it lacks, and leave it running; its data of the last time is kept')
    .option('--parts <parts>', `of ${partNames.join(', ')}; what they need comes with them`, parseParts, [
      'hiveserver',
    ] satisfies PartName[])
    .option('--fresh', 'throw away what the lake has stored')
    .option('--json', 'print the status as one line of JSON')
    .action(lakeUp);
  const down = lake
    .command('down')
    .description('stop a lake; its data stay')
    .option('--remove', 'remove its folder, too')
    .action(lakeDown);
  const status = lake
    .command('status')
    .description('tell what of a lake runs, where, and how much memory it takes')
    .option('--json', 'print it as one line of JSON')
    .action((options: Place & { readonly json?: boolean }) => {
      const now = lakeStatus(folderOf(options));
      printStatus(now, options.json);
      if (now.state !== 'up') process.exitCode = 3;
    });
  for (const command of [up, down, status]) addPlace(command).addHelpText('after', exitCodes);
  return lake;
}
