import { LakewardenError } from '#shared/errors/error.ts';
import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import type { Change, Reference, Source } from '../source.ts';
import { ApiServer } from './api-server.ts';
import { readChanges } from './changes.ts';
import { createAccess } from './create-access.ts';
import { complete, listObjects, pathOf } from './listing.ts';
import { metadataOnly } from './kinds.ts';
import type { KubernetesSettings } from './settings.ts';
import { normaliseObject } from './normalise.ts';
import { ResourceTypes } from './resource-types.ts';
import { parseScopeId, scopeId } from './scope.ts';

const system = 'kubernetes';

/** The objects of one Kubernetes cluster. */
export class KubernetesSource implements Source {
  readonly name = system;
  readonly #settings: KubernetesSettings;
  #connected: { readonly server: ApiServer; readonly types: ResourceTypes } | undefined;

  /** Nothing is connected or read yet. */
  constructor(settings: KubernetesSettings) {
    this.#settings = settings;
  }

  /** Requests sent so far. */
  get calls(): number {
    return this.#connected?.server.calls ?? 0;
  }

  /** Kinds that the cluster does not have are left out: there is nothing to list. */
  async *scopes(kinds: ReadonlySet<string>, signal: AbortSignal): AsyncGenerator<Scope> {
    const { cluster, namespaces } = this.#settings;
    for (const kind of kinds) {
      if (!kind.startsWith(`${system}.`)) continue;
      const kindName = kind.slice(system.length + 1);
      const type = await this.#connect().types.find(kindName, signal);
      if (type === undefined) continue;
      const places = type.namespaced && namespaces !== undefined ? namespaces : [undefined];
      for (const namespace of places) yield { id: scopeId(cluster, namespace, kindName), kind };
    }
  }

  /** Throws `inventory.forbidden`, `.throttled`, `.unavailable` or `.incomplete`. */
  async *list(scope: Scope, signal: AbortSignal): AsyncGenerator<readonly Resource[]> {
    const parsed = parseScopeId(scope.id);
    if (parsed === undefined || parsed.cluster !== this.#settings.cluster)
      throw new LakewardenError(
        'inventory.unavailable',
        `${scope.id} is no listing of cluster ${this.#settings.cluster}`,
      );
    const { server, types } = this.#connect();
    const type = await types.find(parsed.kindName, signal);
    if (type === undefined) return;
    const listing = { type, namespace: parsed.namespace, pageSize: this.#settings.pageSize };
    for await (const page of listObjects(server, listing, signal)) {
      const resources = page.map((raw) => normaliseObject(raw, { cluster: parsed.cluster, scope: scope.id }));
      yield resources.filter((resource) => resource !== undefined);
    }
  }

  /** An object of the same name that was made later is not the one that was asked for. */
  async read({ kind, scope, uid, name, place }: Reference, signal: AbortSignal): Promise<Resource | undefined> {
    const { server, types } = this.#connect();
    const type = await types.find(kind.slice(system.length + 1), signal);
    if (type === undefined) return undefined;
    const namespace = place['namespace'];
    const said = await server.get({
      path: pathOf(type, namespace, name),
      ...(metadataOnly.has(type.name)
        ? { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' }
        : {}),
      what: `${type.kind} ${name}${namespace === undefined ? '' : ` of namespace ${namespace}`}`,
      signal,
    });
    if (said.outcome === 'absent') return undefined;
    const raw =
      said.outcome === 'ok' && typeof said.json === 'object' && said.json !== null
        ? complete(said.json, type)
        : undefined;
    const resource = normaliseObject(raw, { cluster: this.#settings.cluster, scope });
    if (resource === undefined)
      throw new LakewardenError('inventory.unavailable', `the API server answers no object for ${kind} ${name}`);
    return uid === undefined || uid === resource.uid ? resource : undefined;
  }

  changes(event: CloudEventIn): readonly Change[] | undefined {
    return readChanges(event, this.#settings);
  }

  async close(): Promise<void> {
    this.#connected?.server.close();
    this.#connected = undefined;
  }

  #connect(): { readonly server: ApiServer; readonly types: ResourceTypes } {
    if (this.#connected !== undefined) return this.#connected;
    const server = new ApiServer(createAccess(this.#settings), this.#settings.deadlineSeconds * 1_000);
    this.#connected = { server, types: new ResourceTypes(server) };
    return this.#connected;
  }
}
