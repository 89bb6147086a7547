import { readFileSync } from 'node:fs';
import { LakewardenError } from '#shared/errors/error.ts';

/** How to reach an API server, and as whom. */
export interface Access {
  readonly server: URL;
  /** What a TLS connection takes; read when connections are made. */
  readTls(): Tls;
  /** Says who we are, for one call. `anew` after the server refused what this said before. */
  identify(anew: boolean, signal: AbortSignal): Promise<Identity>;
}

/** Trust, a name to expect, and our own certificate, as PEM text. */
export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** What says who we are: a header, or a certificate that is not in the settings but was given to us. */
export interface Identity {
  readonly authorization?: string;
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** The header of a token. @throws `inventory.forbidden` for a token that no header can hold */
export function bearer(token: string): string {
  const text = token.trim();
  if (!/^[\x21-\x7e]+$/.test(text))
    throw new LakewardenError('inventory.forbidden', 'the token for the API server is empty or no token');
  return `Bearer ${text}`;
}

/** Reads a file of an access. @throws `inventory.unavailable`, since it may be written anew at this very moment */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new LakewardenError('inventory.unavailable', `${file}, which the API server needs, cannot be read`, {
      cause,
    });
  }
}
