import { LakewardenError } from '#shared/errors/error.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import { builtInTypes, type KubernetesObject } from '../kubernetes/kinds.ts';
import { normaliseObject } from '../kubernetes/normalise.ts';
import { scopeId } from '../kubernetes/scope.ts';
import type { Change, Reference, Source } from '../source.ts';
import { readDocuments } from './documents.ts';
import { readManifestFiles } from './manifest-files.ts';
import type { ManifestsSettings } from './settings.ts';

type Manifest = Resource<KubernetesObject>;

interface Folder {
  readonly byKind: ReadonlyMap<string, readonly Manifest[]>;
  /** Files of which nothing is known, with the reason. */
  readonly faults: readonly string[];
}

/** The objects in a folder of YAML and JSON files: the same kinds as in a cluster, so the same rules judge them. */
export class ManifestsSource implements Source {
  readonly name = 'kubernetes';
  readonly #settings: ManifestsSettings;
  #folder: Promise<Folder> | undefined;

  /** Nothing is read yet. */
  constructor(settings: ManifestsSettings) {
    this.#settings = settings;
  }

  async *scopes(kinds: ReadonlySet<string>): AsyncGenerator<Scope> {
    // Each sweep begins here, and files change from one to the next.
    this.#folder = undefined;
    for (const kind of kinds)
      if (kind.startsWith('kubernetes.'))
        yield { id: scopeId(this.#settings.cluster, undefined, kind.slice('kubernetes.'.length)), kind };
  }

  /** Throws `inventory.incomplete` after all that could be read when a file could not: it may have held this kind too. */
  async *list({ kind }: Scope, signal: AbortSignal): AsyncGenerator<readonly Resource[]> {
    const { byKind, faults } = await this.#read(signal);
    const found = byKind.get(kind);
    if (found !== undefined) yield found;
    if (faults.length > 0)
      throw new LakewardenError('inventory.incomplete', `manifests that could not be read: ${faults.join('; ')}`);
  }

  async read({ kind, uid, name, place }: Reference, signal: AbortSignal): Promise<Resource | undefined> {
    const found = (await this.#read(signal)).byKind.get(kind) ?? [];
    const { namespace } = place;
    return found.find((resource) =>
      uid === undefined ? resource.name === name && resource.place['namespace'] === namespace : resource.uid === uid,
    );
  }

  /** Files send no events. */
  changes(): readonly Change[] | undefined {
    return undefined;
  }

  async close(): Promise<void> {
    this.#folder = undefined;
  }

  #read(signal: AbortSignal): Promise<Folder> {
    this.#folder ??= readFolder(this.#settings, signal);
    return this.#folder;
  }
}

async function readFolder({ folder, cluster, namespace }: ManifestsSettings, signal: AbortSignal): Promise<Folder> {
  const byKind = new Map<string, Manifest[]>();
  const uids = new Set<string>();
  const faults: string[] = [];
  for await (const { path, text, fault } of readManifestFiles(folder, signal)) {
    try {
      if (text === undefined) throw new Error(fault);
      for (const { object, line } of readDocuments(text)) {
        const resource = asResource(object as KubernetesObject, { cluster, namespace, path, line });
        // The same object in two files (a base and its overlay) is two resources.
        const uid = uids.has(resource.uid) ? `${resource.uid}@${path}` : resource.uid;
        if (uids.has(uid)) throw new Error(`holds ${resource.kind} ${resource.name} twice`);
        uids.add(uid);
        const list = byKind.get(resource.kind) ?? [];
        byKind.set(resource.kind, list);
        list.push({ ...resource, uid });
      }
    } catch (error) {
      faults.push(`${path}: ${error instanceof Error ? error.message : 'unknown reason'}`);
    }
  }
  return { byKind, faults };
}

interface Origin {
  readonly cluster: string;
  readonly namespace: string;
  readonly path: string;
  readonly line: number;
}

function asResource(object: KubernetesObject, { cluster, namespace, path, line }: Origin): Manifest {
  const labels = Object.entries(object.metadata.labels ?? {}).map(([name, value]) => [name, asText(value)]);
  // A file cannot say which object of a cluster it became, nor who changed that.
  const { uid: _, managedFields: __, namespace: said, ...metadata } = object.metadata;
  const type = builtInTypes.get(object.kind);
  const placed = type?.namespaced === false && type.apiVersion === object.apiVersion ? undefined : (said ?? namespace);
  const inside = placed === undefined ? {} : { namespace: placed };
  const whole = { ...object, metadata: { ...metadata, ...inside, labels: Object.fromEntries(labels) } };
  const resource = normaliseObject(whole, { cluster, scope: '' });
  if (resource === undefined) throw new Error(`holds a ${object.kind} that is no object`);
  const kindName = resource.kind.slice('kubernetes.'.length);
  return {
    ...resource,
    scope: scopeId(cluster, undefined, kindName),
    place: { ...resource.place, file: path, line: String(line) },
  };
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
