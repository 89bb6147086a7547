import { Command, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { Announce } from '#functions/metastore-sync/announce.ts';
import { createClients } from '#functions/metastore-sync/clients.ts';
import type { Settings } from '#functions/metastore-sync/config.ts';
import { readDoorbell, type Request } from '#functions/metastore-sync/doorbell.ts';
import { hasChanges } from '#functions/metastore-sync/plan.ts';
import { applyRun, planRun, type Progress, type RunTools, statusOf } from '#functions/metastore-sync/run.ts';
import { isSerious } from '#functions/metastore-sync/problem.ts';
import { readEnvironment } from '#shared/config/environment.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { createHttpSink } from '#shared/events/sink.ts';
import { exitCode } from './exit-code.ts';
import { renderOutcome, renderPlan, renderProblems } from './render-plan.ts';
import { syncSettings } from './sync-settings.ts';
import { count, duration, paint } from './terminal.ts';

interface SyncOptions {
  readonly topic?: string[];
  readonly path?: string[];
  readonly full?: true;
  readonly partitions?: string;
  readonly json?: true;
  readonly config?: string;
  readonly lake: string;
}

/** `lakewarden sync plan` and `lakewarden sync apply`. */
export function syncCommand(): Command {
  const sync = new Command('sync').description('show new data, columns and partitions of the lake to SQL');
  const plan = withOptions(
    new Command('plan').description('show which tables, columns and partitions would change, and why; changes nothing'),
  )
    .option('--exit-code', `end with ${exitCode.changes} when there is something to change`)
    .action((options: SyncOptions & { exitCode?: true }) =>
      run(options, (request, tools) => showPlan(options, request, tools)),
    );
  const apply = withOptions(new Command('apply').description('make the changes'))
    .option('--plan <file>', 'apply only if the plan in this file (from plan --json) is still exactly true')
    .action((options: SyncOptions & { plan?: string }) =>
      run(options, (request, tools) => applyPlan(options, request, tools)),
    );
  return sync.addCommand(plan).addCommand(apply);
}

function withOptions(command: Command): Command {
  return command
    .option('--topic <name...>', 'only these topics')
    .option('--path <path...>', 'only the partitions of these files or folders')
    .addOption(new Option('--full', 'look at every folder, not only at the newest partitions').conflicts(['path']))
    .option('--partitions <count>', 'how many of the newest partitions of each topic to look at')
    .option('--json', 'print data instead of text')
    .option('--config <file>', 'settings file (YAML or JSON) or folder; LAKEWARDEN_CONFIG by default')
    .option('--lake <name>', 'without settings: the lake in a box of this name', 'default');
}

async function run(options: SyncOptions, work: (request: Request, tools: RunTools) => Promise<number>): Promise<void> {
  const settings = syncSettings(options);
  const clients = createClients(settings);
  try {
    const tools = {
      clients,
      settings,
      announce: announceTo(settings),
      now: new Date(),
      onProgress: options.json === true ? () => {} : showProgress,
    };
    process.exitCode = await work(readRequest(options, settings), tools);
  } finally {
    await clients.metastore.close();
    clients.hdfs.close();
  }
}

/** The command line is a doorbell like any other event. */
function readRequest(options: SyncOptions, settings: Settings): Request {
  if (options.path !== undefined)
    return readDoorbell({ type: 'dev.lakewarden.file.closed', data: { paths: options.path } }, settings);
  const data = {
    scope: options.full === true ? 'full' : 'recent',
    topics: options.topic,
    partitions: options.partitions === undefined ? undefined : Number(options.partitions),
  };
  return readDoorbell({ type: 'dev.knative.sources.ping', data }, settings);
}

async function showPlan(
  options: SyncOptions & { exitCode?: true },
  request: Request,
  tools: RunTools,
): Promise<number> {
  const started = performance.now();
  const plan = await planRun(request, tools);
  const changes = plan.tables.filter(hasChanges).length;
  if (options.json === true) {
    console.log(JSON.stringify({ tables: plan.tables, problems: plan.problems }, undefined, 2));
  } else {
    for (const table of plan.tables) console.log(renderPlan(table));
    for (const line of renderProblems(plan.problems)) console.log(line);
    const sums =
      changes === 0 ? 'nothing would change' : `${count(changes, 'table')} would change: lakewarden sync apply does it`;
    console.log(`\n${sums}. ${calls(plan.calls)}, ${duration(performance.now() - started)}`);
  }
  if (changes > 0 && options.exitCode === true) return exitCode.changes;
  return [...plan.problems, ...plan.tables.flatMap((table) => table.problems)].some(isSerious)
    ? exitCode.partial
    : exitCode.ok;
}

async function applyPlan(options: SyncOptions & { plan?: string }, request: Request, tools: RunTools): Promise<number> {
  const started = performance.now();
  if (options.plan !== undefined) await requireStillTrue(options.plan, request, tools);
  const outcome = await applyRun(request, tools);
  if (options.json === true) {
    console.log(JSON.stringify({ status: statusOf(outcome), ...outcome }, undefined, 2));
  } else {
    for (const table of outcome.tables)
      for (const line of [renderOutcome(table), ...renderProblems(table.problems)]) console.log(line);
    for (const line of renderProblems(outcome.problems)) console.log(line);
    console.log(`\n${statusOf(outcome)}. ${calls(outcome.calls)}, ${duration(performance.now() - started)}`);
  }
  return statusOf(outcome) === 'partial' ? exitCode.partial : exitCode.ok;
}

/** The same state of the lake gives the same plan, so a plan is true as long as planning again gives it. */
async function requireStillTrue(file: string, request: Request, tools: RunTools): Promise<void> {
  const approved: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const { tables, problems } = await planRun(request, tools);
  if (JSON.stringify(approved) === JSON.stringify({ tables, problems })) return;
  throw new LakewardenError(
    'plan.stale',
    `the plan in ${file} is not what would be done now: the lake changed since, or the options differ; plan again`,
    { details: { file } },
  );
}

function announceTo(settings: Settings): Announce {
  const { sink, eventExtensions } = readEnvironment();
  const target = sink === undefined ? undefined : createHttpSink({ url: sink, extensions: eventExtensions });
  return new Announce(async (event) => target?.send(event), 'cli', settings.hdfs.defaultFs);
}

function showProgress(progress: Progress): void {
  if (progress.step === 'survey')
    process.stderr.write(
      `${paint('dim', `looking at ${progress.topic} (${progress.index + 1} of ${progress.total}) …`, process.stderr)}\n`,
    );
}

function calls({ hdfs, metastore }: { hdfs: number; metastore: number }): string {
  return paint('dim', `${count(hdfs, 'HDFS call')}, ${count(metastore, 'metastore call')}`);
}
