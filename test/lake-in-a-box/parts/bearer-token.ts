import { generateKeyPairSync, sign } from 'node:crypto';
import { superuser } from '../addresses.ts';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JSON Web Token (RFC 7519) of the superuser, signed by a key made for it, and the JWK set by which it is checked. */
export function makeToken(): { readonly token: string; readonly keys: string } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const issued = Math.floor(Date.now() / 1000);
  const claims = { sub: superuser, iss: 'lake', iat: issued, exp: issued + 24 * 3600 };
  const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'lake' })}.${encode(claims)}`;
  const token = `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'lake', alg: 'RS256', use: 'sig' };
  return { token, keys: JSON.stringify({ keys: [key] }) };
}
