/** Settings as read, before any schema: plain data, and where each value came from. */
export interface Tree {
  readonly values: Record<string, unknown>;
  /** From a path (keys joined by dots) to the name of its source, such as `file /etc/lakewarden/a.yaml`. */
  readonly sources: Map<string, string>;
}

/** A tree with nothing in it. */
export function emptyTree(): Tree {
  return { values: {}, sources: new Map() };
}

/** True for a plain object, the only kind that is merged key by key. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Lays values over a tree: objects are merged, anything else replaces what was there. */
export function overlay(
  tree: Tree,
  values: Record<string, unknown>,
  source: string,
  path: readonly string[] = [],
): void {
  let target = tree.values;
  for (const key of path) target = ownRecord(target, key);
  for (const [key, value] of Object.entries(values)) {
    const here = [...path, key];
    if (isRecord(value)) {
      ownRecord(target, key);
      overlay(tree, value, source, here);
    } else {
      setOwn(target, key, value);
    }
    tree.sources.set(here.join('.'), source);
  }
}

/** The source of the value at a path, or of the nearest thing above it. */
export function sourceOf(tree: Tree, path: readonly PropertyKey[]): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const source = tree.sources.get(path.slice(0, length).join('.'));
    if (source !== undefined) return source;
  }
  return undefined;
}

function ownRecord(target: Record<string, unknown>, key: string): Record<string, unknown> {
  const present = Object.hasOwn(target, key) ? target[key] : undefined;
  if (isRecord(present)) return present;
  const created: Record<string, unknown> = {};
  setOwn(target, key, created);
  return created;
}

// A key named __proto__ must stay data.
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
