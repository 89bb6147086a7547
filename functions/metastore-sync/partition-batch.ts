import pLimit from 'p-limit';
import type { Partition, Table } from '#shared/hive/metastore.ts';
import { partitionName } from '#shared/lake/partition-name.ts';
import type { ApplyTools } from './apply.ts';
import { filledFolders } from './filled-folders.ts';
import { accurateColumns } from './partition-parameters.ts';
import type { TablePlan } from './plan.ts';
import type { PlannedPartition } from './planned-partition.ts';
import type { Problem } from './problem.ts';
import { filesProperty } from './properties.ts';
import { stalePlan } from './stale-plan.ts';
import { changedPartition, newPartition } from './table-body.ts';

/** The table that batches of partitions belong to, as it is now. */
export interface BatchTarget {
  readonly plan: TablePlan;
  readonly table: Table;
  readonly tools: ApplyTools;
  readonly report: (problem: Problem) => void;
}

/** Registers partitions that still hold something; announces and counts those that nobody registered before. */
export async function addBatch(target: BatchTarget, batch: readonly PlannedPartition[]): Promise<number> {
  const { plan, table, tools } = target;
  const present = await keepPresent(target, batch);
  const { defaultFs } = tools.settings.hdfs;
  const partitions = present.map((planned) => newPartition(table, planned, defaultFs));
  const added = await tools.clients.metastore.addPartitions(plan.database, plan.table, partitions);
  const names = new Set(added.map((partition) => nameOf(table, partition)));
  const fresh = present.filter((planned) => names.has(planned.name));
  if (fresh.length > 0) await tools.announce.partitionsAdded(plan, fresh);
  const others = present.filter((planned) => !names.has(planned.name));
  await requireEqual(target, others);
  return fresh.length;
}

/** Brings registered partitions up to date with their files, on the bodies as they are now; announces and counts them. */
export async function changeBatch(target: BatchTarget, batch: readonly PlannedPartition[]): Promise<number> {
  const { plan, table, tools } = target;
  const { metastore } = tools.clients;
  const wanted = new Map(batch.map((planned) => [planned.name, planned]));
  const bodies = await metastore.partitionsByNames(plan.database, plan.table, [...wanted.keys()]);
  const changed = bodies.flatMap((body) => {
    const planned = wanted.get(nameOf(table, body));
    const digest = body.parameters?.get(filesProperty);
    // Another run has done it.
    if (planned === undefined || planned.digest === digest) return [];
    if (planned.before !== digest) throw stalePlan(plan, `${planned.name} was changed meanwhile`);
    return [{ planned, body }];
  });
  if (changed.length === 0) return 0;
  // Before the alter, whose digest says that all is done.
  await dropStatistics(target, changed);
  const states = changed.map(({ planned, body }) => changedPartition(body, planned, table));
  await metastore.alterPartitions(plan.database, plan.table, states);
  await tools.announce.partitionsChanged(
    plan,
    changed.map(({ planned }) => planned),
  );
  return changed.length;
}

/** Another run that registered a partition first may have seen other files in it. */
async function requireEqual({ plan, table, tools }: BatchTarget, batch: readonly PlannedPartition[]): Promise<void> {
  const wanted = new Map(batch.map(({ name, digest }) => [name, digest]));
  const bodies = await tools.clients.metastore.partitionsByNames(plan.database, plan.table, [...wanted.keys()]);
  const other = bodies.find((body) => body.parameters?.get(filesProperty) !== wanted.get(nameOf(table, body)));
  if (other !== undefined) throw stalePlan(plan, `${nameOf(table, other)} was registered meanwhile with other files`);
}

/** Drops the statistics of columns that were of the files before. */
async function dropStatistics(
  { plan, tools }: BatchTarget,
  changed: readonly { readonly planned: PlannedPartition; readonly body: Partition }[],
): Promise<void> {
  const { database, table } = plan;
  const limit = pLimit(tools.settings.metastore.connections);
  const drop = (name: string): Promise<void> =>
    limit(() => tools.clients.metastore.dropStatistics(database, table, name));
  const outdated = changed.filter(({ body }) => accurateColumns(body).length > 0);
  await Promise.all(outdated.map(({ planned }) => drop(planned.name)));
}

/** The metastore would create a folder that is missing, so one that vanished or emptied must not be named to it. */
async function keepPresent(
  { plan, tools, report }: BatchTarget,
  batch: readonly PlannedPartition[],
): Promise<PlannedPartition[]> {
  const paths = batch.map(({ path }) => path);
  const filled = await filledFolders(tools.clients.hdfs, paths, tools.settings.concurrency);
  return batch.filter(({ path }) => {
    if (filled.has(path)) return true;
    const message = `${path} vanished before it was registered`;
    report({ code: 'partition.empty', topic: plan.topic, table: `${plan.database}.${plan.table}`, path, message });
    return false;
  });
}

/** The metastore's name of one of the table's partitions. */
export function nameOf(table: Table, partition: Partition): string {
  const keys = (table.partitionKeys ?? []).map((key) => key.name);
  return partitionName(keys, partition.values);
}
