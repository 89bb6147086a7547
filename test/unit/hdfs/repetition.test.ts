import { describe, expect, test } from '@jest/globals';
import type { RequestListener } from 'node:http';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import { answer, describeDirectory, hangUp, misbehave, refuse, withServers } from './server.ts';

/** The given behaviour for the first requests, then the other. */
function first(times: number, before: RequestListener, after: RequestListener): RequestListener {
  let seen = 0;
  return (request, response) => {
    seen += 1;
    (seen <= times ? before : after)(request, response);
  };
}

const standby: RequestListener = (_request, response) => refuse(response, 'StandbyException');
const starting: RequestListener = (_request, response) => refuse(response, 'RetriableException');
const safeMode: RequestListener = (_request, response) => refuse(response, 'SafeModeException');
const badGateway: RequestListener = (_request, response) => void response.writeHead(502).end('<html>Bad Gateway');
const yes: RequestListener = (_request, response) => answer(response, 200, { boolean: true });

/** Calls that must not be made twice. */
const changes: readonly (readonly [string, (hdfs: WebHdfs) => Promise<unknown>])[] = [
  ['RENAME', async (hdfs) => hdfs.rename('/a', '/b', 'overwrite')],
  ['DELETE', async (hdfs) => hdfs.remove('/a')],
  ['CONCAT', async (hdfs) => hdfs.concat('/a', ['/b'])],
  ['CREATESNAPSHOT', async (hdfs) => hdfs.createSnapshot('/a', 's')],
  ['DELETESNAPSHOT', async (hdfs) => hdfs.deleteSnapshot('/a', 's')],
  ['REMOVEXATTR', async (hdfs) => hdfs.removeXattr('/a', 'user.x')],
];

describe('a call that can be repeated', () => {
  test.each([
    ['a broken connection', hangUp],
    ['a NameNode that is starting', starting],
    ['safe mode', safeMode],
    ['a gateway in trouble', badGateway],
  ])('outlives %s', async (_name, trouble) => {
    await withServers([first(2, trouble, describeDirectory)], { patienceMs: 5_000 }, async (hdfs, [server]) => {
      expect((await hdfs.status('/')).type).toBe('DIRECTORY');
      expect(server?.requests).toHaveLength(3);
    });
    await withServers([first(2, trouble, yes)], { patienceMs: 5_000 }, async (hdfs, [server]) => {
      await hdfs.mkdirs('/a');
      expect(server?.requests).toHaveLength(3);
    });
  });

  test('gives up when its patience or its deadline is over, with the trouble it met', async () => {
    await withServers([safeMode], { patienceMs: 1_500 }, async (hdfs, [server]) => {
      await expect(hdfs.status('/a')).rejects.toMatchObject({ code: 'hdfs.safe_mode' });
      expect(server?.requests.length).toBeGreaterThan(1);
    });
    await withServers([safeMode], { patienceMs: 60_000, deadlineMs: 1_500 }, async (hdfs) => {
      await expect(hdfs.status('/a')).rejects.toMatchObject({ code: 'hdfs.safe_mode' });
    });
  });

  test.each([
    ['AccessControlException', 'hdfs.access_denied'],
    ['FileNotFoundException', 'hdfs.not_found'],
    ['IOException', 'hdfs.invalid'],
  ])('is not repeated after %s', async (exception, code) => {
    const no: RequestListener = (_request, response) => refuse(response, exception);
    await withServers([no], { patienceMs: 5_000 }, async (hdfs, [server]) => {
      await expect(hdfs.status('/a')).rejects.toMatchObject({ code });
      expect(server?.requests).toHaveLength(1);
    });
  });
});

describe('a change', () => {
  test.each(changes)('%s is not repeated when the connection breaks: the outcome is in doubt', async (op, change) => {
    for (const trouble of [hangUp, badGateway]) {
      await withServers([trouble], { patienceMs: 5_000 }, async (hdfs, [server]) => {
        await expect(change(hdfs)).rejects.toMatchObject({ code: 'hdfs.unavailable', details: { ambiguous: true } });
        expect(server?.requests).toEqual([expect.stringContaining(op)]);
      });
    }
  });

  test.each(changes)('%s is repeated when a NameNode says that it did nothing', async (_op, change) => {
    for (const trouble of [starting, safeMode, standby]) {
      await withServers([first(1, trouble, yes)], { patienceMs: 5_000 }, async (hdfs, [server]) => {
        await change(hdfs);
        expect(server?.requests).toHaveLength(2);
      });
    }
  });

  test('goes over a connection of its own, so that no kept one can break under it', async () => {
    const ports: (number | undefined)[] = [];
    const note: RequestListener = (request, response) => {
      ports.push(request.socket.remotePort);
      describeDirectory(request, response);
    };
    await withServers([note], {}, async (hdfs) => {
      await hdfs.status('/');
      await hdfs.status('/');
      await hdfs.rename('/a', '/b', 'none');
      expect(ports[1]).toBe(ports[0]);
      expect(ports[2]).not.toBe(ports[0]);
    });
  });
});

describe('with several addresses', () => {
  test('the one in standby is left for the active one, which is then asked first', async () => {
    await withServers([standby, describeDirectory], { patienceMs: 5_000 }, async (hdfs, [one, two]) => {
      await hdfs.status('/');
      await hdfs.rename('/a', '/b', 'none');
      expect(one?.requests).toEqual(['GET GETFILESTATUS']);
      expect(two?.requests).toEqual(['GET GETFILESTATUS', 'PUT RENAME']);
    });
  });

  test('many calls at once all find the active one', async () => {
    await withServers([standby, describeDirectory], { patienceMs: 5_000 }, async (hdfs, [one]) => {
      await Promise.all(Array.from({ length: 20 }, async () => hdfs.status('/')));
      expect(one?.requests.length).toBeLessThanOrEqual(20);
    });
  });
});

async function* twoPieces(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one ');
  yield Buffer.from('two');
}

describe('a DataNode that is down', () => {
  test('is named to the NameNode, which names another; an untouched source is sent there', async () => {
    let stored = '';
    const good = await misbehave((request, response) => {
      request.on('data', (piece: Buffer) => (stored += piece.toString()));
      request.on('end', () => response.writeHead(201).end());
    });
    const nameNode: RequestListener = (request, response) => {
      const excluded = new URL(request.url ?? '', 'http://x').searchParams.get('excludedatanodes');
      const location = excluded === '127.0.0.1:1' ? good.address : 'http://127.0.0.1:1/';
      response.writeHead(307, { location }).end();
    };
    await withServers([nameNode], { patienceMs: 5_000 }, async (hdfs) => {
      await hdfs.create('/a', twoPieces(), { overwrite: true });
      expect(stored).toBe('one two');
    });
    await good.stop();
  });

  test('when a DataNode refuses for a while, bytes are sent again and a used-up source is not', async () => {
    const dataNode = await misbehave((request, response) => {
      request.resume().on('end', () => refuse(response, 'SafeModeException'));
    });
    const nameNode: RequestListener = (_request, response) =>
      void response.writeHead(307, { location: `${dataNode.address}/?op=DN` }).end();
    await withServers([nameNode], { patienceMs: 400 }, async (hdfs) => {
      await expect(hdfs.create('/a', Buffer.from('x'))).rejects.toMatchObject({ code: 'hdfs.safe_mode' });
      const times = dataNode.requests.length;
      expect(times).toBeGreaterThan(1);
      await expect(hdfs.append('/a', twoPieces())).rejects.toMatchObject({ code: 'hdfs.safe_mode' });
      expect(dataNode.requests).toHaveLength(times + 1);
    });
    await dataNode.stop();
  });
});

test('the token is asked for each time, used instead of the user name, and blacked out in errors', async () => {
  const seen: string[] = [];
  let token = 'FIRST';
  const echo: RequestListener = (request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://x');
    seen.push(`${searchParams.get('delegation')} ${searchParams.get('user.name')}`);
    refuse(response, 'IOException', `bad token ${searchParams.get('delegation')}`);
  };
  await withServers([echo], { delegationToken: () => token }, async (hdfs) => {
    await expect(hdfs.status('/')).rejects.toThrow('bad token ***');
    token = 'SECOND';
    await expect(hdfs.status('/')).rejects.toThrow('bad token ***');
  });
  expect(seen).toEqual(['FIRST null', 'SECOND null']);
});
