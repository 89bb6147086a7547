import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLake, type Lake } from '#lake-in-a-box/lake.ts';

/** Where the lake that this test run started waits for stop-lake.ts. */
export const here = globalThis as { lakeOfThisRun?: Lake };

/** Starts the lake for all tests, unless LAKEWARDEN_TEST_LAKE already names one. Jest calls it once. */
export default async function startLakeForTests(): Promise<void> {
  if (process.env['LAKEWARDEN_TEST_LAKE'] !== undefined) return;
  const folder = mkdtempSync(join(tmpdir(), 'lakewarden-test-'));
  // PostgreSQL runs as another user where the tests run as root.
  chmodSync(folder, 0o755);
  const began = Date.now();
  const tell = (line: string): void =>
    void process.stderr.write(`lake ${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${line}\n`);
  tell(`starting in ${folder}`);
  here.lakeOfThisRun = await startLake({ folder, parts: ['hiveserver'], temporary: true, onProgress: tell });
  process.env['LAKEWARDEN_TEST_LAKE'] = JSON.stringify(here.lakeOfThisRun.addresses);
}
