import type { RowSet, TableSchema } from 'hive-driver/dist/hive/Types/index.js';

/**
 * A value of a result. Each BIGINT is a bigint, other whole numbers and FLOAT, DOUBLE are numbers, BINARY is bytes;
 * DECIMAL, DATE, TIMESTAMP and intervals are text as Hive writes them, and so are arrays, maps and structs (JSON).
 */
export type HiveValue = string | number | bigint | boolean | Uint8Array | null;

/** A row of a result by column names; of two columns with the same name the later one is kept. */
export type Row = Record<string, HiveValue>;

// The columns of a row set hold their values in one of these, with a bit for each null (TCLIService.thrift, TColumn).
const kinds = ['boolVal', 'byteVal', 'i16Val', 'i32Val', 'i64Val', 'doubleVal', 'stringVal', 'binaryVal'] as const;

interface Int64 {
  readonly buffer: Buffer;
  readonly offset: number;
}
interface Values {
  readonly values: readonly unknown[];
  readonly nulls?: Uint8Array;
}

/** The rows of a row set, which holds columns. */
export function readRows(schema: TableSchema, rowSet: RowSet): Row[] {
  const names = schema.columns.toSorted((a, b) => a.position - b.position).map((column) => column.columnName);
  const columns = (rowSet.columns ?? []).map((column) => readColumn(column as unknown as Record<string, Values>));
  return (columns[0] ?? []).map((_, row) =>
    Object.fromEntries(names.map((name, index) => [name, columns[index]?.[row] ?? null])),
  );
}

function readColumn(column: Readonly<Record<string, Values | null | undefined>>): HiveValue[] {
  const kind = kinds.find((name) => column[name] !== undefined && column[name] !== null);
  const { values = [], nulls = new Uint8Array() } = kind === undefined ? {} : (column[kind] as Values);
  return values.map((value, row) => {
    if (((nulls[row >> 3] ?? 0) >> (row & 7)) & 1) return null;
    if (kind !== 'i64Val') return value as HiveValue;
    const { buffer, offset } = value as Int64;
    return buffer.readBigInt64BE(offset);
  });
}
