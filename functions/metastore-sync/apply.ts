import pLimit from 'p-limit';
import { asError, isError, LakewardenError } from '#shared/errors/error.ts';
import type { Table } from '#shared/hive/metastore.ts';
import type { Announce } from './announce.ts';
import { bisect } from './bisect.ts';
import type { Settings } from './config.ts';
import { dropBatch } from './drop-batch.ts';
import { addBatch, changeBatch } from './partition-batch.ts';
import type { TablePlan } from './plan.ts';
import type { Problem } from './problem.ts';
import { walkedProperty } from './properties.ts';
import type { Clients } from './survey.ts';
import { hasColumns, swapTable } from './swap-table.ts';
import { changedTable, newTable } from './table-body.ts';
import { tableState } from './table-state.ts';

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
  readonly problems: readonly Problem[];
}

/** What performing a plan needs. */
export interface ApplyTools {
  readonly clients: Clients;
  readonly settings: Settings;
  readonly announce: Announce;
  /** Once it is aborted no further change is begun, and the run ends with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Performs a table's plan: the table, its columns, its partitions; each effect is announced after it happened.
 * @throws plan.stale when the table is not as planned any more, metastore.modified when it changed under our hands
 */
export async function applyTable(plan: TablePlan, tools: ApplyTools): Promise<TableOutcome> {
  const { create, evolve, add, change, drop, walkedUntil } = plan;
  const problems = [...plan.problems];
  if (create !== undefined) await createTable(plan, create, tools);
  if (evolve !== undefined) await evolveTable(plan, evolve, tools);
  let [added, changed, dropped] = [0, 0, 0];
  if (add.length + change.length + drop.length > 0) {
    const table = await readTable(plan, tools);
    // New partitions take their columns from it.
    if (!hasColumns(table, evolve?.columns ?? [])) throw stale(plan, 'its new columns were written over');
    const batch = { plan, table, tools, report: (problem: Problem): void => void problems.push(problem) };
    added = await inBatches(plan, add, tools, problems, (partitions) => addBatch(batch, partitions));
    changed = await inBatches(plan, change, tools, problems, (partitions) => changeBatch(batch, partitions));
    dropped = await inBatches(plan, drop, tools, problems, (partitions) => dropBatch(batch, partitions));
  }
  if (walkedUntil !== undefined && !problems.some((problem) => problem.code === 'partition.failed')) {
    const walked = { [walkedProperty]: String(walkedUntil) };
    await alterTable(plan, tools, false, (table) => changedTable(table, undefined, walked));
  }
  const evolved = evolve?.changes.length ?? 0;
  const created = create !== undefined;
  return { topic: plan.topic, table: nameOf(plan), created, evolved, added, changed, dropped, problems };
}

async function createTable(
  plan: TablePlan,
  create: NonNullable<TablePlan['create']>,
  tools: ApplyTools,
): Promise<void> {
  try {
    await tools.clients.metastore.createTable(newTable(plan, create, tools.settings.hdfs.defaultFs));
  } catch (error) {
    if (isError(error, 'metastore.exists')) throw stale(plan, 'it was created meanwhile', error);
    throw error;
  }
  await tools.announce.tableCreated(plan, create);
}

async function evolveTable(
  plan: TablePlan,
  evolve: NonNullable<TablePlan['evolve']>,
  tools: ApplyTools,
): Promise<void> {
  await alterTable(plan, tools, evolve.cascade, (table) => {
    if (tableState(table) !== evolve.state) throw stale(plan, 'its columns were changed meanwhile');
    return changedTable(table, evolve.columns, {});
  });
  await tools.announce.tableEvolved(plan, evolve);
}

async function alterTable(
  plan: TablePlan,
  tools: ApplyTools,
  cascade: boolean,
  change: (table: Table) => Table,
): Promise<void> {
  const { cascadeDeadlineSeconds } = tools.settings.metastore;
  const deadlineMs = cascade ? cascadeDeadlineSeconds * 1_000 : undefined;
  await swapTable(tools.clients.metastore, { read: () => readTable(plan, tools), change, cascade, deadlineMs });
}

async function readTable(plan: TablePlan, { clients }: ApplyTools): Promise<Table> {
  const table = await clients.metastore.table(plan.database, plan.table);
  if (table === undefined) throw stale(plan, 'it was dropped meanwhile');
  return table;
}

/** Works batch by batch, several at once; a partition that the metastore refuses is reported and holds up no other. */
async function inBatches<Item extends { readonly name: string; readonly path: string }>(
  plan: TablePlan,
  partitions: readonly Item[],
  { settings, signal }: ApplyTools,
  problems: Problem[],
  work: (batch: readonly Item[]) => Promise<number>,
): Promise<number> {
  const refuse = ({ name, path }: Item, thrown: unknown): void => {
    const message = `the metastore refused ${name}: ${asError(thrown).message}`;
    problems.push({ code: 'partition.failed', topic: plan.topic, table: nameOf(plan), path, message });
  };
  const limit = pLimit(settings.metastore.connections);
  const batches = chunks(partitions, settings.partitionsPerCall);
  const perform = (batch: readonly Item[]): Promise<number[]> => {
    signal?.throwIfAborted();
    return bisect(batch, work, refuse);
  };
  const counts = await Promise.all(batches.map((batch) => limit(() => perform(batch))));
  return counts.flat().reduce((total, count) => total + count, 0);
}

function nameOf(plan: TablePlan): string {
  return `${plan.database}.${plan.table}`;
}

function stale(plan: TablePlan, reason: string, cause?: unknown): LakewardenError {
  const message = `the plan for ${nameOf(plan)} is not true any more: ${reason}`;
  return new LakewardenError('plan.stale', message, { details: { table: nameOf(plan) }, cause });
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}
