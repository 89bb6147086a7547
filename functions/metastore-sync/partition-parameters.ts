import type { Partition } from '#shared/hive/metastore.ts';
import { storedHeld } from './offsets.ts';
import type { PlannedPartition } from './planned-partition.ts';
import { filesProperty, offsetsProperty, rowsProperty } from './properties.ts';

/** How much is told of the rows of partitions. */
export const statisticsLevels = ['none', 'basic'] as const;

const accurate = 'COLUMN_STATS_ACCURATE';
/** What is not true any more once the files of a partition changed. */
const outdated = ['numRows', 'rawDataSize', accurate, rowsProperty] as const;

/** Rows of the files that are accounted for, as an earlier run counted them; undefined when none did. */
export function accountedRows({ parameters }: Partition): number | undefined {
  const text = parameters?.get(rowsProperty) ?? '';
  return /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

/** The columns whose statistics the metastore calls accurate. */
export function accurateColumns({ parameters }: Partition): string[] {
  try {
    const marks = JSON.parse(parameters?.get(accurate) ?? '{}') as { COLUMN_STATS?: object } | null;
    return Object.keys(marks?.COLUMN_STATS ?? {});
  } catch {
    return [];
  }
}

/**
 * The parameters of a partition whose files are accounted for. With all three counts of files given, the metastore does
 * not list the folder once more, and does not count what is no data.
 */
export function partitionParameters(planned: PlannedPartition, before: Partition['parameters']): Map<string, string> {
  const { digest, offsets, files, bytes, erasureCoded, numRows, refused } = planned;
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
    if (refused === undefined) parameters.set(accurate, '{"BASIC_STATS":"true"}');
  }
  return parameters;
}
