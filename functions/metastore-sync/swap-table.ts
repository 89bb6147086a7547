import { isError, LakewardenError } from '#shared/errors/error.ts';
import type { Metastore, Table } from '#shared/hive/metastore.ts';
import { versionProperty } from './properties.ts';

/** How a table is replaced. */
export interface Swap {
  /** Reads the table as it is now. */
  readonly read: () => Promise<Table>;
  /** Its new state, with another version; may refuse by throwing. */
  readonly change: (table: Table) => Table;
  /** True to change the columns of all partitions, too. */
  readonly cascade: boolean;
  readonly deadlineMs?: number | undefined;
}

/**
 * Replaces a table by its changed state so that no alter of ours is lost among several. The metastore compares our
 * version before it swaps. Where it does not, or where there is no version yet, our runs take turns by a lock, and what
 * came of it is read again: a stranger may have written over it.
 * @throws metastore.modified when another writer was faster
 */
export async function swapTable(metastore: Metastore, { read, change, ...options }: Swap): Promise<void> {
  const table = await read();
  const value = table.parameters?.get(versionProperty);
  const write = (to: Table, expected?: { key: string; value: string }): Promise<void> =>
    metastore.alterTable(table.dbName, table.tableName, to, { ...options, expected });
  if (value !== undefined && (await metastore.swaps())) {
    try {
      await write(change(table), { key: versionProperty, value });
      return;
    } catch (error) {
      if (!isError(error, 'metastore.unsupported')) throw error;
    }
  }
  await metastore.exclusively(`${table.dbName}.${table.tableName}`, async () => {
    const wanted = change(await read());
    await write(wanted);
    if (!holds(await read(), wanted)) {
      const message = `the table ${table.dbName}.${table.tableName} was written over by another writer`;
      throw new LakewardenError('metastore.modified', message);
    }
  });
}

/** True when the table is still what we wrote. Who writes a state read before ours brings back the old version. */
function holds(table: Table, wanted: Table): boolean {
  const columns = new Map(table.sd?.cols?.map(({ name, type }) => [name, type]));
  return (
    table.parameters?.get(versionProperty) === wanted.parameters?.get(versionProperty) &&
    (wanted.sd?.cols ?? []).every(({ name, type }) => columns.get(name) === type)
  );
}
