import type { Column } from '#shared/parquet/columns.ts';
import { formatHiveType, parseHiveType } from '#shared/parquet/hive-type.ts';
import { needsCascade } from '#shared/parquet/lattice.ts';
import type { PlannedOffsets } from './completeness/completeness.ts';
import { joinFiles, type PlannedChange } from './table/joined-schema.ts';
import { planCursor, type PlannedCursor } from './changes/plan-cursor.ts';
import { planPartition, type PlannedPartition } from './partition/planned-partition.ts';
import { isSerious, type Problem } from './problem.ts';
import { walkedProperty } from './properties.ts';
import { tableState } from './table/table-state.ts';
import { planDrops, type VanishedPartition } from './partition/vanished.ts';
import type { TopicView, Way } from './view.ts';
import { planWalkAgain, type WalkAgain } from './table/walk-again.ts';

/** A column as the metastore writes it. */
export interface PlannedColumn {
  readonly name: string;
  readonly type: string;
  readonly comment?: string;
}

/** What one run would do to one table; plain data, the same for the same state of the lake. */
export interface TablePlan {
  readonly topic: string;
  readonly database: string;
  readonly table: string;
  readonly path: string;
  /** Present when the table is missing. */
  readonly create?: {
    readonly columns: readonly PlannedColumn[];
    readonly keys: readonly PlannedColumn[];
    readonly owner: string;
    readonly comment?: string;
    readonly layout: string;
  };
  /** Present when columns change; applied only while the table is in this `state` still. */
  readonly evolve?: {
    readonly changes: readonly PlannedChange[];
    readonly columns: readonly PlannedColumn[];
    readonly cascade: boolean;
    readonly state: string;
  };
  readonly add: readonly PlannedPartition[];
  readonly change: readonly PlannedPartition[];
  /** Present when these partitions get statistics of their columns. */
  readonly columnStatistics?: { readonly distinctValues: boolean };
  /** Partitions to drop from the metastore, since their folders vanished. */
  readonly drop: readonly VanishedPartition[];
  /** Present when whole walks must look at older folders while the plan is applied, or need not any more. */
  readonly walkAgain?: WalkAgain;
  /** Milliseconds up to which a whole walk accounted for everything. */
  readonly walkedUntil?: number;
  /** Where the cursor of changes goes, when it moves. */
  readonly cursor?: PlannedCursor;
  /** What the offsets in names tell, and what of it is to be remembered and told. */
  readonly offsets?: PlannedOffsets;
  /** How the topic was looked at; undefined when the table was not to be touched. */
  readonly way?: Way;
  readonly problems: readonly Problem[];
}

/** What one run would do. */
export interface Plan {
  readonly tables: readonly TablePlan[];
  /** What concerns no single table. */
  readonly problems: readonly Problem[];
}

/** True when a plan would write to the metastore. */
export function hasChanges(plan: TablePlan): boolean {
  const { create, evolve, add, change, drop } = plan;
  return create !== undefined || evolve !== undefined || add.length + change.length + drop.length > 0;
}

/** Decides what a topic's table needs, from what was seen. Pure: the same view gives the same plan. */
export function planTable(view: TopicView): TablePlan {
  const { settings: topic, table } = view;
  const name = `${topic.database}.${topic.table}`;
  // The order in which services answered must not show in a plan.
  const problems = view.problems.toSorted(({ path: a = '' }, { path: b = '' }) => Number(a > b) - Number(a < b));
  const partitions = view.partitions.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const declared: Column[] = (table?.sd?.cols ?? []).map(({ name: column, type }) => ({
    name: column,
    type: parseHiveType(type),
  }));
  const schema = joinFiles(partitions, declared, view, problems);

  const add: PlannedPartition[] = [];
  const change: PlannedPartition[] = [];
  const refusal = topic.statistics === 'none' ? undefined : view.statisticsRefusal;
  const statistics = refusal === undefined ? topic.statistics : 'none';
  let walkedUntil = view.walkedUntil ?? 0;
  let oldest = Infinity;
  for (const partition of partitions) {
    const { planned, problem, accounted } = planPartition(partition, { ...topic, statistics }, schema.refused);
    // A file can be written to its end, or be given rights, without its folder changing its time: as long as one is not
    // accounted for, a whole walk must come back to its folder.
    if (!accounted) walkedUntil = Math.min(walkedUntil, (partition.modificationTime ?? 0) - 1);
    if (problem !== undefined) problems.push({ ...problem, topic: topic.topic, table: name, path: partition.path });
    if (planned === undefined) continue;
    if (partition.registered === undefined) {
      add.push(planned);
      oldest = Math.min(oldest, partition.modificationTime ?? 0);
    } else {
      change.push(planned);
    }
  }
  const writes = add.length + change.length > 0;
  if (refusal !== undefined && writes)
    problems.push({
      code: 'statistics.refused',
      topic: topic.topic,
      table: name,
      message: `no statistics are written to ${name}: ${refusal}`,
    });
  const columnStatistics = statistics === 'columns' && writes;

  const { drop, problems: losses } = planDrops(view);
  problems.push(...losses);
  const columns = schema.columns.map(({ name: column, type, comment }): PlannedColumn => ({
    name: column,
    type: formatHiveType(type),
    ...(comment === undefined ? {} : { comment }),
  }));
  const cursor = table !== undefined || add.length > 0 ? planCursor(view) : undefined;
  const walked = walkedUntil > Number(table?.parameters?.get(walkedProperty) ?? 0);
  const walkAgain = planWalkAgain(table, columnStatistics ? oldest : Infinity, view.walkedUntil !== undefined);
  return {
    topic: topic.topic,
    database: topic.database,
    table: topic.table,
    path: topic.location,
    ...(table === undefined && add.length > 0
      ? {
          create: {
            columns,
            keys: (topic.templates[0]?.keys ?? []).map((key) => ({ name: key.name, type: key.type })),
            owner: topic.owner,
            ...(topic.comment === undefined ? {} : { comment: topic.comment }),
            layout: topic.templates.map((template) => template.text).join(' '),
          },
        }
      : {}),
    ...(table !== undefined && schema.changes.length > 0
      ? {
          evolve: { changes: schema.changes, columns, cascade: needsCascade(schema.changes), state: tableState(table) },
        }
      : {}),
    add,
    change,
    ...(columnStatistics ? { columnStatistics: { distinctValues: topic.distinctValues } } : {}),
    drop,
    // Moving the mark alone would be a write for nothing: it moves when something else is written.
    ...(walked && writes ? { walkedUntil } : {}),
    ...(walkAgain === undefined ? {} : { walkAgain }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(view.way === undefined ? {} : { way: view.way }),
    problems: problems.toSorted((a, b) => Number(isSerious(b)) - Number(isSerious(a))),
  };
}
