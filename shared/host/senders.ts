import { createHash, timingSafeEqual } from 'node:crypto';
import { readTokenFile } from '#shared/config/token-file.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import type { HostSettings } from './host-settings.ts';
import type { TokenCheck } from './oidc.ts';

/** Lets a request pass, by its headers: names and values in turn. @throws LakewardenError `sender.unknown` and its like */
export type SenderCheck = (rawHeaders: readonly string[]) => Promise<void>;

/** Tells who may post events; everybody, unless the settings name tokens or their issuer. */
export function createSenderCheck({ tokenFiles = [], oidc }: Pick<HostSettings, 'tokenFiles' | 'oidc'>): SenderCheck {
  if (tokenFiles.length === 0 && oidc === undefined) return async () => {};
  let loading: Promise<TokenCheck> | undefined;
  return async (rawHeaders) => {
    const token = readBearer(rawHeaders);
    const known = readTokens(tokenFiles);
    if (isShared(token, known.tokens)) return;
    if (oidc === undefined)
      throw known.missing ?? new LakewardenError('sender.unknown', 'the bearer token is not known here');
    // Loaded when it is needed: most functions have no issuer.
    loading ??= import('./oidc.ts').then(({ createTokenCheck }) => createTokenCheck(oidc));
    await (
      await loading
    )(token);
  };
}

/** The one bearer token of a request (RFC 6750, section 2.1). @throws LakewardenError `sender.unknown` */
function readBearer(rawHeaders: readonly string[]): string {
  const values = rawHeaders.filter(
    (_value, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'authorization',
  );
  const token = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(values[0] ?? '')?.[1];
  if (token === undefined || values.length !== 1)
    throw new LakewardenError('sender.unknown', 'events are taken with a bearer token only');
  return token;
}

/** Whether a token is one of these; takes as long whichever it is, and however much of it is right. */
function isShared(token: string, known: readonly string[]): boolean {
  const digest = digestOf(token);
  return known.filter((one) => timingSafeEqual(digestOf(one), digest)).length > 0;
}

/**
 * The tokens of the files that have one. A token that is just being rotated away is none, and the others count; without any,
 * it cannot be told who is known, which is no sender's fault.
 */
function readTokens(files: readonly string[]): { tokens: string[]; missing?: LakewardenError } {
  const tokens = files.map((file) => readIfThere(file)).filter((token) => token !== '');
  if (tokens.length > 0) return { tokens };
  return { tokens, missing: new LakewardenError('sender.unverified', 'no file of host.tokenFiles has a token') };
}

function readIfThere(file: string): string {
  try {
    return readTokenFile(file, 'sender.unverified');
  } catch {
    return '';
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
