import type { TableOutcome } from '#functions/metastore-sync/apply.ts';
import { hasChanges, type TablePlan } from '#functions/metastore-sync/plan.ts';
import type { PlannedPartition } from '#functions/metastore-sync/partition/planned-partition.ts';
import { isSerious, type Problem } from '#functions/metastore-sync/problem.ts';
import { count, paint, printable, size } from './terminal.ts';

const shown = 8;

/** A table's plan like a diff: `+` appears, `~` changes, `!` is refused; each with its reason. */
export function renderPlan(plan: TablePlan): string {
  const { create, evolve } = plan;
  const lines = [
    `${paint('bold', `${plan.database}.${plan.table}`)}  ${paint('dim', `topic ${printable(plan.topic)}, ${printable(plan.path)}`)}`,
  ];
  if (create !== undefined) {
    lines.push(
      paint(
        'green',
        `  + create external table, owner ${create.owner}, partitioned by (${create.keys.map((key) => `${key.name} ${key.type}`).join(', ')})`,
      ),
    );
    for (const { name, type } of create.columns)
      lines.push(paint('green', `  +   ${printable(name)} ${printable(type)}`));
  }
  for (const { column, change, from, to, because, allowedBy } of evolve?.changes ?? []) {
    const allowed =
      allowedBy === undefined ? '' : paint('yellow', ` (only allowed by the setting ${allowedBy.join(', ')})`);
    const reason = paint('dim', `  because of ${printable(because)}`);
    lines.push(
      change === 'append'
        ? paint('green', `  + column ${printable(column)} ${printable(to)}`) + allowed + reason
        : paint('yellow', `  ~ column ${printable(column)} ${printable(from ?? '')} -> ${printable(to)}`) +
            allowed +
            reason,
    );
  }
  if (evolve?.cascade === true)
    lines.push(
      paint('dim', '    every partition gets the new types (CASCADE), since Hive reads each partition by its own'),
    );
  lines.push(...renderPartitions('+', 'green', plan.add), ...renderPartitions('~', 'yellow', plan.change));
  if (plan.columnStatistics !== undefined)
    lines.push(
      paint(
        'dim',
        `    their columns get statistics, from the footers${plan.columnStatistics.distinctValues ? ' and dictionaries' : ''} of all their files`,
      ),
    );
  lines.push(...renderDrops(plan.drop));
  if (!hasChanges(plan)) lines.push(paint('dim', '  nothing to change'));
  return [...lines, ...renderProblems(plan.problems)].join('\n');
}

/** Problems, the serious ones first, alike ones counted beyond the first few. */
export function renderProblems(problems: readonly Problem[]): string[] {
  const lines: string[] = [];
  for (const [code, group] of Map.groupBy(problems, (problem) => problem.code)) {
    for (const problem of group.slice(0, shown))
      lines.push(
        isSerious(problem)
          ? paint('red', `  ! ${printable(problem.message)}`)
          : paint('yellow', `  · ${printable(problem.message)}`),
      );
    if (group.length > shown) lines.push(paint('dim', `    … and ${group.length - shown} more of ${code}`));
  }
  return lines;
}

/** A table's outcome in one line. */
export function renderOutcome(outcome: TableOutcome): string {
  const { created, evolved, added, changed, dropped, statistics } = outcome;
  const done = [
    ...(created ? ['created'] : []),
    ...(evolved > 0 ? [`${count(evolved, 'column')} changed`] : []),
    ...(added > 0 ? [`${count(added, 'partition')} added`] : []),
    ...(dropped > 0 ? [`${count(dropped, 'partition')} dropped`] : []),
    ...(changed > 0 ? [`${count(changed, 'partition')} brought up to date`] : []),
    ...(statistics > 0 ? [`statistics of columns for ${count(statistics, 'partition')}`] : []),
  ];
  const serious = outcome.problems.filter(isSerious).length;
  return `${paint('bold', outcome.table)}  ${done.length === 0 ? 'nothing to change' : done.join(', ')}${serious > 0 ? paint('red', `, ${count(serious, 'problem')}`) : ''}`;
}

function renderDrops(partitions: TablePlan['drop']): string[] {
  const lines = partitions.slice(0, shown).map(({ name, path, folder }) => {
    const reason = folder === 'empty' ? `${printable(path)} has nothing in it` : `${printable(path)} is not there`;
    return paint('red', `  - partition ${printable(name)}`) + paint('dim', `  ${reason}`);
  });
  const rest = partitions.length - shown;
  return rest > 0 ? [...lines, paint('red', `  - … and ${count(rest, 'partition')} more`)] : lines;
}

function renderPartitions(
  sign: '+' | '~',
  style: 'green' | 'yellow',
  partitions: readonly PlannedPartition[],
): string[] {
  const lines = partitions.slice(0, shown).map((partition) => {
    const columns = partition.columns === true ? ', gets the new columns' : '';
    const all = partition.numRows === undefined ? '' : `, ${count(partition.numRows, 'row')} in all`;
    return (
      paint(style, `  ${sign} partition ${printable(partition.name)}`) +
      paint(
        'dim',
        `  ${count(partition.files, 'file')}, ${size(partition.bytes)}, ${count(partition.rows, 'row')}${sign === '~' ? ` in new files${all}` : ''}${columns}`,
      )
    );
  });
  if (partitions.length > shown) {
    const rest = partitions.slice(shown);
    const bytes = rest.reduce((total, partition) => total + partition.bytes, 0);
    lines.push(
      paint(style, `  ${sign} … and ${count(rest.length, 'partition')} more`) +
        paint('dim', `  ${size(bytes)}, up to ${printable(rest.at(-1)?.name ?? '')}`),
    );
  }
  return lines;
}
