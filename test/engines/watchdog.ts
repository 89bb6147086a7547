import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { stopProcess, type ProcessIdentity } from '#lake-in-a-box/process.ts';

// A process that ends the engines when the test run dies, however it dies: then the kernel closes the pipe between them.

/** Starts a watchdog; the answered function tells it of one more process. It ends them and removes `folder` at the end of this one. */
export function startWatchdog(folder: string): (identity: ProcessIdentity) => void {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  // A watchdog that is gone cannot be told anything.
  child.stdin.on('error', () => {});
  (child.stdin as Socket).unref();
  return ({ pid, startTime }) => void child.stdin.write(`${JSON.stringify({ pid, startTime })}\n`);
}

if (import.meta.main) {
  const folder = process.argv[2];
  const lines = (await text(process.stdin)).split('\n').filter((line) => line !== '');
  await Promise.all(lines.map((line) => stopProcess(JSON.parse(line) as ProcessIdentity)));
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
