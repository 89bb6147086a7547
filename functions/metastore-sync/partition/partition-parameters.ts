import type { Partition } from '#shared/hive/metastore.ts';
import { storedHeld } from '../completeness/offsets.ts';
import type { PlannedPartition } from './planned-partition.ts';
import { filesProperty, offsetsProperty, rowsProperty } from '../properties.ts';

const accurate = 'COLUMN_STATS_ACCURATE';
/** What is not true any more once the files of a partition changed. */
const outdated = ['numRows', 'rawDataSize', accurate, rowsProperty] as const;

/** Rows of the files that are accounted for, as an earlier run counted them; undefined when none did. */
export function accountedRows({ parameters }: Partition): number | undefined {
  const text = parameters?.get(rowsProperty) ?? '';
  return /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

/** False when the mark is the one that we set where no column has statistics, and where nobody ever wrote any. */
export function mayHaveColumnStatistics({ parameters }: Partition): boolean {
  const mark = parameters?.get(accurate);
  return mark === undefined ? parameters?.has('numRows') === true : mark !== accurateMark([]);
}

/**
 * The parameters of a partition whose files are accounted for. With all three counts of files given, the metastore does
 * not list the folder once more, and does not count what is no data. `columns` are those that have statistics.
 */
export function partitionParameters(
  planned: PlannedPartition,
  before: Partition['parameters'],
  columns: readonly string[] = [],
): Map<string, string> {
  const { digest, offsets, files, bytes, erasureCoded, numRows, leftOut } = planned;
  const parameters = new Map(before);
  for (const name of outdated) parameters.delete(name);
  parameters.set(filesProperty, digest);
  if (offsets !== undefined) parameters.set(offsetsProperty, storedHeld(offsets));
  parameters.set('numFiles', String(files));
  parameters.set('totalSize', String(bytes));
  parameters.set('numFilesErasureCoded', String(erasureCoded));
  if (numRows !== undefined) {
    parameters.set(rowsProperty, String(numRows));
    parameters.set('numRows', String(numRows));
    if (leftOut === undefined) parameters.set(accurate, accurateMark(columns));
  }
  return parameters;
}

/** What Hive writes for statistics that are up to date (StatsSetupConst). */
function accurateMark(columns: readonly string[]): string {
  const marks = Object.fromEntries(columns.toSorted().map((name) => [name, 'true']));
  return JSON.stringify({ BASIC_STATS: 'true', ...(columns.length > 0 && { COLUMN_STATS: marks }) });
}
