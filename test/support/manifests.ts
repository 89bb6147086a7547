import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

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

/** An object whose spec has a form that is known. */
export type With<Spec> = Manifest & { readonly spec: Spec };

/** The names of our functions. */
export const functionNames = ['compliance-scan', 'dead-letter-triage', 'metastore-sync', 'partition-compaction'];

/** The repository. */
export const repository = join(import.meta.dirname, '../..');

/** Reads the objects of a text in YAML; lists are taken apart. */
export function readManifests(yaml: string): Manifest[] {
  return parseAllDocuments(yaml).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    const object = document.toJS() as (Manifest & { items?: Manifest[] }) | null;
    return object === null ? [] : (object.items ?? [object]);
  });
}

/** The objects in the files of a folder of manifests/, as they are written; no files of kustomize or of settings. */
export function readFolder(folder: string): Manifest[] {
  const path = join(repository, 'manifests', folder);
  return readdirSync(path)
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) => readManifests(readFileSync(join(path, name), 'utf8')))
    .filter((object) => typeof object?.kind === 'string' && object.metadata !== undefined);
}

/** Those of a kind; the caller knows the form of their spec. */
// oxlint-disable-next-line typescript/no-explicit-any -- it differs from kind to kind
export function ofKind(objects: readonly Manifest[], kind: string): With<any>[] {
  return objects.filter((object): object is With<unknown> => object.kind === kind && 'spec' in object);
}
