import { LakewardenError } from '#shared/errors/error.ts';
import type { ApiServer } from './api-server.ts';
import { builtInTypes, type ResourceType } from './kinds.ts';

/** Finds where the objects of a kind are: known for kinds that come with every cluster, asked once for others. */
export class ResourceTypes {
  readonly #server: ApiServer;
  readonly #found = new Map<string, ResourceType>();

  constructor(server: ApiServer) {
    this.#server = server;
  }

  /** Undefined when the cluster has no such kind. Throws as {@link ApiServer.get}. */
  async find(kindName: string, signal: AbortSignal): Promise<ResourceType | undefined> {
    const known = builtInTypes.get(kindName) ?? this.#found.get(kindName);
    if (known !== undefined) return known;
    const dot = kindName.indexOf('.');
    if (dot < 0) return undefined;
    const [kind, group] = [kindName.slice(0, dot), kindName.slice(dot + 1)];
    for (const apiVersion of await this.#versions(group, signal)) {
      const type = await this.#look(kindName, kind, apiVersion, signal);
      if (type === undefined) continue;
      this.#found.set(kindName, type);
      return type;
    }
    return undefined;
  }

  /** The versions of a group, the one that the server prefers first. */
  async #versions(group: string, signal: AbortSignal): Promise<string[]> {
    const path = `/apis/${encodeURIComponent(group)}`;
    const said = await this.#server.get({ path, what: `the group ${group}`, signal });
    if (said.outcome === 'absent') return [];
    const { preferredVersion, versions } = expectOk(said, group) as ApiGroup;
    const all = [preferredVersion, ...(Array.isArray(versions) ? versions : [])].map(
      (version) => version?.groupVersion,
    );
    return [...new Set(all.filter((version) => version !== undefined))];
  }

  async #look(name: string, kind: string, apiVersion: string, signal: AbortSignal): Promise<ResourceType | undefined> {
    const path = `/apis/${apiVersion.split('/').map(encodeURIComponent).join('/')}`;
    const said = await this.#server.get({ path, what: `the kinds of ${apiVersion}`, signal });
    if (said.outcome === 'absent') return undefined;
    const { resources } = expectOk(said, apiVersion) as ApiResources;
    // Subresources such as `deployments/status` stand in the same list.
    const found = resources?.find((resource) => resource.kind === kind && resource.name?.includes('/') === false);
    if (found?.name === undefined) return undefined;
    return { name, apiVersion, kind, plural: found.name, namespaced: found.namespaced === true };
  }
}

interface ApiGroup {
  readonly preferredVersion?: { readonly groupVersion?: string };
  readonly versions?: readonly { readonly groupVersion?: string }[];
}

interface ApiResources {
  readonly resources?: readonly { readonly name?: string; readonly kind?: string; readonly namespaced?: boolean }[];
}

function expectOk(said: Awaited<ReturnType<ApiServer['get']>>, what: string): unknown {
  if (said.outcome === 'ok' && typeof said.json === 'object' && said.json !== null) return said.json;
  throw new LakewardenError('inventory.unavailable', `the API server does not say which kinds ${what} has`);
}
