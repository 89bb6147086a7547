import { parseAllDocuments } from 'yaml';
import { kubectl } from './admin.ts';

/** An object as it stands in a manifest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into objects of any kind
  readonly [part: string]: any;
}

/** Reads the objects of a text in YAML; lists are taken apart. */
export function readManifests(yaml: string): Manifest[] {
  return parseAllDocuments(yaml).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    const object = document.toJS() as (Manifest & { items?: Manifest[] }) | null;
    return object === null ? [] : (object.items ?? [object]);
  });
}

/** Makes namespaces that are not there yet. */
export async function makeNamespaces(names: Iterable<string>): Promise<void> {
  for (const name of new Set(names))
    await kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(namespace(name)));
}

function namespace(name: string): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** Makes the namespaces of the objects, then lets the API server check the objects as if it stored them. Throws with all it refuses. */
export async function dryRun(yaml: string): Promise<void> {
  await makeNamespaces(readManifests(yaml).flatMap(({ metadata }) => metadata.namespace ?? []));
  await kubectl(['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'], yaml);
}
