import { Command, Option } from 'commander';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { compareTopic } from '#functions/metastore-sync/examine/compare-topic.ts';
import type { Settings, TopicSettings } from '#functions/metastore-sync/config.ts';
import { examineCompleteness } from '#functions/metastore-sync/completeness/examine-completeness.ts';
import { examineTopic, type TopicReport } from '#functions/metastore-sync/examine/examine-topic.ts';
import type { Clients } from '#functions/metastore-sync/survey.ts';
import { chooseTopics } from '#functions/metastore-sync/topics.ts';
import { asError } from '#shared/errors/error.ts';
import { countFlaws, showCompleteness } from './show-completeness.ts';
import { exitCode } from './exit-code.ts';
import { showProgress } from './progress.ts';
import { renderProblems } from './render-plan.ts';
import { syncSettings } from './sync-settings.ts';
import { count, paint, printable, renderTable, size } from './terminal.ts';

interface InspectOptions {
  readonly topic?: string[];
  readonly full?: true;
  readonly json?: true;
  readonly config?: string;
  readonly lake: string;
}

/** A way to look at topics: reads one, shows it, and says how much was found. */
interface Inspection<Report> {
  readonly look: (clients: Clients, settings: Settings, topic: TopicSettings) => Promise<Report>;
  readonly show: (report: Report) => void;
  readonly found: (report: Report) => number;
}

/** `lakewarden sync doctor` */
export function doctorCommand(): Command {
  const doctor = new Command('doctor')
    .description('tell what will hurt readers: types, stray, unfinished and unreadable files; changes nothing')
    .option('--full', 'look at every folder, not only at the newest partitions');
  return withOptions(doctor).action((options: InspectOptions) =>
    inspect(options, {
      look: (clients, settings, topic) => examineTopic(clients, settings, topic, options.full === true),
      ...findings,
    }),
  );
}

/** `lakewarden sync drift` */
export function driftCommand(): Command {
  const drift = new Command('drift').description(
    'compare files, partitions and columns, and tell what somebody changed by hand; changes nothing',
  );
  return withOptions(drift).action((options: InspectOptions) => inspect(options, { look: compareTopic, ...findings }));
}

/** `lakewarden sync completeness` */
export function completenessCommand(): Command {
  const completeness = new Command('completeness').description(
    'tell by the Kafka offsets in names of files up to where topics are queryable, and what is missing; changes nothing',
  );
  return withOptions(completeness).action((options: InspectOptions) =>
    inspect(options, { look: examineCompleteness, show: showCompleteness, found: countFlaws }),
  );
}

function withOptions(command: Command): Command {
  return command
    .option('--topic <name...>', 'only these topics')
    .option('--json', 'print data instead of text')
    .addOption(new Option('--config <file>', 'settings file (YAML or JSON) or folder').env('LAKEWARDEN_CONFIG'))
    .option('--lake <name>', 'without settings: the lake in a box of this name', 'default')
    .addHelpText('after', `\nExit code ${exitCode.partial} tells that something was found, 0 that nothing was.`);
}

async function inspect<Report>(options: InspectOptions, { look, show, found }: Inspection<Report>): Promise<void> {
  const settings = syncSettings(options);
  const clients = createClients(settings);
  const progress = options.json === true ? undefined : showProgress(clients);
  try {
    const { topic: wanted } = options;
    const scope = { kind: 'full', ...(wanted === undefined ? {} : { topics: wanted }) } as const;
    const { topics, problems } = await chooseTopics(clients.hdfs, settings, scope);
    const reports: Report[] = [];
    for (const [index, topic] of topics.entries()) {
      progress?.onProgress({ topic: topic.topic, step: 'survey', index, total: topics.length });
      try {
        reports.push(await look(clients, settings, topic));
      } catch (thrown) {
        const error = asError(thrown);
        if (error.disposition !== 'reject') throw error;
        problems.push({ code: 'topic.failed', topic: topic.topic, message: error.message });
      }
    }
    progress?.end();
    if (options.json === true) console.log(JSON.stringify({ topics: reports, problems }, undefined, 2));
    else {
      for (const report of reports) show(report);
      for (const line of renderProblems(problems)) console.log(line);
    }
    const all = problems.length + reports.reduce((sum, report) => sum + found(report), 0);
    process.exitCode = all > 0 ? exitCode.partial : exitCode.ok;
  } finally {
    progress?.end();
    await clients.metastore.close();
    clients.hdfs.close();
  }
}

const findings = { show: showFindings, found: (report: TopicReport): number => report.findings.length };

function showFindings({ topic, table, seen, findings: rows }: TopicReport): void {
  const numbers = Object.entries(seen).map(([name, number]) => {
    const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return name === 'bytes' ? size(number) : count(number, words.replace(/s$/, ''));
  });
  console.log(`${paint('bold', table)}  ${paint('dim', `topic ${printable(topic)}, ${numbers.join(', ')}`)}`);
  if (rows.length === 0) console.log(paint('green', 'nothing found'));
  else
    console.log(
      renderTable(
        ['what', 'about', 'count', 'first at', 'meaning'],
        rows.map(({ code, about, count: times, example, message }) => [code, about, times, example, message]),
      ),
    );
  console.log('');
}
