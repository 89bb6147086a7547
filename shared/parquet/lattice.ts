import type { Column } from './columns.ts';
import { explainBreak } from './engines.ts';
import { formatHiveType, type HiveType, type StructField } from './hive-type.ts';
import { joinLeaves, sameType, type Widening, widenings } from './leaf-join.ts';

/** A change of the declared columns that lets them hold the data found. */
export interface ColumnChange {
  readonly column: string;
  /** `append`: a new column at the end; `extend`: struct fields appended; `widen`: some leaf type got wider. */
  readonly change: 'append' | 'extend' | 'widen';
  readonly from?: string;
  readonly to: string;
  /** The widenings, allowed for this table, without which the change would be a conflict. */
  readonly allowedBy?: readonly Widening[];
}

/** A column whose found type does not fit its declared one. */
export interface ColumnConflict {
  readonly column: string;
  readonly declared: string;
  readonly found: string;
  /** A sentence: which engine would answer wrongly or fail, and where in the column. */
  readonly breaks: string;
}

/** The declared columns after the join, what changed in them, and what could not be joined (left as declared). */
export interface JoinedColumns {
  readonly columns: Column[];
  readonly changes: ColumnChange[];
  readonly conflicts: ColumnConflict[];
}

/**
 * The least type that holds the values of both, or undefined when no type does that all engines read rightly.
 * Without `allow` these join: smallint, int and bigint; decimals of one scale; structs field by field (by name, whatever
 * the letter case), new fields going to the end; elements of arrays and values of maps (keys must be equal).
 * Associative, idempotent, and commutative but for the order of struct fields.
 */
export function joinTypes(a: HiveType, b: HiveType, allow: readonly Widening[] = []): HiveType | undefined {
  const joined = join(a, b, allow);
  return isClash(joined) ? undefined : joined.type;
}

/**
 * Joins the columns found in a file with those that a table declares. Columns meet by name, whatever the letter case; new
 * ones go to the end in their order; nothing is dropped, narrowed or moved. When there is any conflict the file must
 * be refused as a whole: the columns of the answer do not describe it.
 */
export function joinColumns(
  declared: readonly Column[],
  found: readonly Column[],
  options: { readonly allow?: readonly Widening[] } = {},
): JoinedColumns {
  const columns = [...declared];
  const changes: ColumnChange[] = [];
  const conflicts: ColumnConflict[] = [];
  const indices = indexNames(columns);
  for (const column of found) {
    const index = indices.get(column.name.toLowerCase());
    if (index === undefined) {
      indices.set(column.name.toLowerCase(), columns.push(column) - 1);
      changes.push({ column: column.name, change: 'append', to: formatHiveType(column.type) });
      continue;
    }
    const before = columns[index] as Column;
    const joined = join(before.type, column.type, options.allow ?? []);
    if (isClash(joined)) {
      conflicts.push(describeConflict(before, column, joined));
      continue;
    }
    columns[index] = { ...before, type: joined.type };
    if (joined.widened || joined.extended) changes.push(describeChange(before, joined));
  }
  return { columns, changes, conflicts };
}

/**
 * True when partitions must take over the new column types: Hive fails on a partition that keeps a narrower leaf type.
 * Appended columns and struct fields are read as null without it.
 */
export function needsCascade(changes: readonly ColumnChange[]): boolean {
  return changes.some(({ change }) => change === 'widen');
}

interface Join {
  readonly type: HiveType;
  readonly widened: boolean;
  readonly extended: boolean;
  readonly allowedBy: readonly Widening[];
}

/** Two types within the joined ones that have no common type, and the way to them, such as `.address.zip` or `[]`. */
interface Clash {
  readonly path: string;
  readonly declared: HiveType;
  readonly found: HiveType;
}

function isClash(result: Join | Clash): result is Clash {
  return 'path' in result;
}

function join(declared: HiveType, found: HiveType, allow: readonly Widening[]): Join | Clash {
  if (declared.kind === 'struct' && found.kind === 'struct') return joinStructs(declared.fields, found.fields, allow);
  if (declared.kind === 'array' && found.kind === 'array') {
    const element = join(declared.element, found.element, allow);
    if (isClash(element)) return below('[]', element);
    return { ...element, type: { kind: 'array', element: element.type } };
  }
  if (declared.kind === 'map' && found.kind === 'map') {
    if (!sameType(declared.key, found.key)) return { path: '{key}', declared: declared.key, found: found.key };
    const value = join(declared.value, found.value, allow);
    if (isClash(value)) return below('{value}', value);
    return { ...value, type: { kind: 'map', key: declared.key, value: value.type } };
  }
  const leaf = joinLeaves(declared, found, allow);
  if (leaf === undefined) return { path: '', declared, found };
  return { ...leaf, widened: !sameType(declared, leaf.type), extended: false };
}

function joinStructs(
  declared: readonly StructField[],
  found: readonly StructField[],
  allow: readonly Widening[],
): Join | Clash {
  const fields = [...declared];
  const indices = indexNames(fields);
  let [widened, extended] = [false, false];
  const allowedBy = new Set<Widening>();
  for (const field of found) {
    const index = indices.get(field.name.toLowerCase());
    if (index === undefined) {
      indices.set(field.name.toLowerCase(), fields.push(field) - 1);
      extended = true;
      continue;
    }
    const { name, type } = fields[index] as StructField;
    const joined = join(type, field.type, allow);
    if (isClash(joined)) return below(`.${name}`, joined);
    fields[index] = { name, type: joined.type };
    widened ||= joined.widened;
    extended ||= joined.extended;
    for (const widening of joined.allowedBy) allowedBy.add(widening);
  }
  const inOrder = widenings.filter((widening) => allowedBy.has(widening));
  return { type: { kind: 'struct', fields }, widened, extended, allowedBy: inOrder };
}

/** Where each name stands, in lower case; the first one counts. */
function indexNames(named: readonly { readonly name: string }[]): Map<string, number> {
  const indices = new Map<string, number>();
  for (const [index, { name }] of named.entries()) {
    if (!indices.has(name.toLowerCase())) indices.set(name.toLowerCase(), index);
  }
  return indices;
}

function below(step: string, clash: Clash): Clash {
  return { ...clash, path: step + clash.path };
}

function describeChange(before: Column, joined: Join): ColumnChange {
  return {
    column: before.name,
    change: joined.widened ? 'widen' : 'extend',
    from: formatHiveType(before.type),
    to: formatHiveType(joined.type),
    ...(joined.allowedBy.length > 0 && { allowedBy: joined.allowedBy }),
  };
}

function describeConflict(before: Column, column: Column, clash: Clash): ColumnConflict {
  const where = clash.path === '' ? '' : `At ${before.name}${clash.path}: `;
  return {
    column: before.name,
    declared: formatHiveType(before.type),
    found: formatHiveType(column.type),
    breaks: where + explainBreak(clash.declared, clash.found),
  };
}
