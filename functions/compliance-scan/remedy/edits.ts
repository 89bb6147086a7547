import type { Edit } from '../model/rule.ts';

type Container = Record<string | number, unknown>;

/** A body (plain data) after edits; the body itself stays as it was. Objects that are left empty by a removal are removed, too. */
export function applyEdits<Body>(body: Body, edits: readonly Edit[]): Body {
  const copy = JSON.parse(JSON.stringify(body)) as Body;
  for (const edit of edits) applyEdit(copy as Container, edit);
  return copy;
}

function applyEdit(root: Container, { path, value }: Edit): void {
  const parents: Container[] = [root];
  for (const key of path.slice(0, -1)) {
    const parent = parents.at(-1) as Container;
    const child = read(parent, key);
    if (isContainer(child)) parents.push(child);
    else if (value === undefined) return;
    else {
      const made: Container = {};
      parent[key] = made;
      parents.push(made);
    }
  }
  const [last, lastKey] = [parents.at(-1), path.at(-1)];
  if (last === undefined || lastKey === undefined) return;
  if (value !== undefined) {
    last[lastKey] = value;
    return;
  }
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    const [parent, key] = [parents[depth], path[depth]];
    if (parent === undefined || key === undefined || Array.isArray(parent)) return;
    delete parent[key];
    if (Object.keys(parent).length > 0) return;
  }
}

/** What an object itself has under a key: never what all objects have. */
function read(parent: Container, key: string | number): unknown {
  return Object.hasOwn(parent, key) ? parent[key] : undefined;
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}
