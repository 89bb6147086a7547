import type { PatchOperation } from '../replay/plan-schema.ts';
import { isRawNumber, type JsonObject, type JsonValue, toDocument } from './json-document.ts';
import { Refusal } from './refusal.ts';

/** Applies a JSON Patch (RFC 6902) to a document, which is changed. @throws Refusal when an operation does not fit */
export function patchDocument(document: JsonValue, operations: readonly PatchOperation[]): JsonValue {
  let root = document;
  for (const operation of operations) {
    const { op, path } = operation;
    if ('from' in operation) root = carry(root, operation);
    else if (op === 'remove') root = removeAt(root, path).root;
    else if (op === 'add') root = addAt(root, path, toDocument(operation.value));
    else if (op === 'replace') root = replaceAt(root, path, toDocument(operation.value));
    else if (!isEqual(valueAt(root, path), toDocument(operation.value))) throw new Refusal(`the test at ${path} fails`);
  }
  return root;
}

function carry(root: JsonValue, { op, from, path }: PatchOperation & { from: string }): JsonValue {
  if (op === 'copy') return addAt(root, path, toDocument(valueAt(root, from)));
  if (path.startsWith(`${from}/`)) throw new Refusal(`${from} cannot be moved into itself`);
  if (path === from) return (valueAt(root, from), root);
  const { root: rest, value } = removeAt(root, from);
  return addAt(rest, path, value);
}

function replaceAt(root: JsonValue, path: string, value: JsonValue): JsonValue {
  if (path === '') return value;
  // What is replaced must be there.
  valueAt(root, path);
  const { parent, name } = parentOf(root, path);
  if (Array.isArray(parent)) parent[Number(name)] = value;
  else put(parent, name, value);
  return root;
}

/** Says whether something is there. */
export function hasAt(root: JsonValue, path: string): boolean {
  try {
    valueAt(root, path);
    return true;
  } catch {
    return false;
  }
}

type Container = JsonValue[] | JsonObject;

function isContainer(value: JsonValue | undefined): value is Container {
  return typeof value === 'object' && value !== null && !isRawNumber(value);
}

function namesOf(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function valueAt(root: JsonValue, path: string): JsonValue {
  let value: JsonValue = root;
  for (const name of namesOf(path)) {
    const inner: JsonValue | undefined = isContainer(value) ? memberOf(value, name) : undefined;
    if (inner === undefined) throw new Refusal(`there is nothing at ${path}`);
    value = inner;
  }
  return value;
}

function memberOf(container: Container, name: string): JsonValue | undefined {
  if (Array.isArray(container)) return isIndex(name) ? container[Number(name)] : undefined;
  return Object.hasOwn(container, name) ? container[name] : undefined;
}

function isIndex(name: string): boolean {
  return /^(?:0|[1-9]\d{0,8})$/.test(name);
}

function parentOf(root: JsonValue, path: string): { parent: Container; name: string } {
  const at = path.lastIndexOf('/');
  const parent = valueAt(root, path.slice(0, at));
  if (!isContainer(parent)) throw new Refusal(`there is neither object nor list above ${path}`);
  return { parent, name: namesOf(path).at(-1) as string };
}

function addAt(root: JsonValue, path: string, value: JsonValue): JsonValue {
  if (path === '') return value;
  const { parent, name } = parentOf(root, path);
  if (!Array.isArray(parent)) put(parent, name, value);
  else {
    const index = name === '-' ? parent.length : isIndex(name) ? Number(name) : -1;
    if (index < 0 || index > parent.length) throw new Refusal(`the list has no place ${path}`);
    parent.splice(index, 0, value);
  }
  return root;
}

function removeAt(root: JsonValue, path: string): { root: JsonValue; value: JsonValue } {
  const value = valueAt(root, path);
  if (path === '') throw new Refusal('the whole value cannot be taken away');
  const { parent, name } = parentOf(root, path);
  if (Array.isArray(parent)) parent.splice(Number(name), 1);
  else delete parent[name];
  return { root, value };
}

/** Also for names that mean something to JavaScript, such as `__proto__`. */
function put(object: JsonObject, name: string, value: JsonValue): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

function isEqual(a: JsonValue, b: JsonValue): boolean {
  if (isRawNumber(a) || isRawNumber(b)) return isRawNumber(a) && isRawNumber(b) && isSameNumber(a.rawJSON, b.rawJSON);
  if (!isContainer(a) || !isContainer(b)) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => {
      const [one, other] = [memberOf(a, name), memberOf(b, name)];
      return one !== undefined && other !== undefined && isEqual(one, other);
    })
  );
}

function isSameNumber(a: string, b: string): boolean {
  if (/^-?\d+$/.test(a) && /^-?\d+$/.test(b)) return BigInt(a) === BigInt(b);
  return Number(a) === Number(b);
}
