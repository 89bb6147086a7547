import { readTokenFile } from '#shared/config/token-file.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { traceCalling } from '#shared/observe/trace.ts';

/** A token and for how long it holds. */
export interface Token {
  readonly text: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** Tokens are renewed so long before they end, in milliseconds. */
const marginMs = 60_000;

/** Says who we are by a token: one in a file, which somebody renews, or one that is asked for and kept. */
export function identifyBy(
  tokenFile: string | undefined,
  fetchToken: (signal: AbortSignal) => Promise<Token>,
): TokenKeeper['identify'] {
  if (tokenFile === undefined) return new TokenKeeper(fetchToken).identify;
  return () => Promise.resolve({ authorization: `Bearer ${readTokenFile(tokenFile, 'inventory.forbidden')}` });
}

/** Keeps a token until shortly before it ends; those who ask at once wait for one request. */
class TokenKeeper {
  readonly #fetch: (signal: AbortSignal) => Promise<Token>;
  #kept: { readonly text: string; readonly until: number } | undefined;
  #asked: Promise<string> | undefined;

  constructor(fetchToken: (signal: AbortSignal) => Promise<Token>) {
    this.#fetch = fetchToken;
  }

  /** The header that carries the token. */
  identify = async (anew: boolean, signal: AbortSignal): Promise<Record<string, string>> => {
    if (anew) this.#kept = undefined;
    const text = this.#kept !== undefined && this.#kept.until > Date.now() ? this.#kept.text : await this.#ask(signal);
    return { authorization: `Bearer ${text}` };
  };

  async #ask(signal: AbortSignal): Promise<string> {
    this.#asked ??= this.#fetch(signal)
      .then(({ text, expiresIn }) => {
        this.#kept = { text, until: Date.now() + expiresIn * 1_000 - marginMs };
        return text;
      })
      .finally(() => {
        this.#asked = undefined;
      });
    return await this.#asked;
  }
}

/** Asks an OAuth 2.0 token endpoint (RFC 6749, section 5). @throws inventory.forbidden, inventory.unavailable */
export async function askForToken(url: string | URL, init: RequestInit): Promise<Token> {
  const { host } = new URL(url);
  const unavailable = (cause?: unknown): LakewardenError =>
    new LakewardenError('inventory.unavailable', `${host} gives no token now`, cause === undefined ? {} : { cause });
  const ask = () => fetch(url, { ...init, redirect: 'error' });
  const answer = await traceCalling(host, init.method ?? 'GET', ask).catch((error: unknown) => {
    throw unavailable(error);
  });
  const said = (await answer.json().catch(() => ({}))) as {
    access_token?: unknown;
    expires_in?: unknown;
    error?: unknown;
  };
  if (answer.status === 429 || answer.status >= 500) throw unavailable();
  if (!answer.ok || typeof said.access_token !== 'string') {
    const why = typeof said.error === 'string' && /^[\w-]{1,60}$/.test(said.error) ? said.error : String(answer.status);
    throw new LakewardenError('inventory.forbidden', `${host} refuses a token to us: ${why}`);
  }
  const seconds = Number(said.expires_in ?? 0);
  return { text: said.access_token, expiresIn: Number.isFinite(seconds) ? seconds : 0 };
}
