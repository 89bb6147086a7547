import { isError, LakewardenError } from '#shared/errors/error.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import { type Page, readPages } from '../pages.ts';
import { RestClient } from '../rest.ts';
import type { Change, Reference, Source } from '../source.ts';
import { listAt, textAt } from '../wire.ts';
import { Keystone } from './keystone.ts';
import { addressGroupsOf, normaliseOpenstackGroup } from './normalise.ts';
import type { OpenstackSettings } from './settings.ts';

const pageSize = 500;
const kind = 'openstack.SecurityGroup';

/** The security groups of a cloud of OpenStack (Neutron), with a token of Keystone. */
export function openOpenstack(settings: OpenstackSettings): Source {
  return new OpenstackSource(settings);
}

class OpenstackSource implements Source {
  readonly name = 'openstack';
  readonly #settings: OpenstackSettings;
  readonly #scope: string;
  readonly #keystone: Keystone;
  readonly #client: RestClient;

  constructor(settings: OpenstackSettings) {
    this.#settings = settings;
    this.#scope = `openstack/${settings.name}/${settings.region ?? 'default'}/SecurityGroup`;
    this.#keystone = new Keystone(settings);
    this.#client = new RestClient({
      deadlineMs: settings.deadlineSeconds * 1_000,
      attempts: settings.attempts,
      identify: async (anew, signal) => ({ 'x-auth-token': (await this.#keystone.session(signal, anew)).token }),
    });
  }

  async *scopes(kinds: ReadonlySet<string>): AsyncGenerator<Scope> {
    if (kinds.has(kind)) yield { id: this.#scope, kind };
  }

  list(_scope: Scope, signal: AbortSignal): AsyncIterable<readonly Resource[]> {
    const known = new Map<string, readonly string[]>();
    return readPages(`the listing of ${kind}`, (marker) => this.#page(marker, known, signal));
  }

  async read(reference: Reference, signal: AbortSignal): Promise<Resource | undefined> {
    const id = reference.uid?.slice(this.#scope.length + 1) ?? reference.place.id ?? reference.name;
    const answer = await this.#ask(`security-groups/${encodeURIComponent(id)}`, signal);
    if (answer === undefined) return undefined;
    const [resource] = await this.#normalise(listAt(answer, 'security_group'), new Map(), signal);
    return resource;
  }

  changes(): readonly Change[] | undefined {
    return undefined;
  }

  async close(): Promise<void> {}

  async #page(
    marker: string | undefined,
    known: Map<string, readonly string[]>,
    signal: AbortSignal,
  ): Promise<Page<Resource>> {
    const after = marker === undefined ? '' : `&marker=${encodeURIComponent(marker)}`;
    const answer = await this.#ask(`security-groups?limit=${pageSize}&sort_key=id&sort_dir=asc${after}`, signal);
    if (answer === undefined)
      throw new LakewardenError('inventory.unavailable', `no Neutron answers with ${this.#what}`);
    const groups = listAt(answer, 'security_groups');
    const hasMore = listAt(answer, 'security_groups_links').some((link) => textAt(link, 'rel') === 'next');
    // The link itself may name another host; the marker is the last id of the page.
    return {
      items: await this.#normalise(groups, known, signal),
      next: hasMore ? textAt(groups.at(-1), 'id') : undefined,
    };
  }

  async #normalise(
    groups: readonly unknown[],
    known: Map<string, readonly string[]>,
    signal: AbortSignal,
  ): Promise<Resource[]> {
    for (const id of new Set(groups.flatMap((group) => addressGroupsOf(group)))) {
      const addresses = known.has(id) ? undefined : await this.#readAddressGroup(id, signal);
      if (addresses !== undefined) known.set(id, addresses);
    }
    const place = {
      cloud: this.#settings.name,
      ...(this.#settings.region !== undefined && { region: this.#settings.region }),
    };
    return groups.map((group) => normaliseOpenstackGroup(group, this.#scope, place, known));
  }

  async #readAddressGroup(id: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
    try {
      const answer = await this.#ask(`address-groups/${encodeURIComponent(id)}`, signal);
      return answer === undefined
        ? undefined
        : listAt(answer, 'address_group', 'addresses').filter((address) => typeof address === 'string');
    } catch (error) {
      if (isError(error, 'inventory.forbidden')) return undefined;
      throw error;
    }
  }

  async #ask(path: string, signal: AbortSignal): Promise<unknown> {
    const { neutron } = await this.#keystone.session(signal);
    return this.#client.get({ url: new URL(`${neutron}/v2.0/${path}`), what: this.#what, signal });
  }

  get #what(): string {
    return `security groups of cloud ${this.#settings.name}`;
  }
}
