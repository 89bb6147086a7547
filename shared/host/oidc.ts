import { readFile } from 'node:fs/promises';
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload } from 'jose';
import { readTokenFile } from '#shared/config/token-file.ts';
import { asError, isError, LakewardenError } from '#shared/errors/error.ts';
import type { OidcSettings } from './host-settings.ts';

/** Tells whose token this is. @throws LakewardenError `sender.unknown`, `sender.forbidden`, `sender.unverified` */
export type TokenCheck = (token: string) => Promise<void>;

/** Only signatures whose key tells nothing about how to make one. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const clockToleranceSeconds = 10;
const mostKeyBytes = 1 << 20;
/** Milliseconds before a token of an unknown key makes us ask for the keys again: those of a file cost nothing. */
const cooldownMs = { url: 30_000, file: 1_000 };

/**
 * Checks tokens of one issuer for one audience, as Knative's sources, brokers and channels send them (sender identity): signature,
 * issuer, audience and time (OpenID Connect Core 1.0, section 3.1.3.7), then whose it is.
 */
export function createTokenCheck(settings: OidcSettings): TokenCheck {
  const { issuer, audience, subjects, jwksUrl } = settings;
  const keys = createRemoteJWKSet(new URL(jwksUrl ?? 'file://keys'), {
    cooldownDuration: jwksUrl === undefined ? cooldownMs.file : cooldownMs.url,
    [customFetch]: async (_url, { signal }) => new Response(await readKeys(settings, signal)),
  });
  return async (token) => {
    const { sub = '' } = await verify(token);
    if (subjects.length > 0 && !subjects.some((pattern) => isNamed(sub, pattern)))
      throw new LakewardenError('sender.forbidden', `${sub.slice(0, 256)} may not send events here`);
  };

  async function verify(token: string): Promise<JWTPayload> {
    const claims = {
      issuer,
      audience,
      algorithms,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['exp', 'sub'],
    };
    const isOld = keys.coolingDown;
    try {
      return (await jwtVerify(token, keys, claims)).payload;
    } catch (error) {
      if (isError(error)) throw error;
      if (isTroubleOfKeys(error)) throw unverified(error);
      // The key may be newer than ours, which were not asked for again so soon.
      if (isOld && error instanceof errors.JWKSNoMatchingKey) throw unverified(error);
      throw new LakewardenError('sender.unknown', `the bearer token is not valid: ${asError(error).message}`);
    }
  }
}

function isTroubleOfKeys(error: unknown): boolean {
  const isOfToken = error instanceof errors.JOSEError;
  return !isOfToken || error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid;
}

function isNamed(subject: string, pattern: string): boolean {
  return pattern.endsWith('*') ? subject.startsWith(pattern.slice(0, -1)) : subject === pattern;
}

function unverified(cause: unknown): LakewardenError {
  const reason = `the keys that sign senders' tokens cannot be had: ${asError(cause).message}`;
  return new LakewardenError('sender.unverified', reason, { cause });
}

/** The issuer's keys as JSON text (RFC 7517, section 5). @throws LakewardenError `sender.unverified` */
async function readKeys({ jwksUrl, jwksFile = '', ...trust }: OidcSettings, signal: AbortSignal): Promise<string> {
  try {
    const text = jwksUrl === undefined ? await readFile(jwksFile, 'utf8') : await askKeys(jwksUrl, trust, signal);
    if (!Array.isArray((JSON.parse(text) as { keys?: unknown }).keys)) throw new Error('they are no key set');
    return text;
  } catch (error) {
    throw unverified(error);
  }
}

async function askKeys(
  url: string,
  { caFile, tokenFile }: Pick<OidcSettings, 'caFile' | 'tokenFile'>,
  signal: AbortSignal,
): Promise<string> {
  const authorization = tokenFile && `Bearer ${readTokenFile(tokenFile, 'sender.unverified')}`;
  const headers = { accept: 'application/jwk-set+json, application/json', ...(authorization && { authorization }) };
  const ca = caFile && (await readFile(caFile, 'utf8'));
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const common = { headers, signal, agent: false } as const;
    const asked = url.startsWith('https:')
      ? tlsRequest(url, { ...common, ...(ca && { ca }) }, resolve)
      : plainRequest(url, common, resolve);
    asked.on('error', reject).end();
  });
  if (message.statusCode !== 200) {
    message.destroy();
    throw new Error(`${url} answered ${message.statusCode}`);
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > mostKeyBytes) throw new Error(`${url} answered more than ${mostKeyBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
