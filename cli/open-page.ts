import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

/** What shows a file in the browser of a system's user; a program and its arguments, so that no shell reads the name. */
export function browserOf(platform: NodeJS.Platform, file: string): readonly [program: string, ...args: string[]] {
  // A name that begins with a dash would be an option.
  const path = resolve(file);
  if (platform === 'darwin') return ['open', path];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', path];
  return ['xdg-open', path];
}

/** Shows a page in the user's browser and does not wait for it. Rejects when the program that does it cannot be started. */
export async function openPage(file: string): Promise<void> {
  const [program, ...args] = browserOf(process.platform, file);
  const started = spawn(program, args, { detached: true, stdio: 'ignore' });
  await once(started, 'spawn');
  started.unref();
}
