import { createHash, randomBytes } from 'node:crypto';
import type { Table } from '#shared/hive/metastore.ts';
import { snapshotProperty } from '../properties.ts';

/** How far a table is up to date with its topic's folder, kept as one parameter of the table. */
export interface Cursor {
  /** A snapshot of the topic's folder. Whatever it holds is accounted for, except what is in `again`. */
  readonly snapshot: string;
  /** Partition folders, relative to the topic, to look at again, since what happens there may be in no difference. */
  readonly again: readonly string[];
}

/** The table's cursor; undefined when there is none, or when it came with a copy of another table's parameters. */
export function readCursor(table: Table | undefined): Cursor | undefined {
  try {
    const { snapshot, again, table: made } = JSON.parse(table?.parameters?.get(snapshotProperty) ?? 'null') as Stored;
    const own = typeof snapshot === 'string' && made === table?.createTime && Array.isArray(again);
    return own ? { snapshot, again: again.filter((path) => typeof path === 'string') } : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a cursor for this very table. */
export function formatCursor({ snapshot, again }: Cursor, table: Table): string {
  return JSON.stringify({ snapshot, again, table: table.createTime } satisfies Stored);
}

interface Stored {
  readonly snapshot?: unknown;
  readonly again?: readonly unknown[];
  /** When the table was made, in seconds since the epoch: it tells the table from copies of it. */
  readonly table?: number | undefined;
}

/** What the names of a table's snapshots begin with; folders may serve several tables, of several metastores. */
export function snapshotPrefix(database: string, table: string): string {
  return `lakewarden-${createHash('sha256').update(`${database}.${table}`).digest('hex').slice(0, 8)}-`;
}

/** A name that no snapshot had before; names with the same prefix sort by their time. */
export function snapshotName(prefix: string, now: Date): string {
  return `${prefix}${now.toISOString().replaceAll(/[-:.]/g, '')}-${randomBytes(4).toString('hex')}`;
}
