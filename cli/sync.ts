import { Command, Option } from 'commander';
import { Announce } from '#functions/metastore-sync/announce.ts';
import { createClients } from '#functions/metastore-sync/clients.ts';
import type { Settings } from '#functions/metastore-sync/config.ts';
import { type Doorbell, readDoorbell, type Request } from '#functions/metastore-sync/doorbell.ts';
import { hasChanges } from '#functions/metastore-sync/plan.ts';
import {
  applyRun,
  planRun,
  type Progress,
  type RunTools,
  statusOf,
  type TopicOutcome,
} from '#functions/metastore-sync/run.ts';
import { type Lineage, openLineage } from '#functions/metastore-sync/lineage.ts';
import { isSerious, type Problem } from '#functions/metastore-sync/problem.ts';
import type { CloudEventOut } from '#shared/events/event.ts';
import { effectTeller, warn } from './effects.ts';
import { exitCode } from './exit-code.ts';
import { completenessCommand, doctorCommand, driftCommand } from './inspect.ts';
import { notificationsCommand } from './notifications.ts';
import { type PlanFile, printedPlan, readPlanFile, requireApproved, requireApprovedTable } from './plan-file.ts';
import { prepareCommand } from './prepare.ts';
import { showProgress } from './progress.ts';
import { renderOutcome, renderPlan, renderProblems } from './render-plan.ts';
import { withScope } from './scope-options.ts';
import { syncSettings } from './sync-settings.ts';
import { count, duration, paint } from './terminal.ts';

interface SyncOptions {
  readonly topic?: string[];
  readonly path?: string[];
  readonly full?: true;
  readonly changes?: true;
  readonly partitions?: number;
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
      run(options, ring(options), (job) => showPlan(options, job)),
    );
  const change = withOptions(new Command('apply').description('make the changes'))
    .addOption(
      new Option(
        '--plan <file>',
        'make the changes of this plan (from plan --json), if it is still exactly true',
      ).conflicts(['topic', 'path', 'full', 'changes', 'partitions']),
    )
    .action((options: SyncOptions & { plan?: string }) => {
      const approved = options.plan === undefined ? undefined : readPlanFile(options.plan);
      return run(options, approved?.doorbell ?? ring(options), (job) => apply(options, job, approved));
    });
  const others = [prepareCommand(), doctorCommand(), driftCommand(), completenessCommand(), notificationsCommand()];
  for (const command of [plan, change, ...others]) sync.addCommand(command);
  return sync;
}

function withOptions(command: Command): Command {
  const changes = new Option(
    '--changes',
    'look at what changed since the last time, by HDFS snapshots (see sync prepare); the first time at every folder',
  ).conflicts('full');
  return withScope(command, changes)
    .option('--json', 'print data instead of text')
    .addOption(new Option('--config <file>', 'settings file (YAML or JSON) or folder').env('LAKEWARDEN_CONFIG'))
    .option('--lake <name>', 'without settings: the lake in a box of this name', 'default');
}

/** What a command works with: the question asked, as a doorbell and as read, and the lake. */
interface Job {
  readonly doorbell: Doorbell;
  readonly request: Request;
  readonly tools: RunTools;
}

async function run(options: SyncOptions, doorbell: Doorbell, work: (job: Job) => Promise<number>): Promise<void> {
  const settings = syncSettings(options);
  const request = readDoorbell(doorbell, settings);
  const clients = createClients(settings);
  const lineage = openLineage(settings);
  const progress = options.json === true ? undefined : showProgress(clients);
  try {
    const announce = announceTo(settings, lineage);
    process.exitCode = await work({
      doorbell,
      request,
      tools: { clients, settings, announce, now: new Date(), onProgress: progress?.onProgress ?? (() => {}) },
    });
  } finally {
    progress?.end();
    await settle(lineage);
    await clients.metastore.close();
    clients.hdfs.close();
  }
}

/** The command line is a doorbell like any other event. */
function ring({ path: paths, topic: topics, partitions, full, changes }: SyncOptions): Doorbell {
  if (paths !== undefined) return { type: 'dev.lakewarden.file.closed', data: { paths } };
  const scope = full === true ? 'full' : changes === true ? 'changes' : 'recent';
  return { type: 'dev.knative.sources.ping', data: { scope, topics, partitions } };
}

async function showPlan(
  options: SyncOptions & { exitCode?: true },
  { doorbell, request, tools }: Job,
): Promise<number> {
  const started = performance.now();
  const plan = await planRun(request, tools);
  const problems = [...plan.problems, ...plan.tables.flatMap((table) => table.problems)];
  const changes = plan.tables.filter(hasChanges).length;
  if (options.json === true) {
    console.log(JSON.stringify(printedPlan(doorbell, plan), undefined, 2));
  } else {
    for (const table of plan.tables) console.log(`${renderPlan(table)}\n`);
    for (const line of renderProblems(plan.problems)) console.log(line);
    const sum =
      changes > 0
        ? `${count(changes, 'table')} would change: sync apply with the same options does it`
        : plan.tables.length + problems.length > 0
          ? 'nothing would change'
          : `there is no topic in ${tools.settings.root}`;
    console.log(`${sum}${tellProblems(problems)}. ${calls(plan.calls)}, ${duration(performance.now() - started)}`);
  }
  if (changes > 0 && options.exitCode === true) return exitCode.changes;
  return problems.some(isSerious) ? exitCode.partial : exitCode.ok;
}

async function apply(options: SyncOptions, { request, tools }: Job, approved?: PlanFile): Promise<number> {
  const started = performance.now();
  // Nothing is written unless the whole plan is true; then each table is looked at once more right before its change.
  if (approved !== undefined) requireApproved(approved, await planRun(request, { ...tools, onProgress: () => {} }));
  const onProgress = (progress: Progress): void => {
    if (approved !== undefined && progress.step === 'planned') requireApprovedTable(approved, progress.plan);
    tools.onProgress?.(progress);
  };
  const outcome = await applyRun(request, { ...tools, onProgress });
  const status = statusOf(outcome);
  if (options.json === true) {
    console.log(JSON.stringify({ status, ...outcome }, undefined, 2));
  } else {
    for (const table of outcome.tables)
      for (const line of [`${renderOutcome(table)}${tellWay(table, request)}`, ...renderProblems(table.problems)])
        console.log(line);
    for (const line of renderProblems(outcome.problems)) console.log(line);
    const all = [...outcome.problems, ...outcome.tables.flatMap((table) => table.problems)];
    console.log(
      `\n${statusTexts[status]}${tellProblems(all)}. ${calls(outcome.calls)}, ${duration(performance.now() - started)}`,
    );
  }
  return status === 'partial' ? exitCode.partial : exitCode.ok;
}

/** Who asks for changes wants to know whether snapshots told them, and at what price. */
function tellWay({ way, calls: own }: TopicOutcome, { scope }: Request): string {
  if (scope.kind !== 'changes' || way === undefined) return '';
  return `${paint('dim', `, by a ${way}: `)}${calls(own)}`;
}

const statusTexts = { nothing: 'nothing to do', done: 'done', partial: 'done in part' };

function tellProblems(problems: readonly Problem[]): string {
  const serious = problems.filter(isSerious).length;
  return serious === 0 ? '' : paint('red', `; ${count(serious, 'problem')}, named above`);
}

/** Effects are told to `K_SINK` when it is set; one that it does not take has happened all the same. */
function announceTo({ hdfs }: Settings, lineage: Lineage | undefined): Announce {
  const tell = effectTeller();
  const emit = (event: CloudEventOut): Promise<void> => {
    lineage?.tell(event);
    return tell(event);
  };
  return new Announce(emit, 'cli', hdfs.defaultFs);
}

async function settle(lineage: Lineage | undefined): Promise<void> {
  const { lost, reason } = (await lineage?.settle()) ?? { lost: 0 };
  if (lost > 0) warn(`${count(lost, 'lineage event')} not delivered: ${reason?.message ?? 'too many at once'}`);
}

function calls({ hdfs, metastore }: { hdfs: number; metastore: number }): string {
  return paint('dim', `${count(hdfs, 'HDFS call')}, ${count(metastore, 'metastore call')}`);
}
