import type { RequestListener } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { answer, hangUp, misbehave, type Misbehaving, refuse } from './server.ts';

const url = (request: { url?: string | undefined }): URL => new URL(request.url ?? '', 'http://x');
/** Answers with the path that it was asked for, the range, and who asked. */
const echo: RequestListener = (request, response) => {
  const { pathname, searchParams } = url(request);
  const body = `${decodeURIComponent(pathname)} ${searchParams.get('offset')} ${searchParams.get('length')} ${searchParams.get('delegation')}`;
  response.writeHead(200, { 'content-length': Buffer.byteLength(body) }).end(body);
};

let dataNode: Misbehaving;
let nameNode: Misbehaving;
let hdfs: WebHdfs;
let serve: RequestListener;
let token: string;

beforeEach(async () => {
  serve = echo;
  token = 't1';
  dataNode = await misbehave((request, response) => serve(request, response));
  nameNode = await misbehave((request, response) => {
    const { pathname, search } = url(request);
    if (pathname.endsWith('/gone')) refuse(response, 'FileNotFoundException', 'gone', 404);
    else response.writeHead(307, { location: `${dataNode.address}${pathname}${search}&namenoderpcaddress=nn` }).end();
  });
  hdfs = new WebHdfs({ addresses: [nameNode.address], delegationToken: () => token, patienceMs: 2_000 });
});

afterEach(async () => {
  hdfs.close();
  await Promise.all([dataNode.stop(), nameNode.stop()]);
});

const read = async (path: string, direct = true): Promise<string> =>
  Buffer.from(await hdfs.read(path, 5, 1_000, direct)).toString();

test('after the first file of a folder the NameNode is not asked for the others, which are read as asked', async () => {
  expect(await read('/f/a')).toBe('/webhdfs/v1/f/a 5 1000 t1');
  expect(await read('/f/b + 100%?&ü=,')).toBe('/webhdfs/v1/f/b + 100%?&ü=, 5 1000 t1');
  expect([nameNode.requests.length, dataNode.requests.length]).toEqual([1, 2]);
  await read('/f/b', false);
  expect(nameNode.requests).toHaveLength(2);
});

test('another folder, and a new token, are asked for anew', async () => {
  await read('/f/a');
  await read('/g/a');
  expect(nameNode.requests).toHaveLength(2);
  token = 't2';
  expect(await read('/f/b')).toBe('/webhdfs/v1/f/b 5 1000 t2');
  expect(nameNode.requests).toHaveLength(3);
});

test('the NameNode is asked again from time to time, so that others may serve', async () => {
  for (let index = 0; index < 130; index += 1) await read(`/f/${index}`);
  expect(nameNode.requests.length).toBeGreaterThan(1);
  expect(nameNode.requests.length).toBeLessThan(5);
});

test('when a DataNode says no, the NameNode has the last word', async () => {
  await read('/f/a');
  serve = (_, response) => refuse(response, 'IOException', 'no', 403);
  await expect(read('/f/gone')).rejects.toMatchObject({ code: 'hdfs.not_found' });
});

test.each<[string, RequestListener]>([
  ['hangs up', hangUp],
  [
    'breaks off',
    (_, response) => void response.writeHead(200, { 'content-length': 99 }).write('x', () => response.destroy()),
  ],
  ['answers 500', (_, response) => answer(response, 500, {})],
  ['redirects', (_, response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()],
])('a DataNode that %s is asked by way of the NameNode, once more', async (_, fault) => {
  await read('/f/a');
  let faults = 0;
  serve = (request, response) => {
    faults += 1;
    (faults === 1 ? fault : echo)(request, response);
  };
  expect(await read('/f/b')).toBe('/webhdfs/v1/f/b 5 1000 t1');
  expect([faults, nameNode.requests.length]).toEqual([2, 2]);
});

test('more bytes than were asked for are not taken from a DataNode either', async () => {
  await read('/f/a');
  serve = (_, response) => void response.writeHead(200, { 'content-length': 5_000 }).end('x'.repeat(5_000));
  await expect(read('/f/b')).rejects.toMatchObject({ code: 'limit.exceeded' });
});
