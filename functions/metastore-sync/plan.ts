import { digestFiles } from '#shared/lake/file-digest.ts';
import { partitionName } from '#shared/lake/partition-name.ts';
import type { Column } from '#shared/parquet/columns.ts';
import { formatHiveType, parseHiveType } from '#shared/parquet/hive-type.ts';
import { type ColumnChange, joinColumns, needsCascade } from '#shared/parquet/lattice.ts';
import { planCursor, type PlannedCursor } from './plan-cursor.ts';
import { isSerious, type Problem } from './problem.ts';
import { filesProperty, walkedProperty } from './properties.ts';
import { tableState } from './table-state.ts';
import { planDrops, type VanishedPartition } from './vanished.ts';
import type { TopicView, ViewedFile, ViewedPartition, Way } from './view.ts';

/** A column as the metastore writes it. */
export interface PlannedColumn {
  readonly name: string;
  readonly type: string;
  readonly comment?: string;
}

/** A change of one column and the file that asks for it. */
export interface PlannedChange extends ColumnChange {
  readonly because: string;
}

/** A partition to register, or one whose files changed. */
export interface PlannedPartition {
  /** The metastore's name, such as `year=2019/month=09`. */
  readonly name: string;
  readonly values: readonly string[];
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
  /** Files that are erasure coded. */
  readonly erasureCoded: number;
  /** Rows of the files whose footers were read. */
  readonly rows: number;
  /** Digest of the files, kept on the partition. */
  readonly digest: string;
  /** True when the files hold columns or fields that the partition does not declare yet. */
  readonly columns?: true;
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
  /** Partitions to drop from the metastore, since their folders vanished. */
  readonly drop: readonly VanishedPartition[];
  /** Milliseconds up to which a whole walk accounted for everything. */
  readonly walkedUntil?: number;
  /** Where the cursor of changes goes, when it moves. */
  readonly cursor?: PlannedCursor;
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

  const keys = (topic.templates[0]?.keys ?? []).map((key) => key.name);
  const add: PlannedPartition[] = [];
  const change: PlannedPartition[] = [];
  let walkedUntil = view.walkedUntil ?? 0;
  for (const partition of partitions) {
    const bad = partition.files.filter((file) => schema.refused.has(file.path));
    const good = partition.files.filter((file) => isGood(file, schema.refused));
    const about = { topic: topic.topic, table: name, path: partition.path };
    const planned = {
      name: partitionName(keys, partition.values),
      values: partition.values,
      path: partition.path,
      files: good.length,
      bytes: sum(good, (file) => file.length),
      erasureCoded: sum(good, (file) => Number(file.erasureCoded ?? false)),
      rows: sum(good, rowsOf),
      digest: digestFiles(good),
    };
    // A file can be written to its end, or be given rights, without its folder changing its time: as long as one is not
    // accounted for, a whole walk must come back to its folder. One that is held back is looked at anyway.
    const held = partition.registered === undefined && bad.length > 0;
    if (!held && good.length < partition.files.length)
      walkedUntil = Math.min(walkedUntil, (partition.modificationTime ?? 0) - 1);
    if (partition.registered !== undefined) {
      if (good.length === 0)
        problems.push({
          ...about,
          code: 'partition.empty',
          message: `the registered partition ${planned.name} holds no readable data file`,
        });
      else if (differs(partition, planned.digest))
        change.push(needsColumns(partition, good, topic.allow) ? { ...planned, columns: true } : planned);
    } else if (held) {
      problems.push({
        ...about,
        code: 'partition.held',
        message: `${planned.name} is not registered while ${bad.length} of its ${partition.files.length} files cannot be read safely (${bad[0]?.name}): every query over it would fail or answer wrongly`,
      });
    } else if (good.length === 0) {
      problems.push({
        ...about,
        code: 'partition.empty',
        message: `${partition.path} holds no data file and is not registered`,
      });
    } else {
      add.push(planned);
    }
  }

  const { drop, problems: losses } = planDrops(view);
  problems.push(...losses);
  const columns = schema.columns.map(({ name: column, type, comment }): PlannedColumn => ({
    name: column,
    type: formatHiveType(type),
    ...(comment === undefined ? {} : { comment }),
  }));
  const cursor = table !== undefined || add.length > 0 ? planCursor(view) : undefined;
  const walked = walkedUntil > Number(table?.parameters?.get(walkedProperty) ?? 0);
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
    drop,
    // Moving the mark alone would be a write for nothing: it moves when something else is written.
    ...(walked && add.length + change.length > 0 ? { walkedUntil } : {}),
    ...(cursor === undefined ? {} : { cursor }),
    ...(view.way === undefined ? {} : { way: view.way }),
    problems: problems.toSorted((a, b) => Number(isSerious(b)) - Number(isSerious(a))),
  };
}

interface JoinedSchema {
  readonly columns: readonly Column[];
  readonly changes: readonly PlannedChange[];
  /** Paths of files that must not be queried under the table's columns. */
  readonly refused: ReadonlySet<string>;
}

/** Joins the schemas of all new files, in the order of their paths, onto the declared columns; a file that conflicts is refused whole. */
function joinFiles(
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

function differs(partition: ViewedPartition, digest: string): boolean {
  return partition.registered?.parameters?.get(filesProperty) !== digest;
}

/** True when a file holds what the partition's own columns do not declare. */
function needsColumns(
  partition: ViewedPartition,
  files: readonly ViewedFile[],
  allow: TopicView['settings']['allow'],
): boolean {
  const declared = (partition.registered?.sd?.cols ?? []).map(({ name, type }) => ({
    name,
    type: parseHiveType(type),
  }));
  const schemas = new Set(
    files.flatMap((file) => (file.footer !== undefined && 'columns' in file.footer ? [file.footer.columns] : [])),
  );
  return [...schemas].some((columns) => {
    const { changes, conflicts } = joinColumns(declared, columns, { allow });
    return changes.length > 0 || conflicts.length > 0;
  });
}

/** True for a file whose rows every engine reads under the table's columns. */
function isGood(file: ViewedFile, refused: ReadonlySet<string>): boolean {
  return file.length > 0 && !refused.has(file.path) && !isVanished(file);
}

function isVanished(file: ViewedFile): boolean {
  return file.footer !== undefined && 'problem' in file.footer && file.footer.problem.code === 'file.vanished';
}

function rowsOf(file: ViewedFile): number {
  return file.footer !== undefined && 'rows' in file.footer ? file.footer.rows : 0;
}

function sum<Item>(items: readonly Item[], measure: (item: Item) => number): number {
  return items.reduce((total, item) => total + measure(item), 0);
}
