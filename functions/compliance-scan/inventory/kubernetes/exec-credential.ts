import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { childEnvironment } from '#shared/config/child-environment.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { bearer, type Identity } from './access.ts';

/** A program that tells who we are, such as those of clouds: client-go, tools/clientcmd/api/v1, ExecConfig. */
export const execSettings = z.looseObject({
  apiVersion: z.string(),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string() })).nullish(),
});

const answerForm = z.looseObject({
  kind: z.literal('ExecCredential'),
  status: z.looseObject({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
    expirationTimestamp: z.string().optional(),
  }),
});

/** Milliseconds before its end at which a credential is no longer used. */
const margin = 60_000;
const patience = 60_000;

/** Runs the program when there is no credential, when it ends, and when the server refused it; two callers share a run. */
export class ExecCredential {
  readonly #settings: z.output<typeof execSettings>;
  #known: { readonly identity: Identity; readonly until: number } | undefined;
  #running: Promise<Identity> | undefined;

  constructor(settings: z.output<typeof execSettings>) {
    this.#settings = settings;
  }

  /** Throws `inventory.unavailable` when the program fails or says nothing of use. */
  async identify(anew: boolean, signal: AbortSignal): Promise<Identity> {
    if (!anew && this.#known !== undefined && this.#known.until > Date.now()) return this.#known.identity;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    signal.throwIfAborted();
    return this.#running;
  }

  async #run(): Promise<Identity> {
    const { apiVersion, command, args, env } = this.#settings;
    const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
    const added = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
    let said: string;
    try {
      const ran = await promisify(execFile)(command, args ?? [], {
        timeout: patience,
        maxBuffer: 1 << 20,
        env: childEnvironment({ ...added, KUBERNETES_EXEC_INFO: JSON.stringify(info) }),
      });
      said = ran.stdout;
    } catch (error) {
      // Neither what it printed nor its arguments: they may hold secrets.
      const { code } = error as { code?: unknown };
      throw this.#failure(`failed (${typeof code === 'string' || typeof code === 'number' ? code : 'stopped'})`);
    }
    const { status } = this.#parse(said);
    const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = status;
    if (token === undefined && (cert === undefined || key === undefined))
      throw this.#failure('tells neither token nor certificate');
    const identity: Identity = {
      ...(token === undefined ? {} : { authorization: bearer(token) }),
      ...(cert === undefined || key === undefined ? {} : { certificate: { cert, key } }),
    };
    const end = expirationTimestamp === undefined ? Number.POSITIVE_INFINITY : Date.parse(expirationTimestamp);
    this.#known = { identity, until: Number.isNaN(end) ? 0 : end - margin };
    return identity;
  }

  #parse(said: string): z.output<typeof answerForm> {
    try {
      return answerForm.parse(JSON.parse(said));
    } catch {
      throw this.#failure('answers no ExecCredential');
    }
  }

  #failure(what: string): LakewardenError {
    return new LakewardenError(
      'inventory.unavailable',
      `${this.#settings.command}, which tells who we are to the API server, ${what}`,
    );
  }
}
