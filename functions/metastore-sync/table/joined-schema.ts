import type { Column } from '#shared/parquet/columns.ts';
import { type ColumnChange, joinColumns } from '#shared/parquet/lattice.ts';
import { isSerious, type Problem } from '../problem.ts';
import type { TopicView, ViewedPartition } from '../view.ts';

/** A change of one column and the file that asks for it. */
export interface PlannedChange extends ColumnChange {
  readonly because: string;
}

/** The columns of a table and the files that go with them. */
export interface JoinedSchema {
  readonly columns: readonly Column[];
  readonly changes: readonly PlannedChange[];
  /** Paths of files that must not be queried under the table's columns. */
  readonly refused: ReadonlySet<string>;
}

/** Joins the schemas of all new files, in the order of their paths, onto the declared columns; a file that conflicts is refused whole. */
export function joinFiles(
  partitions: readonly ViewedPartition[],
  declared: readonly Column[],
  view: TopicView,
  problems: Problem[],
): JoinedSchema {
  const { topic, database, table, allow } = view.settings;
  const refused = new Set<string>();
  let columns = declared;
  const because = new Map<string, string>();
  const judged = new Map<readonly Column[], ReturnType<typeof joinColumns>['conflicts']>();
  for (const file of partitions.flatMap((partition) => partition.files)) {
    const { footer } = file;
    if (footer === undefined) continue;
    if ('problem' in footer) {
      problems.push({ ...footer.problem, table: `${database}.${table}` });
      if (isSerious(footer.problem)) refused.add(file.path);
      continue;
    }
    problems.push(...footer.problems.map((problem) => ({ ...problem, table: `${database}.${table}` })));
    if (footer.problems.some(isSerious)) {
      refused.add(file.path);
      continue;
    }
    let conflicts = judged.get(footer.columns);
    if (conflicts === undefined) {
      const joined = joinColumns(columns, footer.columns, { allow });
      conflicts = joined.conflicts;
      judged.set(footer.columns, conflicts);
      for (const { column, note } of footer.notes ?? [])
        problems.push({
          code: 'column.note',
          topic,
          table: `${database}.${table}`,
          path: file.path,
          column,
          message: `${file.path} and files like it: ${note}`,
        });
      if (conflicts.length === 0) {
        columns = joined.columns;
        for (const change of joined.changes) because.set(change.column, because.get(change.column) ?? file.path);
      }
    }
    for (const { column, declared: before, found, breaks } of conflicts) {
      refused.add(file.path);
      problems.push({
        code: 'file.conflict',
        topic,
        table: `${database}.${table}`,
        path: file.path,
        column,
        declared: before,
        found,
        breaks,
        message: `column ${column} is ${found} in ${file.path} and ${before} in ${database}.${table}: ${breaks}`,
      });
    }
  }
  // One join from the old columns to the new ones names each change once, however many files led to it.
  const changes = view.table === undefined ? [] : joinColumns(declared, columns, { allow }).changes;
  return {
    columns,
    changes: changes.map((change) => ({ ...change, because: because.get(change.column) ?? '' })),
    refused,
  };
}
