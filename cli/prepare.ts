import { Command, Option } from 'commander';
import { createClients } from '#functions/metastore-sync/clients.ts';
import type { Settings } from '#functions/metastore-sync/config.ts';
import type { Clients } from '#functions/metastore-sync/survey.ts';
import { chooseTopics } from '#functions/metastore-sync/topics.ts';
import { asError } from '#shared/errors/error.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import { exitCode } from './exit-code.ts';
import { renderProblems } from './render-plan.ts';
import { syncSettings } from './sync-settings.ts';
import { count, paint, printable } from './terminal.ts';

interface PrepareOptions {
  readonly topic?: string[];
  readonly allow?: true;
  readonly json?: true;
  readonly config?: string;
  readonly lake: string;
}

/** `lakewarden sync prepare` */
export function prepareCommand(): Command {
  return new Command('prepare')
    .description('tell which topics --changes works for, and what an administrator has to do for the others')
    .option('--topic <name...>', 'only these topics')
    .option('--allow', 'allow snapshots of the topics; the user of the settings must be a superuser of HDFS')
    .option('--json', 'print data instead of text')
    .addOption(new Option('--config <file>', 'settings file (YAML or JSON) or folder').env('LAKEWARDEN_CONFIG'))
    .option('--lake <name>', 'without settings: the lake in a box of this name', 'default')
    .addHelpText('after', help)
    .action(async (options: PrepareOptions) => {
      const settings = syncSettings(options);
      const clients = createClients(settings);
      try {
        process.exitCode = await prepareTopics(clients, settings, options);
      } finally {
        await clients.metastore.close();
        clients.hdfs.close();
      }
    });
}

const help = `
Exit codes:
  0  all topics are prepared
  1  failed (a service is away, or a bug): try again
  2  the command line or the settings are wrong
  3  something is left to do; it is named`;

interface TopicReadiness {
  readonly topic: string;
  readonly path: string;
  readonly owner: string;
  readonly snapshots: 'allowed' | 'allowed now' | 'not allowed';
  /** Why allowing them failed. */
  readonly refusal?: string;
  /** True when the user of the settings owns the folder, as taking a snapshot needs. */
  readonly owned: boolean;
}

/** Tells which topics' changes can be asked for, and what an administrator has to do for the others, or does a part of it. */
async function prepareTopics(clients: Clients, settings: Settings, options: PrepareOptions): Promise<number> {
  const { topic: topics, allow, json } = options;
  const folders = new Map<string, FileStatus>();
  const chosen = await chooseTopics(clients.hdfs, settings, { kind: 'full', topics });
  for await (const status of clients.hdfs.list(settings.root)) folders.set(status.path, status);
  const rows: TopicReadiness[] = [];
  for (const { topic, location: path } of chosen.topics) {
    const folder = folders.get(path);
    if (folder === undefined) continue;
    const { owner, snapshotEnabled } = folder;
    const about = { topic, path, owner, owned: owner === settings.hdfs.user };
    if (snapshotEnabled) rows.push({ ...about, snapshots: 'allowed' });
    else if (allow !== true) rows.push({ ...about, snapshots: 'not allowed' });
    else rows.push({ ...about, ...(await allowSnapshots(clients, path)) });
  }
  if (json === true) console.log(JSON.stringify({ topics: rows, problems: chosen.problems }, undefined, 2));
  else console.log([...render(rows, settings), ...renderProblems(chosen.problems)].join('\n'));
  return rows.every(({ snapshots, owned }) => snapshots !== 'not allowed' && owned) && chosen.problems.length === 0
    ? exitCode.ok
    : exitCode.partial;
}

async function allowSnapshots({ hdfs }: Clients, path: string): Promise<Pick<TopicReadiness, 'snapshots' | 'refusal'>> {
  try {
    await hdfs.allowSnapshot(path);
    return { snapshots: 'allowed now' };
  } catch (thrown) {
    const error = asError(thrown);
    if (error.disposition !== 'reject') throw error;
    return { snapshots: 'not allowed', refusal: error.message };
  }
}

function render(rows: readonly TopicReadiness[], { hdfs, root }: Settings): string[] {
  if (rows.length === 0) return [`there is no topic in ${printable(root)}`];
  const forbidden = rows.filter(({ snapshots }) => snapshots === 'not allowed');
  const foreign = rows.filter(({ owned }) => !owned);
  const lines = rows.flatMap(({ topic, snapshots, owner, owned, refusal }) => [
    `${paint('bold', printable(topic))}  snapshots ${snapshots}, owner ${printable(owner)}${owned ? '' : ` (not ${hdfs.user})`}`,
    ...(refusal === undefined ? [] : [paint('red', `  ! ${printable(refusal)}`)]),
  ]);
  if (forbidden.length > 0)
    lines.push(
      '',
      'As superuser of HDFS (sync prepare --allow does it, when its user is one):',
      ...forbidden.map(({ path }) => `  hdfs dfsadmin -allowSnapshot ${quote(path)}`),
    );
  if (foreign.length > 0)
    lines.push(
      '',
      `A snapshot may be taken and deleted by the owner of the folder and by superusers. Unless ${hdfs.user} is one:`,
      ...foreign.map(({ path }) => `  hdfs dfs -chown ${quote(hdfs.user)} ${quote(path)}`),
      'and leave the writers their right to write, by group or by ACL.',
    );
  return [
    ...lines,
    '',
    `${count(rows.length - forbidden.length, 'topic')} of ${rows.length} may have snapshots. Each keeps one, two while a run is under way. What is`,
    'deleted from a topic stays on disk until its next run, so --changes should run often, or not at all: before snapshots',
    'are given up, delete them (hdfs dfs -deleteSnapshot). A folder that has snapshots cannot be deleted or renamed.',
  ];
}

function quote(text: string): string {
  return /^[\w./+@-]+$/.test(text) ? text : `'${printable(text).replaceAll("'", String.raw`'\''`)}'`;
}
