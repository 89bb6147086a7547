import { join } from 'node:path';
import { readManifests, repository } from '../support/manifests.ts';
import { kubectl } from './admin.ts';

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

/** What kustomize makes of a folder of the repository. Asks no cluster. */
export async function render(folder: string): Promise<string> {
  return await kubectl(['kustomize', join(repository, folder)]);
}
