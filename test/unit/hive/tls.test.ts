import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { Metastore } from '#shared/hive/metastore.ts';
import { answer, textResult } from './thrift-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'lakewarden-tls-'));
let server: Server;
let uri = '';
let ca = '';

beforeAll(async () => {
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name)) as [string, string];
  const subject = ['-subj', '/CN=metastore.test', '-addext', 'subjectAltName=DNS:metastore.test'];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  ca = readFileSync(cert, 'utf8');
  server = createServer({ key: readFileSync(key), cert: ca }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', (request: Buffer) => socket.write(answer(request, textResult('over TLS'))));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  uri = `thrift://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
  });
  rmSync(folder, { recursive: true });
});

async function askVersion(tls: { ca?: string; servername?: string }): Promise<string> {
  const metastore = new Metastore({ uris: [uri], tls });
  try {
    return await metastore.version();
  } finally {
    await metastore.close();
  }
}

test('a metastore behind TLS is asked when its certificate is trusted and bears the name', async () => {
  await expect(askVersion({ ca, servername: 'metastore.test' })).resolves.toBe('over TLS');
});

test('a certificate that is not trusted is refused', async () => {
  await expect(askVersion({ servername: 'metastore.test' })).rejects.toMatchObject({ code: 'metastore.unavailable' });
});

test('a certificate of another name is refused', async () => {
  await expect(askVersion({ ca, servername: 'other.test' })).rejects.toMatchObject({ code: 'metastore.unavailable' });
  await expect(askVersion({ ca })).rejects.toMatchObject({ code: 'metastore.unavailable' });
});

test('a metastore behind TLS that is asked without it is a clear error', async () => {
  const metastore = new Metastore({ uris: [uri] });
  await expect(metastore.version({ deadlineMs: 20_000 })).rejects.toMatchObject({
    code: expect.stringMatching(/^metastore\.(unavailable|protocol)$/),
  });
  await metastore.close();
});
