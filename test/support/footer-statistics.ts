import { hiveStatistics } from '#shared/hive/column-statistics.ts';
import type { ColumnStatisticsObj } from '#shared/hive/metastore.ts';
import type { Column } from '#shared/parquet/columns.ts';
import { readDictionarySizes } from '#shared/parquet/dictionary.ts';
import { readFooter } from '#shared/parquet/footer.ts';
import { parseHiveType } from '#shared/parquet/hive-type.ts';
import { type FileStatistics, fileStatistics, partitionStatistics } from '#shared/parquet/statistics.ts';
import { bytesSource } from './parquet-file.ts';
import type { SyncLake } from './sync-lake.ts';

/** Writes the files of one hour of a topic. */
export async function putHour(
  lake: SyncLake,
  topic: string,
  hour: string,
  files: readonly Uint8Array[],
): Promise<void> {
  for (const [index, bytes] of files.entries()) await lake.put(`${topic}/2019/09/01/${hour}/${index}.parquet`, bytes);
}

/** The columns of a table as the metastore has them. */
export async function columnsOf({ clients, database }: SyncLake, table: string): Promise<Column[]> {
  const body = await clients.metastore.table(database, table);
  return (body?.sd?.cols ?? []).map(({ name, type }) => ({ name, type: parseHiveType(type) }));
}

/** What the footers of files say, and with `dictionaries` the headers of their dictionaries too. */
export function readStatistics(files: readonly Uint8Array[], { dictionaries = false } = {}): Promise<FileStatistics[]> {
  const read = async (bytes: Uint8Array): Promise<FileStatistics> => {
    const source = bytesSource(bytes);
    const footer = await readFooter(source);
    return fileStatistics(footer, dictionaries ? await readDictionarySizes(source, footer.metadata) : undefined);
  };
  return Promise.all(files.map(read));
}

/** The statistics that we would give the metastore for a partition of these files. */
export async function statisticsOf(
  lake: SyncLake,
  table: string,
  files: readonly Uint8Array[],
  options: { readonly dictionaries?: boolean; readonly timestampsAsLong?: boolean } = {},
): Promise<ColumnStatisticsObj[]> {
  const columns = await columnsOf(lake, table);
  const { columns: found } = partitionStatistics(await readStatistics(files, options), columns);
  return columns.flatMap((column) => {
    const statistics = found.get(column.name);
    return (statistics && hiveStatistics(column, statistics, options)) ?? [];
  });
}

/** Statistics by column. */
export type ByColumn = Readonly<Record<string, ColumnStatisticsObj['statsData']>>;

/** The statistics of columns that the metastore has of a partition. */
export async function storedStatistics(lake: SyncLake, table: string, name: string): Promise<ByColumn> {
  const columns = (await columnsOf(lake, table)).map((column) => column.name);
  const stored = await lake.clients.metastore.statistics(lake.database, table, [name], columns);
  return Object.fromEntries((stored.get(name) ?? []).map(({ colName, statsData }) => [colName, statsData]));
}

/** Hive counts distinct values by a sketch, and takes the first of two zeros; all else must agree. */
export function withoutDistinct(columns: ByColumn): unknown {
  const entries = Object.entries(columns).map(([name, data]) => {
    const [kind = '', values = {}] = Object.entries(data)[0] ?? [];
    const unsigned = Object.entries(values).map(([key, value]) => [key, value === 0 ? 0 : value] as const);
    return [name, { [kind]: { ...Object.fromEntries(unsigned), numDVs: undefined, bitVectors: undefined } }];
  });
  return Object.fromEntries(entries);
}
