import { closeClients, createClients as createTriageClients } from '#functions/dead-letter-triage/clients.ts';
import { createClients } from '#functions/metastore-sync/clients.ts';
import { chooseTopics } from '#functions/metastore-sync/topics.ts';
import type { TopicSettings } from '#functions/metastore-sync/config.ts';
import { chooseTopics as chooseFolders } from '#functions/partition-compaction/candidates.ts';
import { topicSettings } from '#functions/partition-compaction/config.ts';
import type { Folder } from '#functions/compliance-scan/state/folder.ts';
import { asError } from '#shared/errors/error.ts';
import { createHdfs } from '#shared/hdfs/hdfs-settings.ts';
import type { TopicFolder } from '#shared/hdfs/partition-folders.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { scrub } from '#shared/observe/scrub.ts';
import { collectCompaction, type PlanLimits } from './collect-compaction.ts';
import { collectCompliance } from './collect-compliance.ts';
import { collectFiles, type FileLimits, foldersPerTopic, type FoundTopic } from './collect-files.ts';
import { collectLetters } from './collect-letters.ts';
import { collectTables } from './collect-tables.ts';
import { compareReports, withMostFiles } from './compare.ts';
import type { CompactionFacts, FilesFacts, LakeReport, Part, SinceFacts, TablesFacts } from './lake-report.ts';
import { Parts } from './parts.ts';
import type { ReportSettings } from './report-settings.ts';
import { readSnapshot, writeSnapshot } from './report-state.ts';
import { type KnownThings, makeSnapshot, type Snapshot } from './snapshot.ts';

/** How a report is made. */
export interface CollectOptions {
  readonly files: FileLimits;
  readonly plans: PlanLimits;
  /** All parts together end about then, in milliseconds from now. */
  readonly longestMs: number;
  /** Where snapshots lie; undefined for a report that compares with nothing. */
  readonly state?: Folder;
  /** Told of each part that is begun. */
  readonly onPart?: (part: string) => void;
}

/** Looks at all that the settings name. What fails is said in the report, and keeps nothing else from being looked at. */
export async function collectReport(settings: ReportSettings, options: CollectOptions): Promise<LakeReport> {
  const problems: string[] = [];
  const tell = (problem: string): void => void problems.push(scrub(problem));
  const end = performance.now() + options.longestMs;
  const parts = new Parts({ end, onPart: options.onPart });
  const before = await readBefore(options.state, tell);
  const lake = await collectLake(settings, options, { parts, tell, before });
  const known: { -readonly [Key in keyof KnownThings]: KnownThings[Key] } = {};
  const { triage, scan } = settings;
  const letters = await parts.read(
    'dead letters',
    triage,
    'no settings of dead-letter-triage',
    async (own, { signal, count }) => {
      const clients = createTriageClients(own);
      count('Kafka', () => clients.link.calls);
      count('HDFS', () => clients.hdfs?.calls ?? 0);
      try {
        const { facts, known: groups } = await collectLetters(clients, own, signal);
        if (groups.length === facts.openGroups) known.groups = groups;
        return facts;
      } finally {
        await closeClients(clients);
      }
    },
  );
  const compliance = await parts.read('compliance', scan, 'no settings of compliance-scan', async (own, tools) => {
    const { facts, known: findings } = await collectCompliance(own, tools);
    const open = Object.values(facts.open).reduce((sum, number) => sum + number, 0);
    // What was not seen or not remembered is neither new nor gone.
    if (facts.isComplete && findings.length === open) known.findings = findings;
    return facts;
  });
  const report = { version: 1 as const, madeAt: new Date().toISOString(), ...lake, letters, compliance, problems };
  const since: Part<SinceFacts> =
    before === undefined
      ? { state: 'unset', reason: options.state === undefined ? '--state names no folder' : 'this is the first report' }
      : { state: 'read', facts: compareReports(before, report, known) };
  if (options.state !== undefined) await writeAfter(options.state, makeSnapshot(report, known, before), tell);
  return { ...report, since, costs: parts.costs };
}

interface LakeTools {
  readonly parts: Parts;
  readonly tell: (problem: string) => void;
  readonly before: Snapshot | undefined;
}

type LakeParts = Pick<LakeReport, 'files' | 'compaction' | 'tables'>;

/** Files, tables, and what compaction would do: one walk serves all of them. */
async function collectLake(
  { sync, compact }: ReportSettings,
  options: CollectOptions,
  { parts, tell, before }: LakeTools,
): Promise<LakeParts> {
  const source = sync ?? compact;
  const clients = sync && createClients(sync);
  const hdfs = clients?.hdfs ?? (compact && createHdfs(compact.hdfs));
  const topics: TopicSettings[] = [];
  let found: FoundTopic[] | undefined;
  try {
    const files = await parts.read(
      'files',
      source && hdfs && { source, hdfs },
      'no settings of metastore-sync or partition-compaction',
      async (own, { hasTime, count }): Promise<FilesFacts> => {
        count('HDFS', () => own.hdfs.calls);
        const folders = await topicsOf({ sync, compact }, own.hdfs, topics, tell);
        const policyOf = (topic: string) => compact && topicSettings(compact, topic).policy;
        const { concurrency, root } = own.source;
        const tools = { hdfs: own.hdfs, limits: options.files, concurrency, policyOf, hasTime, report: tell };
        found = await collectFiles(folders, tools);
        const most = foldersPerTopic(options.files, folders.length);
        return withMostFiles({ root, foldersPerTopic: most, topics: found.map((one) => one.files) }, before);
      },
    );
    const walked = found;
    const tables = await parts.read(
      'tables',
      clients && sync && walked && { clients, sync, walked },
      'no settings of metastore-sync',
      async (own, { hasTime, count }): Promise<TablesFacts> => {
        count('HDFS', () => own.clients.hdfs.calls);
        count('metastore', () => own.clients.metastore.calls);
        count('Kafka', () => own.clients.kafka?.calls ?? 0);
        const byTopic = new Map(own.walked.map((one) => [one.files.topic, one.folders]));
        const looked = topics.map((topic) => ({ topic, folders: byTopic.get(topic.topic) ?? [] }));
        return { tables: await collectTables(looked, { clients: own.clients, settings: own.sync, hasTime }) };
      },
    );
    const compaction = await parts.read(
      'compaction',
      compact && hdfs && walked && { compact, hdfs, walked },
      'no settings of partition-compaction',
      async (own, { hasTime, count }): Promise<CompactionFacts> => {
        // The user of compaction may read what others may not.
        const client = createHdfs(own.compact.hdfs);
        count('HDFS', () => client.calls);
        try {
          return await collectCompaction(own.walked, {
            hdfs: client,
            settings: own.compact,
            limits: options.plans,
            hasTime,
          });
        } finally {
          client.close();
        }
      },
    );
    const blind: Part<never> = { state: 'unknown', reason: 'the files could not be listed' };
    return {
      files,
      tables: sync !== undefined && walked === undefined ? blind : tables,
      compaction: compact !== undefined && walked === undefined ? blind : compaction,
    };
  } finally {
    await clients?.metastore.close();
    hdfs?.close();
  }
}

/** The topics that metastore-sync would look at, which go to `topics`, or else those of compaction. */
async function topicsOf(
  { sync, compact }: ReportSettings,
  hdfs: WebHdfs,
  topics: TopicSettings[],
  tell: (problem: string) => void,
): Promise<readonly TopicFolder[]> {
  if (sync !== undefined) {
    const chosen = await chooseTopics(hdfs, sync, { kind: 'full' });
    for (const { message } of chosen.problems) tell(message);
    topics.push(...chosen.topics);
    return topics;
  }
  if (compact === undefined) return [];
  const chosen = await chooseFolders({ hdfs, settings: compact, now: new Date() }, { kind: 'full' });
  for (const { message } of chosen.problems) tell(message);
  return chosen.topics;
}

async function readBefore(state: Folder | undefined, tell: (problem: string) => void): Promise<Snapshot | undefined> {
  if (state === undefined) return undefined;
  try {
    return await readSnapshot(state, tell);
  } catch (thrown) {
    tell(asError(thrown).message);
    return undefined;
  }
}

async function writeAfter(state: Folder, snapshot: Snapshot, tell: (problem: string) => void): Promise<void> {
  try {
    await writeSnapshot(state, snapshot);
  } catch (thrown) {
    tell(`the next report has nothing to compare with: ${asError(thrown).message}`);
  }
}
