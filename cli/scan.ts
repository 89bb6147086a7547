import { closeSync, openSync, writeSync } from 'node:fs';
import { Argument, Command, Option } from 'commander';
import { tryExamples } from '#functions/compliance-scan/model/examples.ts';
import { severities, type Severity } from '#functions/compliance-scan/model/verdict.ts';
import { type Format, formatOf, formats } from '#functions/compliance-scan/output/format.ts';
import { makeReport } from '#functions/compliance-scan/output/make-report.ts';
import type { Report } from '#functions/compliance-scan/output/report.ts';
import { chooseOnly } from '#functions/compliance-scan/scan/choose-only.ts';
import { type OpenScan, prepareRun } from '#functions/compliance-scan/scan/open-scan.ts';
import type { ScopeOutcome } from '#functions/compliance-scan/scan/scan-batch.ts';
import { sweep } from '#functions/compliance-scan/scan/sweep.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { explain } from './scan-explain.ts';
import { fixCommand } from './scan-fix.ts';
import { repairCommand } from './scan-repair.ts';
import { showScanProgress } from './scan-progress.ts';
import { scanExit, scanExitHelp, type ScanSettingsOptions, withScan, withScanSettings } from './scan-settings.ts';
import { count, paint, printable, renderTable } from './terminal.ts';

interface ScanOptions extends ScanSettingsOptions {
  readonly only?: string[];
  readonly format: string;
  readonly output?: string[];
  readonly failOn: Severity;
  readonly quiet?: true;
}

/** `lakewarden scan`, with `rules`, `explain`, `fix`, `repair` and `test`. */
export function scanCommand(): Command {
  const scan = withScanSettings(
    new Command('scan').description('find what is open, unowned, unencrypted or changed by hand; changes nothing'),
  )
    .option('--only <what...>', 'only these rules, kinds or systems; * stands for any characters')
    .addOption(new Option('--format <name>', 'how the report is written').choices(Object.keys(formats)).default('text'))
    .option('--output <file...>', 'write the report to files, too, as their names end, or format=path')
    .addOption(new Option('--fail-on <severity>', 'what makes it fail').choices(severities).default('high'))
    .option('--quiet', 'no progress on standard error')
    // What stands behind the name of a command below is its own.
    .enablePositionalOptions()
    .addHelpText('after', scanExitHelp)
    .action((options: ScanOptions) => withScan(options, (open) => runScan(options, open)));
  const rules = withScanSettings(new Command('rules').description('list the rules in use'))
    .option('--json', 'print data instead of text')
    .action((options: ScanSettingsOptions & { json?: true }) =>
      withScan(options, (open) => Promise.resolve(listRules(options, open))),
    );
  const explained = withScanSettings(
    new Command('explain').description('say what a rule wants, or what a finding is about'),
  )
    .addArgument(new Argument('<id>', 'of a rule, or of a finding in the state'))
    .action((id: string, options: ScanSettingsOptions) => withScan(options, (open) => explain(id, open)));
  const test = withScanSettings(
    new Command('test').description('try the examples of all rules, and check waivers'),
  ).action((options: ScanSettingsOptions) => withScan(options, tryAll));
  for (const command of [rules, explained, fixCommand(), repairCommand(), test]) scan.addCommand(command);
  return scan;
}

async function runScan(options: ScanOptions, open: OpenScan): Promise<number> {
  const outputs = readOutputs(options.output ?? []);
  const started = Date.now();
  const scopes: ScopeOutcome[] = [];
  const progress = options.quiet === true ? undefined : showScanProgress();
  const { tools, problems } = await prepareRun(open, {
    now: started,
    signal: new AbortController().signal,
    // The terminal is told by the report.
    tell: () => Promise.resolve(),
    ...(progress === undefined ? {} : { onPage: progress.onPage }),
    onScope(outcome) {
      scopes.push(outcome);
      progress?.onScope(outcome);
    },
  });
  try {
    const outcome = await sweep(options.only === undefined ? {} : chooseOnly(options.only, open.rules), tools);
    const { counts, waivers } = tools;
    const parts = { instance: 'cli', started, ended: Date.now(), rules: open.rules, counts, waivers, scopes, outcome };
    const report = makeReport({ ...parts, problems });
    progress?.end();
    for (const { format, path } of outputs) writePieces(path, format(report));
    for (const piece of formats[options.format]?.(report) ?? []) process.stdout.write(piece);
    return judge(report, options.failOn);
  } finally {
    progress?.end();
  }
}

/** Files are checked before the scan, which may take long. @throws config.invalid for one whose format nobody knows */
function readOutputs(outputs: readonly string[]): { format: Format; path: string }[] {
  return outputs.map((output) => {
    const known = formatOf(output);
    if (known !== undefined) return known;
    const names = Object.keys(formats).join(', ');
    throw new LakewardenError('config.invalid', `${output} does not tell its format: write format=path (${names})`);
  });
}

function writePieces(path: string, pieces: Iterable<string>): void {
  const file = openSync(path, 'w');
  try {
    for (const piece of pieces) writeSync(file, piece);
  } finally {
    closeSync(file);
  }
}

/** An incomplete scan is no success, and findings are no matter of what else could not be read. */
function judge({ findings, complete }: Report, failOn: Severity): number {
  const worst = severities.indexOf(failOn);
  const found = findings.some(({ state, severity }) => state === 'open' && severities.indexOf(severity) <= worst);
  if (found) return scanExit.found;
  return complete ? scanExit.clean : scanExit.notScanned;
}

function listRules({ json }: { json?: true }, { rules }: OpenScan): number {
  if (json === true) {
    const shown = rules.map(({ rule: { id, version, title, why, remedy, area, kinds, controls }, severity }) => {
      return { id, version, title, severity, area, kinds, why, remedy, controls };
    });
    console.log(JSON.stringify(shown, undefined, 2));
    return scanExit.clean;
  }
  const rows = rules.map(({ rule: { id, area, title }, severity }) => [id, severity, area, title]);
  console.log(renderTable(['rule', 'severity', 'area', 'what must be'], rows));
  console.log(`\n${count(rules.length, 'rule')}; lakewarden scan explain <rule> says why, and what to do`);
  return scanExit.clean;
}

/** Own rules whose examples fail are refused when they are read; waivers that are faulty waive nothing, and are named here. */
async function tryAll(open: OpenScan): Promise<number> {
  const failed = open.rules.flatMap(({ rule }) => tryExamples(rule));
  const examples = open.rules.reduce((sum, { rule }) => sum + rule.examples.length, 0);
  for (const { rule, example, reason } of failed)
    console.log(paint('red', `${rule}, example ${printable(example)}: ${printable(reason)}`));
  const { tools, problems } = await prepareRun(open, { now: Date.now(), signal: new AbortController().signal });
  for (const { message } of problems) console.log(paint('red', printable(message)));
  const waivers = tools.waivers.all.length;
  console.log(
    `${count(open.rules.length, 'rule')}, ${count(examples, 'example')}, ${failed.length} failed; ${count(waivers, 'waiver')}, ${count(problems.length, 'fault')}`,
  );
  return failed.length + problems.length === 0 ? scanExit.clean : scanExit.found;
}
