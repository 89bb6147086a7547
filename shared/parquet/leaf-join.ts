import { formatHiveType, type HiveType, primitive, type PrimitiveName } from './hive-type.ts';

/**
 * Widenings that a table's owner may allow because the engines in use there cope with them; none is made without being
 * asked for. `any->string` makes string of numbers, dates, timestamps and texts that have no other common type.
 */
export const widenings = ['float->double', 'int->double', 'int->decimal', 'decimal-scale', 'any->string'] as const;

/** The name of a widening that is made only where a table allows it. */
export type Widening = (typeof widenings)[number];

/** The least common type of two leaf types, with the widenings that it took beyond those that are always safe. */
export interface LeafJoin {
  readonly type: HiveType;
  readonly allowedBy: readonly Widening[];
}

/** True when both are one type; letter case of struct fields aside. */
export function sameType(a: HiveType, b: HiveType): boolean {
  return formatHiveType(a).toLowerCase() === formatHiveType(b).toLowerCase();
}

/** The least common type of two types without looking into them, or undefined when there is none. */
export function joinLeaves(a: HiveType, b: HiveType, allow: readonly Widening[]): LeafJoin | undefined {
  if (sameType(a, b)) return { type: a, allowedBy: [] };
  const safe = joinIntegers(a, b) ?? joinDecimals(a, b, false);
  if (safe !== undefined) return { type: safe, allowedBy: [] };
  for (const rule of rules) {
    const type = rule.needs.every((widening) => allow.includes(widening)) ? rule.join(a, b) : undefined;
    if (type !== undefined) return { type, allowedBy: rule.needs };
  }
  return undefined;
}

const rules: readonly {
  readonly needs: readonly Widening[];
  readonly join: (a: HiveType, b: HiveType) => HiveType | undefined;
}[] = [
  { needs: ['float->double'], join: joinPair(['float'], 'double') },
  { needs: ['int->double'], join: joinPair(['smallint', 'int'], 'double') },
  // Without this rule the outcome for an int, a float and a double would depend on their order.
  { needs: ['float->double', 'int->double'], join: joinPair(['smallint', 'int'], 'float') },
  { needs: ['int->decimal'], join: (a, b) => joinIntegerDecimal(a, b) ?? joinIntegerDecimal(b, a) },
  { needs: ['decimal-scale'], join: (a, b) => joinDecimals(a, b, true) },
  { needs: ['any->string'], join: (a, b) => (isStringable(a) && isStringable(b) ? primitive('string') : undefined) },
];

/** Joins one of the narrow types with the floating one, which gives double. */
function joinPair(narrow: readonly PrimitiveName[], floating: PrimitiveName) {
  const isNarrow = (type: HiveType) => type.kind === 'primitive' && narrow.includes(type.name);
  const isFloating = (type: HiveType) => type.kind === 'primitive' && type.name === floating;
  return (a: HiveType, b: HiveType) =>
    (isNarrow(a) && isFloating(b)) || (isNarrow(b) && isFloating(a)) ? primitive('double') : undefined;
}

// Digits that each integer type may need; the order is that of their widths. tinyint is absent: no engine was asked.
const integerDigits: Partial<Record<PrimitiveName, number>> = { smallint: 5, int: 10, bigint: 19 };

function digitsOf(type: HiveType): number {
  return type.kind === 'primitive' ? (integerDigits[type.name] ?? 0) : 0;
}

function joinIntegers(a: HiveType, b: HiveType): HiveType | undefined {
  const [left, right] = [digitsOf(a), digitsOf(b)];
  if (left === 0 || right === 0) return undefined;
  return left > right ? a : b;
}

function joinIntegerDecimal(integer: HiveType, other: HiveType): HiveType | undefined {
  const digits = digitsOf(integer);
  if (digits === 0 || other.kind !== 'decimal') return undefined;
  return decimal(Math.max(digits, other.precision - other.scale), other.scale);
}

function joinDecimals(a: HiveType, b: HiveType, anyScale: boolean): HiveType | undefined {
  if (a.kind !== 'decimal' || b.kind !== 'decimal' || (a.scale !== b.scale && !anyScale)) return undefined;
  return decimal(Math.max(a.precision - a.scale, b.precision - b.scale), Math.max(a.scale, b.scale));
}

function decimal(integerPart: number, scale: number): HiveType | undefined {
  return integerPart + scale > 38 ? undefined : { kind: 'decimal', precision: integerPart + scale, scale };
}

// The metastore refuses to make a string of a boolean or a binary; nested types have no text of their own.
function isStringable(type: HiveType): boolean {
  if (type.kind === 'primitive') return type.name !== 'boolean' && type.name !== 'binary';
  return type.kind === 'decimal' || type.kind === 'varchar' || type.kind === 'char';
}
