import { execFile } from 'node:child_process';
import { join } from 'node:path';

const sources = join(import.meta.dirname, '../../cli/lakewarden.ts');

/** The sources, or the package that start-lake.ts made of them, which starts in half the time; it leaves out the lake in a box. */
const programOf = ([command]: readonly string[]): string =>
  command === 'lake' ? sources : (process.env['LAKEWARDEN_TEST_CLI'] ?? sources);

/** What a run of the command line left behind. */
export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `lakewarden` as a shell would, with its output into pipes, in a folder without a lake. */
export function lakewarden(
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<CliRun> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { PATH: process.env['PATH'] ?? '', ...env }, timeout: 60_000, maxBuffer: 1 << 26 };
    execFile(process.execPath, [programOf(args), ...args], options, (error, out, err) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ code, out, err });
      else reject(error ?? new Error('no exit code'));
    });
  });
}
