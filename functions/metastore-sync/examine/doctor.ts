import type { SchemaElement } from 'hyparquet';
import { isHiddenName } from '#shared/lake/file-name.ts';
import { type Column, hiveColumns } from '#shared/parquet/columns.ts';
import { joinColumns } from '#shared/parquet/lattice.ts';
import type { TopicSettings } from '../config.ts';
import type { Finding } from './tally.ts';

/** An entry of a partition's folder. */
export interface ExaminedEntry {
  readonly name: string;
  readonly path: string;
  readonly type: 'FILE' | 'DIRECTORY' | 'SYMLINK';
  /** Bytes. */
  readonly length: number;
  /** Milliseconds since the epoch. */
  readonly modificationTime: number;
}

/** Files below this many bytes are small: opening one costs as much as reading it. */
export const smallFileBytes = 1 << 20;
/** Files above this many bytes are huge: a reader that fails in one repeats much. */
export const hugeFileBytes = 2 ** 30;
/** A partition with this many small files asks for compaction. */
const manySmallFiles = 10;
/** In-progress files older than this belong to nobody any more. */
const leftOverMs = 3_600_000;

/** What the listing of a partition's folder tells that will hurt its readers; `now` is the NameNode's time in milliseconds. */
export function examineFolder(path: string, entries: readonly ExaminedEntry[], now: number): Finding[] {
  const findings: Finding[] = [];
  let small = 0;
  for (const entry of entries) {
    const { name, path: where, type, length } = entry;
    if (isHiddenName(name)) {
      if (isUnfinishedName(name)) findings.push(...examineLeftOver(entry, now));
    } else if (type === 'DIRECTORY') {
      findings.push({
        code: 'folder.inside_partition',
        about: '',
        message: 'Hive reads what is in it, Trino and Spark do not',
        where,
      });
    } else if (length === 0) {
      findings.push({
        code: 'file.empty',
        about: '',
        message: 'it has no bytes, and so no rows for any engine',
        where,
      });
    } else if (length > hugeFileBytes) {
      findings.push({ code: 'file.huge', about: '', message: 'it is larger than 1 GiB', where });
    } else if (length < smallFileBytes) {
      small += 1;
    }
  }
  if (small >= manySmallFiles)
    findings.push({
      code: 'files.small',
      about: '',
      message: `${manySmallFiles} or more files of less than 1 MiB in a partition: each costs a reader as much as a large one`,
      where: path,
    });
  return findings;
}

/** An unfinished file, when it is too old for anybody to write to it still. */
export function examineLeftOver({ path: where, modificationTime }: ExaminedEntry, now: number): Finding[] {
  const ageMs = now - modificationTime;
  if (ageMs <= leftOverMs) return [];
  const message = 'a writer left it unfinished: what was to be in it may be missing';
  return [{ code: 'file.left_over', about: `${roundAge(ageMs)} old`, message, where }];
}

/** What a file's footer tells that will hurt its readers; `declared` are the table's columns, when there is a table. */
export function examineSchema(
  where: string,
  schema: readonly SchemaElement[],
  declared: readonly Column[] | undefined,
  topic: Pick<TopicSettings, 'allow' | 'templates'>,
): Finding[] {
  const { columns, problems, notes } = hiveColumns(schema);
  const keys = new Set(topic.templates[0]?.keys.map((key) => key.name));
  const data = columns.filter(({ name }) => !keys.has(name));
  const { conflicts, changes } = joinColumns(declared ?? data, data, { allow: topic.allow });
  return [
    ...notes.map(({ kind, column, note }) => ({ code: `column.${kind}`, about: column, message: note, where })),
    ...schema
      .filter(({ type }) => type === 'INT96')
      .map(({ name }) => ({
        code: 'column.int96',
        about: name,
        message: 'INT96 timestamps are deprecated, and their statistics help no filter',
        where,
      })),
    ...problems.map(({ column, found, reason }) => ({
      code: 'column.unsupported',
      about: column,
      message: `${found}: ${reason}`,
      where,
    })),
    ...columns
      .filter(({ name }) => keys.has(name))
      .map(({ name }) => ({
        code: 'column.is_partition_key',
        about: name,
        message: 'SQL shows the value of the path, not of the file',
        where,
      })),
    ...conflicts.map(({ column, declared: before, found, breaks }) => ({
      code: 'file.differs',
      about: column,
      message: `${found} in the file, ${before} in the table: ${breaks}`,
      where,
    })),
    ...changes.map(({ column, from, to }) => ({
      code: 'file.ahead',
      about: column,
      message: `${to} in the file, ${from ?? 'missing'} in the table, as long as sync apply did not run`,
      where,
    })),
  ];
}

/** Hidden names of files that somebody is writing, or was (not `_SUCCESS` and the like). */
function isUnfinishedName(name: string): boolean {
  return /\.inprogress(\.|$)|\.tmp$|^\+tmp$|\._COPYING_$|^_temporary$|^_tmp|^\.hive-staging/.test(name);
}

/** Days from two days on, hours below. */
function roundAge(milliseconds: number): string {
  const hours = Math.floor(milliseconds / 3_600_000);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
