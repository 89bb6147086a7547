import pLimit from 'p-limit';
import { asError } from '#shared/errors/error.ts';
import type { ColumnStatisticsObj, Partition } from '#shared/hive/metastore.ts';
import { bisect } from './bisect.ts';
import type { BatchTarget } from './partition-batch.ts';
import { mayHaveColumnStatistics } from './partition-parameters.ts';
import type { PlannedPartition } from './planned-partition.ts';

/** A registered partition, and what it is to become. */
export interface RegisteredPartition {
  readonly planned: PlannedPartition;
  readonly body: Partition;
}

/** Statistics of so many columns go into one call: Hive 3.1 takes a millisecond or two for each, Hive 4 less than a tenth. */
const columnsPerCall = 5_000;

/**
 * Drops statistics of columns that were of other files, and writes those of the files that are there now, when the plan
 * says so. To be done before the digest tells that the partitions are up to date.
 * @returns the columns that have statistics now, by name of the partition
 */
export async function refreshStatistics(
  target: BatchTarget,
  partitions: readonly RegisteredPartition[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const written = new Map<string, readonly string[]>();
  const size = Math.max(1, Math.floor(columnsPerCall / Math.max(1, target.table.sd?.cols?.length ?? 0)));
  for (let start = 0; start < partitions.length; start += size) {
    target.tools.signal?.throwIfAborted();
    const some = partitions.slice(start, start + size);
    const fresh = await readStatistics(target, some);
    await dropOutdated(target, some, fresh);
    for (const name of await writeStatistics(target, fresh))
      written.set(
        name,
        (fresh.get(name) ?? []).map(({ colName }) => colName),
      );
  }
  return written;
}

type Statistics = ReadonlyMap<string, readonly ColumnStatisticsObj[]>;

async function readStatistics(
  { statistics }: BatchTarget,
  partitions: readonly RegisteredPartition[],
): Promise<Statistics> {
  if (statistics === undefined) return new Map();
  const read = partitions.map(async ({ planned }) => [planned.name, await statistics.read(planned)] as const);
  return new Map((await Promise.all(read)).filter(([, columns]) => columns.length > 0));
}

/** What is in `fresh` is written over anyway. */
async function dropOutdated(
  { plan, table, tools }: BatchTarget,
  partitions: readonly RegisteredPartition[],
  fresh: Statistics,
): Promise<void> {
  const { metastore } = tools.clients;
  const names = partitions.filter(({ body }) => mayHaveColumnStatistics(body)).map(({ planned }) => planned.name);
  const columns = (table.sd?.cols ?? []).map((column) => column.name);
  const stored = await metastore.statistics(plan.database, plan.table, names, columns);
  const outdated = [...stored].filter(([name, found]) => {
    const renewed = new Set(fresh.get(name)?.map(({ colName }) => colName));
    return found.some(({ colName }) => !renewed.has(colName));
  });
  const limit = pLimit(tools.settings.metastore.connections);
  const drop = ([name]: readonly [string, unknown]): Promise<void> =>
    limit(() => metastore.dropStatistics(plan.database, plan.table, name));
  await Promise.all(outdated.map(drop));
}

/** @returns the partitions whose statistics the metastore took; it may refuse those of a column, which holds up nothing */
async function writeStatistics({ plan, tools, report }: BatchTarget, fresh: Statistics): Promise<string[]> {
  const { metastore } = tools.clients;
  const { database, table, topic } = plan;
  const refused: string[] = [];
  const refuse = ([name]: readonly [string, unknown], thrown: unknown): void => {
    refused.push(name);
    const message = `the metastore refused the statistics of ${name}: ${asError(thrown).message}`;
    report({ code: 'statistics.refused', topic, table: `${database}.${table}`, message });
  };
  await bisect([...fresh], (some) => metastore.setStatistics(database, table, new Map(some)), refuse);
  for (const name of refused) await metastore.dropStatistics(database, table, name);
  return [...fresh.keys()].filter((name) => !refused.includes(name));
}
