import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What a test server does with bytes that arrive; its connections are counted from 1. */
export type Behaviour = (socket: Socket, request: Buffer, connection: number) => void;

/** A TCP server on loopback that behaves as a test wishes. */
export interface TestServer {
  readonly uri: string;
  readonly port: number;
  /** Connections accepted so far. */
  connections(): number;
  close(): Promise<void>;
}

/** Starts a server; `behave` sees each piece of bytes that arrives. */
export async function startServer(behave: Behaviour): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server: Server = createServer((socket) => {
    const connection = ++count;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (request: Buffer) => behave(socket, request, connection));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    uri: `thrift://127.0.0.1:${port}`,
    port,
    connections: () => count,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** An answer to a request: the same name and sequence id, and a struct. */
export function answer(
  request: Buffer,
  body: Buffer,
  change: { kind?: number; name?: string; sequence?: number } = {},
): Buffer {
  const length = request.readInt32BE(4);
  const name = Buffer.from(change.name ?? request.toString('utf8', 8, 8 + length));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(0x80010000 + (change.kind ?? 2));
  head.writeInt32BE(name.length, 4);
  const sequence = Buffer.alloc(4);
  sequence.writeInt32BE(change.sequence ?? request.readInt32BE(8 + length));
  return Buffer.concat([head, name, sequence, body]);
}

/** The struct of an answer that is a text. */
export function textResult(text: string): Buffer {
  return Buffer.concat([Buffer.of(11, 0, 0, 0, 0, 0, Buffer.byteLength(text)), Buffer.from(text), Buffer.of(0)]);
}

/** The struct of an answer that is an exception: its id, and its message. */
export function exceptionResult(id: number, message: string): Buffer {
  const bytes = Buffer.from(message);
  const head = Buffer.of(12, 0, id, 11, 0, 1, 0, 0, 0, 0);
  head.writeInt32BE(bytes.length, 6);
  return Buffer.concat([head, bytes, Buffer.of(0, 0)]);
}
