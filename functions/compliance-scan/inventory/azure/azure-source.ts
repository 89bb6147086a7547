import { readTokenFile } from '#shared/config/token-file.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import type { CloudEventIn } from '#shared/host/cloud-event.ts';
import type { Resource, Scope } from '../../model/resource.ts';
import { readPages } from '../pages.ts';
import { RestClient } from '../rest.ts';
import type { Change, Reference, Source } from '../source.ts';
import { askForToken, identifyBy, type Token } from '../token.ts';
import { readChanges } from './changes.ts';
import { groupKind, normaliseGroup, scopeOf } from './normalise.ts';
import type { AzureSettings } from './settings.ts';

/** Version of the API of networks. */
const apiVersion = '2024-05-01';

/** Network security groups of Azure subscriptions. */
export class AzureSource implements Source {
  readonly name = 'azure';
  readonly #settings: AzureSettings;
  readonly #client: RestClient;

  constructor(settings: AzureSettings) {
    this.#settings = settings;
    const { deadlineSeconds, attempts, tokenFile } = settings;
    const identify = identifyBy(tokenFile, (signal) => this.#fetchToken(signal));
    this.#client = new RestClient({ deadlineMs: deadlineSeconds * 1_000, attempts, identify });
  }

  /** Requests sent so far. */
  get calls(): number {
    return this.#client.calls;
  }

  async *scopes(kinds: ReadonlySet<string>): AsyncGenerator<Scope> {
    if (!kinds.has(groupKind)) return;
    for (const subscription of this.#settings.subscriptions) yield { id: scopeOf(subscription), kind: groupKind };
  }

  async *list(scope: Scope, signal: AbortSignal): AsyncGenerator<readonly Resource[]> {
    const subscription = this.#settings.subscriptions.find((one) => scopeOf(one) === scope.id);
    if (subscription === undefined)
      throw new LakewardenError('inventory.unavailable', `${scope.id} is no listing of a subscription that is named`);
    const what = `network security groups of subscription ${subscription}`;
    const first = this.#url(`/subscriptions/${subscription}/providers/Microsoft.Network/networkSecurityGroups`);
    for await (const page of readPages(what, async (link) => {
      const url = link === undefined ? first : this.#follow(link, what);
      const answer = (await this.#client.get({ url, what, signal })) as
        | { value?: unknown; nextLink?: unknown }
        | undefined;
      if (!Array.isArray(answer?.value))
        throw new LakewardenError('inventory.incomplete', `${what}: an answer has none`);
      return { items: answer.value, next: typeof answer.nextLink === 'string' ? answer.nextLink : undefined };
    }))
      yield page.map((raw) => normaliseGroup(raw, scope.id)).filter((resource) => resource !== undefined);
  }

  async read({ scope, name, place }: Reference, signal: AbortSignal): Promise<Resource | undefined> {
    const { subscription = '', resourceGroup = '' } = place;
    const path = `/subscriptions/${encodeURIComponent(subscription)}/resourceGroups/${encodeURIComponent(resourceGroup)}/providers/Microsoft.Network/networkSecurityGroups/${encodeURIComponent(name)}`;
    const raw = await this.#client.get({ url: this.#url(path), what: `network security group ${name}`, signal });
    return raw === undefined ? undefined : normaliseGroup(raw, scope);
  }

  changes(event: CloudEventIn): readonly Change[] | undefined {
    return readChanges(event, this.#settings.subscriptions);
  }

  async close(): Promise<void> {}

  #url(path: string): URL {
    const { endpoint } = this.#settings;
    const url = new URL(`${endpoint.replace(/\/$/, '')}${path}`);
    url.searchParams.set('api-version', apiVersion);
    return url;
  }

  /** A link that leads elsewhere would take our token there. */
  #follow(link: string, what: string): URL {
    const url = URL.canParse(link) ? new URL(link) : undefined;
    if (url === undefined || url.origin !== new URL(this.#settings.endpoint).origin)
      throw new LakewardenError('inventory.incomplete', `${what}: the link to the next page leads elsewhere`);
    return url;
  }

  /** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
  #fetchToken(signal: AbortSignal): Promise<Token> {
    const { tenant = '', clientId = '', clientSecretFile, assertionFile, loginEndpoint, endpoint } = this.#settings;
    const proof =
      assertionFile === undefined
        ? { client_secret: readTokenFile(clientSecretFile ?? '', 'inventory.forbidden') }
        : {
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
            client_assertion: readTokenFile(assertionFile, 'inventory.forbidden'),
          };
    const scope = `${new URL(endpoint).origin}/.default`;
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, scope, ...proof });
    const url = `${loginEndpoint.replace(/\/$/, '')}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`;
    return askForToken(url, { method: 'POST', body, signal });
  }
}
