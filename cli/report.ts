import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { asError, LakewardenError } from '#shared/errors/error.ts';
import { warn } from './effects.ts';
import { exitCode } from './exit-code.ts';
import { openPage } from './open-page.ts';
import { collectReport } from './report/collect.ts';
import type { LakeReport, Part } from './report/lake-report.ts';
import { renderPage } from './report/page/page.ts';
import { readReportSettings, type ReportSettingsOptions } from './report/report-settings.ts';
import { openStateFolder } from './report/report-state.ts';
import { duration, paint, printable, size } from './terminal.ts';
import { writeOutput } from './write-output.ts';

interface ReportOptions extends ReportSettingsOptions {
  readonly output?: string;
  readonly state?: string;
  readonly folders: number;
  readonly foldersInAll: number;
  readonly plans: number;
  readonly planFiles: number;
  readonly seconds: number;
  readonly count: boolean;
  readonly json?: true;
  readonly open?: true;
}

/** `lakewarden report`. */
export function reportCommand(): Command {
  const file = (flag: string, name: string): Option => new Option(`--${flag} <file>`, `settings of ${name}`);
  return new Command('report')
    .description('show the whole lake on one page: files, tables, dead letters, compliance; changes nothing')
    .option('--output <file>', 'write the page there, not to the terminal')
    .option('--json', 'write data instead of a page')
    .addOption(
      new Option('--open', 'show the page in the browser; without --output it is a temporary file').conflicts('json'),
    )
    .option('--state <folder>', 'keep what the next report compares with in this folder, or in one of HDFS (hdfs:///…)')
    .option('--settings <folder>', 'settings of the functions, in files named after them (metastore-sync.yaml, …)')
    .addOption(file('sync', 'metastore-sync'))
    .addOption(file('compact', 'partition-compaction'))
    .addOption(file('triage', 'dead-letter-triage'))
    .addOption(file('scan', 'compliance-scan'))
    .option('--lake <name>', 'without settings: the lake in a box of this name', 'default')
    .addOption(number('folders <count>', 'newest folders of each topic that are looked at', 168, 100_000))
    .addOption(number('folders-in-all <count>', 'folders that are looked at in all topics together', 20_000, 1_000_000))
    .addOption(number('plans <count>', 'folders whose merges are planned by what their files say', 5, 10_000))
    .addOption(
      number('plan-files <count>', 'small files of these folders, of which the ends are read', 2_000, 1_000_000),
    )
    .addOption(number('seconds <count>', 'when the time is over, the rest is called unknown', 600, 86_400))
    .option('--no-count', 'do not let the NameNode count all that lies below each topic')
    .addHelpText(
      'after',
      `\nExit code ${exitCode.partial} tells that something could not be looked at; the page names it.`,
    )
    .action(writeReport);
}

function number(flag: string, description: string, usual: number, most: number): Option {
  const parse = (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${most}.`);
  };
  return new Option(`--${flag}`, description).argParser(parse).default(usual);
}

async function writeReport(options: ReportOptions): Promise<void> {
  const settings = readReportSettings(options);
  // The looks may take long.
  if (options.output !== undefined && !existsSync(dirname(resolve(options.output))))
    throw new LakewardenError('config.invalid', `${options.output} cannot be written: there is no such folder`);
  const hdfs = settings.sync?.hdfs ?? settings.compact?.hdfs;
  const state = options.state === undefined ? undefined : openStateFolder(options.state, hdfs);
  const output = options.output ?? (options.open === true ? temporaryPage() : undefined);
  const { folders, foldersInAll, plans, planFiles, count, seconds } = options;
  const started = performance.now();
  const report = await collectReport(settings, {
    files: { folders, foldersInAll, counts: count },
    plans: { folders: plans, files: planFiles },
    longestMs: seconds * 1_000,
    ...(state === undefined ? {} : { state }),
    onPart: (part) => process.stderr.write(`${paint('dim', `looking at ${part} …`, process.stderr)}\n`),
  });
  state?.close();
  const text = options.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : renderPage(report);
  if (output === undefined) process.stdout.write(text);
  else {
    writeOutput(output, text);
    console.log(`${printable(output)}: ${size(Buffer.byteLength(text))}, ${duration(performance.now() - started)}`);
  }
  if (options.open === true && output !== undefined)
    await openPage(output).catch((error: unknown) => warn(`no browser was opened: ${asError(error).message}`));
  process.exitCode = isWhole(report) ? exitCode.ok : exitCode.partial;
}

/** A page of a folder that nobody else may read. */
function temporaryPage(): string {
  return join(mkdtempSync(join(tmpdir(), 'lakewarden-report-')), 'lake.html');
}

function isWhole(report: LakeReport): boolean {
  const { files, tables, compaction, letters, compliance, problems } = report;
  const parts: readonly Part<unknown>[] = [files, tables, compaction, letters, compliance];
  if (problems.length > 0 || parts.some((part) => part.state === 'unknown')) return false;
  if (tables.state === 'read' && tables.facts.tables.some(({ state }) => state === 'unknown')) return false;
  return compliance.state !== 'read' || compliance.facts.isComplete;
}
