import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Gives a lock back. */
export type Release = () => void;

/**
 * Takes the machine-wide lock called `name`, or answers `undefined` when another process holds it.
 * The lock is a socket in Linux's abstract namespace: the kernel frees it with the process, so none is ever left behind.
 */
export async function tryLock(name: string): Promise<Release | undefined> {
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 32);
  const server = createServer();
  server.listen(`\0lakewarden-${digest}`);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
  server.unref();
  return () => void server.close();
}

/** Takes the lock called `name`, waiting for its holder as long as `signal` allows. */
export async function waitForLock(name: string, onWait: () => void, signal: AbortSignal): Promise<Release> {
  for (let tries = 0; ; tries++) {
    const release = await tryLock(name);
    if (release !== undefined) return release;
    if (tries === 0) onWait();
    await sleep(500, undefined, { signal });
  }
}
