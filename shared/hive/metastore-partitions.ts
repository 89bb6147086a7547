import { orUndefined } from './metastore-error.ts';
import { methods } from './metastore-methods.ts';
import type { CallOptions } from './metastore-options.ts';
import { MetastoreServer } from './metastore-server.ts';
import type { Partition } from './metastore-structs.ts';
import type { ColumnStatisticsObj } from './statistics-structs.ts';

// Statistics are kept apart for each engine; these are Hive's own.
const engine = 'hive';
/** Spares the server from listing folders to count files: who calls knows them, or does not care. */
export const doNotCount = new Map([['DO_NOT_UPDATE_STATS', 'true']]);

/** The partitions of tables, and the statistics of their columns. */
export abstract class MetastorePartitions extends MetastoreServer {
  /**
   * The names of all partitions, such as `year=2019/month=09`, escaped by Hive's rules. When there is no table,
   * Hive 4 answers none, and 3.1 throws metastore.not_found.
   */
  async partitionNames(db: string, table: string, options: CallOptions = {}): Promise<readonly string[]> {
    const args = { db_name: db, tbl_name: table, max_parts: -1 };
    return this.call(methods.getPartitionNames, args, `the partitions of ${db}.${table}`, options);
  }

  /** The partitions with these names, in no certain order; names that do not exist are left out. */
  async partitionsByNames(
    db: string,
    table: string,
    names: readonly string[],
    options: CallOptions = {},
  ): Promise<readonly Partition[]> {
    if (names.length === 0) return [];
    const args = { db_name: db, tbl_name: table, names };
    return this.call(methods.getPartitionsByNames, args, `partitions of ${db}.${table}`, options);
  }

  /**
   * Adds partitions, all or none, and answers those that are new (none with `needResult: false`). Existing ones are left
   * alone, or with `ifNotExists: false` the whole call is refused by metastore.exists. The server creates folders that
   * do not exist, and refuses by metastore.invalid a list that names a partition twice. Batches of 250 to 500 are best.
   */
  async addPartitions(
    db: string,
    table: string,
    partitions: readonly Partition[],
    options: CallOptions & { readonly ifNotExists?: boolean; readonly needResult?: boolean } = {},
  ): Promise<readonly Partition[]> {
    if (partitions.length === 0) return [];
    const { ifNotExists = true, needResult = true } = options;
    const parts = partitions.map((partition) => ({ ...partition, dbName: db, tableName: table }));
    const environmentContext = { properties: doNotCount };
    const args = { request: { dbName: db, tblName: table, parts, ifNotExists, needResult, environmentContext } };
    const result = await this.call(methods.addPartitions, args, `to add partitions to ${db}.${table}`, options);
    return result.partitions ?? [];
  }

  /** Replaces partitions by other states of them; `context` adds to DO_NOT_UPDATE_STATS, without which HMS recounts files. */
  async alterPartitions(
    db: string,
    table: string,
    partitions: readonly Partition[],
    options: CallOptions & { readonly context?: Readonly<Record<string, string>> | undefined } = {},
  ): Promise<void> {
    if (partitions.length === 0) return;
    const properties = new Map([...doNotCount, ...Object.entries(options.context ?? {})]);
    const args = { db_name: db, tbl_name: table, new_parts: partitions, environment_context: { properties } };
    await this.call(methods.alterPartitions, args, `to alter partitions of ${db}.${table}`, options);
  }

  /** Drops partitions by name, their data only with `deleteData`. Throws metastore.not_found with `ifExists: false`. */
  async dropPartitions(
    db: string,
    table: string,
    names: readonly string[],
    options: CallOptions & { readonly deleteData?: boolean; readonly ifExists?: boolean } = {},
  ): Promise<void> {
    if (names.length === 0) return;
    const { deleteData = false, ifExists = true } = options;
    const args = { req: { dbName: db, tblName: table, parts: { names }, deleteData, ifExists, needResult: false } };
    await this.call(methods.dropPartitions, args, `to drop partitions of ${db}.${table}`, options);
  }

  /** Statistics of columns by partition name, in no certain order; what has none is left out. */
  async statistics(
    db: string,
    table: string,
    partitionNames: readonly string[],
    columns: readonly string[],
    options: CallOptions = {},
  ): Promise<ReadonlyMap<string, readonly ColumnStatisticsObj[]>> {
    if (partitionNames.length === 0 || columns.length === 0) return new Map();
    const request = { dbName: db, tblName: table, colNames: columns, partNames: partitionNames, engine };
    const result = await this.call(methods.getStatistics, { request }, `statistics of ${db}.${table}`, options);
    return result.partStats;
  }

  /** Replaces the statistics of columns of partitions, by partition name. */
  async setStatistics(
    db: string,
    table: string,
    statistics: ReadonlyMap<string, readonly ColumnStatisticsObj[]>,
    options: CallOptions = {},
  ): Promise<void> {
    if (statistics.size === 0) return;
    const colStats = [...statistics].map(([partName, statsObj]) => ({
      statsDesc: { isTblLevel: false, dbName: db, tableName: table, partName },
      statsObj,
      engine,
    }));
    const args = { request: { colStats, needMerge: false, engine } };
    await this.call(methods.setStatistics, args, `statistics of ${db}.${table}`, options);
  }

  /**
   * Drops the statistics of a column of a partition, or of all its columns when none is named, if there are any. The
   * partition's COLUMN_STATS_ACCURATE goes on naming them until the partition is altered.
   */
  async dropStatistics(
    db: string,
    table: string,
    partitionName: string,
    column?: string,
    options: CallOptions = {},
  ): Promise<void> {
    const args = { db_name: db, tbl_name: table, part_name: partitionName, col_name: column, engine };
    const action = `to drop statistics of ${db}.${table}`;
    await orUndefined(this.call(methods.dropStatistics, args, action, options));
  }
}
