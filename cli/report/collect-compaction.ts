import { Announce } from '#functions/partition-compaction/announce.ts';
import type { Settings } from '#functions/partition-compaction/config.ts';
import { PieceReader } from '#functions/partition-compaction/piece-reader.ts';
import { isSerious } from '#functions/partition-compaction/problem.ts';
import { planRun } from '#functions/partition-compaction/run.ts';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { FoundTopic } from './collect-files.ts';
import type { CompactionFacts, PlannedFolder } from './lake-report.ts';

/** How much is planned exactly, which reads the end of each small file. */
export interface PlanLimits {
  readonly folders: number;
  /** Small files of all planned folders. */
  readonly files: number;
}

/** What planning needs. */
export interface PlanTools {
  readonly hdfs: WebHdfs;
  readonly settings: Settings;
  readonly limits: PlanLimits;
  readonly hasTime: () => boolean;
}

/** Plans the merges of those folders that would lose most files. Changes nothing. */
export async function collectCompaction(topics: readonly FoundTopic[], tools: PlanTools): Promise<CompactionFacts> {
  const { hdfs, settings, limits, hasTime } = tools;
  const worth = topics
    .flatMap(({ folders }) => folders.filter(({ sums }) => sums.gain > 0))
    .toSorted((a, b) => b.sums.gain - a.sums.gain || (a.folder.path < b.folder.path ? -1 : 1));
  let files = 0;
  const chosen = worth.slice(0, limits.folders).filter(({ sums }) => {
    const fits = files + sums.small <= limits.files;
    if (fits) files += sums.small;
    return fits;
  });
  const paths = chosen.map(({ folder }) => folder.path);
  if (paths.length === 0) return { planned: [], left: worth.length, problems: [] };
  const plan = await planRun(
    { scope: { kind: 'paths', paths }, dryRun: true, problems: [] },
    {
      hdfs,
      settings,
      hasTime,
      reader: new PieceReader(hdfs),
      owner: 'lakewarden report',
      announce: new Announce(() => Promise.resolve(), 'cli', settings.hdfs.defaultFs),
      now: new Date(await hdfs.serverTime()),
    },
  );
  const planned = plan.partitions.map((partition): PlannedFolder => {
    const sources = partition.merges.reduce((sum, merge) => sum + merge.sources.length, 0);
    const bytes = partition.merges.reduce((sum, merge) => sum + merge.bytes, 0);
    const { topic, path, files: before } = partition;
    return { topic, path, files: before, filesAfter: before - sources, bytes };
  });
  const problems = [...plan.problems, ...plan.partitions.flatMap((partition) => partition.problems)].filter(isSerious);
  return {
    planned: planned.toSorted(
      (a, b) => b.files - b.filesAfter - (a.files - a.filesAfter) || (a.path < b.path ? -1 : 1),
    ),
    left: worth.length - chosen.length + plan.left.length,
    problems: problems.map(({ message }) => message),
  };
}
