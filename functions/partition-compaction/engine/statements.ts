import type { Column } from '#shared/parquet/columns.ts';
import { formatHiveType } from '#shared/parquet/hive-type.ts';

/** A file that Hive writes anew, and where it puts the new one. Locations have the file system's name. */
export interface HiveTask {
  /** Makes the names of its tables its own. */
  readonly run: string;
  /** Location of the folder that the file lies in. */
  readonly folder: string;
  /** Location of the file. */
  readonly file: string;
  /** Location of the empty folder for the new file. */
  readonly target: string;
  readonly columns: readonly Column[];
  /** Codec of the new file, as Parquet calls it. */
  readonly codec: string;
  /** Bytes. */
  readonly blockSize: number;
  readonly replication: number;
  /** Bytes of a row group. */
  readonly groupBytes: number;
}

/** Bytes that may be left empty so that a row group begins with a block, as parquet-mr has them. */
const maxPadding = 8 << 20;

/** What a session must be told first: one task reads the file from its beginning to its end, and writes one file. */
export function settingStatements({ blockSize, replication, groupBytes }: HiveTask): string[] {
  const settings = {
    // What looks like a variable in a name is none.
    'hive.variable.substitute': false,
    'hive.support.quoted.identifiers': 'column',
    // No split smaller than a file, all splits in one task, and nothing joined or divided behind it.
    'mapreduce.input.fileinputformat.split.minsize': '9223372036854775807',
    'mapreduce.input.fileinputformat.split.maxsize': '9223372036854775807',
    'tez.grouping.split-count': 1,
    'hive.merge.tezfiles': false,
    'hive.merge.mapfiles': false,
    'hive.exec.parallel': false,
    'hive.fetch.task.conversion': 'none',
    'hive.compute.query.using.stats': false,
    'hive.stats.autogather': false,
    'hive.query.results.cache.enabled': false,
    // A row group that is larger than a block makes the block larger, and the file would not be as the old one.
    'parquet.block.size': Math.min(groupBytes, blockSize),
    'parquet.writer.max-padding': Math.min(maxPadding, Math.floor(blockSize / 16)),
    'dfs.blocksize': blockSize,
    'dfs.replication': replication,
  };
  return Object.entries(settings).map(([name, value]) => `SET ${name}=${value}`);
}

/**
 * Tables over the file's folder and over the new one. They are temporary: no other session sees them, and they end with ours.
 * They are external and not to be purged: nothing that happens to them happens to files.
 */
export function tableStatements(task: HiveTask): string[] {
  const columns = task.columns.map(({ name, type }) => `${quoteName(name)} ${formatHiveType(type)}`).join(', ');
  const table = (name: string, location: string, more = ''): string =>
    `CREATE TEMPORARY EXTERNAL TABLE ${name} (${columns}) STORED AS PARQUET LOCATION ${quoteText(location)} ` +
    `TBLPROPERTIES ('external.table.purge'='false'${more})`;
  return [
    table(sourceTable(task), task.folder),
    table(targetTable(task), task.target, `, 'parquet.compression'=${quoteText(task.codec)}`),
  ];
}

/** Writes the rows of the one file: others may lie in its folder. */
export function insertStatement(task: HiveTask): string {
  return `INSERT INTO TABLE ${targetTable(task)} SELECT ${names(task)} FROM ${sourceTable(task)} ${onlyFile(task)}`;
}

/** Counts and hashes of all values, of the old file and of the new one. The answers are equal when the values are. */
export function digestStatements(task: HiveTask): [before: string, after: string] {
  const each = task.columns.map(({ name }, index) => {
    const column = quoteName(name);
    return `count(${column}) n${index}, sum(cast(hash(${column}) AS bigint)) h${index}`;
  });
  const digest = ['count(*) n', ...each, `sum(cast(hash(${names(task)}) AS bigint)) h`].join(', ');
  return [`SELECT ${digest} FROM ${sourceTable(task)} ${onlyFile(task)}`, `SELECT ${digest} FROM ${targetTable(task)}`];
}

const sourceTable = ({ run }: HiveTask): string => `lakewarden_before_${run}`;
const targetTable = ({ run }: HiveTask): string => `lakewarden_after_${run}`;
const names = ({ columns }: HiveTask): string => columns.map(({ name }) => quoteName(name)).join(', ');
const onlyFile = ({ file }: HiveTask): string => `WHERE INPUT__FILE__NAME = ${quoteText(file)}`;

function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

function quoteText(text: string): string {
  return `'${text.replaceAll(/['\\;]/g, (character) => `\\${character}`)}'`;
}
