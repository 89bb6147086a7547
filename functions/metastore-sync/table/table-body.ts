import type { Partition, Table } from '#shared/hive/metastore.ts';
import { partitionParameters } from '../partition/partition-parameters.ts';
import type { PlannedColumn, TablePlan } from '../plan.ts';
import type { PlannedPartition } from '../partition/planned-partition.ts';
import { layoutProperty, topicProperty, versionProperty } from '../properties.ts';

/** The table as it is created: external, Parquet, marked as ours, and out of reach of Hive's partition discovery. */
export function newTable(plan: TablePlan, create: NonNullable<TablePlan['create']>, defaultFs: string): Table {
  return {
    tableName: plan.table,
    dbName: plan.database,
    owner: create.owner,
    sd: {
      cols: create.columns.map((column) => ({ ...column })),
      location: `${defaultFs}${plan.path}`,
      inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      compressed: false,
      numBuckets: -1,
      serdeInfo: {
        serializationLib: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
        parameters: new Map([['serialization.format', '1']]),
      },
      bucketCols: [],
      sortCols: [],
      parameters: new Map(),
    },
    partitionKeys: create.keys.map(({ name, type }) => ({ name, type })),
    parameters: new Map([
      ['EXTERNAL', 'TRUE'],
      ['discover.partitions', 'false'],
      ['external.table.purge', 'false'],
      ['comment', create.comment ?? `Topic ${plan.topic}, kept by Lakewarden`],
      [topicProperty, plan.topic],
      [versionProperty, '1'],
      [layoutProperty, create.layout],
    ]),
    tableType: 'EXTERNAL_TABLE',
  };
}

/** Parameters of a table to be set; undefined for one that goes. */
export type TableParameters = Readonly<Record<string, string | undefined>>;

/** The table with new columns and parameters; every other field, and each column's comment, as it was. */
export function changedTable(
  table: Table,
  columns: readonly PlannedColumn[] | undefined,
  parameters: TableParameters,
): Table {
  const before = new Map((table.sd?.cols ?? []).map((column) => [column.name, column]));
  const version = String(Number(table.parameters?.get(versionProperty) ?? 0) + 1);
  return {
    ...table,
    ...(columns === undefined
      ? {}
      : {
          sd: {
            ...table.sd,
            cols: columns.map((column) => ({ ...column, ...before.get(column.name), type: column.type })),
          },
        }),
    parameters: new Map(
      [...new Map([...(table.parameters ?? []), ...Object.entries(parameters), [versionProperty, version]])].filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    ),
  };
}

/** A partition to register: the table's storage, its own place, and the files that are accounted for. */
export function newPartition(table: Table, planned: PlannedPartition, defaultFs: string): Partition {
  return {
    values: [...planned.values],
    dbName: table.dbName,
    tableName: table.tableName,
    sd: { ...table.sd, location: `${defaultFs}${planned.path}` },
    parameters: partitionParameters(planned, undefined),
  };
}

/**
 * The partition with its files accounted for anew, and the table's columns when its own are too few; `columns` are those
 * that have statistics.
 */
export function changedPartition(
  partition: Partition,
  planned: PlannedPartition,
  table: Table,
  columns?: readonly string[],
): Partition {
  return {
    ...partition,
    ...(planned.columns === true ? { sd: { ...partition.sd, cols: table.sd?.cols } } : {}),
    parameters: partitionParameters(planned, partition.parameters, columns),
  };
}
