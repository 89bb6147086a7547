import { createSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LakewardenError } from '#shared/errors/error.ts';
import { askForToken, type Token } from '../token.ts';

const readOnly = 'https://www.googleapis.com/auth/compute.readonly';

/** A token for a key of a service account (RFC 7523; https://developers.google.com/identity/protocols/oauth2/service-account). */
export function askWithKey(file: string, signal: AbortSignal): Promise<Token> {
  const { client_email: account, private_key: key, token_uri: uri, private_key_id: id } = readKey(file);
  const now = Math.floor(Date.now() / 1_000);
  const head = { alg: 'RS256', typ: 'JWT', ...(id === undefined ? {} : { kid: id }) };
  const claims = { iss: account, scope: readOnly, aud: uri, iat: now, exp: now + 3_600 };
  const text = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = createSign('RSA-SHA256').update(text).sign(key, 'base64url');
  const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
  const body = new URLSearchParams({ grant_type: grant, assertion: `${text}.${signature}` });
  return askForToken(uri, { method: 'POST', body, signal });
}

/** A token of the machine's own service account: https://cloud.google.com/compute/docs/access/authenticate-workloads */
export function askMetadata(endpoint: string, signal: AbortSignal): Promise<Token> {
  const url = `${endpoint.replace(/\/$/, '')}/computeMetadata/v1/instance/service-accounts/default/token`;
  return askForToken(url, { headers: { 'metadata-flavor': 'Google' }, signal });
}

interface Key {
  readonly client_email: string;
  readonly private_key: string;
  readonly token_uri: string;
  readonly private_key_id?: string;
}

function readKey(file: string): Key {
  try {
    const key = JSON.parse(readFileSync(file, 'utf8')) as Key;
    if ([key.client_email, key.private_key, key.token_uri].every((text) => typeof text === 'string')) return key;
  } catch {
    // Nothing of the file may get into an error.
  }
  throw new LakewardenError('inventory.forbidden', `${file} holds no key of a service account`);
}
