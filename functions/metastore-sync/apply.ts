import pLimit from 'p-limit';
import { isError } from '#shared/errors/error.ts';
import type { Table } from '#shared/hive/metastore.ts';
import { droppingMark } from './notifications/authorship.ts';
import type { Announce } from './announce.ts';
import { bisect } from './partition/bisect.ts';
import type { TopicProgress } from './completeness/completeness.ts';
import type { Settings } from './config.ts';
import { declaredColumns } from './table/declared-columns.ts';
import { dropBatch } from './partition/drop-batch.ts';
import { followColumns } from './table/follow-columns.ts';
import { chunks } from './outbox/intended-events.ts';
import type { Outbox } from './outbox/outbox.ts';
import { marksAfter, marksBefore } from './table/marks.ts';
import { addBatch, type BatchTarget, changeBatch, refusedPartition } from './partition/partition-batch.ts';
import type { TablePlan } from './plan.ts';
import type { Problem } from './problem.ts';
import { droppingProperty, historyProperty, offsetsProperty, snapshotProperty } from './properties.ts';
import type { Snapshots } from './changes/snapshots.ts';
import { rememberChanges } from './table/schema-history.ts';
import { stalePlan } from './stale-plan.ts';
import type { Clients } from './survey.ts';
import { StatisticsReader } from './partition/statistics-reader.ts';
import { hasColumns, swapTable } from './table/swap-table.ts';
import { changedTable, newTable } from './table/table-body.ts';
import { tableState } from './table/table-state.ts';
import type { Way } from './view.ts';

/** What was done to one table. */
export interface TableOutcome {
  readonly topic: string;
  readonly table: string;
  readonly created: boolean;
  /** Columns that were appended, widened or extended. */
  readonly evolved: number;
  readonly added: number;
  readonly changed: number;
  /** Partitions dropped from the metastore, since their folders vanished. */
  readonly dropped: number;
  /** Partitions whose columns have new statistics. */
  readonly statistics: number;
  /** How the topic was looked at; undefined when the table was not to be touched. */
  readonly way?: Way;
  /** How far the topic is queryable, where names tell offsets. */
  readonly progress?: TopicProgress;
  readonly problems: readonly Problem[];
}

/** What performing a plan needs. */
export interface ApplyTools {
  readonly clients: Clients;
  readonly settings: Settings;
  readonly announce: Announce;
  /** Once it is aborted no further change is begun, and the run ends with its reason. */
  readonly signal?: AbortSignal;
  /** Told when a table's cursor was moved to the snapshot that was taken. */
  readonly snapshots?: Snapshots;
  /** Where events are written down before the effects that they tell of; without it nobody tells them for a run that dies. */
  readonly outbox?: Outbox;
  /** True while the run holds the table's lock. */
  readonly held?: boolean;
}

/**
 * Performs a table's plan: the table, its columns, its partitions; each effect is announced after it happened, and what
 * another run did meanwhile is not done again.
 * @throws plan.stale when the table is not as planned any more, metastore.modified when it changed under our hands
 */
export async function applyTable(plan: TablePlan, tools: ApplyTools): Promise<TableOutcome> {
  const { create, evolve, add, change, drop, walkedUntil, walkAgain, cursor, offsets, way } = plan;
  const problems = [...plan.problems];
  if (create !== undefined) await createTable(plan, create, tools);
  if (evolve !== undefined) await evolveTable(plan, evolve, tools);
  let [added, changed, dropped, statistics] = [0, 0, 0, 0];
  let from = cursor?.from;
  let latest: Table | undefined;
  if (add.length + change.length + drop.length > 0) {
    const table = await readTable(plan, tools);
    // New partitions take their columns from it.
    if (!hasColumns(table, evolve?.columns ?? [])) throw stalePlan(plan, 'its new columns were written over');
    from = await storeMarksBefore(plan, table, tools);
    const batch: BatchTarget = {
      plan,
      table,
      tools,
      report: (problem) => void problems.push(problem),
      statistics: await statisticsReader(plan, table, tools),
      countStatistics: (partitions) => void (statistics += partitions),
    };
    added = await inBatches(plan, add, tools, problems, (partitions) => addBatch(batch, partitions));
    changed = await inBatches(plan, change, tools, problems, (partitions) => changeBatch(batch, partitions));
    dropped = await dropAll(batch, drop, tools, problems);
    if (added > 0 && tools.held !== true) latest = await followMeanwhile(batch);
  }
  const whole = !problems.some((problem) => problem.code === 'partition.failed');
  if (offsets !== undefined) await tools.announce.filesJudged(plan, offsets);
  // What was planned to be queryable must be so before it is said.
  const offsetState = problems.length === plan.problems.length ? offsets?.state : undefined;
  if (offsets !== undefined && offsetState !== undefined) await tools.announce.offsetsJudged(plan, offsets);
  if (whole && (walkedUntil ?? walkAgain ?? cursor ?? offsetState) !== undefined) {
    const mark = (table: Table): Table => {
      if (cursor !== undefined) requireCursor(plan, table, from);
      if (offsetState !== undefined && table.parameters?.get(offsetsProperty) !== offsets?.from)
        throw stalePlan(plan, 'another run reckoned its offsets meanwhile');
      return changedTable(table, undefined, marksAfter(plan, table, offsetState));
    };
    await alterTable(plan, tools, false, mark, latest);
  }
  if (whole && cursor !== undefined) tools.snapshots?.keep(cursor.snapshot);
  const evolved = evolve?.changes.length ?? 0;
  return {
    topic: plan.topic,
    table: nameOf(plan),
    created: create !== undefined,
    evolved,
    added,
    changed,
    dropped,
    statistics,
    ...(way === undefined ? {} : { way }),
    ...(offsets?.progress === undefined ? {} : { progress: offsets.progress }),
    problems,
  };
}

/** When the table was widened since we read it, gives the partitions that we added the new types. @returns the table as it is now */
async function followMeanwhile({ plan, table, tools }: BatchTarget): Promise<Table> {
  const now = await readTable(plan, tools);
  if (!hasColumns(now, table.sd?.cols ?? [])) {
    const names = plan.add.map(({ name }) => name);
    await followColumns(tools.clients.metastore, now, names, tools.settings.partitionsPerCall);
  }
  return now;
}

/** Where the log of notifications is read, the table says meanwhile which partitions it is that we drop. */
async function dropAll(
  batch: BatchTarget,
  drop: TablePlan['drop'],
  tools: ApplyTools,
  problems: Problem[],
): Promise<number> {
  const { plan } = batch;
  if (tools.settings.notifications === undefined || drop.length === 0)
    return await inBatches(plan, drop, tools, problems, (partitions) => dropBatch(batch, partitions));
  const mark = (text: string): Promise<void> =>
    alterTable(plan, tools, false, (table) => changedTable(table, undefined, { [droppingProperty]: text }));
  const work = async (partitions: TablePlan['drop']): Promise<number> => {
    await mark(droppingMark(partitions.map(({ name }) => name)));
    return await dropBatch(batch, partitions);
  };
  const dropped = await inBatches(plan, drop, tools, problems, work, 1);
  await mark('');
  return dropped;
}

async function createTable(
  plan: TablePlan,
  create: NonNullable<TablePlan['create']>,
  tools: ApplyTools,
): Promise<void> {
  try {
    await tools.clients.metastore.createTable(newTable(plan, create, tools.settings.hdfs.defaultFs));
  } catch (error) {
    if (isError(error, 'metastore.exists')) throw stalePlan(plan, 'it was created meanwhile', error);
    throw error;
  }
  await tools.announce.tableCreated(plan, create);
}

async function evolveTable(
  plan: TablePlan,
  evolve: NonNullable<TablePlan['evolve']>,
  tools: ApplyTools,
): Promise<void> {
  const { metastore } = tools.clients;
  const names = async (): Promise<readonly string[]> =>
    evolve.cascade ? await metastore.partitionNames(plan.database, plan.table) : [];
  const before = new Set(await names());
  await alterTable(plan, tools, evolve.cascade, (table) => {
    if (tableState(table) !== evolve.state) throw stalePlan(plan, 'its columns were changed meanwhile');
    return changedTable(table, evolve.columns, {
      [historyProperty]: rememberChanges(table, evolve.changes, Date.now()),
    });
  });
  // Told before anything else can fail.
  await tools.announce.tableEvolved(plan, evolve);
  const newcomers = (await names()).filter((name) => !before.has(name));
  if (newcomers.length > 0)
    await followColumns(metastore, await readTable(plan, tools), newcomers, tools.settings.partitionsPerCall);
}

/** What reads the statistics of columns, when the plan has partitions that get some. */
async function statisticsReader(
  { columnStatistics }: TablePlan,
  table: Table,
  { clients, settings }: ApplyTools,
): Promise<StatisticsReader | undefined> {
  if (columnStatistics === undefined) return undefined;
  const version = await clients.metastore.version();
  return new StatisticsReader(clients.hdfs, {
    columns: declaredColumns(table),
    distinctValues: columnStatistics.distinctValues,
    timestampsAsLong: Number.parseInt(version, 10) < 4,
    concurrency: settings.concurrency,
  });
}

/** Remembers which partitions are about to be written. @returns the text of the cursor that the table has then */
async function storeMarksBefore(plan: TablePlan, table: Table, tools: ApplyTools): Promise<string | undefined> {
  const { cursor, way } = plan;
  if (cursor !== undefined) requireCursor(plan, table, cursor.from);
  if (Object.keys(marksBefore(plan, table)).length === 0) return table.parameters?.get(snapshotProperty);
  let text: string | undefined;
  const change = (now: Table): Table => {
    if (cursor !== undefined) requireCursor(plan, now, cursor.from);
    const changed = changedTable(now, undefined, marksBefore(plan, now));
    text = changed.parameters?.get(snapshotProperty);
    return changed;
  };
  await alterTable(plan, tools, false, change, table);
  if (cursor !== undefined && way === 'snapshot' && text !== '') tools.snapshots?.keep(cursor.snapshot);
  return text;
}

function requireCursor(plan: TablePlan, table: Table, text: string | undefined): void {
  if (table.parameters?.get(snapshotProperty) !== text)
    throw stalePlan(plan, 'another run brought it up to date meanwhile');
}

async function alterTable(
  plan: TablePlan,
  tools: ApplyTools,
  cascade: boolean,
  change: (table: Table) => Table,
  just?: Table,
): Promise<void> {
  const { cascadeDeadlineSeconds } = tools.settings.metastore;
  const deadlineMs = cascade ? cascadeDeadlineSeconds * 1_000 : undefined;
  // What was read right now need not be read once more; any further look is a new one.
  let known = just;
  const read = async (): Promise<Table> => {
    const table = known ?? (await readTable(plan, tools));
    known = undefined;
    return table;
  };
  await swapTable(tools.clients.metastore, { read, change, cascade, deadlineMs, held: tools.held });
}

async function readTable(plan: TablePlan, { clients }: ApplyTools): Promise<Table> {
  const table = await clients.metastore.table(plan.database, plan.table);
  if (table === undefined) throw stalePlan(plan, 'it was dropped meanwhile');
  return table;
}

/** Works batch by batch, several at once; a partition that the metastore refuses is reported and holds up no other. */
async function inBatches<Item extends { readonly name: string; readonly path: string }>(
  plan: TablePlan,
  partitions: readonly Item[],
  { settings, signal }: ApplyTools,
  problems: Problem[],
  work: (batch: readonly Item[]) => Promise<number>,
  atOnce = settings.metastore.connections,
): Promise<number> {
  const refuse = (item: Item, thrown: unknown): void => void problems.push(refusedPartition(plan, item, thrown));
  const limit = pLimit(atOnce);
  const batches = chunks(partitions, settings.partitionsPerCall);
  let total = 0;
  let failure: { readonly reason: unknown } | undefined;
  const perform = async (batch: readonly Item[]): Promise<void> => {
    if (failure !== undefined) return;
    try {
      signal?.throwIfAborted();
      for (const count of await bisect(batch, work, refuse)) total += count;
    } catch (reason) {
      failure ??= { reason };
    }
  };
  // A run that fails has nothing under way any more that would meet the next one.
  await Promise.all(batches.map((batch) => limit(() => perform(batch))));
  if (failure !== undefined) throw failure.reason;
  return total;
}

function nameOf(plan: TablePlan): string {
  return `${plan.database}.${plan.table}`;
}
