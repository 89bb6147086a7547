import type { Partition } from '#shared/hive/metastore.ts';
import { digestFiles } from '#shared/lake/file-digest.ts';
import { partitionName } from '#shared/lake/partition-name.ts';
import { parseHiveType } from '#shared/parquet/hive-type.ts';
import { joinColumns } from '#shared/parquet/lattice.ts';
import type { TopicSettings } from '../config.ts';
import { accountOffsets } from '../completeness/offsets.ts';
import { accountedRows } from './partition-parameters.ts';
import type { Problem } from '../problem.ts';
import { filesProperty, offsetsProperty } from '../properties.ts';
import type { ViewedFile, ViewedPartition } from '../view.ts';

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
  /** Rows of all files that are accounted for; undefined without statistics, or when it cannot be told. */
  readonly numRows?: number;
  /** Files that cannot be read safely, and folders inside, in which some engines look: nothing can be said of the whole. */
  readonly leftOut?: number;
  /** Digest of the files, kept on the partition. */
  readonly digest: string;
  /** The digest that a registered partition has so far. */
  readonly before?: string;
  /** Kafka offsets that the files hold, where they are known. */
  readonly offsets?: string;
  /** True when the files hold columns or fields that the partition does not declare yet. */
  readonly columns?: true;
}

/** What is to be done about one partition's folder. */
export interface PartitionVerdict {
  /** To be added, or changed when it is registered. */
  readonly planned?: PlannedPartition;
  readonly problem?: Pick<Problem, 'code' | 'message'>;
  /** False when a file of a partition that is registered, or will be, is not accounted for. */
  readonly accounted: boolean;
}

/** Decides what a partition's files call for; `refused` are paths of files that must not be queried. */
export function planPartition(
  partition: ViewedPartition,
  topic: TopicSettings,
  refused: ReadonlySet<string>,
): PartitionVerdict {
  const { path, files, registered } = partition;
  // Another writer may have registered `01` of an int key, which is `1`.
  const values = registered?.values ?? partition.values;
  const bad = files.filter((file) => refused.has(file.path));
  const good = files.filter((file) => isGood(file, refused));
  const keys = (topic.templates[0]?.keys ?? []).map((key) => key.name);
  const name = partitionName(keys, values);
  const held = registered === undefined && bad.length > 0;
  // A partition that is held back is looked at anyway.
  const accounted = held || good.length === files.length;
  const tell = (code: Problem['code'], message: string): PartitionVerdict => ({
    accounted,
    problem: { code, message },
  });
  if (held)
    return tell(
      'partition.held',
      `${name} is not registered while ${bad.length} of its ${files.length} files cannot be read safely (${bad[0]?.name}): every query over it would fail or answer wrongly`,
    );
  if (good.length === 0)
    return tell(
      'partition.empty',
      registered === undefined
        ? `${path} holds no data file and is not registered`
        : `the registered partition ${name} holds no readable data file`,
    );
  const digest = digestFiles(good);
  const before = registered?.parameters?.get(filesProperty);
  if (before === digest) return { accounted };
  const leftOut = bad.length + (partition.foldersInside ?? 0);
  const numRows = topic.statistics === 'none' ? undefined : totalRows(good, registered);
  const offsets = accountOffsets(good, topic.kafkaTopic, registered?.parameters?.get(offsetsProperty));
  const planned = {
    name,
    values,
    path,
    files: good.length,
    bytes: sum(good, (file) => file.length),
    erasureCoded: sum(good, (file) => Number(file.erasureCoded ?? false)),
    rows: sum(good, rowsOf),
    ...(numRows === undefined ? {} : { numRows }),
    ...(leftOut === 0 ? {} : { leftOut }),
    digest,
    ...(before === undefined ? {} : { before }),
    ...(offsets === undefined ? {} : { offsets }),
    ...(registered !== undefined && needsColumns(registered, good, topic.allow) ? { columns: true as const } : {}),
  };
  return { accounted, planned };
}

/** The rows of files that were read now, and of those that were read by earlier runs. */
function totalRows(files: readonly ViewedFile[], registered: ViewedPartition['registered']): number | undefined {
  const known = files.some(({ footer }) => footer === undefined) ? registered && accountedRows(registered) : 0;
  const total = known === undefined ? undefined : known + sum(files, rowsOf);
  return Number.isSafeInteger(total) ? total : undefined;
}

/** True when a file holds what the partition's own columns do not declare. */
function needsColumns(registered: Partition, files: readonly ViewedFile[], allow: TopicSettings['allow']): boolean {
  const declared = (registered.sd?.cols ?? []).map(({ name, type }) => ({ name, type: parseHiveType(type) }));
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
