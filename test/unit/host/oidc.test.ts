import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { hostSettings } from '#shared/host/host-settings.ts';
import { createSenderCheck, type SenderCheck } from '#shared/host/senders.ts';

const issuer = 'https://kubernetes.default.svc';
const audience = 'lakewarden';
const account = 'system:serviceaccount:lake:ping-source';
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-oidc-'));
const jwksFile = join(folder, 'keys.json');
type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let own: Pair;
let stranger: Pair;

beforeAll(async () => {
  own = await generateKeyPair('RS256', { extractable: true });
  stranger = await generateKeyPair('RS256', { extractable: true });
  writeFileSync(jwksFile, await keySet(own));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function keySet(pair: Pair, kid = 'one'): Promise<string> {
  return JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid, alg: 'RS256', use: 'sig' }] });
}

function check(more: Record<string, unknown> = {}): SenderCheck {
  return createSenderCheck(hostSettings.parse({ oidc: { issuer, audience, jwksFile, ...more } }));
}

interface Claims {
  readonly iss?: string;
  readonly aud?: string | string[];
  readonly sub?: string;
  readonly from?: number;
  readonly until?: number;
  readonly kid?: string;
}

function sign(
  { iss = issuer, aud = audience, sub = account, from = -1, until = 60, kid = 'one' }: Claims = {},
  key = own.privateKey,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const token = new SignJWT({ iss, aud, sub, nbf: now + from, exp: now + until });
  return token.setProtectedHeader({ alg: 'RS256', kid }).sign(key);
}

const bring = (token: string): string[] => ['Authorization', `Bearer ${token}`];

test('a token of the issuer for this audience passes, also one for several', async () => {
  await check()(bring(await sign()));
  await check()(bring(await sign({ aud: ['other', audience] })));
});

describe('a token is refused', () => {
  test.each<[string, () => Promise<string>]>([
    ['of another issuer', () => sign({ iss: 'https://elsewhere' })],
    ['for another audience', () => sign({ aud: 'other' })],
    ['for the beginning of the audience', () => sign({ aud: 'lake' })],
    ['that has run out', () => sign({ until: -30 })],
    ['that is not valid yet', () => sign({ from: 30 })],
    ['of a stranger who uses the name of the key', () => sign({}, stranger.privateKey)],
    ['of an unknown key', () => sign({ kid: 'two' }, stranger.privateKey)],
    [
      'without a signature',
      async () => new UnsecuredJWT({ iss: issuer, aud: audience, sub: account }).setExpirationTime('1m').encode(),
    ],
    [
      'without an end',
      () =>
        new SignJWT({ iss: issuer, aud: audience, sub: account })
          .setProtectedHeader({ alg: 'RS256', kid: 'one' })
          .sign(own.privateKey),
    ],
    [
      'without a subject',
      () =>
        new SignJWT({ iss: issuer, aud: audience })
          .setExpirationTime('1m')
          .setProtectedHeader({ alg: 'RS256', kid: 'one' })
          .sign(own.privateKey),
    ],
    [
      'signed with the public key as if it were a secret',
      async () =>
        new SignJWT({ iss: issuer, aud: audience, sub: account })
          .setExpirationTime('1m')
          .setProtectedHeader({ alg: 'HS256', kid: 'one' })
          .sign(new TextEncoder().encode(await exportSPKI(own.publicKey))),
    ],
    [
      'with changed claims',
      async () => {
        const [head, , signature] = (await sign()).split('.');
        const [, claims] = (await sign({ sub: 'system:admin' })).split('.');
        return `${head}.${claims}.${signature}`;
      },
    ],
    ['that is none', async () => 'a.b.c'],
  ])('%s', async (_name, make) => {
    const token = await make();
    const refused = check()(bring(token));
    await expect(refused).rejects.toMatchObject({ code: 'sender.unknown' });
    await expect(refused).rejects.not.toThrow(token);
  });
});

describe('subjects', () => {
  test.each([
    [[account], true],
    [['system:serviceaccount:lake:*'], true],
    [['system:serviceaccount:other:*', account], true],
    [['system:serviceaccount:lake:ping'], false],
    [['system:serviceaccount:la'], false],
    [['system:serviceaccount:lake2:*'], false],
  ])('%j', async (subjects, passes) => {
    const checked = check({ subjects })(bring(await sign()));
    if (passes) await checked;
    else await expect(checked).rejects.toMatchObject({ code: 'sender.forbidden' });
  });
});

test('shared tokens and those of the issuer may stand side by side', async () => {
  const file = join(folder, 'shared');
  writeFileSync(file, 'hunter2');
  const oidc = { issuer, audience, jwksFile };
  const both = createSenderCheck(hostSettings.parse({ tokenFiles: [file], oidc }));
  await both(bring('hunter2'));
  await both(bring(await sign()));
  await expect(both(bring('hunter3'))).rejects.toMatchObject({ code: 'sender.unknown' });
});

describe('keys that cannot be had are passing trouble', () => {
  test.each([
    ['a file that is not there', undefined],
    ['a file that is half written', '{"keys":['],
    ['a file of something else', '{"kind":"Status"}'],
    ['a file of keys that are none', '{"keys":["x"]}'],
  ])('%s', async (_name, text) => {
    const file = join(folder, 'broken.json');
    rmSync(file, { force: true });
    if (text !== undefined) writeFileSync(file, text);
    const checked = check({ jwksFile: file });
    const headers = bring(await sign());
    await expect(checked(headers)).rejects.toMatchObject({ code: 'sender.unverified' });
    writeFileSync(file, await keySet(own));
    await checked(headers);
  });

  test.each([
    ['away', 0, ''],
    ['refused', 403, '{}'],
    ['redirected', 302, ''],
    ['endless', 200, `{"keys":[],"x":"${'x'.repeat(2 << 20)}"}`],
  ])('an address that is %s', async (_name, status, body) => {
    const server = createServer((request, response) => {
      if (status === 0) request.socket.destroy();
      else response.writeHead(status, { location: '/other' }).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    try {
      const checked = check({ jwksFile: undefined, jwksUrl })(bring(await sign()));
      await expect(checked).rejects.toMatchObject({ code: 'sender.unverified' });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

test('new keys of the issuer are found; until they are asked for, who brings one may come again', async () => {
  const file = join(folder, 'rotated.json');
  writeFileSync(file, await keySet(own));
  const server = createServer((_request, response) => response.end(readFileSync(file))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  try {
    const [byUrl, byFile] = [check({ jwksFile: undefined, jwksUrl }), check({ jwksFile: file })];
    for (const checked of [byUrl, byFile]) await checked(bring(await sign()));
    writeFileSync(file, await keySet(stranger, 'two'));
    const token = bring(await sign({ kid: 'two' }, stranger.privateKey));
    // Keys of an address are asked for once in half a minute, those of a file each second.
    await expect(byUrl(token)).rejects.toMatchObject({ code: 'sender.unverified' });
    for (let tries = 100; ; tries -= 1)
      try {
        await byFile(token);
        break;
      } catch (error) {
        expect(error).toMatchObject({ code: 'sender.unverified' });
        expect(tries).toBeGreaterThan(0);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    await expect(check({ jwksFile: file })(bring(await sign()))).rejects.toMatchObject({ code: 'sender.unknown' });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('keys are to come from one place', () => {
  expect(() => check({ jwksFile: undefined })).toThrow(/either jwksUrl or jwksFile/);
  expect(() => check({ jwksUrl: 'https://keys' })).toThrow(/either jwksUrl or jwksFile/);
});
