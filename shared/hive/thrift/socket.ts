import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { LakewardenError } from '../../errors/error.ts';

/** One address of a service. */
export interface Server {
  readonly host: string;
  readonly port: number;
  /** Present for Thrift over HTTP: the path to post to, and whether it is HTTPS. */
  readonly http?: { readonly path: string; readonly secure: boolean } | undefined;
}

/** How connections speak. */
export interface Transport {
  /** True for TFramedTransport: each message follows its length. Has no meaning over HTTP. */
  readonly framed: boolean;
  /** For TLS: the certificates to trust (PEM; the system's when left out) and the name to expect. */
  readonly tls?: { readonly ca?: string; readonly servername?: string } | undefined;
  /** Bytes of the longest answer that is read. */
  readonly maxAnswerBytes: number;
  /** The headers of each request over HTTP. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
}

/** The name of a server in errors. */
export function nameServer({ host, port }: Server): string {
  return `${host}:${port}`;
}

/**
 * Opens a socket within `timeoutMs`: with TLS to an HTTPS address, and to a plain Thrift address when `tls` is given.
 * Throws metastore.unavailable.
 */
export async function openSocket(server: Server, { tls }: Transport, timeoutMs: number): Promise<Socket> {
  const { host, port, http } = server;
  const secure = http?.secure ?? tls !== undefined;
  const socket = secure ? connectTls({ host, port, ...tls }) : connectTcp({ host, port });
  const name = nameServer(server);
  await new Promise<void>((resolve, reject) => {
    const refuse = (reason: string, cause?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      const options = { details: { server: name }, ...(cause === undefined ? {} : { cause }) };
      reject(new LakewardenError('metastore.unavailable', `no connection to metastore ${name}: ${reason}`, options));
    };
    const timer = setTimeout(() => refuse(`none within ${Math.round(timeoutMs)} ms`), timeoutMs);
    socket.once('error', (error) => refuse(error.message, error));
    socket.once('close', () => refuse('closed by the server'));
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  socket.removeAllListeners('error').removeAllListeners('close');
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 30_000);
  return socket;
}
