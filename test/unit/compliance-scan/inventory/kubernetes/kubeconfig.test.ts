import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readKubeconfig } from '#functions/compliance-scan/inventory/kubernetes/kubeconfig.ts';

const never = new AbortController().signal;

describe('a kubeconfig file', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lakewarden-kubeconfig-'));
    file = join(folder, 'config');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(user: object, cluster: object = {}): void {
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'here',
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443', ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'lake' } }],
    };
    writeFileSync(file, JSON.stringify(config));
  }

  test.each([
    ['a token', { token: 'secret-1' }, { authorization: 'Bearer secret-1' }],
    ['a password', { username: 'lake', password: 'p' }, { authorization: `Basic ${btoa('lake:p')}` }],
    ['nothing', {}, {}],
  ])('says who we are by %s', async (_, user, identity) => {
    write(user);
    expect(await readKubeconfig(file, undefined).identify(false, never)).toEqual(identity);
  });

  test('names files beside it, and reads a token anew each time', async () => {
    write({ tokenFile: 'token' });
    const access = readKubeconfig(file, 'here');
    for (const token of ['one', 'two']) {
      writeFileSync(join(folder, 'token'), `${token}\n`);
      expect(await access.identify(false, never)).toEqual({ authorization: `Bearer ${token}` });
    }
  });

  test('holds certificates, or names files with them', () => {
    writeFileSync(join(folder, 'ca.pem'), 'CA');
    write(
      { 'client-certificate-data': btoa('CERT'), 'client-key-data': btoa('KEY') },
      { 'certificate-authority': 'ca.pem', 'tls-server-name': 'api' },
    );
    expect(readKubeconfig(file, undefined).readTls()).toEqual({
      ca: 'CA',
      cert: 'CERT',
      key: 'KEY',
      servername: 'api',
    });
  });

  test('names a program that tells a token, which runs again when the token ends or is refused', async () => {
    const program = join(folder, 'tell');
    const counter = join(folder, 'runs');
    writeFileSync(
      program,
      `#!/bin/sh\necho run >> "${counter}"\ncase "$KUBERNETES_EXEC_INFO" in *ExecCredential*) ;; *) exit 3;; esac\n` +
        `printf '{"kind":"ExecCredential","status":{"token":"%s-%s","expirationTimestamp":"%s"}}' "$NAME" "$(wc -l < "${counter}" | tr -d ' ')" "$END"\n`,
    );
    chmodSync(program, 0o755);
    const exec = (end: string) => ({
      apiVersion: 'client.authentication.k8s.io/v1',
      command: './tell',
      env: [
        { name: 'NAME', value: 'token' },
        { name: 'END', value: end },
      ],
    });
    write({ exec: exec('2999-01-01T00:00:00Z') });
    const access = readKubeconfig(file, undefined);
    expect(await access.identify(false, never)).toEqual({ authorization: 'Bearer token-1' });
    expect(await access.identify(false, never)).toEqual({ authorization: 'Bearer token-1' });
    expect(await access.identify(true, never)).toEqual({ authorization: 'Bearer token-2' });
    write({ exec: exec('2001-01-01T00:00:00Z') });
    const ending = readKubeconfig(file, undefined);
    await ending.identify(false, never);
    expect(await ending.identify(false, never)).toEqual({ authorization: 'Bearer token-4' });
  });

  test('whose program fails says so without its words', async () => {
    write({
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', 'echo hunter2; exit 7'] },
    });
    const identified = readKubeconfig(file, undefined).identify(false, never);
    await expect(identified).rejects.toMatchObject({
      code: 'inventory.unavailable',
      message: expect.not.stringContaining('hunter2'),
    });
  });

  test.each([
    ['not there', undefined],
    ['no YAML', 'users: [token: hunter2'],
    ['empty', ''],
    ['without its context', '{"current-context": "gone", "clusters": [], "users": []}'],
    ['with a server that is no address', '{"clusters":[{"name":"c","cluster":{"server":"hunter2"}}]}'],
  ])('that is %s is refused by name, showing nothing of it', (_, text) => {
    if (text !== undefined) writeFileSync(file, text);
    let thrown: unknown;
    try {
      readKubeconfig(file, undefined);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'config.invalid', message: expect.stringContaining(file) });
    expect(String(thrown)).not.toContain('hunter2');
  });

  test('with a token of several lines cannot smuggle headers', async () => {
    write({ token: 'a\r\nx: y' });
    await expect(readKubeconfig(file, undefined).identify(false, never)).rejects.toMatchObject({
      code: 'inventory.forbidden',
    });
  });
});
