import pLimit from 'p-limit';
import { askKafka } from '#functions/metastore-sync/completeness/ask-kafka.ts';
import { nothing, openGaps, readOffsetState } from '#functions/metastore-sync/completeness/offset-state.ts';
import type { Settings, TopicSettings } from '#functions/metastore-sync/config.ts';
import { knownPartitions, valuesKey } from '#functions/metastore-sync/survey/known-partitions.ts';
import { accountedRows } from '#functions/metastore-sync/partition/partition-parameters.ts';
import { readSchemaHistory } from '#functions/metastore-sync/table/schema-history.ts';
import type { Clients } from '#functions/metastore-sync/survey.ts';
import { judgeTable } from '#functions/metastore-sync/table/table-guard.ts';
import { asError } from '#shared/errors/error.ts';
import type { Table } from '#shared/hive/metastore.ts';
import type { PartitionFolder } from '#shared/hdfs/partition-folders.ts';
import { calendarLabel } from '#shared/lake/calendar.ts';
import { partitionName } from '#shared/lake/partition-name.ts';
import { scrub } from '#shared/observe/scrub.ts';
import { isoTime } from '#shared/page/times.ts';
import type { FoundFolder } from './collect-files.ts';
import type { CompletenessFacts, TableFacts } from './lake-report.ts';

/** Folders that are no partitions, of which each table names some. */
const shownMissing = 3;

/** What looking at tables needs. */
export interface TableTools {
  readonly clients: Clients;
  readonly settings: Settings;
  readonly hasTime: () => boolean;
}

/** A topic with the folders of it that were looked at. */
export interface TopicFolders {
  readonly topic: TopicSettings;
  readonly folders: readonly FoundFolder[];
}

/** Looks at the tables of topics: what they are, and whether the folders are their partitions. A table that fails is called unknown. */
export async function collectTables(topics: readonly TopicFolders[], tools: TableTools): Promise<TableFacts[]> {
  const limit = pLimit(tools.settings.metastore.connections);
  return await Promise.all(topics.map((topic) => limit(async () => await collectTable(topic, tools))));
}

async function collectTable({ topic, folders }: TopicFolders, tools: TableTools): Promise<TableFacts> {
  const filled = folders.filter(({ sums }) => sums.files > 0);
  const about = {
    topic: topic.topic,
    table: `${topic.database}.${topic.table}`,
    columns: [],
    changes: [],
    folders: filled.length,
    registered: 0,
    unregistered: [],
    rows: 0,
  };
  if (!tools.hasTime()) return { ...about, state: 'unknown', reason: 'the time was over' };
  try {
    const table = await tools.clients.metastore.table(topic.database, topic.table);
    if (table === undefined) return { ...about, state: 'missing' };
    const objection = judgeTable(table, topic, tools.settings.hdfs);
    const columns = (table.sd?.cols ?? []).map(({ name, type }) => ({ name, type }));
    const created = table.createTime === undefined ? {} : { created: isoTime(table.createTime * 1_000) };
    if (objection !== undefined)
      return { ...about, columns, ...created, state: 'others', reason: scrub(objection.message) };
    const partitions = await countPartitions(topic, filled, tools);
    const completeness = await lookAtCompleteness(topic, table, folders, tools);
    return {
      ...about,
      ...partitions,
      ...created,
      columns,
      state: 'kept',
      changes: readSchemaHistory(table),
      ...(completeness === undefined ? {} : { completeness }),
    };
  } catch (thrown) {
    return { ...about, state: 'unknown', reason: scrub(asError(thrown).message) };
  }
}

/** Which of the folders are partitions, and the rows that were counted in them. Bodies of these alone are fetched. */
async function countPartitions(
  topic: TopicSettings,
  folders: readonly FoundFolder[],
  { clients: { metastore }, settings }: TableTools,
): Promise<Pick<TableFacts, 'registered' | 'unregistered' | 'rows'>> {
  const keys = topic.templates[0]?.keys ?? [];
  const names = keys.map(({ name }) => name);
  const isText = keys.every(({ type }) => type === 'string');
  // Another writer's `hour=1` may be our `hour=01`: then only the list of all names tells.
  const known = isText ? undefined : await knownPartitions(metastore, topic);
  const nameOf = ({ values }: PartitionFolder): string =>
    known === undefined ? partitionName(names, values) : (known.get(valuesKey(topic, values)) ?? '');
  const wanted = [...new Set(folders.map(({ folder }) => nameOf(folder)))].filter((name) => name !== '');
  const found = new Set<string>();
  let rows = 0;
  for (let start = 0; start < wanted.length; start += settings.partitionsPerCall) {
    const batch = wanted.slice(start, start + settings.partitionsPerCall);
    for (const body of await metastore.partitionsByNames(topic.database, topic.table, batch)) {
      found.add(partitionName(names, body.values ?? []));
      rows += accountedRows(body) ?? 0;
    }
  }
  const missing = folders.filter(({ folder }) => !found.has(nameOf(folder))).map(({ folder }) => folder.path);
  return { registered: folders.length - missing.length, unregistered: missing.slice(0, shownMissing), rows };
}

/** By what the table remembers of offsets, and Kafka's word where the settings name it. No partition is read for it. */
async function lookAtCompleteness(
  topic: TopicSettings,
  table: Table,
  folders: readonly FoundFolder[],
  { clients, settings }: TableTools,
): Promise<CompletenessFacts | undefined> {
  const before = readOffsetState(table);
  if (before === undefined) return undefined;
  const [label] = folders.flatMap(
    ({ folder: { values } }) => calendarLabel(topic.templates[0]?.keys ?? [], values) ?? [],
  );
  const question = { progress: before.partitions, doubtful: new Map<number, never[]>(), before, label };
  const { answer, objection } = await askKafka(clients, settings, topic, question);
  const progress = answer?.progress ?? before.partitions;
  const complete = answer?.complete ?? before.complete;
  const { lag } = answer ?? {};
  const unknown = objection ?? (clients.kafka === undefined ? 'no setting names Kafka' : undefined);
  return {
    gaps: [...progress.values()].filter((own) => openGaps(own ?? nothing).length > 0).length,
    ...(complete === undefined ? {} : { complete }),
    ...(lag === undefined ? {} : { lag: lag.records }),
    ...(lag?.seconds === undefined ? {} : { lagSeconds: lag.seconds }),
    ...(unknown === undefined ? {} : { unknown: scrub(unknown) }),
  };
}
