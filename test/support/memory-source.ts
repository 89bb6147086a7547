import type { Change, Reference, Source } from '#functions/compliance-scan/inventory/source.ts';
import type { Resource, Scope } from '#functions/compliance-scan/model/resource.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import type { CloudEventIn } from '#shared/host/cloud-event.ts';

/** A system whose resources tests make; it counts what is asked of it. */
export class MemorySource implements Source {
  readonly name: string;
  /** Resources by listing. */
  readonly listings = new Map<string, { kind: string; resources: Resource[] }>();
  /** Listings that break off after so many pages. */
  readonly broken = new Map<string, number>();
  /** Listings that never answer. */
  readonly silent = new Set<string>();
  /** Throws from `scopes` when set. */
  trouble: Error | undefined;
  calls = 0;
  /** Runs when a listing ends: what others do in the meantime. */
  meanwhile: (() => Promise<void>) | undefined;
  readonly pageSize = 2;

  constructor(name = 'test') {
    this.name = name;
  }

  /** Puts a resource in, or a newer one in its place. */
  put(name: string, more: Partial<Resource> = {}): Resource {
    const kind = more.kind ?? `${this.name}.Thing`;
    const scope = more.scope ?? `${this.name}/one/${kind}`;
    const resource = { uid: `${scope}/${name}`, kind, scope, name, place: {}, labels: {}, body: {}, ...more };
    const { resources } = this.listing(scope, kind);
    const at = resources.findIndex(({ uid }) => uid === resource.uid);
    if (at < 0) resources.push(resource);
    else resources[at] = resource;
    return resource;
  }

  remove({ uid, scope, kind }: Resource): void {
    const listing = this.listing(scope, kind);
    listing.resources = listing.resources.filter((one) => one.uid !== uid);
  }

  listing(scope: string, kind: string): { kind: string; resources: Resource[] } {
    const known = this.listings.get(scope) ?? { kind, resources: [] };
    this.listings.set(scope, known);
    return known;
  }

  async *scopes(kinds: ReadonlySet<string>): AsyncGenerator<Scope> {
    if (this.trouble !== undefined) throw this.trouble;
    for (const [id, { kind }] of this.listings) if (kinds.has(kind)) yield { id, kind };
  }

  async *list({ id, kind }: Scope): AsyncGenerator<readonly Resource[]> {
    this.calls += 1;
    if (this.silent.has(id)) await new Promise(() => undefined);
    const resources = [...this.listing(id, kind).resources];
    for (let page = 0; page * this.pageSize < resources.length; page += 1) {
      if (this.broken.get(id) === page) throw new LakewardenError('inventory.throttled', `${id} is throttled`);
      yield resources.slice(page * this.pageSize, (page + 1) * this.pageSize);
    }
    if (this.broken.has(id)) throw new LakewardenError('inventory.throttled', `${id} is throttled`);
    await this.meanwhile?.();
  }

  read({ scope, kind, uid, name }: Reference): Promise<Resource | undefined> {
    this.calls += 1;
    const { resources } = this.listing(scope, kind);
    return Promise.resolve(resources.find((one) => one.uid === uid) ?? resources.find((one) => one.name === name));
  }

  changes({ type, data }: CloudEventIn): readonly Change[] | undefined {
    if (type !== `${this.name}.changed`) return undefined;
    return data as readonly Change[];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
