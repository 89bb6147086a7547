import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Took, watch } from './watch.ts';

/** Runs `lakewarden replay plan` or `apply` with the flags of the function, and keeps in a file what it prints. */
export async function runReplay(
  command: 'plan' | 'apply',
  file: string,
  config: string,
  output: string,
): Promise<Took> {
  const program = join(import.meta.dirname, '..', '..', 'cli', 'lakewarden.ts');
  const args = [program, 'replay', command, file, '--json', '--config', config];
  const child = spawn(process.execPath, ['--max-semi-space-size=2', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const took = await watch(child);
  writeFileSync(output, Buffer.concat(chunks));
  return took;
}
