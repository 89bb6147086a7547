import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { Authority, type Identity } from '../support/certificates.ts';
import { lake } from '../support/lake.ts';

const root = `/contract/hdfs-tls-${process.pid}`;
let authority: Authority;

/** The address to which a TLS server passes what it is sent; DataNodes are told apart by a first path segment. */
interface Proxy {
  readonly server: Server;
  readonly address: string;
  readonly seen: { url: string }[];
}

/** Stands before the NameNode and the DataNodes and rewrites the redirects so that they lead through itself, or to plain http. */
async function startProxy(identity: Identity, downgrade = false): Promise<Proxy> {
  const seen: { url: string }[] = [];
  const server = createServer(identity, (incoming, outgoing) => {
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
const proxies: Proxy[] = [];

beforeAll(async () => {
  authority = new Authority();
  proxy = await startProxy(authority.sign('server'));
  proxies.push(proxy);
});
afterAll(() => {
  for (const { server } of proxies) {
    server.close();
    server.closeAllConnections();
  }
  authority.remove();
});

test('reading and writing go over TLS to the NameNode and to the DataNode', async () => {
  const hdfs = new WebHdfs({ addresses: [proxy.address], user: 'root', ca: authority.cert });
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

test.each([
  ['of another name', () => authority.sign('other', { host: 'DNS:elsewhere' }), /altnames/],
  ['that has run out', () => authority.sign('old', { expired: true }), /expired/],
])('a server with a certificate %s is not talked to, and the reason is told', async (_name, identity, reason) => {
  const impostor = await startProxy(identity());
  proxies.push(impostor);
  const hdfs = new WebHdfs({
    addresses: [impostor.address],
    user: 'root',
    ca: authority.cert,
    delegationToken: () => 'SECRET',
    patienceMs: 0,
  });
  const asked = hdfs.status('/');
  await expect(asked).rejects.toMatchObject({ code: 'hdfs.unavailable' });
  await expect(asked).rejects.toThrow(reason);
  await expect(asked).rejects.toThrow(/^(?!.*SECRET)/);
  hdfs.close();
  expect(impostor.seen).toEqual([]);
});

test('a redirect from https to http is not followed', async () => {
  const downgrading = await startProxy(authority.sign('downgrading'), true);
  proxies.push(downgrading);
  const hdfs = new WebHdfs({ addresses: [downgrading.address], user: 'root', ca: authority.cert });
  await expect(hdfs.create(`${root}/c`, new Uint8Array(1))).rejects.toMatchObject({ code: 'hdfs.protocol' });
  hdfs.close();
});

test('a delegation token goes to the NameNode alone, without a user name', async () => {
  proxy.seen.length = 0;
  const hdfs = new WebHdfs({
    addresses: [proxy.address],
    user: 'root',
    ca: authority.cert,
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
