import type { Metastore, Table } from '#shared/hive/metastore.ts';
import { columnsProperty, versionProperty } from '../properties.ts';

/**
 * Gives partitions the table's columns where their own have other types: Hive fails on a partition of a narrower type. A
 * cascade reaches those that stood when it began. One that is registered meanwhile, by a run that took no turn, is met
 * here: by that run when the table was widened before it was done, else by the run that widened.
 */
export async function followColumns(
  metastore: Metastore,
  table: Table,
  names: readonly string[],
  partitionsPerCall: number,
): Promise<void> {
  const cols = table.sd?.cols ?? [];
  const types = new Map(cols.map(({ name, type }) => [name, type]));
  const version = table.parameters?.get(versionProperty) ?? '';
  for (let start = 0; start < names.length; start += partitionsPerCall) {
    const some = names.slice(start, start + partitionsPerCall);
    const bodies = await metastore.partitionsByNames(table.dbName, table.tableName, some);
    const behind = bodies.filter(({ sd }) => sd?.cols?.some(({ name, type }) => types.get(name) !== type));
    const followed = behind.map((body) => ({
      ...body,
      sd: { ...body.sd, cols },
      parameters: new Map([...(body.parameters ?? []), [columnsProperty, version]]),
    }));
    if (followed.length > 0) await metastore.alterPartitions(table.dbName, table.tableName, followed);
  }
}
