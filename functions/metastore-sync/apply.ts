import pLimit from 'p-limit';
import { asError, isError, LakewardenError } from '#shared/errors/error.ts';
import type { Table } from '#shared/hive/metastore.ts';
import type { Announce } from './announce.ts';
import type { Settings } from './config.ts';
import { bisect } from './bisect.ts';
import type { PlannedPartition, TablePlan } from './plan.ts';
import { partitionName } from '#shared/lake/partition-name.ts';
import type { Problem } from './problem.ts';
import { versionProperty, walkedProperty } from './properties.ts';
import type { Clients } from './survey.ts';
import { changedPartition, changedTable, newPartition, newTable } from './table-body.ts';
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
  readonly problems: readonly Problem[];
}

/** Performs a table's plan; each effect is announced after it happened. @throws plan.stale when the table is not as planned any more */
export async function applyTable(
  plan: TablePlan,
  { hdfs, metastore }: Clients,
  settings: Settings,
  announce: Announce,
): Promise<TableOutcome> {
  const problems: Problem[] = [...plan.problems];
  const { database, table: name } = plan;
  const { defaultFs } = settings.hdfs;

  if (plan.create !== undefined) {
    try {
      await metastore.createTable(newTable(plan, plan.create, defaultFs));
    } catch (error) {
      if (isError(error, 'metastore.exists')) throw stale(plan, 'it was created meanwhile', error);
      throw error;
    }
    await announce.tableCreated(plan, plan.create);
  }
  if (plan.evolve !== undefined) {
    const table = await currentTable();
    if (tableState(table) !== plan.evolve.state) throw stale(plan, 'its columns were changed meanwhile');
    await alter(table, plan.evolve.columns, {}, plan.evolve.cascade);
    await announce.tableEvolved(plan, plan.evolve);
  }
  const table = plan.add.length + plan.change.length > 0 ? await currentTable() : undefined;
  const limit = pLimit(settings.metastore.connections);
  const inBatches = async (
    partitions: readonly PlannedPartition[],
    work: (batch: readonly PlannedPartition[]) => Promise<number>,
  ): Promise<number> => {
    const batches = chunks(partitions, settings.partitionsPerCall);
    const done = await Promise.all(batches.map((batch) => limit(() => bisect(batch, work, refuse))));
    return done.flat().reduce((total, count) => total + count, 0);
  };
  const added = await inBatches(plan.add, async (batch) => addBatch(table as Table, batch));
  const changed = await inBatches(plan.change, async (batch) => changeBatch(table as Table, batch));
  if (plan.walkedUntil !== undefined && !problems.some((problem) => problem.code === 'partition.failed')) {
    await alter(await currentTable(), undefined, { [walkedProperty]: String(plan.walkedUntil) }, false);
  }
  return {
    topic: plan.topic,
    table: `${database}.${name}`,
    created: plan.create !== undefined,
    evolved: plan.evolve?.changes.length ?? 0,
    added,
    changed,
    problems,
  };

  async function currentTable(): Promise<Table> {
    const table = await metastore.table(database, name);
    if (table === undefined) throw stale(plan, 'it was dropped meanwhile');
    return table;
  }

  async function alter(
    table: Table,
    columns: Parameters<typeof changedTable>[1],
    parameters: Record<string, string>,
    cascade: boolean,
  ): Promise<void> {
    const version = table.parameters?.get(versionProperty);
    await metastore.alterTable(database, name, changedTable(table, columns, parameters), {
      cascade,
      ...(version === undefined ? {} : { expected: { key: versionProperty, value: version } }),
      ...(cascade ? { deadlineMs: settings.metastore.cascadeDeadlineSeconds * 1_000 } : {}),
    });
  }

  async function addBatch(table: Table, batch: readonly PlannedPartition[]): Promise<number> {
    // The metastore would create a folder that is missing, so one that vanished or emptied must not be named to it.
    const calls = pLimit(settings.concurrency);
    const present = await Promise.all(
      batch.map((planned) => calls(async () => ((await hdfs.statusIfExists(planned.path))?.childrenNum ?? 0) > 0)),
    );
    const gone = batch.filter((_, index) => !present[index]);
    for (const { path } of gone)
      problems.push({
        code: 'partition.empty',
        topic: plan.topic,
        table: `${database}.${name}`,
        path,
        message: `${path} vanished before it was registered`,
      });
    const left = batch.filter((_, index) => present[index]);
    if (left.length === 0) return 0;
    const results = await metastore.addPartitions(
      database,
      name,
      left.map((planned) => newPartition(table, planned, defaultFs)),
      { ifNotExists: true, needResult: true },
    );
    const keys = (table.partitionKeys ?? []).map((key) => key.name ?? '');
    const fresh = new Set(results.map((partition) => partitionName(keys, partition.values ?? [])));
    const really = left.filter((planned) => fresh.has(planned.name));
    if (really.length > 0) await announce.partitionsAdded(plan, really);
    return really.length;
  }

  async function changeBatch(table: Table, batch: readonly PlannedPartition[]): Promise<number> {
    const planned = new Map(batch.map((partition) => [partition.name, partition]));
    const keys = (table.partitionKeys ?? []).map((key) => key.name ?? '');
    const bodies = await metastore.partitionsByNames(database, name, [...planned.keys()]);
    const pairs = bodies.flatMap((body) => {
      const wanted = planned.get(partitionName(keys, body.values ?? []));
      return wanted === undefined ? [] : [{ body, wanted }];
    });
    if (pairs.length === 0) return 0;
    await metastore.alterPartitions(
      database,
      name,
      pairs.map(({ body, wanted }) => changedPartition(body, wanted, table)),
    );
    await announce.partitionsChanged(
      plan,
      pairs.map(({ wanted }) => wanted),
    );
    return pairs.length;
  }

  function refuse(partition: PlannedPartition, thrown: unknown): void {
    const error = asError(thrown);
    problems.push({
      code: 'partition.failed',
      topic: plan.topic,
      table: `${database}.${name}`,
      path: partition.path,
      message: `the metastore refused ${partition.name}: ${error.message}`,
    });
  }
}

function stale(plan: TablePlan, reason: string, cause?: unknown): LakewardenError {
  return new LakewardenError(
    'plan.stale',
    `the plan for ${plan.database}.${plan.table} is not true any more: ${reason}`,
    { details: { table: `${plan.database}.${plan.table}` }, cause },
  );
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
