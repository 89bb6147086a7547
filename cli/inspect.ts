import { Command, Option } from 'commander';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { compareTopic } from '#functions/metastore-sync/compare-topic.ts';
import type { Settings, TopicSettings } from '#functions/metastore-sync/config.ts';
import { examineTopic, type TopicReport } from '#functions/metastore-sync/examine-topic.ts';
import type { Problem } from '#functions/metastore-sync/problem.ts';
import type { Clients } from '#functions/metastore-sync/survey.ts';
import { chooseTopics } from '#functions/metastore-sync/topics.ts';
import { asError } from '#shared/errors/error.ts';
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

type Look = (clients: Clients, settings: Settings, topic: TopicSettings) => Promise<TopicReport>;

/** `lakewarden sync doctor` */
export function doctorCommand(): Command {
  const doctor = new Command('doctor')
    .description('tell what will hurt readers: types, stray, unfinished and unreadable files; changes nothing')
    .option('--full', 'look at every folder, not only at the newest partitions');
  return withOptions(doctor).action((options: InspectOptions) =>
    inspect(options, (clients, settings, topic) => examineTopic(clients, settings, topic, options.full === true)),
  );
}

/** `lakewarden sync drift` */
export function driftCommand(): Command {
  const drift = new Command('drift').description(
    'compare files, partitions and columns, and tell what somebody changed by hand; changes nothing',
  );
  return withOptions(drift).action((options: InspectOptions) => inspect(options, compareTopic));
}

function withOptions(command: Command): Command {
  return command
    .option('--topic <name...>', 'only these topics')
    .option('--json', 'print data instead of text')
    .addOption(new Option('--config <file>', 'settings file (YAML or JSON) or folder').env('LAKEWARDEN_CONFIG'))
    .option('--lake <name>', 'without settings: the lake in a box of this name', 'default')
    .addHelpText('after', `\nExit code ${exitCode.partial} tells that something was found, 0 that nothing was.`);
}

async function inspect(options: InspectOptions, look: Look): Promise<void> {
  const settings = syncSettings(options);
  const clients = createClients(settings);
  const progress = options.json === true ? undefined : showProgress(clients);
  try {
    const { topic: wanted } = options;
    const scope = { kind: 'full', ...(wanted === undefined ? {} : { topics: wanted }) } as const;
    const { topics, problems } = await chooseTopics(clients.hdfs, settings, scope);
    const reports: TopicReport[] = [];
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
    else show(reports, problems);
    const found = problems.length + reports.reduce((sum, { findings }) => sum + findings.length, 0);
    process.exitCode = found > 0 ? exitCode.partial : exitCode.ok;
  } finally {
    progress?.end();
    await clients.metastore.close();
    clients.hdfs.close();
  }
}

function show(reports: readonly TopicReport[], problems: readonly Problem[]): void {
  for (const { topic, table, seen, findings } of reports) {
    const numbers = Object.entries(seen).map(([name, number]) => {
      const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      return name === 'bytes' ? size(number) : count(number, words.replace(/s$/, ''));
    });
    console.log(`${paint('bold', table)}  ${paint('dim', `topic ${printable(topic)}, ${numbers.join(', ')}`)}`);
    if (findings.length === 0) console.log(paint('green', 'nothing found'));
    else
      console.log(
        renderTable(
          ['what', 'about', 'count', 'first at', 'meaning'],
          findings.map(({ code, about, count: times, example, message }) => [code, about, times, example, message]),
        ),
      );
    console.log('');
  }
  for (const line of renderProblems(problems)) console.log(line);
}
