import type { Manifest } from './manifests.ts';

/** What one object says of another: who says it, and the kind and name of the other. */
export interface Reference {
  readonly from: string;
  readonly kind: string;
  readonly name: string;
}

/** All that objects say of others of their own namespace, and of accounts and roles; but for what may be missing. */
export function referencesOf(objects: readonly Manifest[]): Reference[] {
  return objects.flatMap((object) => {
    const found: Reference[] = [];
    const from = `${object.kind} ${object.metadata.name}`;
    const add = (kind: string, name: unknown): void => {
      if (typeof name === 'string') found.push({ from, kind, name });
    };
    walk(object, (key, value) => {
      // Knative's own config maps stand in its own namespace.
      if (isNamed(value) && ['ref', 'config', 'subject', 'roleRef', 'reference'].includes(key)) {
        if (value.namespace === undefined || value.namespace === object.metadata.namespace) add(value.kind, value.name);
      }
      if (key === 'subjects') for (const one of value as { kind: string; name: string }[]) add(one.kind, one.name);
      if (key === 'broker') add('Broker', value);
      if (key === 'serviceAccountName') add('ServiceAccount', value);
      if (key === 'priorityClassName') add('PriorityClass', value);
      if (key === 'configMap' && (value as { optional?: boolean }).optional !== true)
        add('ConfigMap', (value as { name?: string }).name);
    });
    return found;
  });
}

function isNamed(value: unknown): value is { kind: string; name: string; namespace?: string } {
  const { kind, name } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  return typeof kind === 'string' && typeof name === 'string';
}

function walk(value: unknown, visit: (key: string, value: unknown) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inside] of Object.entries(value)) {
    visit(key, inside);
    walk(inside, visit);
  }
}
