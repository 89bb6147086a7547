import type { SchemaElement } from 'hyparquet';
import { type HiveType, isPlainFieldName } from './hive-type.ts';
import { annotationOf, describeElement, leafType, type NoteKind, noteTexts } from './leaf-type.ts';
import { buildSchemaTree, type SchemaNode } from './schema-tree.ts';

/** A column of a Hive table. */
export interface Column {
  /** In lower case, as Hive keeps it. */
  readonly name: string;
  readonly type: HiveType;
  readonly comment?: string;
}

/** A column that cannot be registered so that all engines read it. */
export interface ColumnProblem {
  readonly column: string;
  /** What the file holds, such as `INT32 FLOAT16`. */
  readonly found: string;
  /** Why, and at which place within the column. */
  readonly reason: string;
}

/** A warning about a column that is registered, or left out for now. */
export interface ColumnNote {
  readonly column: string;
  readonly kind: NoteKind;
  readonly found: string;
  /** What it means for the lake; names the place within the column. */
  readonly note: string;
}

/** The columns of a Parquet schema as Hive has them. A column that has a problem is not among them. */
export interface HiveColumns {
  readonly columns: Column[];
  readonly problems: ColumnProblem[];
  readonly notes: ColumnNote[];
}

/**
 * Maps a footer's schema to Hive columns, in the order of the file, with names in lower case.
 * @throws parquet.corrupt, parquet.unsupported as `buildSchemaTree` does, when the schema is no tree at all
 */
export function hiveColumns(schema: readonly SchemaElement[]): HiveColumns {
  const { children } = buildSchemaTree(schema);
  const result: HiveColumns = { columns: [], problems: [], notes: [] };
  const twins = repeatedNames(children);
  for (const node of children) {
    const column = node.element.name.toLowerCase();
    const notes: ColumnNote[] = [];
    try {
      checkColumnName(node, twins);
      const { type, comment } = typeOf(node, { column, path: column, notes });
      if (type !== undefined) result.columns.push({ name: column, type, ...(comment !== undefined && { comment }) });
      result.notes.push(...notes);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      result.problems.push({ column, found: error.found, reason: error.message });
    }
  }
  return result;
}

/** Leaves the mapping of one column; never leaves this file. */
class Unreadable extends Error {
  readonly found: string;

  constructor(place: Pick<Place, 'column' | 'path'>, node: SchemaNode, reason: string) {
    super(at(place) + reason);
    this.found = describeElement(node.element);
  }
}

function at({ column, path }: Pick<Place, 'column' | 'path'>): string {
  return path === column ? '' : `at ${path}: `;
}

interface Place {
  readonly column: string;
  readonly path: string;
  readonly notes: ColumnNote[];
}

/** No type stands for a place that is always null. */
interface Typed {
  readonly type?: HiveType;
  readonly comment?: string;
}

/** The type of a field; a repeated field outside of LIST and MAP is a list of its type (parquet-format, Nested Types). */
function typeOf(node: SchemaNode, place: Place): Typed {
  if (node.element.repetition_type !== 'REPEATED') return ownType(node, place);
  return arrayOf(ownType(node, place).type);
}

function arrayOf(element: HiveType | undefined): Typed {
  return element === undefined ? {} : { type: { kind: 'array', element } };
}

function ownType(node: SchemaNode, place: Place): Typed {
  if (node.element.type !== undefined) return primitiveType(node, place);
  const annotation: string | undefined = annotationOf(node.element)?.type;
  if (annotation === undefined) return structType(node, place);
  if (annotation === 'LIST') return listType(node, place);
  // MAP_KEY_VALUE in the place of MAP is a known mistake of old writers; inside a MAP it is not looked at.
  if (annotation === 'MAP' || annotation === 'MAP_KEY_VALUE') return mapType(node, place);
  throw new Unreadable(place, node, `no Hive type holds a group annotated ${annotation}`);
}

function primitiveType(node: SchemaNode, place: Place): Typed {
  const leaf = leafType(node.element);
  if ('reason' in leaf) throw new Unreadable(place, node, leaf.reason);
  if (leaf.note !== undefined) {
    const note = at(place) + noteTexts[leaf.note];
    place.notes.push({ column: place.column, kind: leaf.note, found: describeElement(node.element), note });
  }
  return 'type' in leaf ? leaf : {};
}

function structType(node: SchemaNode, place: Place): Typed {
  if (node.children.length === 0) throw new Unreadable(place, node, 'Hive has no struct without fields');
  const twins = repeatedNames(node.children);
  const fields = node.children.flatMap((child) => {
    const name = child.element.name.toLowerCase();
    const inside = { ...place, path: `${place.path}.${name}` };
    if (twins.has(name)) throw new Unreadable(inside, child, 'two fields differ in nothing but letter case');
    const fault =
      nameFault(name) ??
      (isPlainFieldName(name) ? undefined : "Hive's type text holds letters, digits, '_' and '$' in a field name");
    if (fault !== undefined) throw new Unreadable(inside, child, fault);
    const { type } = typeOf(child, inside);
    return type === undefined ? [] : [{ name, type }];
  });
  return fields.length === 0 ? {} : { type: { kind: 'struct', fields } };
}

/** Lists of three and two levels: the numbered rules of parquet-format, LogicalTypes, Lists, Backward-compatibility rules. */
function listType(node: SchemaNode, place: Place): Typed {
  const [repeated, ...more] = node.children;
  if (repeated?.element.repetition_type !== 'REPEATED' || more.length > 0) {
    throw new Unreadable(place, node, 'a LIST must hold one repeated field');
  }
  const inside = { ...place, path: `${place.path}[]` };
  const [only] = repeated.children;
  const isElement =
    repeated.element.type !== undefined || // rule 1
    repeated.children.length !== 1 || // rule 2
    only?.element.repetition_type === 'REPEATED' || // rule 3
    repeated.element.name === 'array' || // rule 4
    repeated.element.name === `${node.element.name}_tuple`;
  if (isElement || only === undefined) return arrayOf(ownType(repeated, inside).type);
  return arrayOf(typeOf(only, inside).type); // rule 5
}

/** Key and value are told by their positions, not their names (parquet-format, LogicalTypes, Maps). */
function mapType(node: SchemaNode, place: Place): Typed {
  const [repeated, ...more] = node.children;
  const [key, value, ...surplus] = repeated?.children ?? [];
  if (repeated?.element.repetition_type !== 'REPEATED' || more.length > 0 || key === undefined || surplus.length > 0) {
    throw new Unreadable(place, node, 'a MAP must hold one repeated group of a key and a value');
  }
  if (value === undefined) throw new Unreadable(place, node, 'Hive has no map without values');
  if (key.element.type === undefined || key.element.repetition_type === 'REPEATED') {
    throw new Unreadable(
      { ...place, path: `${place.path}{key}` },
      key,
      'Hive takes only primitive types as keys of a map',
    );
  }
  const keyType = primitiveType(key, { ...place, path: `${place.path}{key}` }).type;
  const valueType = typeOf(value, { ...place, path: `${place.path}{value}` }).type;
  if (keyType === undefined || valueType === undefined) return {};
  return { type: { kind: 'map', key: keyType, value: valueType } };
}

/** HMS keeps at most this many characters of a column name (package.jdo, COLUMNS_V2.COLUMN_NAME). */
const longestName = 767;

/** What Hive shows in the place of a table's own column of the name (org.apache.hadoop.hive.ql.metadata.VirtualColumn). */
const virtualColumns = new Set(['block__offset__inside__file', 'input__file__name', 'row__id', 'row__is__deleted']);

function checkColumnName(node: SchemaNode, twins: ReadonlySet<string>): void {
  const { name } = node.element;
  const column = name.toLowerCase();
  const reason = twins.has(column)
    ? 'two columns differ in nothing but letter case'
    : virtualColumns.has(column)
      ? 'Hive has a virtual column of this name, and shows no other'
      : nameFault(name);
  if (reason !== undefined) throw new Unreadable({ column, path: column }, node, reason);
}

// What Hive 4.0.1 cannot do with names was measured; Spark refuses to write the punctuation, too.
function nameFault(name: string): string | undefined {
  if (name === '') return 'the name is empty';
  if (name.includes(',')) return 'Hive hands column names to its readers separated by commas';
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f\u0085\u2028\u2029]/.test(name)) return 'the name holds a control character';
  if (name !== name.trim()) return 'the name begins or ends with a blank';
  if (/[ ;(){}=]/.test(name)) {
    return "Hive takes blanks and ; ( ) { } = in a name for parts of a schema's text, and fails on each query over the table";
  }
  if (/[.:]/.test(name))
    return 'Hive takes . and : in a name for the way to a field, and fails when the column is asked for';
  if (name.length > longestName) return `the metastore holds names of at most ${longestName} characters`;
  return undefined;
}

function repeatedNames(nodes: readonly SchemaNode[]): Set<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { element } of nodes) {
    const name = element.name.toLowerCase();
    if (seen.has(name)) twice.add(name);
    seen.add(name);
  }
  return twice;
}
