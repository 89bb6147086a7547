import { Argument, Command } from 'commander';
import { testRules } from '#functions/dead-letter-triage/classify/rules.ts';
import { readDoorbell, type Request } from '#functions/dead-letter-triage/doorbell.ts';
import type { Group } from '#functions/dead-letter-triage/group/group.ts';
import { joinGroups, rateOf } from '#functions/dead-letter-triage/group/group.ts';
import { unhandledLetters } from '#functions/dead-letter-triage/group/handled.ts';
import { previewRun } from '#functions/dead-letter-triage/preview.ts';
import { isSerious, type Problem } from '#functions/dead-letter-triage/problem.ts';
import { resolveByHand } from '#functions/dead-letter-triage/resolve.ts';
import { applyRun, type RunTools } from '#functions/dead-letter-triage/run.ts';
import { summarise } from '#functions/dead-letter-triage/summary.ts';
import { exitCode } from './exit-code.ts';
import { count, duration, paint, printable, renderTable } from './terminal.ts';
import { reportCommand } from './triage-report.ts';
import { triageSettings, type TriageOptions, withTriage, withTriageOptions } from './triage-settings.ts';

interface ScopeOptions extends TriageOptions {
  readonly topic?: string[];
}

const looking = { onlyLooks: true };

/** `lakewarden triage plan`, `run`, `groups`, `report`, `resolve` and `test`. */
export function triageCommand(): Command {
  const triage = new Command('triage').description('explain dead letters, group them, and set them aside');
  const plan = withScope(new Command('plan').description('show what a run would do; changes nothing'))
    .option('--exit-code', `end with ${exitCode.changes} when letters wait`)
    .action((options: ScopeOptions & { exitCode?: true }) =>
      withTriage(options, (tools) => showPlan(options, tools), looking),
    );
  const run = withScope(new Command('run').description('read all letters that wait')).action((options: ScopeOptions) =>
    withTriage(options, (tools) => runTriage(options, tools)),
  );
  const groups = withScope(new Command('groups').description('list groups of letters, the most frequent first'))
    .option('--all', 'resolved groups, too')
    .action((options: ScopeOptions & { all?: true }) =>
      withTriage(options, (tools) => listGroups(options, tools), looking),
    );
  const resolve = withTriageOptions(
    new Command('resolve').description('close groups whose letters were handled; a letter that comes opens them again'),
  )
    .addArgument(new Argument('<topic>', 'dead letter topic'))
    .addArgument(new Argument('<group...>', 'fingerprints, as groups lists them'))
    .action((topic: string, ids: string[], options: TriageOptions) =>
      withTriage(options, (tools) => resolveGroups(topic, ids, options, tools)),
    );
  const test = withTriageOptions(new Command('test').description('try the examples of all rules')).action(
    (options: TriageOptions) => {
      process.exitCode = tryRules(options);
    },
  );
  for (const command of [plan, run, groups, reportCommand(), resolve, test]) triage.addCommand(command);
  return triage;
}

function withScope(command: Command): Command {
  return withTriageOptions(command.option('--topic <name...>', 'only these dead letter topics'));
}

/** The command line is a doorbell like any other event. */
function ring({ topic: topics }: ScopeOptions, { settings }: RunTools): Request {
  return readDoorbell({ type: 'dev.knative.sources.ping', data: { topics } }, settings);
}

async function showPlan(options: ScopeOptions & { exitCode?: true }, tools: RunTools): Promise<number> {
  const preview = await previewRun(ring(options, tools), tools);
  const letters = preview.partitions.reduce((sum, one) => sum + one.letters, 0);
  if (options.json === true) print(preview);
  else {
    for (const { topic, partition, groups, files, letters: own } of preview.partitions) {
      console.log(paint('bold', `${topic}-${partition}: ${count(own, 'letter')}`));
      const rows = groups.map((one) => [one.id, one.class, one.action, one.added, one.count]);
      console.log(renderTable(['group', 'class', 'action', 'new', 'all'], rows));
      for (const file of files) console.log(paint('dim', `  would write ${printable(file)}`));
    }
    tellProblems(preview.problems);
    console.log(letters === 0 ? 'no letter waits' : `${count(letters, 'letter')} would be read: triage run does it`);
  }
  if (options.exitCode === true && letters > 0) return exitCode.changes;
  return preview.problems.some(isSerious) ? exitCode.partial : exitCode.ok;
}

async function runTriage(options: ScopeOptions, tools: RunTools): Promise<number> {
  const started = performance.now();
  const outcome = await applyRun(ring(options, tools), {
    ...tools,
    onProgress: ({ topic, partition, letters, end }) => {
      if (options.json !== true) console.log(`${topic}-${partition}: ${count(letters, 'letter')}${ends[end]}`);
    },
  });
  const summary = summarise(outcome);
  if (options.json === true) print({ ...summary, problems: outcome.problems });
  else {
    tellProblems(outcome.problems);
    const { opened, regressed } = summary.groups;
    const sum = `${count(summary.letters, 'letter')}, ${count(opened, 'new group')}, ${regressed} back`;
    console.log(`${sum}; ${count(summary.setAside, 'letter')} set aside. ${duration(performance.now() - started)}`);
  }
  return summary.status === 'partial' ? exitCode.partial : exitCode.ok;
}

const ends = { done: '', busy: ', and another instance is at it', left: ', and more wait' };

async function listGroups(options: ScopeOptions & { all?: true }, tools: RunTools): Promise<number> {
  const states = await tools.state.loadAll<Group>();
  const shares = [...states.states()]
    .filter(({ place }) => options.topic === undefined || options.topic.includes(place.topic))
    .flatMap(({ place, groups }) => [...groups.values()].map((group) => ({ topic: place.topic, group })));
  const joined = [...Map.groupBy(shares, ({ topic, group }) => `${topic}\0${group.id}`).values()]
    .map((own) => {
      const [first, ...others] = own.map(({ group }) => group);
      const unhandled = own.reduce((sum, { group }) => sum + unhandledLetters(group), 0);
      return { topic: own[0]?.topic ?? '', unhandled, ...joinGroups([first as Group, ...others]) };
    })
    .filter(({ state }) => options.all === true || state === 'open')
    .toSorted((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1));
  if (options.json === true) {
    print(joined);
    return exitCode.ok;
  }
  const now = tools.now();
  const rows = joined.map(({ topic, about, verdict, ...group }) => [
    group.id,
    topic,
    group.count,
    group.unhandled,
    Number(rateOf(group, now).toFixed(1)),
    verdict.class,
    verdict.action,
    verdict.owner ?? '',
    about.component,
    (about.errorClass === '' ? about.message : `${about.errorClass}: ${about.message}`).slice(0, shownText),
  ]);
  const header = [
    'group',
    'topic',
    'letters',
    'unhandled',
    'per hour',
    'class',
    'action',
    'owner',
    'component',
    'error',
  ];
  console.log(rows.length === 0 ? 'no group is open' : renderTable(header, rows));
  return exitCode.ok;
}

const shownText = 100;

async function resolveGroups(topic: string, ids: string[], options: TriageOptions, tools: RunTools): Promise<number> {
  const resolved = await resolveByHand(topic, new Set(ids), tools);
  const missing = ids.filter((id) => !resolved.has(id));
  if (options.json === true) print({ resolved: [...resolved].toSorted(), missing });
  else {
    for (const id of resolved) console.log(`${printable(id)} is resolved`);
    for (const id of missing) console.log(paint('red', `${printable(topic)} has no open group ${printable(id)}`));
  }
  return missing.length === 0 ? exitCode.ok : exitCode.partial;
}

/** Settings whose examples fail are refused when they are read, so what is left to do is to say so. */
function tryRules(options: TriageOptions): number {
  const { rules } = triageSettings(options);
  const failed = testRules(rules);
  const examples = rules.reduce((sum, { expect }) => sum + expect.length, 0);
  if (options.json === true) print({ rules: rules.length, examples, failed });
  else console.log(`${count(rules.length, 'rule')}, ${count(examples, 'example')}, ${failed.length} failed`);
  return failed.length === 0 ? exitCode.ok : exitCode.partial;
}

function tellProblems(problems: readonly Problem[]): void {
  for (const problem of problems)
    console.log(paint(isSerious(problem) ? 'red' : 'yellow', `${problem.code}: ${printable(problem.message)}`));
}

function print(data: unknown): void {
  console.log(JSON.stringify(data, undefined, 2));
}
