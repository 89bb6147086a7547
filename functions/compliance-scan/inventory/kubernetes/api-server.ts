import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { LakewardenError } from '#shared/errors/error.ts';
import { traceCalling } from '#shared/observe/trace.ts';
import type { Access, Identity } from './access.ts';
import { get, type Answer } from './exchange.ts';

/** What the server said, when it said something that a caller can go on with. */
export type Said =
  | { readonly outcome: 'ok'; readonly json: unknown }
  | { readonly outcome: 'absent' }
  /** The list that a continue token belongs to is no longer kept; `json` is the Status. */
  | { readonly outcome: 'expired'; readonly json: unknown }
  /** More bytes than were allowed. */
  | { readonly outcome: 'large' };

/** One thing to get. */
export interface Ask {
  /** Begins with a slash and is escaped. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly accept?: string;
  /** What it is, for errors: `deployments of namespace golden`. */
  readonly what: string;
  readonly maxBytes?: number;
  readonly signal: AbortSignal;
}

const tries = 5;
const longestWait = 30;

/** Gets things from one API server: connections kept, passing trouble tried again, a deadline on each try. It only reads. */
export class ApiServer {
  readonly #access: Access;
  readonly #deadlineMs: number;
  readonly #agents = new Map<string, PlainAgent | TlsAgent>();
  /** Requests sent so far. */
  calls = 0;

  constructor(access: Access, deadlineMs: number) {
    this.#access = access;
    this.#deadlineMs = deadlineMs;
  }

  /** Throws `inventory.forbidden`, `.throttled` or `.unavailable`; `deadline.exceeded` for a server that stays silent. */
  async get(ask: Ask): Promise<Said> {
    let anew = false;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#try(ask, anew);
      if (answer instanceof Error) {
        if (attempt === tries) throw answer;
        await wait(undefined, attempt, ask.signal);
        continue;
      }
      const { status, retryAfter, body } = answer;
      if (status === 200)
        return body === undefined ? { outcome: 'large' } : { outcome: 'ok', json: this.#parse(ask, body) };
      if (status === 404) return { outcome: 'absent' };
      if (status === 410) return { outcome: 'expired', json: parseJson(body) };
      const again = status === 429 || status >= 500 || (status === 401 && !anew);
      if (!again || attempt === tries) throw refusal(ask.what, status, this.#access.server.host);
      if (status === 401) this.#forget();
      else await wait(retryAfter, attempt, ask.signal);
      anew = status === 401;
    }
  }

  /** Closes every connection. */
  close(): void {
    this.#forget();
  }

  async #try(
    { path, query, accept = 'application/json', what, maxBytes = 1 << 26, signal }: Ask,
    anew: boolean,
  ): Promise<Answer | LakewardenError> {
    signal.throwIfAborted();
    const timeUp = AbortSignal.timeout(this.#deadlineMs);
    const { server } = this.#access;
    const url = new URL(`${server.pathname.replace(/\/$/, '')}${path}`, server);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    const identity = await this.#access.identify(anew, signal);
    const { authorization } = identity;
    const headers = { accept, 'user-agent': 'lakewarden', ...(authorization === undefined ? {} : { authorization }) };
    this.calls += 1;
    try {
      const ask = () => get(url, headers, this.#agent(identity), maxBytes, AbortSignal.any([signal, timeUp]));
      return await traceCalling('kubernetes', 'GET', ask);
    } catch (cause) {
      signal.throwIfAborted();
      if (timeUp.aborted)
        return new LakewardenError(
          'deadline.exceeded',
          `${server.host} did not answer with ${what} in ${this.#deadlineMs / 1000} s`,
        );
      // A certificate may have been renewed in its file.
      this.#forget();
      return new LakewardenError(
        'inventory.unavailable',
        `${server.host} cannot be asked for ${what}: ${reason(cause)}`,
        { cause },
      );
    }
  }

  #agent({ certificate }: Identity): PlainAgent | TlsAgent {
    const key = certificate?.cert ?? '';
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const options = { keepAlive: true, maxSockets: 4 };
    const made =
      this.#access.server.protocol === 'https:'
        ? new TlsAgent({ ...options, ...this.#access.readTls(), ...certificate })
        : new PlainAgent(options);
    this.#agents.set(key, made);
    return made;
  }

  #forget(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #parse({ what }: Ask, body: Buffer): unknown {
    const json = parseJson(body);
    if (json === undefined)
      throw new LakewardenError('inventory.unavailable', `${this.#access.server.host} answers no JSON for ${what}`);
    return json;
  }
}

function parseJson(body: Buffer | undefined): unknown {
  try {
    return body === undefined ? undefined : JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

async function wait(retryAfter: number | undefined, attempt: number, signal: AbortSignal): Promise<void> {
  const seconds = Math.min(retryAfter ?? 0.1 * 2 ** attempt, longestWait);
  await sleep(seconds * 1_000, undefined, { signal });
}

function refusal(what: string, status: number, host: string): LakewardenError {
  if (status === 401)
    return new LakewardenError('inventory.forbidden', `${host} does not know who we are, so ${what} cannot be read`);
  if (status === 403) return new LakewardenError('inventory.forbidden', `we may not read ${what} at ${host}`);
  if (status === 429) return new LakewardenError('inventory.throttled', `${host} is too busy for ${what}`);
  return new LakewardenError('inventory.unavailable', `${host} answers ${status} to a question for ${what}`);
}

/** Node gives an error per address family, with an empty message of its own, when a name has several addresses. */
function reason(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return cause.errors.map(reason).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}
