import { isError } from '#shared/errors/error.ts';
import type { Table } from '#shared/hive/metastore.ts';
import type { Column } from '#shared/parquet/columns.ts';
import { type HiveType, parseHiveType } from '#shared/parquet/hive-type.ts';

/** A type as the metastore has it. The metastore takes any text for one: what is none fits no file and no other type. */
export function readType(text: string): HiveType {
  try {
    return parseHiveType(text);
  } catch (error) {
    if (isError(error, 'metastore.invalid')) return { kind: 'other', text };
    throw error;
  }
}

/** The columns that a table declares. */
export function declaredColumns(table: Table): Column[] {
  return (table.sd?.cols ?? []).map(({ name, type }) => ({ name, type: readType(type) }));
}
