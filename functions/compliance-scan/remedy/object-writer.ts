import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { json } from 'node:stream/consumers';
import { LakewardenError } from '#shared/errors/error.ts';
import type { Access } from '../inventory/kubernetes/access.ts';
import { ApiServer } from '../inventory/kubernetes/api-server.ts';
import { createAccess } from '../inventory/kubernetes/create-access.ts';
import type { KubernetesObject } from '../inventory/kubernetes/kinds.ts';
import { pathOf } from '../inventory/kubernetes/listing.ts';
import { normaliseObject } from '../inventory/kubernetes/normalise.ts';
import { ResourceTypes } from '../inventory/kubernetes/resource-types.ts';
import type { KubernetesSettings } from '../inventory/kubernetes/settings.ts';
import type { Resource } from '../model/resource.ts';
import type { Edit } from '../model/rule.ts';
import { applyEdits } from './edits.ts';

/** What came of a change: the object as the API server has it then (or would have it), or why there is none. */
export type Written =
  | { readonly outcome: 'written'; readonly after: Resource<KubernetesObject> }
  | { readonly outcome: 'stale' | 'refused'; readonly reason: string };

/** Who the API server shall say has set the fields. */
const fieldManager = 'lakewarden';

/**
 * Changes objects of a cluster, each only as it was scanned: the API server takes an object with its resourceVersion and
 * refuses it when somebody else was faster. The only part of the scan that writes.
 */
export class ObjectWriter {
  readonly #settings: KubernetesSettings;
  readonly #access: Access;
  readonly #server: ApiServer;
  readonly #types: ResourceTypes;

  /** Nothing is connected yet. */
  constructor(settings: KubernetesSettings) {
    this.#settings = settings;
    this.#access = createAccess(settings);
    this.#server = new ApiServer(this.#access, settings.deadlineSeconds * 1_000);
    this.#types = new ResourceTypes(this.#server);
  }

  /** Changes an object, or in a dry run asks the API server what would come of it. @throws inventory.forbidden, .unavailable */
  async change(
    scanned: Resource<KubernetesObject>,
    edits: readonly Edit[],
    { dryRun, signal }: { readonly dryRun: boolean; readonly signal: AbortSignal },
  ): Promise<Written> {
    const kindName = scanned.kind.slice('kubernetes.'.length);
    const type = await this.#types.find(kindName, signal);
    const { name, namespace } = scanned.body.metadata;
    const what = `${scanned.body.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
    if (type === undefined) return { outcome: 'stale', reason: `${what} is gone` };
    const path = pathOf(type, namespace, name);
    const said = await this.#server.get({ path, what, signal });
    if (said.outcome !== 'ok') return { outcome: 'stale', reason: `${what} is gone` };
    const now = said.json as KubernetesObject & { metadata: { resourceVersion?: string } };
    // The whole object is sent, since the scanned one lacks what rules do not look at.
    if (now.metadata.resourceVersion !== scanned.version)
      return { outcome: 'stale', reason: `${what} was changed since it was scanned` };
    const { status, answer } = await this.#put(path, applyEdits(now, edits), dryRun, signal);
    if (status === 409) return { outcome: 'stale', reason: `${what} was changed since it was scanned` };
    if (status >= 300) return { outcome: 'refused', reason: `${what}: ${messageOf(answer) ?? `answer ${status}`}` };
    const after = normaliseObject(answer, { cluster: this.#settings.cluster, scope: scanned.scope });
    return after === undefined
      ? { outcome: 'refused', reason: `${what}: the API server answers no object` }
      : { outcome: 'written', after };
  }

  /** Closes every connection. */
  close(): void {
    this.#server.close();
  }

  async #put(
    path: string,
    body: object,
    dryRun: boolean,
    signal: AbortSignal,
  ): Promise<{ status: number; answer: unknown }> {
    const { server } = this.#access;
    const url = new URL(`${server.pathname.replace(/\/$/, '')}${path}`, server);
    url.searchParams.set('fieldManager', fieldManager);
    if (dryRun) url.searchParams.set('dryRun', 'All');
    const { authorization, certificate } = await this.#access.identify(false, signal);
    const isTls = url.protocol === 'https:';
    const options = {
      method: 'PUT',
      headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.#settings.deadlineSeconds * 1_000)]),
      ...(isTls ? { ...this.#access.readTls(), ...certificate } : {}),
    };
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown): void =>
        reject(new LakewardenError('inventory.unavailable', `${url.host} took no change of ${path}`, { cause }));
      const sent = (isTls ? tlsRequest : plainRequest)(url, options);
      sent.once('error', fail);
      sent.once('response', (response) => {
        json(response).then((answer) => resolve({ status: response.statusCode ?? 500, answer }), fail);
      });
      sent.end(JSON.stringify(body));
    });
  }
}

function messageOf(answer: unknown): string | undefined {
  const message = (answer as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message.slice(0, 500) : undefined;
}
