import { LakewardenError } from '#shared/errors/error.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import { readAll } from '../pages.ts';
import { RestClient } from '../rest.ts';
import type { Change, Reference, Source } from '../source.ts';
import { identifyBy } from '../token.ts';
import { firewallKind, normaliseFirewalls } from './normalise.ts';
import type { GcpSettings } from './settings.ts';
import { askMetadata, askWithKey } from './token.ts';

/** Firewalls of Google Cloud's networks. Policies of folders and organisations are not seen. */
export class GcpSource implements Source {
  readonly name = 'gcp';
  readonly #settings: GcpSettings;
  readonly #client: RestClient;

  constructor(settings: GcpSettings) {
    this.#settings = settings;
    const { keyFile, tokenFile, metadataEndpoint, deadlineSeconds, attempts } = settings;
    const identify = identifyBy(tokenFile, (signal) =>
      keyFile === undefined ? askMetadata(metadataEndpoint, signal) : askWithKey(keyFile, signal),
    );
    this.#client = new RestClient({ deadlineMs: deadlineSeconds * 1_000, attempts, identify });
  }

  /** Requests sent so far. */
  get calls(): number {
    return this.#client.calls;
  }

  async *scopes(kinds: ReadonlySet<string>): AsyncGenerator<Scope> {
    if (!kinds.has(firewallKind)) return;
    for (const project of this.#settings.projects) yield { id: scopeOf(project), kind: firewallKind };
  }

  /** Rules of a network are weighed together, so all of a project are read first: they are few, and small. */
  async *list(scope: Scope, signal: AbortSignal): AsyncGenerator<readonly Resource[]> {
    const project = this.#settings.projects.find((one) => scopeOf(one) === scope.id);
    if (project === undefined)
      throw new LakewardenError('inventory.unavailable', `${scope.id} is no listing of a project that is named`);
    yield await this.#firewalls(project, signal);
  }

  async read({ place, name }: Reference, signal: AbortSignal): Promise<Resource | undefined> {
    const all = await this.#firewalls(place['project'] ?? '', signal);
    return all.find((one) => one.name === name);
  }

  /** An audit log names a rule and not the instances that it concerns: networks are looked at by sweeps. */
  changes(): readonly Change[] | undefined {
    return undefined;
  }

  async close(): Promise<void> {}

  async #firewalls(project: string, signal: AbortSignal): Promise<Resource[]> {
    const { endpoint, pageSize } = this.#settings;
    const what = `firewall rules of project ${project}`;
    const rules = await readAll(what, async (token) => {
      const url = new URL(
        `${endpoint.replace(/\/$/, '')}/compute/v1/projects/${encodeURIComponent(project)}/global/firewalls`,
      );
      url.searchParams.set('maxResults', String(pageSize));
      if (token !== undefined) url.searchParams.set('pageToken', token);
      const answer = (await this.#client.get({ url, what, signal })) as
        | { items?: unknown; nextPageToken?: unknown; kind?: unknown }
        | undefined;
      // A project without rules answers without items; another answer is none.
      if (answer === undefined || (answer.items !== undefined && !Array.isArray(answer.items)))
        throw new LakewardenError('inventory.incomplete', `${what}: there is no such project, or the answer has none`);
      const { items = [], nextPageToken } = answer as { items?: unknown[]; nextPageToken?: unknown };
      return { items, next: typeof nextPageToken === 'string' ? nextPageToken : undefined };
    });
    return normaliseFirewalls(rules, project, scopeOf(project));
  }
}

function scopeOf(project: string): string {
  return `gcp/${project}/${firewallKind}`;
}
