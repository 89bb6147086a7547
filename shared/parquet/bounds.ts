import type { SchemaElement } from 'hyparquet';
import type { Range } from './column-statistics.ts';
import type { FileMetaDataFields } from './footer-codec/file-metadata.ts';
import { annotationOf } from './leaf-type.ts';

/** A column chunk of a footer. */
export type ColumnChunk = FileMetaDataFields['row_groups'][number]['columns'][number];
/** The statistics of a chunk, with bounds as raw bytes. */
export type ChunkStatistics = NonNullable<NonNullable<ColumnChunk['meta_data']>['statistics']>;

/** The bytes of the two bounds. */
interface RawBounds {
  readonly min: Uint8Array;
  readonly max: Uint8Array;
}

/**
 * The least and greatest value of a chunk, or undefined when the footer does not say for certain. `ordered` tells that
 * the footer defines the order of the column, without which min_value and max_value mean nothing (parquet.thrift,
 * FileMetaData.column_orders).
 */
export function readRange(statistics: ChunkStatistics, element: SchemaElement, ordered: boolean): Range | undefined {
  // A range with NaN in it has no greatest value that engines agree on.
  if ((statistics.nan_count ?? 0n) > 0n) return undefined;
  const raw = (ordered ? exactBounds(statistics) : undefined) ?? signedBounds(statistics, element);
  if (raw === undefined) return undefined;
  const [low, high] = [decodeBound(raw.min, element), decodeBound(raw.max, element)];
  return low === undefined || high === undefined || low > high ? undefined : { low, high };
}

/** The bounds that the column's order defines, unless the writer says that one is not a value of the chunk. */
export function exactBounds(statistics: ChunkStatistics): RawBounds | undefined {
  const { min_value: min, max_value: max, is_min_value_exact: minExact, is_max_value_exact: maxExact } = statistics;
  if (min === undefined || max === undefined || minExact === false || maxExact === false) return undefined;
  return { min, max };
}

/**
 * The deprecated bounds, found by signed comparison (parquet.thrift, Statistics). They serve for signed integers and what
 * is stored in them; writers of that time got byte arrays (PARQUET-251, PARQUET-686) and NaN (PARQUET-1225) wrong.
 */
function signedBounds({ min, max }: ChunkStatistics, element: SchemaElement): RawBounds | undefined {
  const integer = element.type === 'INT32' || element.type === 'INT64' || element.type === 'BOOLEAN';
  return integer && !isUnsigned(element) && min !== undefined && max !== undefined ? { min, max } : undefined;
}

function isUnsigned(element: SchemaElement): boolean {
  const annotation = annotationOf(element);
  return annotation?.type === 'INTEGER' && !annotation.isSigned;
}

/** A bound in PLAIN encoding as `Range` has it; INT96 has no order that writers agree on. */
function decodeBound(bytes: Uint8Array, element: SchemaElement): bigint | number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (element.type) {
    case 'BOOLEAN':
      return bytes.length === 1 && (bytes[0] as number) <= 1 ? BigInt(bytes[0] as number) : undefined;
    case 'INT32':
      return bytes.length === 4 ? decodeInteger(BigInt(view.getInt32(0, true)), element) : undefined;
    case 'INT64':
      return bytes.length === 8 ? decodeInteger(view.getBigInt64(0, true), element) : undefined;
    case 'FLOAT':
      return bytes.length === 4 ? decodeFloating(view.getFloat32(0, true)) : undefined;
    case 'DOUBLE':
      return bytes.length === 8 ? decodeFloating(view.getFloat64(0, true)) : undefined;
    case 'FIXED_LEN_BYTE_ARRAY':
      return bytes.length === element.type_length ? decodeDecimal(bytes, element) : undefined;
    case 'BYTE_ARRAY':
      return decodeDecimal(bytes, element);
    default:
      return undefined;
  }
}

function decodeInteger(value: bigint, element: SchemaElement): bigint | undefined {
  const annotation = annotationOf(element);
  switch (annotation?.type) {
    // An unsigned value past the signed range is another number to each engine.
    case 'INTEGER':
      if (!annotation.isSigned) return value >= 0n ? within(value, 2n ** BigInt(annotation.bitWidth)) : undefined;
      return within(value, 2n ** BigInt(annotation.bitWidth - 1));
    case 'DECIMAL':
      return within(value, 10n ** BigInt(annotation.precision));
    case 'DATE':
      return value < gregorianDays ? undefined : value;
    case 'TIMESTAMP': {
      const nanoseconds = value * unitNanoseconds[annotation.unit];
      return nanoseconds < gregorianDays * dayNanoseconds ? undefined : nanoseconds;
    }
    default:
      return value;
  }
}

const unitNanoseconds = { MILLIS: 1_000_000n, MICROS: 1_000n, NANOS: 1n } as const;
const dayNanoseconds = 86_400_000_000_000n;
// 1582-10-15. Hive takes earlier days of other writers for Julian ones, the other engines do not.
const gregorianDays = -141_427n;

function within(value: bigint, limit: bigint): bigint | undefined {
  return value < limit && value >= -limit ? value : undefined;
}

/** NaN is no bound, and the sign of a zero bound says nothing (parquet.thrift, ColumnOrder, TYPE_ORDER). */
function decodeFloating(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value + 0;
}

/** Big-endian two's complement (parquet-format, LogicalTypes, DECIMAL). */
function decodeDecimal(bytes: Uint8Array, element: SchemaElement): bigint | undefined {
  const annotation = annotationOf(element);
  if (annotation?.type !== 'DECIMAL' || bytes.length === 0) return undefined;
  const unsigned = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  return within(BigInt.asIntN(bytes.length * 8, unsigned), 10n ** BigInt(annotation.precision));
}
