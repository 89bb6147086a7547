import type { Table } from '#shared/hive/metastore.ts';
import type { PlannedChange } from './joined-schema.ts';
import { historyProperty } from '../properties.ts';

/** A change of a column, as the table remembers it. */
export interface SchemaChange {
  /** ISO text in UTC. */
  readonly at: string;
  readonly column: string;
  /** Absent for a column that came new. */
  readonly from?: string;
  readonly to: string;
  /** The file that asked for it. */
  readonly because: string;
}

/** Some databases of metastores hold no longer parameters than 4,000 characters. */
const mostCharacters = 3_800;
/** Names of types and files beyond this are cut, so that one change does not take all the room. */
const mostOfOne = 240;

/** The text of the table's history with these changes, the newest ones as far as there is room; times in milliseconds. */
export function rememberChanges(table: Table, changes: readonly PlannedChange[], now: number): string {
  const at = new Date(now).toISOString();
  const told = changes.map(({ column, from, to, because }): SchemaChange => {
    const before = from === undefined ? {} : { from: cut(from) };
    return { at, column: cut(column), ...before, to: cut(to), because: cut(because) };
  });
  const all = [...readSchemaHistory(table), ...told];
  let text = '';
  for (let from = 0; from <= all.length; from += 1) {
    text = JSON.stringify({ table: table.createTime, changes: all.slice(from) });
    if (text.length <= mostCharacters) return text;
  }
  return text;
}

/** The changes that a table remembers, the newest last; none when its parameters came with a copy of another table's. */
export function readSchemaHistory({ parameters, createTime }: Table): SchemaChange[] {
  try {
    const stored = JSON.parse(parameters?.get(historyProperty) ?? 'null') as { table: unknown; changes: unknown };
    if (stored.table !== createTime || !Array.isArray(stored.changes)) return [];
    return stored.changes.filter(isChange);
  } catch {
    return [];
  }
}

function isChange(value: unknown): value is SchemaChange {
  const { at, column, from, to, because } = (value ?? {}) as Record<string, unknown>;
  const texts = [at, column, to, because].every((text) => typeof text === 'string');
  return texts && (from === undefined || typeof from === 'string');
}

function cut(text: string): string {
  return text.length > mostOfOne ? `${text.slice(0, mostOfOne - 1).toWellFormed()}…` : text;
}
