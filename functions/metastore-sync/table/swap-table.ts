import { setTimeout as sleep } from 'node:timers/promises';
import { isError, LakewardenError } from '#shared/errors/error.ts';
import type { Metastore, Table } from '#shared/hive/metastore.ts';
import type { PlannedColumn } from '../plan.ts';
import { versionProperty } from '../properties.ts';

// Where nothing else guards a table, the look at it waits this many times longer than the write took, and no less than
// this many milliseconds.
const settle = { times: 3, leastMs: 500 };

/** How a table is replaced. */
export interface Swap {
  /** Reads the table as it is now. */
  readonly read: () => Promise<Table>;
  /** Its new state, with another version; may refuse by throwing. */
  readonly change: (table: Table) => Table;
  /** True to change the columns of all partitions, too. */
  readonly cascade: boolean;
  readonly deadlineMs?: number | undefined;
  /** True when the caller holds the table's lock. */
  readonly held?: boolean | undefined;
}

/**
 * Replaces a table by its changed state so that no alter of ours is lost among several. The metastore compares our
 * version before it swaps. Where it does not, or where there is no version yet, our runs take turns by a lock, and look
 * whether a stranger wrote over them. Where there is no lock either, that look waits until whoever had read the table
 * before our write must have written.
 * @throws metastore.modified when another writer was faster
 */
export async function swapTable(metastore: Metastore, { read, change, held, ...options }: Swap): Promise<void> {
  const table = await read();
  const write = (to: Table, expected?: { key: string; value: string }): Promise<void> =>
    metastore.alterTable(table.dbName, table.tableName, to, { ...options, expected });
  const rewrite = async (guarded: boolean): Promise<void> => {
    const began = performance.now();
    const wanted = change(await read());
    await write(wanted);
    // The random part keeps writers who met from meeting again.
    const pauseMs = Math.max(settle.leastMs, settle.times * (performance.now() - began)) * (1 + Math.random());
    if (!guarded) await sleep(pauseMs);
    if (!holds(await read(), wanted)) {
      const message = `the table ${table.dbName}.${table.tableName} was written over by another writer`;
      throw new LakewardenError('metastore.modified', message);
    }
  };

  const value = table.parameters?.get(versionProperty);
  if (value !== undefined && (await metastore.guard()) === 'swap') {
    try {
      await write(change(table), { key: versionProperty, value });
      return;
    } catch (error) {
      if (!isError(error, 'metastore.unsupported')) throw error;
    }
  }
  if ((await metastore.guard()) === 'none') {
    await rewrite(false);
  } else if (held === true) {
    await rewrite(true);
  } else {
    await metastore.exclusively(`${table.dbName}.${table.tableName}`, () => rewrite(true));
  }
}

/** True when the table is still what we wrote. Who writes a state read before ours brings back what that had. */
function holds(table: Table, wanted: Table): boolean {
  const own = [...(wanted.parameters ?? [])].filter(([key]) => key.startsWith('lakewarden.'));
  return own.every(([key, value]) => table.parameters?.get(key) === value) && hasColumns(table, wanted.sd?.cols ?? []);
}

/** True when the table has all these columns, of these types. */
export function hasColumns(table: Table, columns: readonly Pick<PlannedColumn, 'name' | 'type'>[]): boolean {
  const present = new Map(table.sd?.cols?.map(({ name, type }) => [name, type]));
  return columns.every(({ name, type }) => present.get(name) === type);
}
