import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const cli = join(import.meta.dirname, '../cli/lakewarden.ts');

/** Runs `lakewarden` with arguments and gives what it prints. @throws with what it says of its failure */
export async function runCli(...args: readonly string[]): Promise<string> {
  const limits = { maxBuffer: 64 * 1024 * 1024, timeout: 120_000 };
  return (await promisify(execFile)(process.execPath, [cli, ...args], limits)).stdout;
}
