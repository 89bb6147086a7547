import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, isSeq, parseAllDocuments, stringify, type Document, type Pair, type YAMLMap } from 'yaml';
import type { Edit } from '../model/rule.ts';
import { applyEdits } from './edits.ts';

/** Which object of a manifest is meant. */
export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/**
 * The text of a manifest with an object changed: only the lines that must change do, comments and order stay. Undefined when
 * that cannot be done safely (the object stands in a list or behind an alias): what comes out is read again, and must be
 * exactly the changed object, and all others as they were.
 */
export function editManifest(text: string, object: ManifestObject, edits: readonly Edit[]): string | undefined {
  const index = readAll(text).findIndex((document) => isObject(document.toJS(), object));
  if (index < 0) return undefined;
  const wanted = readAll(text).map((document, at): unknown => {
    const value: unknown = document.toJS();
    return at === index ? applyEdits(value, edits) : value;
  });
  let changed: string | undefined = text;
  for (const edit of edits) {
    const document: Document.Parsed | undefined = readAll(changed)[index];
    changed = document === undefined ? undefined : editText(changed, document, edit);
    if (changed === undefined) return undefined;
  }
  const found = readAll(changed);
  const isRight =
    found.every(({ errors }) => errors.length === 0) &&
    isDeepStrictEqual(
      found.map((one): unknown => one.toJS()),
      wanted,
    );
  return isRight ? changed : undefined;
}

function readAll(text: string): Document.Parsed[] {
  const documents = parseAllDocuments(text, { version: '1.1', keepSourceTokens: true, logLevel: 'error' });
  return 'empty' in documents ? [] : documents;
}

function isObject(value: unknown, { apiVersion, kind, name, namespace }: ManifestObject): boolean {
  const one = value as {
    apiVersion?: unknown;
    kind?: unknown;
    metadata?: { name?: unknown; namespace?: unknown };
  } | null;
  const { metadata } = one ?? {};
  return (
    one?.apiVersion === apiVersion && one.kind === kind && metadata?.name === name && metadata.namespace === namespace
  );
}

/** One edit in the text; undefined where the text has a form that is better changed by hand. */
function editText(text: string, document: Document.Parsed, { path, value }: Edit): string | undefined {
  const { node, rest, holders } = walk(document, path);
  if (rest.length === 0) return value === undefined ? remove(text, holders) : replace(text, holders.at(-1), value);
  if (value === undefined) return text;
  const nested = rest.slice(1).reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  if (!isMap(node) || typeof rest[0] !== 'string') return undefined;
  return insert(text, node, { [rest[0]]: nested });
}

interface Way {
  /** The deepest node there is. */
  readonly node: unknown;
  /** The rest of the path, of which there is nothing. */
  readonly rest: readonly (string | number)[];
  /** The maps on the way, each with the pair through which the way goes on. */
  readonly holders: readonly { readonly map: YAMLMap; readonly pair: Pair }[];
}

function walk(document: Document.Parsed, path: Edit['path']): Way {
  const holders: { map: YAMLMap; pair: Pair }[] = [];
  let node: unknown = document.contents;
  for (const [depth, key] of path.entries()) {
    const rest = path.slice(depth);
    if (isSeq(node) && typeof key === 'number') {
      node = node.items[key];
      if (node === undefined) return { node, rest, holders };
    } else if (isMap(node)) {
      const map: YAMLMap = node;
      const pair = map.items.find((one) => isScalar(one.key) && one.key.value === key);
      if (pair === undefined) return { node, rest, holders };
      holders.push({ map, pair });
      node = pair.value;
    } else return { node, rest, holders };
  }
  return { node, rest: [], holders };
}

function replace(text: string, holder: Way['holders'][number] | undefined, value: unknown): string | undefined {
  const range = rangeOf(holder?.pair.value);
  if (range === undefined || holder === undefined || !isScalar(holder.pair.value))
    return replacePair(text, holder, value);
  const isPlain = typeof value !== 'object' || value === null;
  return isPlain
    ? text.slice(0, range[0]) + JSON.stringify(value) + text.slice(range[1])
    : replacePair(text, holder, value);
}

/** Puts another value behind a key, whatever stood there. */
function replacePair(text: string, holder: Way['holders'][number] | undefined, value: unknown): string | undefined {
  const key = rangeOf(holder?.pair.key);
  const old = rangeOf(holder?.pair.value);
  if (holder === undefined || key === undefined || old === undefined || holder.map.flow === true) return undefined;
  const column = columnOf(text, key[0]);
  const [start, end] = [key[0], endOfLine(text, old[1])];
  const name = text.slice(key[0], key[1]);
  return text.slice(0, start) + block({ [name]: value }, column).trimStart() + text.slice(end);
}

/** Takes a pair out, and the maps around it that are empty then. */
function remove(text: string, holders: Way['holders']): string | undefined {
  let depth = holders.length - 1;
  while (depth > 0 && holders[depth]?.map.items.length === 1 && holders[depth - 1]?.pair.value === holders[depth]?.map)
    depth -= 1;
  const holder = holders[depth];
  const [key, value] = [rangeOf(holder?.pair.key), rangeOf(holder?.pair.value)];
  if (holder === undefined || key === undefined || holder.map.flow === true) return undefined;
  // A key behind a dash shares its line with the item: too much to do safely.
  const start = text.lastIndexOf('\n', key[0] - 1) + 1;
  if (text.slice(start, key[0]).trim() !== '') return undefined;
  const end = endOfLine(text, Math.max(key[1], value?.[1] ?? 0));
  return text.slice(0, start) + text.slice(end);
}

/** Puts new keys behind the last one of a map. */
function insert(text: string, map: YAMLMap, value: Record<string, unknown>): string | undefined {
  const [first, last] = [map.items[0], map.items.at(-1)];
  const key = rangeOf(first?.key);
  if (last === undefined || key === undefined) return undefined;
  if (map.flow === true) {
    const end = map.range?.[1];
    if (end === undefined || text[end - 1] !== '}') return undefined;
    const inner = JSON.stringify(value)
      .slice(1, -1)
      .replaceAll(/"([A-Za-z]\w*)":/g, '$1: ');
    const head = text.slice(0, end - 1).trimEnd();
    return `${head}${head.endsWith(',') ? '' : ','} ${inner} ${text.slice(end - 1)}`;
  }
  const at = endOfLine(text, Math.max(rangeOf(last.key)?.[1] ?? 0, rangeOf(last.value)?.[1] ?? 0));
  const before = text.slice(0, at);
  return `${before}${before.endsWith('\n') ? '' : '\n'}${block(value, columnOf(text, key[0]))}${text.slice(at)}`;
}

/** YAML in block style, indented. */
function block(value: unknown, column: number): string {
  const lines = stringify(value, { lineWidth: 0, version: '1.1' }).trimEnd().split('\n');
  return `${lines.map((line) => ' '.repeat(column) + line).join('\n')}\n`;
}

function rangeOf(node: unknown): readonly [number, number] | undefined {
  const range = (node as { range?: readonly [number, number, number] | null } | null | undefined)?.range;
  return range === null || range === undefined ? undefined : [range[0], range[1]];
}

function columnOf(text: string, position: number): number {
  return position - (text.lastIndexOf('\n', position - 1) + 1);
}

/** Where the line ends on which a node ends; a node that ended with its line is over already. */
function endOfLine(text: string, position: number): number {
  if (text[position - 1] === '\n') return position;
  const end = text.indexOf('\n', position);
  return end < 0 ? text.length : end + 1;
}
