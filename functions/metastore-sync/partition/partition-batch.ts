import { asError } from '#shared/errors/error.ts';
import type { Partition, Table } from '#shared/hive/metastore.ts';
import { partitionName } from '#shared/lake/partition-name.ts';
import type { ApplyTools } from '../apply.ts';
import { bisect } from './bisect.ts';
import { filledFolders } from './filled-folders.ts';
import type { TablePlan } from '../plan.ts';
import type { PlannedPartition } from './planned-partition.ts';
import type { Problem } from '../problem.ts';
import { filesProperty } from '../properties.ts';
import { refreshStatistics, type RegisteredPartition } from './refresh-statistics.ts';
import { stalePlan } from '../stale-plan.ts';
import type { StatisticsReader } from './statistics-reader.ts';
import { changedPartition, newPartition } from '../table/table-body.ts';

/** The table that batches of partitions belong to, as it is now. */
export interface BatchTarget {
  readonly plan: TablePlan;
  readonly table: Table;
  readonly tools: ApplyTools;
  readonly report: (problem: Problem) => void;
  /** Present when partitions get statistics of their columns. */
  readonly statistics?: StatisticsReader | undefined;
  /** Told of partitions whose columns have new statistics. */
  readonly countStatistics: (partitions: number) => void;
}

/**
 * Registers partitions that still hold something; announces and counts those that nobody registered before. Where their
 * columns get statistics the digest comes last, so that a run that ends between is made up for.
 */
export async function addBatch(target: BatchTarget, batch: readonly PlannedPartition[]): Promise<number> {
  const { plan, table, tools, statistics, report } = target;
  const present = await keepPresent(target, batch);
  const { defaultFs } = tools.settings.hdfs;
  const partitions = present.map((planned) => {
    const whole = newPartition(table, planned, defaultFs);
    return statistics === undefined ? whole : unsettled(whole);
  });
  const added = await tools.clients.metastore.addPartitions(plan.database, plan.table, partitions);
  const fresh = pairUp(table, present, added);
  if (fresh.length > 0)
    await tools.announce.partitionsAdded(
      plan,
      fresh.map(({ planned }) => planned),
    );
  if (statistics !== undefined)
    await bisect(
      fresh,
      (some) => bringUpToDate(target, some),
      ({ planned }, error) => report(refusedPartition(plan, planned, error)),
    );
  const names = new Set(fresh.map(({ planned }) => planned.name));
  const others = present.filter((planned) => !names.has(planned.name));
  await requireEqual(target, others);
  return fresh.length;
}

/** Brings registered partitions up to date with their files, on the bodies as they are now; announces and counts them. */
export async function changeBatch(target: BatchTarget, batch: readonly PlannedPartition[]): Promise<number> {
  const { plan, table, tools } = target;
  const names = batch.map(({ name }) => name);
  const bodies = await tools.clients.metastore.partitionsByNames(plan.database, plan.table, names);
  const changed = pairUp(table, batch, bodies).filter(({ planned, body }) => {
    const digest = body.parameters?.get(filesProperty);
    // Another run has done it.
    if (planned.digest === digest) return false;
    if (planned.before !== digest) throw stalePlan(plan, `${planned.name} was changed meanwhile`);
    return true;
  });
  if (changed.length === 0) return 0;
  await bringUpToDate(target, changed);
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

/** Says in the end that partitions are up to date with their files; before that, all that must be true then. */
async function bringUpToDate(target: BatchTarget, partitions: readonly RegisteredPartition[]): Promise<void> {
  const { plan, table, tools, statistics } = target;
  const alter = (bodies: readonly Partition[]): Promise<void> =>
    tools.clients.metastore.alterPartitions(plan.database, plan.table, bodies);
  // The metastore drops the statistics of columns whose types change.
  if (statistics !== undefined)
    await alter(
      partitions
        .filter(({ planned }) => planned.columns === true)
        .map(({ body }) => unsettled({ ...body, sd: { ...body.sd, cols: table.sd?.cols } })),
    );
  const columns = await refreshStatistics(target, partitions);
  await alter(partitions.map(({ planned, body }) => changedPartition(body, planned, table, columns.get(planned.name))));
  target.countStatistics(columns.size);
}

/** A digest that no files have: whoever looks at the partition finds it to be brought up to date. */
const pending = 'pending';

/** Another text each time: every alter of ours changes a parameter of ours (see authorship.ts). */
function unsettled(partition: Partition): Partition {
  const mark = partition.parameters?.get(filesProperty) === pending ? `${pending} still` : pending;
  return { ...partition, parameters: new Map([...(partition.parameters ?? []), [filesProperty, mark]]) };
}

function pairUp(
  table: Table,
  wanted: readonly PlannedPartition[],
  bodies: readonly Partition[],
): RegisteredPartition[] {
  const byName = new Map(wanted.map((planned) => [planned.name, planned]));
  return bodies.flatMap((body) => {
    const planned = byName.get(nameOf(table, body));
    return planned === undefined ? [] : [{ planned, body }];
  });
}

/** The problem of a partition that the metastore refuses. */
export function refusedPartition(
  { topic, database, table }: TablePlan,
  { name, path }: { readonly name: string; readonly path: string },
  thrown: unknown,
): Problem {
  const message = `the metastore refused ${name}: ${asError(thrown).message}`;
  return { code: 'partition.failed', topic, table: `${database}.${table}`, path, message };
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
