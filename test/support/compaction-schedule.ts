import { expect } from '@jest/globals';
import { undoMerge } from '#functions/partition-compaction/undo.ts';
import type { FileStatus } from '#shared/hdfs/file-status.ts';
import type { CompactionLake } from './compaction-lake.ts';
import { partition, topics } from './golden-topics.ts';
import { lake as addresses } from './lake.ts';

/** A kind of compaction, one after the other on the same partitions. */
export interface Step {
  readonly name: string;
  readonly perform: (lake: CompactionLake) => Promise<void>;
  /** Files in each partition afterwards. */
  readonly files: number;
  /** Whether row groups, and so pages and bloom filters, are what they were in the beginning. */
  readonly keepsGroups: boolean;
  /** Whether a query that has a file open never fails. */
  readonly keepsReaders: boolean;
  /** What a session of Spark answers that listed the files before: all rows, an error, or a part of the rows without a word. */
  readonly oldListing: 'all' | 'error' | 'part';
}

/** The files of the partitions, as query engines see them. */
export async function visibleFiles(lake: CompactionLake): Promise<FileStatus[]> {
  return (await Promise.all(topics.map(({ name }) => lake.visible(`${name}/${partition}`)))).flat();
}

/** Lets partition-compaction run with some settings: it must do something in each partition, and have nothing to tell. */
async function compact(
  lake: CompactionLake,
  settings: Record<string, unknown>,
  what: 'merges' | 'rewrites',
): Promise<void> {
  const { problems, partitions } = await lake.apply(undefined, lake.tools({}, settings));
  expect(problems).toEqual([]);
  for (const each of partitions) expect([each[what].length > 0, each.problems]).toEqual([true, []]);
  expect(partitions).toHaveLength(topics.length);
}

const merge = (settings: Record<string, unknown>) => (lake: CompactionLake) =>
  compact(lake, { minFiles: 2, ...settings }, 'merges');
const rewrite = (swap: string) => (lake: CompactionLake) =>
  compact(lake, { minFiles: 1_000, deepMerge: { swap, coldSeconds: 0, minRowGroups: 2 } }, 'rewrites');

async function undo(lake: CompactionLake): Promise<void> {
  for (const { path } of await visibleFiles(lake))
    expect(await undoMerge(path, lake.undoTools())).toHaveProperty('done');
}

/** Hive takes the files of one topic; it would change the schema of the others, which stay as they are. */
async function handOver(lake: CompactionLake): Promise<void> {
  const settings = {
    minFiles: 1_000,
    deepMerge: { swap: 'rename', coldSeconds: 0, minRowGroups: 2, maxBytes: 1_000 },
    engine: { url: addresses().hiveserver, user: 'hive' },
  };
  const { partitions } = await lake.apply(undefined, lake.tools({}, settings));
  const told = partitions.map(({ topic, rewrites, problems }) => [topic, rewrites.length, problems]);
  expect(told).toEqual([
    ['connect', 0, [expect.objectContaining({ code: 'file.unsupported' })]],
    ['mixed', 1, []],
  ]);
}

/** All kinds of compaction that there are. */
export const schedule: readonly Step[] = [
  {
    name: 'CONCATs',
    perform: merge({ maxFiles: 4 }),
    files: 2,
    keepsGroups: true,
    keepsReaders: true,
    oldListing: 'error',
  },
  {
    name: 'CONCATs of CONCATs',
    perform: merge({}),
    files: 1,
    keepsGroups: true,
    keepsReaders: true,
    oldListing: 'error',
  },
  { name: 'the undo of that', perform: undo, files: 2, keepsGroups: true, keepsReaders: false, oldListing: 'part' },
  {
    name: 'deep merges, swapped by rename',
    perform: rewrite('rename'),
    files: 2,
    keepsGroups: false,
    keepsReaders: false,
    oldListing: 'all',
  },
  {
    name: 'CONCATs of deep merges',
    perform: merge({}),
    files: 1,
    keepsGroups: false,
    keepsReaders: true,
    oldListing: 'error',
  },
  {
    name: 'deep merges of these, swapped by CONCAT',
    perform: rewrite('concat'),
    files: 1,
    keepsGroups: false,
    keepsReaders: true,
    oldListing: 'part',
  },
  { name: 'the undo of the swap', perform: undo, files: 1, keepsGroups: false, keepsReaders: false, oldListing: 'all' },
  {
    name: 'the hand-over to Hive',
    perform: handOver,
    files: 1,
    keepsGroups: false,
    keepsReaders: false,
    oldListing: 'all',
  },
];

/** Performs a step and looks whether it left as many files as it should. */
export async function performStep({ perform, files }: Step, lake: CompactionLake): Promise<void> {
  await perform(lake);
  expect(await visibleFiles(lake)).toHaveLength(files * topics.length);
}
