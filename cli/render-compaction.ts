import type { PartitionOutcome } from '#functions/partition-compaction/apply.ts';
import type { LeftoverState } from '#functions/partition-compaction/leftovers/leftover.ts';
import type { PartitionPlan } from '#functions/partition-compaction/plan.ts';
import { isSerious, type Problem } from '#functions/partition-compaction/problem.ts';
import { paint, printable, renderTable, size } from './terminal.ts';

const shown = 8;

/** Plans as tables, one row for each merge and for each file that is written anew, and what is left as it is. */
export function renderCompactionPlan(partitions: readonly PartitionPlan[]): string[] {
  const rows = partitions.flatMap(({ path, files, merges }) => {
    const after = files - merges.reduce((sum, { sources }) => sum + sources.length, 0);
    return merges.map((merge, index) => [
      index === 0 ? path : '',
      index === 0 ? `${files} -> ${after}` : '',
      merge.sources.length + 1,
      size(merge.bytes),
      merge.rows,
      size(merge.tailBytes),
      merge.target.name,
    ]);
  });
  const header = ['partition', 'files', 'merged', 'not moved', 'rows', 'written', 'into'];
  const rewrites = partitions.flatMap((partition) =>
    partition.rewrites.map(({ file, rowGroups, way, deadBytes, codec, engine }) => [
      `${partition.path}/${file.name}`,
      `${rowGroups.before} -> ${rowGroups.after}`,
      size(file.length),
      size(deadBytes),
      file.rows,
      engine === undefined ? way : `${way}, by ${engine}`,
      codec,
    ]),
  );
  const rewriteHeader = ['written anew', 'row groups', 'to write, about', 'dead', 'rows', 'swap', 'codec'];
  const unsettled = partitions.filter((partition) => partition.unsettled.length > 0);
  return [
    ...(rows.length > 0 ? [renderTable(header, rows)] : []),
    ...(rewrites.length > 0 ? [renderTable(rewriteHeader, rewrites)] : []),
    ...renderLeftovers(partitions),
    ...unsettled.map(({ path }) =>
      paint('yellow', `  ~ ${printable(path)}: what a run that died left is settled first`),
    ),
  ];
}

const leftoverTexts: Readonly<Record<LeftoverState, string>> = {
  kept: 'stays',
  open: 'stays: still open for writing',
  unknown: 'stays: nobody tells whether it is still open for writing',
  new: 'seen for the first time',
  waiting: 'waits for the second look',
  due: 'is removed',
  refused: 'stays: too many are to be removed at once',
};

/** Files that dead writers left, and what becomes of them. */
function renderLeftovers(partitions: readonly PartitionPlan[]): string[] {
  const rows = partitions.flatMap(({ path, leftovers }) =>
    leftovers.files.map(({ name, length, modificationTime, state }) => [
      `${path}/${name}`,
      size(length),
      new Date(modificationTime).toISOString().slice(0, 16),
      leftoverTexts[state],
    ]),
  );
  return rows.length === 0 ? [] : [renderTable(['half-written file', 'size', 'since', 'what becomes of it'], rows)];
}

/** What was done, one row for each merged file and for each that was written anew. */
export function renderCompactionOutcome(partitions: readonly PartitionOutcome[]): string[] {
  const rows = partitions.flatMap(({ path, merges }) =>
    merges.map(({ merge, tailBytes }) => [
      `${path}/${merge.target.name}`,
      `${merge.sources.length + 1} -> 1`,
      size(merge.bytes),
      merge.rows,
      size(tailBytes),
    ]),
  );
  const removed = partitions.flatMap((outcome) =>
    outcome.removed.map(({ name, length }) => `  removed ${printable(`${outcome.path}/${name}`)}, ${size(length)}`),
  );
  const rewrites = partitions.flatMap((partition) =>
    partition.rewrites.map(({ work: { rewrite }, rowGroups, written, length, deadBytes }) => [
      `${partition.path}/${rewrite.file.name}`,
      `${rewrite.rowGroups.before} -> ${rowGroups}`,
      `${size(rewrite.file.length)} -> ${size(length)}`,
      size(deadBytes),
      rewrite.file.rows,
      size(written),
    ]),
  );
  const rewriteHeader = ['written anew', 'row groups', 'bytes', 'dead', 'rows', 'written'];
  return [
    ...(rows.length > 0 ? [renderTable(['file', 'files', 'not moved', 'rows', 'written'], rows)] : []),
    ...(rewrites.length > 0 ? [renderTable(rewriteHeader, rewrites)] : []),
    ...removed,
  ];
}

/** Problems, the serious ones first, alike ones counted beyond the first few. */
export function renderCompactionProblems(problems: readonly Problem[]): string[] {
  const ordered = problems.toSorted((a, b) => Number(isSerious(b)) - Number(isSerious(a)));
  return [...Map.groupBy(ordered, ({ code }) => code)].flatMap(([code, group]) => [
    ...group
      .slice(0, shown)
      .map((problem) =>
        isSerious(problem)
          ? paint('red', `  ! ${printable(problem.message)}`)
          : paint('yellow', `  · ${printable(problem.message)}`),
      ),
    ...(group.length > shown ? [paint('dim', `    … and ${group.length - shown} more of ${code}`)] : []),
  ]);
}
