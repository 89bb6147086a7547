import { setTimeout as sleep } from 'node:timers/promises';
import { LakewardenError } from '#shared/errors/error.ts';
import { traceCalling } from '#shared/observe/trace.ts';

/** How to ask an API that speaks JSON. */
export interface RestOptions {
  /** Longest time of one call, in milliseconds. */
  readonly deadlineMs: number;
  /** How often one call is tried. */
  readonly attempts: number;
  /** The headers that say who we are; `anew` after the API refused what this said before. */
  readonly identify: (anew: boolean, signal: AbortSignal) => Promise<Readonly<Record<string, string>>>;
}

/** What to ask for. */
export interface RestAsk {
  readonly url: URL;
  /** What it is, for errors: `security groups of project lake`. */
  readonly what: string;
  readonly signal: AbortSignal;
}

const longestWaitMs = 30_000;
/** Bytes of one answer; a page of the listings that we ask for has some megabytes at most. */
const longestAnswer = 64 << 20;

/** Asks APIs of clouds by GET: tokens renewed once when they are refused, passing trouble tried again, a deadline on each try. */
export class RestClient {
  readonly #options: RestOptions;
  /** Requests sent so far. */
  calls = 0;

  constructor(options: RestOptions) {
    this.#options = options;
  }

  /** Undefined for what is not there (404). @throws inventory.forbidden, .throttled, .unavailable, deadline.exceeded */
  async get(ask: RestAsk): Promise<unknown> {
    const { url, what, signal } = ask;
    let anew: boolean = false;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#try(ask, anew);
      const isLast = attempt >= this.#options.attempts;
      if (answer instanceof LakewardenError) {
        if (isLast) throw answer;
      } else if (answer.ok) return await readJson(answer, what);
      else if (answer.status === 404) return undefined;
      else {
        const { status } = answer;
        if (status === 401 && !anew) {
          anew = true;
          continue;
        }
        const isPassing = status === 429 || status >= 500;
        if (!isPassing || isLast) throw refusal(status, url.host, what);
      }
      await sleep(waitOf(answer, attempt), undefined, { signal });
    }
  }

  async #try({ url, what, signal }: RestAsk, anew: boolean): Promise<Response | LakewardenError> {
    const timeUp = AbortSignal.timeout(this.#options.deadlineMs);
    const both = AbortSignal.any([signal, timeUp]);
    try {
      const headers = { accept: 'application/json', ...(await this.#options.identify(anew, both)) };
      this.calls += 1;
      // A redirect would take our token elsewhere.
      return await traceCalling(url.host, 'GET', () => fetch(url, { headers, signal: both, redirect: 'error' }));
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof LakewardenError) return cause;
      if (timeUp.aborted)
        return new LakewardenError('deadline.exceeded', `${url.host} did not answer with ${what} in time`);
      return new LakewardenError('inventory.unavailable', `${url.host} cannot be asked for ${what}`, { cause });
    }
  }
}

async function readJson(answer: Response, what: string): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > longestAnswer)
      throw new LakewardenError('inventory.incomplete', `the answer with ${what} is longer than 64 MiB`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch (cause) {
    throw new LakewardenError('inventory.unavailable', `the answer with ${what} is no JSON`, { cause });
  }
}

function waitOf(answer: Response | LakewardenError, attempt: number): number {
  const seconds = answer instanceof Response ? Number(answer.headers.get('retry-after') ?? Number.NaN) : Number.NaN;
  const wanted = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : 200 * 2 ** attempt;
  return Math.min(wanted, longestWaitMs);
}

function refusal(status: number, host: string, what: string): LakewardenError {
  if (status === 401 || status === 403)
    return new LakewardenError('inventory.forbidden', `we may not read ${what} at ${host} (${status})`);
  if (status === 429) return new LakewardenError('inventory.throttled', `${host} is too busy for ${what}`);
  return new LakewardenError('inventory.unavailable', `${host} answers ${status} to a question for ${what}`);
}
