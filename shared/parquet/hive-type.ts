import { LakewardenError } from '../errors/error.ts';

/** Names of the Hive types that take no parameter. */
export const primitiveNames = [
  'boolean',
  'tinyint',
  'smallint',
  'int',
  'bigint',
  'float',
  'double',
  'string',
  'binary',
  'date',
  'timestamp',
] as const;

/** The name of a Hive type that takes no parameter. */
export type PrimitiveName = (typeof primitiveNames)[number];

/** One field of a Hive struct; readers find it by its name, whatever the letter case. */
export interface StructField {
  readonly name: string;
  readonly type: HiveType;
}

/**
 * A Hive column type. A decimal has 1 to 38 digits (`precision`), of which `scale` stand behind the point. `other` carries
 * the text of a type that we do not work with (uniontype, interval, timestamp with local time zone, a decimal past 38
 * digits): it equals only itself.
 */
export type HiveType =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'varchar' | 'char'; readonly length: number }
  | { readonly kind: 'array'; readonly element: HiveType }
  | { readonly kind: 'map'; readonly key: HiveType; readonly value: HiveType }
  | { readonly kind: 'struct'; readonly fields: readonly StructField[] }
  | { readonly kind: 'other'; readonly text: string };

/** Levels of array, map and struct that a type may be deep. */
export const maxTypeDepth = 100;

const primitives: ReadonlyMap<string, HiveType> = new Map([
  ...primitiveNames.map((name) => [name, { kind: 'primitive', name }] as const),
  ['integer', { kind: 'primitive', name: 'int' }],
  ['double precision', { kind: 'primitive', name: 'double' }],
]);

/** The Hive type of a name that takes no parameter. */
export function primitive(name: PrimitiveName): HiveType {
  return primitives.get(name) as HiveType;
}

// The characters that Hive's own parser of type texts takes as part of a name (TypeInfoUtils.isTypeChar).
const plainName = /^[\p{L}\p{Nd}_.$]([\p{L}\p{Nd}_.$ ]*[\p{L}\p{Nd}_.$])?$/u;

/** True when Hive's type text can hold the struct field's name: letters, digits, `_`, `.`, `$`, inner spaces. */
export function isPlainFieldName(name: string): boolean {
  return plainName.test(name);
}

/** The type as Hive writes it, as `struct<a:int,b:array<string>>`; a field name that Hive cannot hold stands in backticks, as Spark does it. */
export function formatHiveType(type: HiveType): string {
  switch (type.kind) {
    case 'primitive':
      return type.name;
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'varchar':
    case 'char':
      return `${type.kind}(${type.length})`;
    case 'array':
      return `array<${formatHiveType(type.element)}>`;
    case 'map':
      return `map<${formatHiveType(type.key)},${formatHiveType(type.value)}>`;
    case 'struct':
      return `struct<${type.fields.map((field) => `${formatName(field.name)}:${formatHiveType(field.type)}`).join(',')}>`;
    default:
      return type.text;
  }
}

function formatName(name: string): string {
  return isPlainFieldName(name) ? name : `\`${name.replaceAll('`', '``')}\``;
}

/**
 * Reads a Hive type text; the inverse of `formatHiveType`. Type names may be in any letter case, blanks may stand around
 * them. Throws `metastore.invalid` for text that is empty, unbalanced or more than 100 levels deep.
 */
export function parseHiveType(text: string): HiveType {
  const cursor: Cursor = { text, at: 0 };
  const type = parseType(cursor, 0);
  if (cursor.at < text.length) throw invalid(cursor, `'${text[cursor.at]}' is one too many`);
  return type;
}

interface Cursor {
  readonly text: string;
  at: number;
}

function parseType(cursor: Cursor, depth: number): HiveType {
  if (depth > maxTypeDepth) throw invalid(cursor, `it is more than ${maxTypeDepth} levels deep`);
  const start = cursor.at;
  const name = /[^<>,:]*/y;
  name.lastIndex = start;
  const head = (name.exec(cursor.text)?.[0] ?? '').trim().toLowerCase();
  const nested = nestedTypes.get(head);
  if (nested !== undefined && cursor.text[name.lastIndex] === '<') {
    cursor.at = name.lastIndex + 1;
    const type = nested(cursor, depth + 1);
    expect(cursor, '>');
    skipBlanks(cursor);
    return type;
  }
  const simple = takeSimple(cursor);
  if (simple === '') throw invalid(cursor, 'a type is missing');
  return primitives.get(simple.toLowerCase()) ?? parseParameters(simple) ?? { kind: 'other', text: simple };
}

const nestedTypes: ReadonlyMap<string, (cursor: Cursor, depth: number) => HiveType> = new Map([
  ['array', parseArray],
  ['map', parseMap],
  ['struct', parseStruct],
]);

function parseArray(cursor: Cursor, depth: number): HiveType {
  return { kind: 'array', element: parseType(cursor, depth) };
}

function parseMap(cursor: Cursor, depth: number): HiveType {
  const key = parseType(cursor, depth);
  expect(cursor, ',');
  return { kind: 'map', key, value: parseType(cursor, depth) };
}

function parseStruct(cursor: Cursor, depth: number): HiveType {
  const fields: StructField[] = [];
  skipBlanks(cursor);
  while (cursor.text[cursor.at] !== '>') {
    if (fields.length > 0) expect(cursor, ',');
    const name = parseName(cursor);
    expect(cursor, ':');
    fields.push({ name, type: parseType(cursor, depth) });
  }
  return { kind: 'struct', fields };
}

function parseName(cursor: Cursor): string {
  skipBlanks(cursor);
  const quoted = /`((?:[^`]|``)*)`\s*|([^:,<>]+)/y;
  quoted.lastIndex = cursor.at;
  const match = quoted.exec(cursor.text);
  if (match === null) throw invalid(cursor, 'a field name is missing');
  cursor.at = quoted.lastIndex;
  return match[1]?.replaceAll('``', '`') ?? (match[2] as string).trim();
}

/** Takes text up to the separator that ends it; what brackets enclose belongs to it. */
function takeSimple(cursor: Cursor): string {
  const start = cursor.at;
  let open = 0;
  for (; cursor.at < cursor.text.length; cursor.at++) {
    const character = cursor.text[cursor.at] as string;
    if (open === 0 && /[,:>]/.test(character)) break;
    if (character === '<' || character === '(') open++;
    if (character === '>' || character === ')') open--;
    if (open < 0) break;
  }
  if (open !== 0) throw invalid(cursor, 'its brackets do not match');
  return cursor.text.slice(start, cursor.at).trim();
}

function parseParameters(text: string): HiveType | undefined {
  const [, name = '', first, second] = /^(\w+)\s*(?:\(\s*(\d{1,9})\s*(?:,\s*(\d{1,9})\s*)?\))?$/.exec(text) ?? [];
  const kind = name.toLowerCase();
  if (kind === 'decimal' || kind === 'dec' || kind === 'numeric') {
    const [precision, scale] = [Number(first ?? 10), Number(second ?? 0)];
    if (precision >= 1 && precision <= 38 && scale <= precision) return { kind: 'decimal', precision, scale };
  }
  const longest = { varchar: 65_535, char: 255 };
  if ((kind === 'varchar' || kind === 'char') && first !== undefined && second === undefined) {
    const length = Number(first);
    if (length >= 1 && length <= longest[kind]) return { kind, length };
  }
  return undefined;
}

function skipBlanks(cursor: Cursor): void {
  while (/\s/.test(cursor.text[cursor.at] ?? '')) cursor.at++;
}

function expect(cursor: Cursor, character: string): void {
  if (cursor.text[cursor.at] !== character) throw invalid(cursor, `'${character}' is missing`);
  cursor.at++;
}

function invalid(cursor: Cursor, reason: string): LakewardenError {
  const text = cursor.text.length > 200 ? `${cursor.text.slice(0, 200)}…` : cursor.text;
  return new LakewardenError(
    'metastore.invalid',
    `'${text}' is no Hive type: ${reason} at character ${cursor.at + 1}`,
    {
      details: { type: text, at: cursor.at + 1 },
    },
  );
}
