import { LakewardenError } from '#shared/errors/error.ts';
import { traceCalling } from '#shared/observe/trace.ts';
import type { RegistryOptions } from './registry-options.ts';

/** A schema is text that people write; what is longer is none. */
const maxAnswerBytes = 8 << 20;

/** Numbers with which a registry says that it has no such thing; a wrong address says 404 in other ways. */
const notFoundCodes: ReadonlySet<unknown> = new Set([404, 40_401, 40_402, 40_403]);

/** One request to a registry, and what its answers mean. All methods throw `registry.unavailable` unless it answers as one. */
export class RegistryApi {
  readonly #options: RegistryOptions;
  readonly #url: string;
  /** Requests made so far. */
  calls = 0;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#url = options.url.replace(/\/+$/, '');
  }

  /** Confluent's API; undefined when there is no such thing. */
  async get<Answer>(path: string): Promise<Answer | undefined> {
    return this.#json<Answer>(`${this.#url}/${path}`);
  }

  /** Apicurio's own API. */
  async getOwn<Answer>(path: string): Promise<Answer | undefined> {
    return this.#json<Answer>(`${this.#apicurio()}/${path}`);
  }

  /** A schema of Apicurio's own API, as it is. */
  async getText(path: string): Promise<string | undefined> {
    return this.#request(`${this.#apicurio()}/${path}`);
  }

  #apicurio(): string {
    if (!/\/apis\/ccompat\/v\d+$/.test(this.#url))
      throw unavailable(this.#url, 'it is not known as Apicurio: that ends with /apis/ccompat/v7');
    return this.#url.replace(/\/ccompat\/v\d+$/, '/registry/v2');
  }

  async #json<Answer>(url: string): Promise<Answer | undefined> {
    const text = await this.#request(url);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as Answer;
    } catch {
      throw unavailable(url, 'it answers no JSON');
    }
  }

  async #request(url: string): Promise<string | undefined> {
    const { user, password, token, deadlineMs } = this.#options;
    const basic =
      user === undefined ? undefined : Buffer.from(`${user}:${password?.reveal() ?? ''}`).toString('base64');
    const authorization = token === undefined ? basic && `Basic ${basic}` : `Bearer ${token.reveal()}`;
    const headers = { accept: 'application/json', ...(authorization !== undefined && { authorization }) };
    this.calls += 1;
    try {
      const signal = AbortSignal.timeout(deadlineMs);
      const ask = () => fetch(url, { headers, redirect: 'error', signal });
      const response = await traceCalling('schema-registry', 'GET', ask);
      const text = await readText(response);
      if (response.ok) return text;
      if (response.status === 404 && notFoundCodes.has(errorCode(text))) return undefined;
      throw unavailable(url, `it answers ${response.status}`);
    } catch (error) {
      if (error instanceof LakewardenError) throw error;
      const { cause, message } = error as Error;
      throw unavailable(url, cause instanceof Error && cause.message !== '' ? cause.message : message, error);
    }
  }
}

async function readText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += (part as Uint8Array).length;
    if (bytes > maxAnswerBytes) throw new Error(`the answer is longer than ${maxAnswerBytes} bytes`);
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts).toString();
}

function errorCode(text: string): unknown {
  try {
    return (JSON.parse(text) as { error_code?: unknown } | null)?.error_code;
  } catch {
    return undefined;
  }
}

/** Names the registry without what stands in its address for logging in. */
function unavailable(url: string, reason: string, cause?: unknown): LakewardenError {
  const { origin } = new URL(url);
  return new LakewardenError('registry.unavailable', `the schema registry at ${origin} does not answer: ${reason}`, {
    ...(cause !== undefined && { cause }),
  });
}
