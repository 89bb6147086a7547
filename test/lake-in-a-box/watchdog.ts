import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { removeLake, stopLake } from './stop.ts';

// A process that stops a lake when its supervisor dies, however it dies: then the kernel closes the pipe between them.

const letGo = 'let go';

/** Starts a watchdog for the lake in `folder`; the answered function sends it home and lets the lake run on. */
export function startWatchdog(folder: string, remove: boolean): () => void {
  const args = [fileURLToPath(import.meta.url), folder, ...(remove ? ['--remove'] : [])];
  const child = spawn(process.execPath, args, { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  // A watchdog that is gone cannot be told anything.
  child.stdin.on('error', () => {});
  (child.stdin as Socket).unref();
  return () => void child.stdin.end(letGo);
}

if (import.meta.main) {
  const [folder, remove] = process.argv.slice(2);
  if (folder !== undefined && (await text(process.stdin)) !== letGo) {
    await stopLake(folder);
    if (remove !== undefined) removeLake(folder);
  }
}
