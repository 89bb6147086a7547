import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { lake } from '../support/lake.ts';

const root = `/contract/hdfs-tls-${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), 'hdfs-tls-'));
const pem = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** An authority of our own, and a certificate for localhost that it signed. */
const makeCertificates = `
  key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  openssl req -x509 $key -keyout ca.key -out ca.pem -subj '/CN=test authority' -days 2
  openssl req $key -keyout server.key -out server.csr -subj /CN=localhost
  echo subjectAltName=DNS:localhost > san.txt
  openssl x509 -req -in server.csr -out server.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san.txt
`;

/** The address to which a TLS server passes what it is sent; DataNodes are told apart by a first path segment. */
interface Proxy {
  readonly server: Server;
  readonly address: string;
  readonly seen: { url: string }[];
}

/** Stands before the NameNode and the DataNodes and rewrites the redirects so that they lead through itself, or to plain http. */
async function startProxy(downgrade: boolean): Promise<Proxy> {
  const seen: { url: string }[] = [];
  const server = createServer({ key: pem('server.key'), cert: pem('server.pem') }, (incoming, outgoing) => {
    const url = incoming.url ?? '';
    seen.push({ url });
    const [, dataNode] = /^\/dn\/([^/]+)/.exec(url) ?? [];
    const target =
      dataNode === undefined ? `${lake().webhdfs}${url}` : `http://${dataNode}${url.slice(`/dn/${dataNode}`.length)}`;
    const { method, headers } = incoming;
    const forward = plainRequest(target, { method, headers }, (answer: IncomingMessage) => {
      const { location } = answer.headers;
      const rewritten =
        location === undefined || downgrade ? location : location.replace(/^http:\/\/([^/]+)/, `${address}/dn/$1`);
      outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...(rewritten && { location: rewritten }) });
      pipeline(answer, outgoing, () => {});
    });
    pipeline(incoming, forward, () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `https://localhost:${(server.address() as AddressInfo).port}`;
  return { server, address, seen };
}

let proxy: Proxy;
let downgrading: Proxy;

beforeAll(async () => {
  execFileSync('sh', ['-ec', makeCertificates], { cwd: folder, stdio: 'pipe' });
  proxy = await startProxy(false);
  downgrading = await startProxy(true);
});
afterAll(() => {
  for (const { server } of [proxy, downgrading]) {
    server.close();
    server.closeAllConnections();
  }
  rmSync(folder, { recursive: true });
});

test('reading and writing go over TLS to the NameNode and to the DataNode', async () => {
  const hdfs = new WebHdfs({ addresses: [proxy.address], user: 'root', ca: pem('ca.pem') });
  const data = new Uint8Array(3_000_000).fill(7);
  await hdfs.create(`${root}/a + ü`, data);
  expect(Buffer.from(await hdfs.read(`${root}/a + ü`, 0, 4_000_000)).equals(data)).toBe(true);
  await hdfs.append(`${root}/a + ü`, new Uint8Array([1]));
  await hdfs.rename(`${root}/a + ü`, `${root}/b`, 'none');
  expect((await hdfs.status(`${root}/b`)).length).toBe(3_000_001);
  await hdfs.remove(root, { recursive: true });
  hdfs.close();
  expect(proxy.seen.filter(({ url }) => url.startsWith('/dn/'))).toHaveLength(3);
});

test('an authority that is not trusted is not talked to', async () => {
  const before = proxy.seen.length;
  const hdfs = new WebHdfs({ addresses: [proxy.address], user: 'root', patienceMs: 0 });
  await expect(hdfs.status('/')).rejects.toMatchObject({
    code: 'hdfs.unavailable',
    message: expect.stringMatching(/certificate/),
  });
  hdfs.close();
  expect(proxy.seen).toHaveLength(before);
});

test('a redirect from https to http is not followed', async () => {
  const hdfs = new WebHdfs({ addresses: [downgrading.address], user: 'root', ca: pem('ca.pem') });
  await expect(hdfs.create(`${root}/c`, new Uint8Array(1))).rejects.toMatchObject({ code: 'hdfs.protocol' });
  hdfs.close();
});

test('a delegation token goes to the NameNode alone, without a user name', async () => {
  proxy.seen.length = 0;
  const hdfs = new WebHdfs({
    addresses: [proxy.address],
    user: 'root',
    ca: pem('ca.pem'),
    delegationToken: () => 'SECRET+token/1',
  });
  // This NameNode has no Kerberos, so it takes no notice of the token: it answers as its static user.
  await hdfs.status('/');
  await expect(hdfs.read('/none', 0, 1)).rejects.toThrow(/^(?!.*SECRET)/);
  hdfs.close();
  for (const { url } of proxy.seen) {
    expect(url).toContain('delegation=SECRET%2Btoken/1');
    expect(url).not.toContain('user.name');
  }
});
