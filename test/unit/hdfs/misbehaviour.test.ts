import { describe, expect, test } from '@jest/globals';
import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { LakewardenError } from '#shared/errors/error.ts';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { answer, describeDirectory, hangUp, keepSilent, misbehave, withServers } from './server.ts';

const drip: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 });
  const timer = setInterval(() => response.write(' '), 20);
  response.once('close', () => clearInterval(timer));
};

const cutOff: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-length': 1_000 });
  response.write('x'.repeat(500));
  setTimeout(() => response.destroy(), 20);
};

const halt: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-length': 1_000 });
  response.write('x'.repeat(500));
};

const generous: RequestListener = (_request, response) => void response.writeHead(200).end('12345');

const vague: RequestListener = (request) => {
  request.socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc');
};

const swallow: RequestListener = (_request, response) => void response.writeHead(201).end();

async function* slowSource(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(10);
  await sleep(300);
  yield new Uint8Array(10);
}

describe('a server that', () => {
  test('never answers ends the call at its deadline', async () => {
    await withServers([keepSilent], { deadlineMs: 100 }, async (hdfs) => {
      await expect(hdfs.status('/a')).rejects.toMatchObject({
        code: 'deadline.exceeded',
        details: { path: '/a', operation: 'GETFILESTATUS' },
      });
    });
  });

  test('drips its answer ends the call at its deadline', async () => {
    await withServers([drip], { deadlineMs: 150 }, async (hdfs) => {
      await expect(hdfs.status('/a')).rejects.toMatchObject({ code: 'deadline.exceeded' });
      await expect(hdfs.read('/a', 0, 1_000)).rejects.toMatchObject({ code: 'deadline.exceeded' });
    });
  });

  test('stands still in the middle of a stream ends it, while a slow reader does not', async () => {
    await withServers([halt], { idleMs: 100 }, async (hdfs) => {
      let length = 0;
      const reading = (async () => {
        for await (const piece of await hdfs.open('/a')) {
          length += (piece as Uint8Array).length;
          await sleep(300);
        }
      })();
      await expect(reading).rejects.toMatchObject({ code: 'deadline.exceeded' });
      expect(length).toBe(500);
    });
  });

  test('holds a stream that nobody reads is let go when the stream is destroyed', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const listen: RequestListener = (request, response) => {
      response.once('close', resolve);
      halt(request, response);
    };
    await withServers([listen], {}, async (hdfs) => {
      (await hdfs.open('/a')).destroy();
      await closed;
    });
  });

  test.each([
    ['status', async (hdfs: WebHdfs) => hdfs.status('/a')],
    ['read', async (hdfs: WebHdfs) => hdfs.read('/a', 0, 1_000)],
    ['open', async (hdfs: WebHdfs) => (await hdfs.open('/a')).toArray()],
  ])('cuts its answer off fails a %s', async (_name, call) => {
    await withServers([cutOff], {}, async (hdfs) => {
      await expect(call(hdfs)).rejects.toMatchObject({ code: 'hdfs.unavailable', details: { path: '/a' } });
    });
  });

  test('sends more than was asked for is not believed', async () => {
    await withServers([generous], {}, async (hdfs) => {
      await expect(hdfs.read('/a', 0, 4)).rejects.toMatchObject({ code: 'limit.exceeded' });
    });
  });

  test('does not say how long the data is is not believed', async () => {
    await withServers([vague], {}, async (hdfs) => {
      await expect(hdfs.read('/a', 0, 4)).rejects.toMatchObject({ code: 'hdfs.protocol' });
      await expect(hdfs.open('/a')).rejects.toMatchObject({ code: 'hdfs.protocol' });
    });
  });

  test.each([
    ['HTML', '<html>Welcome</html>'],
    ['half a JSON', '{"FileStatus":{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['another JSON', '{"FileStatus":{"type":"FILE"}}'],
    ['nothing', ''],
  ])('answers %s instead of a status is misunderstood loudly', async (_name, body) => {
    await withServers([(_request, response) => void response.end(body)], {}, async (hdfs) => {
      await expect(hdfs.status('/a')).rejects.toMatchObject({ code: 'hdfs.protocol', details: { path: '/a' } });
      await expect(hdfs.snapshotDiff('/a', 'x', 'y')).rejects.toMatchObject({ code: 'hdfs.protocol' });
      await expect(hdfs.aclStatus('/a')).rejects.toMatchObject({ code: 'hdfs.protocol' });
      await expect(hdfs.getXattrs('/a')).rejects.toMatchObject({ code: 'hdfs.protocol' });
      await expect(hdfs.list('/a').next()).rejects.toMatchObject({ code: 'hdfs.protocol' });
    });
  });

  test('gives the same page for ever does not hold the listing', async () => {
    const entry = { pathSuffix: 'x', type: 'FILE', length: 0, modificationTime: 1 };
    const stuck: RequestListener = (_request, response) => {
      const partialListing = { FileStatuses: { FileStatus: [entry] } };
      answer(response, 200, { DirectoryListing: { partialListing, remainingEntries: 1 } });
    };
    await withServers([stuck], {}, async (hdfs) => {
      const listing = hdfs.list('/a');
      expect((await listing.next()).value).toMatchObject({ path: '/a/x' });
      await expect(listing.next().then(async () => listing.next())).rejects.toMatchObject({ code: 'hdfs.protocol' });
    });
  });

  test('takes data without naming a DataNode has written nothing', async () => {
    await withServers([swallow], {}, async (hdfs) => {
      await expect(hdfs.create('/a', new Uint8Array(1))).rejects.toMatchObject({ code: 'hdfs.protocol' });
    });
  });

  test.each([
    ['a broken location', 'http://[', 'hdfs.protocol'],
    ['a file', 'file:///etc/passwd', 'hdfs.protocol'],
    ['a closed port', 'http://127.0.0.1:1/x?delegation=SECRET', 'hdfs.unavailable'],
  ])('redirects to %s ends in a clear error', async (_name, location, code) => {
    const lead: RequestListener = (_request, response) => void response.writeHead(307, { location }).end();
    await withServers([lead], {}, async (hdfs) => {
      await expect(hdfs.read('/a', 0, 1)).rejects.toMatchObject({
        code,
        message: expect.not.stringContaining('SECRET'),
      });
      const { code: createCode, details } = await hdfs.create('/a', new Uint8Array(1)).then(
        () => new LakewardenError('internal', 'it was created'),
        (error: LakewardenError) => error,
      );
      expect(createCode).toBe(code);
      expect(details).not.toHaveProperty('ambiguous');
    });
  });
});

describe('stopping', () => {
  test('the signal of the client stops a call with the reason that was given', async () => {
    const stop = new AbortController();
    await withServers([keepSilent], { signal: stop.signal }, async (hdfs) => {
      setTimeout(() => stop.abort(new LakewardenError('draining', 'The process is going.')), 50);
      await expect(hdfs.status('/a')).rejects.toMatchObject({ code: 'draining', details: { path: '/a' } });
      await expect(hdfs.status('/a')).rejects.toMatchObject({ code: 'draining' });
    });
  });

  test('a source that is slow is waited for, a DataNode that stands still is not', async () => {
    const dataNode = await misbehave(keepSilent);
    const lead: RequestListener = (_request, response) =>
      void response.writeHead(307, { location: `${dataNode.address}/?op=DN` }).end();
    await withServers([lead], { idleMs: 100 }, async (hdfs) => {
      await expect(hdfs.create('/a', slowSource(), { overwrite: true })).rejects.toMatchObject({
        code: 'hdfs.unavailable',
        message: expect.stringContaining('in time'),
        details: { ambiguous: true },
      });
    });
    await dataNode.stop();
  });

  test('a connection that breaks in the middle of an upload leaves doubt', async () => {
    const dataNode = await misbehave(hangUp);
    const lead: RequestListener = (_request, response) =>
      void response.writeHead(307, { location: dataNode.address }).end();
    await withServers([lead], { patienceMs: 5_000 }, async (hdfs, [nameNode]) => {
      await expect(hdfs.create('/a', new Uint8Array(9))).rejects.toMatchObject({
        code: 'hdfs.unavailable',
        details: { ambiguous: true, dataNode: dataNode.address.slice('http://'.length) },
      });
      expect(nameNode?.requests).toEqual(['PUT CREATE']);
    });
    await dataNode.stop();
  });

  test('an address that is none is refused at once', () => {
    for (const addresses of [[], [''], ['namenode:9870'], ['hdfs://namenode:8020'], ['http://ok', 'nonsense']]) {
      expect(() => new WebHdfs({ addresses })).toThrow(expect.objectContaining({ code: 'config.invalid' }));
    }
  });
});

test('every request is counted, and the time is read from the head of an answer', async () => {
  await withServers([describeDirectory], {}, async (hdfs) => {
    await hdfs.status('/');
    await hdfs.status('/');
    expect(hdfs.calls).toBe(2);
    await expect(hdfs.serverTime()).resolves.toBeGreaterThan(0);
  });
});
