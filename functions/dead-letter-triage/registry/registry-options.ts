import type { Secret } from '#shared/config/secret.ts';

/** How to reach a schema registry. */
export interface RegistryOptions {
  /** Base address of Confluent's API; for Apicurio it ends with `/apis/ccompat/v7`. */
  readonly url: string;
  readonly user?: string | undefined;
  /** With a user: HTTP basic. */
  readonly password?: Secret | undefined;
  /** Bearer token. */
  readonly token?: Secret | undefined;
  /** Longest time of one call, in milliseconds. */
  readonly deadlineMs: number;
  /** How long an answer is believed, in milliseconds. */
  readonly keepMs: number;
}
