import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { WebHdfsOptions } from '#shared/hdfs/options.ts';

/** A server that misbehaves in the way a test wants, which a real HDFS cannot be made to do. */
export interface Misbehaving {
  readonly address: string;
  /** `METHOD op` of each request in the order of arrival. */
  readonly requests: string[];
  readonly stop: () => Promise<void>;
}

/** Starts the server on a free port of the loopback. */
export async function misbehave(listener: RequestListener): Promise<Misbehaving> {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(`${request.method} ${new URL(request.url ?? '', 'http://x').searchParams.get('op')}`);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Runs a test against servers, in the order in which a client should know them. */
export async function withServers(
  listeners: readonly RequestListener[],
  options: Partial<WebHdfsOptions>,
  work: (hdfs: WebHdfs, servers: readonly Misbehaving[]) => Promise<void>,
): Promise<void> {
  const servers = await Promise.all(listeners.map(misbehave));
  const addresses = servers.map(({ address }) => address);
  const hdfs = new WebHdfs({ addresses, user: 'root', deadlineMs: 5_000, idleMs: 5_000, patienceMs: 0, ...options });
  try {
    await work(hdfs, servers);
  } finally {
    hdfs.close();
    await Promise.all(servers.map(async ({ stop }) => stop()));
  }
}

/** Answers with JSON. */
export function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Answers with a RemoteException. */
export function refuse(response: ServerResponse, exception: string, message = exception, status = 403): void {
  answer(response, status, { RemoteException: { exception, javaClassName: exception, message } });
}

/** Answers GETFILESTATUS for an empty directory. */
export function describeDirectory(_request: IncomingMessage, response: ServerResponse): void {
  const entry = { pathSuffix: '', type: 'DIRECTORY', length: 0, modificationTime: 1, accessTime: 0, owner: 'o' };
  answer(response, 200, { FileStatus: { ...entry, group: 'g', permission: '755', replication: 0, blockSize: 0 } });
}

/** Never answers. */
export function keepSilent(): void {}

/** Breaks the connection. */
export function hangUp(request: IncomingMessage): void {
  request.socket.destroy();
}
