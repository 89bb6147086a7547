import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventHeaders, type FunctionProcess, startFunction } from '../support/function-process.ts';
import { tokenOf } from './accounts.ts';
import { cluster, create, kubectl } from './admin.ts';

const entry = join(import.meta.dirname, '../fixtures/functions/echo/index.ts');
const namespace = `senders-${randomBytes(4).toString('hex')}`;
const folder = mkdtempSync(join(tmpdir(), 'lakewarden-identity-'));
const audience = 'lakewarden';
let echo: FunctionProcess;

beforeAll(async () => {
  const about = { apiVersion: 'v1', kind: 'ServiceAccount' };
  await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  for (const name of ['function', 'ping-source', 'stranger']) await create({ ...about, metadata: { name, namespace } });
  const tokenFile = join(folder, 'token');
  // As its pod has it mounted.
  writeFileSync(tokenFile, await tokenOf(namespace, 'function'));
  const oidc = {
    issuer: 'https://kubernetes.default.svc',
    audience,
    jwksUrl: `${cluster().server}/openid/v1/jwks`,
    caFile: cluster().caFile,
    tokenFile,
    subjects: [`system:serviceaccount:${namespace}:ping-*`],
  };
  const LAKEWARDEN_CONFIG = join(folder, 'settings.json');
  writeFileSync(LAKEWARDEN_CONFIG, JSON.stringify({ host: { oidc } }));
  echo = await startFunction({ entry, env: { LAKEWARDEN_CONFIG } });
});
afterAll(async () => {
  await echo?.end();
  rmSync(folder, { recursive: true });
  await kubectl(['delete', 'namespace', namespace, '--wait=false']);
});

async function post(token?: string): Promise<[status: number, code: string | undefined]> {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const { status, body } = await echo.send({ headers: eventHeaders('test.echo', authorization) });
  return [status, body === '' ? undefined : (JSON.parse(body) as { error: { code: string } }).error.code];
}

test('an event with a token that the API server issued for us passes, and the keys are asked for as any pod may', async () => {
  expect(await post(await tokenOf(namespace, 'ping-source', { audiences: [audience] }))).toEqual([204, undefined]);
});

test.each<[string, () => Promise<string | undefined>, number, string]>([
  ['no token', async () => undefined, 401, 'sender.unknown'],
  ['a token for the API server itself', () => tokenOf(namespace, 'ping-source'), 401, 'sender.unknown'],
  [
    'a token for another function',
    () => tokenOf(namespace, 'ping-source', { audiences: ['other'] }),
    401,
    'sender.unknown',
  ],
  [
    'a token of another account',
    () => tokenOf(namespace, 'stranger', { audiences: [audience] }),
    403,
    'sender.forbidden',
  ],
])('an event with %s does not', async (_name, make, status, code) => {
  expect(await post(await make())).toEqual([status, code]);
});

test('no token is in the log', async () => {
  const token = await tokenOf(namespace, 'ping-source', { audiences: [audience] });
  await post(token);
  await post(`${token}x`);
  expect(echo.output()).not.toContain(token.slice(0, 100));
});
