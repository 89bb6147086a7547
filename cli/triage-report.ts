import { Command, Option } from 'commander';
import { closeClients, createClients } from '#functions/dead-letter-triage/clients.ts';
import { orders, type ReportOptions } from '#functions/dead-letter-triage/report/facts.ts';
import { makeReport } from '#functions/dead-letter-triage/report/make-report.ts';
import { renderMarkdown } from '#functions/dead-letter-triage/report/markdown.ts';
import { renderPage } from '#functions/dead-letter-triage/report/page.ts';
import { readFacts } from '#functions/dead-letter-triage/report/read-facts.ts';
import type { Report } from '#functions/dead-letter-triage/report/report.ts';
import { parseCount } from './effects.ts';
import { exitCode } from './exit-code.ts';
import { count, printable } from './terminal.ts';
import { triageSettings, type TriageOptions, withTriageOptions } from './triage-settings.ts';
import { writeOutput } from './write-output.ts';

const formats = {
  html: renderPage,
  markdown: renderMarkdown,
  json: (report: Report) => `${JSON.stringify(report, undefined, 2)}\n`,
} as const;

interface ReportCommandOptions extends TriageOptions {
  readonly topic?: string[];
  readonly format: keyof typeof formats;
  readonly order: ReportOptions['order'];
  readonly groups: number;
  readonly output?: string;
}

/** `lakewarden triage report`. */
export function reportCommand(): Command {
  return withTriageOptions(
    new Command('report').description('show groups, what to do next and what retention threatens, on one page'),
  )
    .option('--topic <name...>', 'only these dead letter topics')
    .addOption(
      new Option('--format <format>', 'a page for people, text for a chat or an issue, or data')
        .choices(Object.keys(formats))
        .default('html'),
    )
    .option('--output <file>', 'write it there, not to the terminal')
    .addOption(
      new Option('--order <order>', 'which groups come first: most unhandled letters, oldest, fastest growing')
        .choices(orders)
        .default('cost'),
    )
    .addOption(
      new Option('--groups <count>', 'groups that are shown one by one; the others are summed up')
        .argParser(parseCount)
        .default(100),
    )
    .action(writeReport);
}

async function writeReport(options: ReportCommandOptions): Promise<void> {
  const settings = triageSettings(options);
  const clients = createClients(settings);
  const { order, groups, output } = options;
  try {
    const facts = await readFacts({ clients, settings, now: Date.now() }, options.topic);
    const report = makeReport(facts, { order, groups, nearMs: settings.alerts.retentionSeconds * 1_000 });
    const text = formats[options.json === true ? 'json' : options.format](report);
    if (output === undefined) process.stdout.write(text);
    else {
      writeOutput(output, text);
      const { openGroups, openLetters } = report.totals;
      console.log(`${printable(output)}: ${count(openGroups, 'open group')}, ${count(openLetters, 'letter')}`);
    }
    process.exitCode = exitCode.ok;
  } finally {
    await closeClients(clients);
  }
}
