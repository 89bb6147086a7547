import type { SchemaElement } from 'hyparquet';
import { type ChunkStatistics, type ColumnChunk, exactBounds, readRange } from './bounds.ts';
import {
  type ColumnStatistics,
  distinctOf,
  nullStatistics,
  type Range,
  unknownStatistics,
} from './column-statistics.ts';
import { type HiveType } from './hive-type.ts';

/** A column below the root of a schema that holds one value or null in each row. */
export interface FlatColumn {
  readonly element: SchemaElement;
  readonly type: HiveType;
  /** True when the footer defines the order of the column's values. */
  readonly ordered: boolean;
}

/**
 * What the footer says for certain of a column in one row group of `rows` rows. `dictionary` is the number of entries of
 * a dictionary in which all values stand; writers give each value one entry, and none to what does not occur.
 */
export function chunkStatistics(
  chunk: ColumnChunk | undefined,
  column: FlatColumn,
  rows: bigint,
  dictionary?: bigint,
): ColumnStatistics {
  const data = chunk?.meta_data;
  if (rows === 0n || data === undefined || data.num_values !== rows || data.type !== column.element.type) {
    return unknownStatistics(rows);
  }
  const { statistics = {} } = data;
  const nulls = countNulls(statistics, column.element, rows);
  if (nulls === rows) return nullStatistics(rows);
  const values = nulls === undefined ? undefined : rows - nulls;
  const range = readRange(statistics, column.element, column.ordered);
  const constant = constantOf(statistics, column);
  const length = constant ?? (isBinary(column) ? column.element.type_length : undefined);
  return {
    rows,
    nulls,
    range,
    trues: column.element.type === 'BOOLEAN' ? countTrue(range, values) : undefined,
    bytes: data.size_statistics?.unencoded_byte_array_data_bytes,
    length:
      length === undefined || values === undefined
        ? undefined
        : { total: BigInt(length) * values, longest: BigInt(length) },
    distinct: countDistinct(column, range, values, dictionary) ?? { least: distinctOf(range), most: rows },
  };
}

/** Undefined when it is not known how many values there are. */
function countDistinct(
  { element: { type } }: FlatColumn,
  range: Range | undefined,
  values: bigint | undefined,
  dictionary: bigint | undefined,
): ColumnStatistics['distinct'] | undefined {
  if (values === undefined) return undefined;
  const least = range === undefined ? 1n : distinctOf(range);
  if (dictionary === undefined || dictionary > values || dictionary < least) return { least, most: values };
  // The dictionary of a float or double may hold several NaN and two zeros.
  return { least: type === 'FLOAT' || type === 'DOUBLE' ? least : dictionary, most: dictionary };
}

/** A count that is missing is not zero (parquet.thrift, Statistics.null_count). */
function countNulls(statistics: ChunkStatistics, element: SchemaElement, rows: bigint): bigint | undefined {
  if (element.repetition_type === 'REQUIRED') return 0n;
  const { null_count: count } = statistics;
  return count === undefined || count < 0n || count > rows ? undefined : count;
}

/** Known when all values are one. */
function countTrue(range: Range | undefined, values: bigint | undefined): bigint | undefined {
  if (range === undefined || range.low !== range.high) return undefined;
  return range.low === 1n ? values : 0n;
}

function isBinary({ type }: FlatColumn): boolean {
  return type.kind === 'primitive' && type.name === 'binary';
}

/**
 * The length of the one value that all others equal, when the bounds show it: in characters of a text, in bytes of a
 * binary. A bound may be cut off, but all values lie between the two, so bounds that are equal are the value.
 */
function constantOf(statistics: ChunkStatistics, column: FlatColumn): number | undefined {
  const isText = column.type.kind === 'primitive' && column.type.name === 'string';
  const bounds = column.ordered && (isText || isBinary(column)) ? exactBounds(statistics) : undefined;
  if (bounds === undefined || Buffer.compare(bounds.min, bounds.max) !== 0) return undefined;
  return isText ? countCharacters(bounds.min) : bounds.min.length;
}

/** Code points of a UTF-8 text, as Hive's length() counts; undefined when it is none. */
function countCharacters(bytes: Uint8Array): number | undefined {
  try {
    return Array.from(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)).length;
  } catch {
    return undefined;
  }
}
