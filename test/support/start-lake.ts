import { join } from 'node:path';
import type { Lake } from '#lake-in-a-box/lake.ts';
import { packageCli } from '../../tools/package-cli.ts';
import { startOwnLake } from './own-lake.ts';

/** Where the lake that this test run started waits for stop-lake.ts. */
export const here = globalThis as { lakeOfThisRun?: Lake };

/** Starts the lake for all tests, unless LAKEWARDEN_TEST_LAKE already names one. Jest calls it once. */
export default async function startLakeForTests(): Promise<void> {
  if (process.env['LAKEWARDEN_TEST_LAKE'] !== undefined) return;
  const began = Date.now();
  const tell = (line: string): void =>
    void process.stderr.write(`lake ${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${line}\n`);
  const { folder } = await packageCli(join(import.meta.dirname, '../../build/cli'));
  process.env['LAKEWARDEN_TEST_CLI'] = join(folder, 'lakewarden.mjs');
  tell('the command line is packaged; starting');
  here.lakeOfThisRun = await startOwnLake(['hiveserver', 'kafka'], tell);
  process.env['LAKEWARDEN_TEST_LAKE'] = JSON.stringify(here.lakeOfThisRun.addresses);
}
