import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * What becomes of a request, and with it of its connection:
 * - `pass`: it is answered.
 * - `drop`: the connection breaks before the service learns of it.
 * - `cut`: the service performs it, and the connection breaks in the place of the answer.
 * - `mute`: the service performs it, and the answer never comes.
 * - `hold`: it stays on the way until `release`, whether the client still waits or not.
 */
export type Fate = 'pass' | 'drop' | 'cut' | 'mute' | 'hold';

/**
 * A fate; or bytes that are the answer, and the service learns of nothing; or what is called when the service has performed the
 * request, and the answer never comes.
 */
export type Verdict = Fate | Uint8Array | (() => void);

/** A TCP proxy before a real service that decides over each request. */
export interface TcpProxy {
  readonly port: number;
  /** Given the bytes that a client sends; a fate other than `pass` is for the rest of the connection. */
  judge: (bytes: Buffer) => Verdict;
  /** Sends the service what was held, and waits until it has taken it in and closed, or answered. */
  release(): Promise<void>;
  /** Refuses new connections and breaks the open ones, until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a proxy on a free port of loopback, before the service at an address such as `thrift://127.0.0.1:9083`; `rewrite`
 * may change what the service sends.
 */
export async function startTcpProxy(
  address: string,
  rewrite: (bytes: Buffer) => Buffer = (bytes) => bytes,
): Promise<TcpProxy> {
  const { hostname, port: target } = new URL(address.replace(/^\w+:/, 'tcp:'));
  const sockets = new Set<Socket>();
  const held: { readonly service: Socket; readonly bytes: Buffer[] }[] = [];
  const server = createServer((client) => {
    const service = connect(Number(target), hostname);
    let fate: Verdict = 'pass';
    let late: Buffer[] | undefined;
    for (const socket of [client, service]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        if (socket === service) client.destroy();
        else if (late === undefined) service.destroy();
      });
    }
    client.on('data', (bytes: Buffer) => {
      if (fate === 'pass') fate = proxy.judge(bytes);
      if (fate instanceof Uint8Array) {
        client.write(fate);
        fate = 'pass';
      } else if (fate === 'drop') client.destroy();
      else if (fate === 'hold') {
        if (late === undefined) held.push({ service, bytes: (late = []) });
        late.push(bytes);
      } else service.write(bytes);
    });
    service.on('data', (bytes: Buffer) => {
      if (fate === 'cut') client.destroy();
      else if (fate === 'pass') client.write(rewrite(bytes));
      else if (typeof fate === 'function') fate();
    });
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const stop = async (): Promise<void> => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const proxy: TcpProxy = {
    port,
    judge: () => 'pass',
    async release() {
      await Promise.all(
        held.splice(0).map(async ({ service, bytes }) => {
          const answered = once(service, 'data');
          for (const piece of bytes) service.write(piece);
          await answered;
          service.destroy();
        }),
      );
    },
    down: stop,
    up: () => listen(port),
    close: stop,
  };
  return proxy;
}

/** Judges so that the `nth` request whose bytes hold a text meets its fate; `executed` tells whether it came. */
export function condemn(text: string, fate: Fate, nth = 1): { judge: TcpProxy['judge']; executed: () => boolean } {
  let met = 0;
  const judge = (bytes: Buffer): Fate => (bytes.includes(text) && (met += 1) === nth ? fate : 'pass');
  return { judge, executed: () => met >= nth };
}
