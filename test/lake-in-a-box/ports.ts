import { once } from 'node:events';
import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';

/** The sockets of a lake, all on 127.0.0.1. */
export const portNames = [
  'namenodeRpc',
  'namenodeHttp',
  'standbyRpc',
  'standbyHttp',
  'datanode',
  'datanodeHttp',
  'datanodeIpc',
  'postgres',
  'metastore',
  'metastore31',
  'metastoreHttp',
  'metastoreDerby',
  'hiveserver',
  'kafka',
  'kafkaSecure',
  'kafkaMutual',
  'kafkaController',
  'connect',
  'registry',
  'flink',
] as const;

/** A TCP port for each socket of a lake. */
export type Ports = Readonly<Record<(typeof portNames)[number], number>>;

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/**
 * A free port that is not taken yet; below the range that the kernel gives to outgoing connections, so that none of
 * those takes the port before its server does.
 */
export async function choosePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (!taken.has(port) && (await isFree(port))) return port;
  }
}

/** Keeps each earlier port that is still free and chooses the others anew. */
export async function choosePorts(earlier: Partial<Ports>): Promise<Ports> {
  const chosen = new Set<number>();
  const entries: [string, number][] = [];
  for (const name of portNames) {
    let port = earlier[name];
    if (port === undefined || chosen.has(port) || !(await isFree(port))) port = await choosePort(chosen);
    chosen.add(port);
    entries.push([name, port]);
  }
  return Object.fromEntries(entries) as Ports;
}
