/**
 * The least and greatest value of a column that are not null. Integers and booleans are themselves, a decimal is its
 * unscaled value at the column's scale, a date its days and a timestamp its nanoseconds since the epoch; float and double
 * are numbers, both zeros being 0.
 */
export interface Range {
  readonly low: bigint | number;
  readonly high: bigint | number;
}

/** What is known for certain of a column over some rows; what is undefined is not known. */
export interface ColumnStatistics {
  readonly rows: bigint;
  readonly nulls: bigint | undefined;
  /** Undefined also when there is no value: see `hasValues`. NaN is no value of a range. */
  readonly range: Range | undefined;
  /** Values that are true, of a boolean column. */
  readonly trues: bigint | undefined;
  /** Bytes of all values of a byte array, without their lengths. */
  readonly bytes: bigint | undefined;
  /** Lengths of all values and of the longest one: of a text in characters (code points), of a binary in bytes. */
  readonly length: { readonly total: bigint; readonly longest: bigint } | undefined;
  /** The number of distinct values is not below `least` and not above `most`; both are always true. */
  readonly distinct: { readonly least: bigint; readonly most: bigint };
}

/** Of rows that are null, all of them; of no rows it is what merging leaves as it is. */
export function nullStatistics(rows: bigint): ColumnStatistics {
  return {
    rows,
    nulls: rows,
    range: undefined,
    trues: 0n,
    bytes: 0n,
    length: { total: 0n, longest: 0n },
    distinct: { least: 0n, most: 0n },
  };
}

/** Of rows of which nothing is known. */
export function unknownStatistics(rows: bigint): ColumnStatistics {
  if (rows === 0n) return nullStatistics(0n);
  return {
    rows,
    nulls: undefined,
    range: undefined,
    trues: undefined,
    bytes: undefined,
    length: undefined,
    distinct: { least: 0n, most: rows },
  };
}

/** False when it is certain that all rows are null, or that there is none. */
export function hasValues({ rows, nulls }: ColumnStatistics): boolean {
  return rows !== nulls;
}

/** Merges statistics of different rows of one column; the order does not matter, and `nullStatistics(0n)` changes nothing. */
export function mergeStatistics(a: ColumnStatistics, b: ColumnStatistics): ColumnStatistics {
  const [left, right] = [a.length, b.length];
  return {
    rows: a.rows + b.rows,
    nulls: sum(a.nulls, b.nulls),
    range: mergeRanges(a, b),
    trues: sum(a.trues, b.trues),
    bytes: sum(a.bytes, b.bytes),
    length: left && right && { total: left.total + right.total, longest: greater(left.longest, right.longest) },
    distinct: { least: greater(a.distinct.least, b.distinct.least), most: a.distinct.most + b.distinct.most },
  };
}

/** How many distinct values a range proves. */
export function distinctOf(range: Range | undefined): bigint {
  if (range === undefined) return 0n;
  return range.low === range.high ? 1n : 2n;
}

function mergeRanges(a: ColumnStatistics, b: ColumnStatistics): Range | undefined {
  if (!hasValues(a)) return b.range;
  if (!hasValues(b)) return a.range;
  if (a.range === undefined || b.range === undefined) return undefined;
  return {
    low: a.range.low < b.range.low ? a.range.low : b.range.low,
    high: a.range.high > b.range.high ? a.range.high : b.range.high,
  };
}

function sum(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

function greater(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
