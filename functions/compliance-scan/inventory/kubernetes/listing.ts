import { LakewardenError } from '#shared/errors/error.ts';
import type { ApiServer, Said } from './api-server.ts';
import { metadataOnly, type ResourceType } from './kinds.ts';

/** Bytes of one answer that are kept in memory; where objects are larger, fewer of them are asked for. */
const pageBytes = 16 << 20;
/** Bytes that one object alone may have: etcd stops at 1.5 MB, aggregated servers may not. */
const objectBytes = 64 << 20;

/** What to list. */
export interface Listing {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  readonly pageSize: number;
}

interface ListAnswer {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly Record<string, unknown>[] | null;
}

/**
 * All objects of a kind, a page at a time, as of the moment of the first page. When that moment is no longer kept (410), the
 * rest comes as it is now, each object once, by the token that the server gives for this. Throws `inventory.incomplete` when
 * the list cannot be read to its end, and what {@link ApiServer.get} throws.
 */
export async function* listObjects(
  server: ApiServer,
  { type, namespace, pageSize }: Listing,
  signal: AbortSignal,
): AsyncGenerator<unknown[]> {
  const path = pathOf(type, namespace);
  const accept = metadataOnly.has(type.name)
    ? 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
    : 'application/json';
  const what = `${type.plural} of ${namespace === undefined ? 'the cluster' : `namespace ${namespace}`}`;
  const seen = new Set<string>();
  let limit = pageSize;
  let token = '';
  for (;;) {
    const query = { limit: String(limit), ...(token === '' ? {} : { continue: token }) };
    const said = await server.get({
      path,
      query,
      accept,
      what,
      maxBytes: limit === 1 ? objectBytes : pageBytes,
      signal,
    });
    if (said.outcome === 'large') {
      if (limit === 1) throw new LakewardenError('inventory.incomplete', `one of the ${what} is larger than 64 MiB`);
      limit = Math.max(1, Math.floor(limit / 8));
      continue;
    }
    const next = said.outcome === 'ok' ? readPage(said.json, what) : undefined;
    if (next !== undefined && next.items.length > 0) yield next.items.map((item) => complete(item, type));
    token = next?.token ?? tokenAfter(said, what);
    if (token === '') return;
    // A server that answers the same token for ever would keep us for ever.
    if (seen.has(token))
      throw new LakewardenError('inventory.incomplete', `the listing of ${what} goes round in circles`);
    seen.add(token);
  }
}

/** Where the objects of a kind are, of one namespace or of all; with a name, where that object is. */
export function pathOf(
  { apiVersion, plural, namespaced }: ResourceType,
  namespace: string | undefined,
  name?: string,
): string {
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const inside = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${base}${inside}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}

/** An object of a list says neither its version nor its kind, and one of metadata alone says the wrong ones. */
export function complete(item: object, { apiVersion, kind }: ResourceType): object {
  return { ...item, apiVersion, kind };
}

function readPage(json: unknown, what: string): { items: readonly object[]; token: string } {
  const { metadata, items } = json as ListAnswer;
  if (!Array.isArray(items) && items !== null)
    throw new LakewardenError('inventory.incomplete', `the answer for ${what} is no list`);
  return { items: items ?? [], token: metadata?.continue ?? '' };
}

function tokenAfter(said: Said, what: string): string {
  if (said.outcome === 'absent') throw new LakewardenError('inventory.unavailable', `the API server knows no ${what}`);
  const status =
    said.outcome === 'expired' ? (said.json as { metadata?: { continue?: unknown } } | undefined) : undefined;
  const token = status?.metadata?.continue;
  if (typeof token === 'string' && token !== '') return token;
  throw new LakewardenError('inventory.incomplete', `the listing of ${what} took longer than the API server keeps it`);
}
