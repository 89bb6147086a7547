import { type ColumnStatistics, distinctOf, hasValues } from '../parquet/column-statistics.ts';
import type { Column } from '../parquet/columns.ts';
import { formatHiveType, type HiveType } from '../parquet/hive-type.ts';
import type { Table } from './metastore-structs.ts';
import type { ColumnStatisticsData, ColumnStatisticsObj } from './statistics-structs.ts';

/**
 * The statistics of a column as the metastore keeps them (hive_metastore.thrift, ColumnStatisticsObj), or undefined when
 * something that it must have is not known for certain: a part of the truth would be taken for the whole when the server
 * merges partitions.
 *
 * The number of distinct values cannot be left out. It is the least that is proven, and at least 1, which is also what
 * Hive's ANALYZE says of a column without values: 0 makes the server divide by zero when it merges partitions on
 * PostgreSQL, and Trino refuses -1. Of 2, the usual value, Hive expects half the rows to equal a constant, just as it
 * does when it knows nothing.
 *
 * Before Hive 4 the metastore keeps the seconds of a timestamp as a long, and refuses a call that has `timestampStats`.
 */
export function hiveStatistics(
  column: Pick<Column, 'name' | 'type'>,
  statistics: ColumnStatistics,
  { timestampsAsLong = false }: { readonly timestampsAsLong?: boolean } = {},
): ColumnStatisticsObj | undefined {
  const { nulls } = statistics;
  if (nulls === undefined) return undefined;
  const statsData = dataOf(column.type, { ...statistics, nulls }, timestampsAsLong);
  return statsData && { colName: column.name, colType: formatHiveType(column.type), statsData };
}

/**
 * Why statistics must not be written to a table, or undefined when they may. Hive answers queries out of the statistics
 * of a managed table, so whoever writes its files has to keep them; those of an external one only help to plan.
 */
export function statisticsRefusal(table: Pick<Table, 'tableType' | 'parameters'>): string | undefined {
  const parameter = (name: string): string => table.parameters?.get(name)?.toLowerCase() ?? '';
  if (table.tableType !== 'EXTERNAL_TABLE' || parameter('EXTERNAL') === 'false') {
    return `it is a ${table.tableType ?? 'table of unknown type'}, and Hive answers queries from the statistics of such tables`;
  }
  return parameter('transactional') === 'true' ? 'it is transactional (ACID)' : undefined;
}

type Known = ColumnStatistics & { readonly nulls: bigint };

function dataOf(type: HiveType, known: Known, timestampsAsLong: boolean): ColumnStatisticsData | undefined {
  if (type.kind === 'decimal') {
    return ranged(
      known,
      (value) => toDecimal(BigInt(value), type.scale),
      (decimalStats) => ({ decimalStats }),
    );
  }
  switch (type.kind === 'primitive' ? type.name : undefined) {
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return isMergeable(known) ? ranged(known, BigInt, (longStats) => ({ longStats })) : undefined;
    case 'float':
    case 'double':
      return isMergeable(known) ? ranged(known, Number, (doubleStats) => ({ doubleStats })) : undefined;
    case 'date':
      return ranged(
        known,
        (value) => ({ daysSinceEpoch: BigInt(value) }),
        (dateStats) => ({ dateStats }),
      );
    case 'timestamp':
      if (timestampsAsLong) return ranged(known, toSeconds, (longStats) => ({ longStats }));
      return ranged(
        known,
        (value) => ({ secondsSinceEpoch: toSeconds(value) }),
        (timestampStats) => ({ timestampStats }),
      );
    case 'boolean':
      return booleanData(known);
    case 'string':
      return withLengths(known, (lengths) => ({ stringStats: { ...lengths, numDVs: distinctValues(known) } }));
    case 'binary':
      return withLengths(known, (binaryStats) => ({ binaryStats }));
    default:
      return undefined;
  }
}

/**
 * The server takes low from high when it merges partitions; on PostgreSQL an overflow there fails the whole call. Hive
 * keeps no infinite bounds either.
 */
function isMergeable({ range }: Known): boolean {
  if (range === undefined) return true;
  const { low, high } = range;
  if (typeof low === 'bigint' && typeof high === 'bigint') return high - low < 2n ** 63n;
  return Number.isFinite(Number(high) - Number(low));
}

interface Ranged<V> {
  readonly lowValue?: V;
  readonly highValue?: V;
  readonly numNulls: bigint;
  readonly numDVs: bigint;
}

/** Without a value there are no bounds, and none are needed. */
function ranged<V>(
  known: Known,
  convert: (value: bigint | number) => V,
  wrap: (stats: Ranged<V>) => ColumnStatisticsData,
): ColumnStatisticsData | undefined {
  const { range, nulls } = known;
  if (range === undefined && hasValues(known)) return undefined;
  return wrap({
    ...(range && { lowValue: convert(range.low), highValue: convert(range.high) }),
    numNulls: nulls,
    numDVs: distinctValues(known),
  });
}

function distinctValues({ distinct, range }: Known): bigint {
  return [1n, distinct.least, distinctOf(range)].reduce((a, b) => (a > b ? a : b));
}

/** Big-endian two's complement without the zeros at its end, which is how Hive writes a decimal. */
function toDecimal(unscaled: bigint, scale: number): { unscaled: Uint8Array; scale: number } {
  let [value, digits] = [unscaled, scale];
  while (digits > 0 && value % 10n === 0n) [value, digits] = [value / 10n, digits - 1];
  let bytes = 1;
  while (BigInt.asIntN(bytes * 8, value) !== value) bytes++;
  const hex = BigInt.asUintN(bytes * 8, value)
    .toString(16)
    .padStart(bytes * 2, '0');
  return { unscaled: Buffer.from(hex, 'hex'), scale: digits };
}

/** Whole seconds, rounded down as Hive does. */
function toSeconds(value: bigint | number): bigint {
  const nanoseconds = BigInt(value);
  const seconds = nanoseconds / 1_000_000_000n;
  return seconds * 1_000_000_000n > nanoseconds ? seconds - 1n : seconds;
}

function booleanData({ rows, nulls, trues }: Known): ColumnStatisticsData | undefined {
  if (trues === undefined) return undefined;
  return { booleanStats: { numTrues: trues, numFalses: rows - nulls - trues, numNulls: nulls } };
}

/** The average counts a null as no length, as Hive's own does. */
function withLengths(
  { rows, nulls, length }: Known,
  wrap: (lengths: { maxColLen: bigint; avgColLen: number; numNulls: bigint }) => ColumnStatisticsData,
): ColumnStatisticsData | undefined {
  if (length === undefined) return undefined;
  const avgColLen = rows === 0n ? 0 : Number(length.total) / Number(rows);
  return wrap({ maxColLen: length.longest, avgColLen, numNulls: nulls });
}
