import { Argument, Command, Option } from 'commander';
import { Announce } from '#functions/partition-compaction/announce.ts';
import { toolsForCommit } from '#functions/partition-compaction/apply.ts';
import { settingsSchema } from '#functions/partition-compaction/config.ts';
import { type Doorbell, readDoorbell } from '#functions/partition-compaction/doorbell.ts';
import { allowMerges } from '#functions/partition-compaction/journal/keep.ts';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import { isSerious, type Problem } from '#functions/partition-compaction/problem.ts';
import { applyRun, planRun, type RunTools, statusOf } from '#functions/partition-compaction/run.ts';
import { planUndo, undoMerge } from '#functions/partition-compaction/undo.ts';
import { createHdfs } from '#shared/hdfs/hdfs-settings.ts';
import { toPath } from '#shared/hdfs/location.ts';
import { splitGoldenPath } from '#shared/lake/golden-path.ts';
import { superuser } from '#lake-in-a-box/addresses.ts';
import {
  type CompactionPlanFile,
  printedCompactionPlan,
  readCompactionPlan,
  requireApprovedMerges,
  requireApprovedPlan,
} from './compaction-plan-file.ts';
import { showCompaction } from './compact-progress.ts';
import { effectTeller, parseSeconds } from './effects.ts';
import { exitCode } from './exit-code.ts';
import { renderCompactionOutcome, renderCompactionPlan, renderCompactionProblems } from './render-compaction.ts';
import { withScope } from './scope-options.ts';
import { readSettings } from './sync-settings.ts';
import { count, duration, paint, printable, size } from './terminal.ts';

interface CommonOptions {
  readonly json?: true;
  readonly config?: string;
  readonly lake: string;
}

interface UndoOptions extends CommonOptions {
  readonly dryRun?: true;
  /** Seconds. */
  readonly gateSeconds: number;
  readonly mergeAgain?: true;
}

interface ScopeOptions extends CommonOptions {
  readonly topic?: string[];
  readonly path?: string[];
  readonly full?: true;
  readonly partitions?: number;
}

/** `lakewarden compact plan`, `apply`, `undo` and `allow`. */
export function compactCommand(): Command {
  const compact = new Command('compact').description('make many small Parquet files of a partition one');
  const plan = withOptions(
    new Command('plan').description(
      'show which files would become one, and what stays as it is and why; changes nothing',
    ),
  )
    .option('--exit-code', `end with ${exitCode.changes} when there is something to change`)
    .action((options: ScopeOptions & { exitCode?: true }) =>
      run(options, (tools) => showPlan(options, ring(options), tools)),
    );
  const apply = withOptions(new Command('apply').description('make them one, without moving data'))
    .addOption(
      new Option(
        '--plan <file>',
        'make the merges of this plan (from plan --json), if it is still exactly true',
      ).conflicts(['topic', 'path', 'full', 'partitions']),
    )
    .action((options: ScopeOptions & { plan?: string }) => {
      const approved = options.plan === undefined ? undefined : readCompactionPlan(options.plan);
      return run(options, (tools) => applyPlan(options, approved?.doorbell ?? ring(options), tools, approved));
    });
  const undo = withCommon(
    new Command('undo').description('restore the files that merged ones were made of; while no query reads them'),
  )
    .addArgument(new Argument('<file...>', 'merged files'))
    .option('--dry-run', 'show what would be restored; changes nothing')
    .addOption(
      new Option(
        '--gate-seconds <seconds>',
        'how long queries of the partition fail before the files appear; those planned before the undo must open theirs by then',
      )
        .argParser(parseSeconds)
        .default(300),
    )
    .option('--merge-again', 'let later runs merge the files again')
    .action((files: string[], options: UndoOptions) => run(options, (tools) => undoFiles(files, options, tools)));
  const allow = withCommon(new Command('allow').description('let files be merged again where a merge was undone'))
    .addArgument(new Argument('<folder...>', 'partitions'))
    .action((folders: string[], options: CommonOptions) => run(options, (tools) => allowFolders(folders, tools)));
  return compact.addCommand(plan).addCommand(apply).addCommand(undo).addCommand(allow);
}

function withOptions(command: Command): Command {
  return withCommon(withScope(command));
}

function withCommon(command: Command): Command {
  return command
    .option('--json', 'print data instead of text')
    .addOption(new Option('--config <file>', 'settings file (YAML or JSON) or folder').env('LAKEWARDEN_CONFIG'))
    .option('--lake <name>', 'without settings: the lake in a box of this name', 'default');
}

async function run(options: CommonOptions, work: (tools: RunTools) => Promise<number>): Promise<void> {
  const settings = readSettings(settingsSchema, options, ({ webhdfs, defaultFs }) => ({
    hdfs: { addresses: [webhdfs], defaultFs, user: superuser },
  }));
  const hdfs = createHdfs(settings.hdfs);
  const progress = options.json === true ? undefined : showCompaction();
  try {
    process.exitCode = await work({
      hdfs,
      settings,
      reader: new PieceReader(hdfs),
      owner: `lakewarden compact, process ${process.pid}`,
      announce: new Announce(effectTeller(), 'cli', settings.hdfs.defaultFs),
      now: new Date(),
      ...(progress && { onProgress: progress.onProgress }),
    });
  } finally {
    progress?.end();
    hdfs.close();
  }
}

/** The command line is a doorbell like any other event. */
function ring({ path: paths, topic: topics, partitions, full }: ScopeOptions): Doorbell {
  if (paths !== undefined) return { type: 'dev.lakewarden.compaction.requested', data: { paths } };
  const scope = full === true ? 'full' : 'recent';
  return { type: 'dev.knative.sources.ping', data: { scope, topics, partitions } };
}

async function showPlan(
  options: ScopeOptions & { exitCode?: true },
  doorbell: Doorbell,
  tools: RunTools,
): Promise<number> {
  const started = performance.now();
  const plan = await planRun(readDoorbell(doorbell, tools.settings), tools);
  const problems = [...plan.problems, ...plan.partitions.flatMap((partition) => partition.problems)];
  const merges = plan.partitions.flatMap((partition) => partition.merges);
  const rewrites = plan.partitions.flatMap((partition) => partition.rewrites);
  const unsettled = plan.partitions.some(({ unsettled: left, leftovers }) => left.length > 0 || leftovers.work);
  const due = plan.partitions.flatMap(({ leftovers }) => leftovers.files.filter(({ state }) => state === 'due'));
  const changes = [
    ...(merges.length > 0
      ? [
          `${count(
            sumOf(merges, ({ sources }) => sources.length),
            'file',
          )} fewer by ${count(merges.length, 'merge')}`,
        ]
      : []),
    ...(rewrites.length > 0
      ? [`${count(rewrites.length, 'file')} (${size(sumOf(rewrites, ({ file }) => file.length))}) written anew`]
      : []),
    ...(due.length > 0 ? [`${count(due.length, 'half-written file')} removed`] : []),
  ];
  if (options.json === true) {
    console.log(JSON.stringify(printedCompactionPlan(doorbell, plan), undefined, 2));
  } else {
    for (const line of [...renderCompactionPlan(plan.partitions), ...renderCompactionProblems(problems)])
      console.log(line);
    const sum =
      changes.length > 0
        ? `${changes.join(', ')}: compact apply with the same options does it`
        : 'nothing would change';
    console.log(`${sum}${tellProblems(problems)}. ${tellCost(plan.calls, started)}`);
  }
  if ((changes.length > 0 || unsettled) && options.exitCode === true) return exitCode.changes;
  return problems.some(isSerious) ? exitCode.partial : exitCode.ok;
}

async function applyPlan(
  options: ScopeOptions,
  doorbell: Doorbell,
  tools: RunTools,
  approved?: CompactionPlanFile,
): Promise<number> {
  const started = performance.now();
  const request = readDoorbell(doorbell, tools.settings);
  // Nothing is merged unless the whole plan is true; then each partition is looked at once more right before its merges.
  if (approved !== undefined) requireApprovedPlan(approved, await planRun(request, { ...tools, onProgress: () => {} }));
  const outcome = await applyRun(request, {
    ...tools,
    ...(approved !== undefined && { onPlan: (plan) => requireApprovedMerges(approved, plan) }),
  });
  const status = statusOf(outcome);
  const problems = [...outcome.problems, ...outcome.partitions.flatMap((partition) => partition.problems)];
  if (options.json === true) {
    console.log(JSON.stringify({ status, ...outcome }, undefined, 2));
  } else {
    for (const line of [...renderCompactionOutcome(outcome.partitions), ...renderCompactionProblems(problems)])
      console.log(line);
    if (outcome.left.length > 0) console.log(`  ${count(outcome.left.length, 'partition')} left for the next run`);
    console.log(`${statusTexts[status]}${tellProblems(problems)}. ${tellCost(outcome.calls, started)}`);
  }
  return status === 'partial' ? exitCode.partial : exitCode.ok;
}

const statusTexts = { nothing: 'nothing to do', done: 'done', partial: 'done in part' };

async function undoFiles(files: readonly string[], options: UndoOptions, tools: RunTools): Promise<number> {
  const paths = files.map((file) => toPath(file, tools.settings.hdfs));
  const restored: object[] = [];
  let held = false;
  for (const path of paths) {
    const plan = await planUndo(path, tools.hdfs);
    const { pieces, bytes, owner, group } = plan;
    const what = `${printable(path)}: ${count(pieces.length, 'file')}, ${size(bytes)}, owner ${printable(owner)}:${printable(group)}`;
    restored.push({ path, bytes, owner, group, pieces });
    if (options.dryRun === true) {
      if (options.json !== true) console.log(what);
      continue;
    }
    const commit = toolsForCommit({ ...tools, onMerged: async () => {}, onRewritten: async () => {} }, () => {});
    const started = performance.now();
    const onPiece = (done: number, copied: number): void => {
      if (options.json === true || !process.stderr.isTTY) return;
      const left = duration(((performance.now() - started) / copied) * (bytes - copied));
      process.stderr.write(`\r\u001b[K${done} of ${count(pieces.length, 'file')}, ${size(copied)}, about ${left} left`);
    };
    const onGate = (): void => {
      if (options.json !== true)
        process.stderr.write(
          `\nqueries of ${printable(path)} fail now; its files appear in ${options.gateSeconds} s\n`,
        );
    };
    const { gateSeconds, mergeAgain } = options;
    const end = await undoMerge(path, commit, { onPiece, onGate, gateSeconds, keep: mergeAgain !== true });
    held ||= 'held' in end;
    if (options.json !== true)
      console.log(
        'held' in end
          ? paint(
              'red',
              `  ! ${printable(path)} is being worked on by ${printable(end.held.owner)}: try again in ${end.held.secondsLeft} s`,
            )
          : `restored ${what}`,
      );
  }
  if (options.json === true) console.log(JSON.stringify({ restored, held }, undefined, 2));
  return held ? exitCode.partial : exitCode.ok;
}

function sumOf<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0);
}

async function allowFolders(folders: readonly string[], { hdfs, settings }: RunTools): Promise<number> {
  for (const folder of folders) {
    const path = toPath(folder, settings.hdfs);
    splitGoldenPath(settings.root, path);
    const had = await allowMerges(path, hdfs);
    console.log(`${printable(path)}: ${had ? 'its files are merged again' : 'nothing was kept there'}`);
  }
  return exitCode.ok;
}

function tellProblems(problems: readonly Problem[]): string {
  const serious = problems.filter(isSerious).length;
  return serious === 0 ? '' : paint('red', `; ${count(serious, 'problem')}, named above`);
}

function tellCost(calls: number, started: number): string {
  return `${paint('dim', count(calls, 'HDFS call'))}, ${duration(performance.now() - started)}`;
}
