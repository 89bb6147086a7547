import { LakewardenError } from '#shared/errors/error.ts';
import { traceCalling } from '#shared/observe/trace.ts';
import { listAt, textAt } from '../wire.ts';
import type { OpenstackSettings } from './settings.ts';

/** What a login gives: a token, and where Neutron is. */
export interface Session {
  readonly token: string;
  /** The base address of Neutron, without version. */
  readonly neutron: string;
  /** When the token ends, in milliseconds since 1970. */
  readonly ends: number;
}

/** A session is renewed so long before it ends, in milliseconds. */
const margin = 60_000;

/** Logs in to Keystone (Identity API v3) when it has to. */
export class Keystone {
  readonly #settings: OpenstackSettings;
  #session: Session | undefined;

  constructor(settings: OpenstackSettings) {
    this.#settings = settings;
  }

  /** A session that holds for another minute at least; `anew` after the one there was refused. @throws inventory.forbidden, inventory.unavailable */
  async session(signal: AbortSignal, anew = false): Promise<Session> {
    if (anew || this.#session === undefined || this.#session.ends - Date.now() < margin)
      this.#session = await this.#logIn(signal);
    return this.#session;
  }

  async #logIn(signal: AbortSignal): Promise<Session> {
    const { authUrl, name, region, interface: wanted, deadlineSeconds } = this.#settings;
    const unavailable = (reason: string): LakewardenError =>
      new LakewardenError('inventory.unavailable', `Keystone of cloud ${name} ${reason}`);
    const url = new URL(`${authUrl.replace(/\/+$/u, '')}/auth/tokens`);
    const ask = () =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ auth: credentialsOf(this.#settings) }),
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineSeconds * 1_000)]),
      });
    const answer = await traceCalling(url.host, 'POST', ask).catch(() => undefined);
    if (answer === undefined) throw unavailable('cannot be asked');
    const body: unknown = await answer.json().catch(() => undefined);
    if (answer.status === 401 || answer.status === 403)
      throw new LakewardenError(
        'inventory.forbidden',
        `Keystone of cloud ${name} refuses to let us in (${answer.status})`,
      );
    const token = answer.headers.get('x-subject-token');
    if (!answer.ok || token === null) throw unavailable(`gives no token (${answer.status})`);
    const [endpoint] = listAt(body, 'token', 'catalog')
      .filter((service) => textAt(service, 'type') === 'network')
      .flatMap((service) => listAt(service, 'endpoints'))
      .filter((each) => textAt(each, 'interface') === wanted)
      .filter((each) => region === undefined || textAt(each, 'region') === region);
    const neutron = textAt(endpoint, 'url')?.replace(/\/(?:v2\.0\/?)?$/u, '');
    if (neutron === undefined) throw unavailable(`names no ${wanted} address of Neutron`);
    return { token, neutron, ends: Date.parse(textAt(body, 'token', 'expires_at') ?? '') || Date.now() + 5 * margin };
  }
}

function credentialsOf({ applicationCredential: application, user }: OpenstackSettings): object {
  if (application !== undefined) {
    const { id, secret } = application;
    return {
      identity: { methods: ['application_credential'], application_credential: { id, secret: secret.reveal() } },
    };
  }
  return {
    identity: {
      methods: ['password'],
      password: { user: { name: user?.name, domain: { name: user?.domain }, password: user?.password.reveal() } },
    },
    scope: { project: { name: user?.project, domain: { name: user?.projectDomain } } },
  };
}
