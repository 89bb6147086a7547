import { lake } from '../support/lake.ts';
import startLakeForTests from '../support/start-lake.ts';
import stopLakeOfTests from '../support/stop-lake.ts';
import { startEngines, type Engines } from './engines.ts';

/** Where the engines that this test run started wait for stop-engines.ts. */
export const here = globalThis as { enginesOfThisRun?: Engines };

/** Starts the lake and the engines for the tests, unless LAKEWARDEN_TEST_ENGINES already names some. Jest calls it once. */
export default async function startEnginesForTests(): Promise<void> {
  await startLakeForTests();
  if (process.env['LAKEWARDEN_TEST_ENGINES'] !== undefined) return;
  const began = Date.now();
  const tell = (line: string): void =>
    void process.stderr.write(`engines ${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${line}\n`);
  tell('starting');
  try {
    here.enginesOfThisRun = await startEngines(lake(), tell);
  } catch (error) {
    await stopLakeOfTests();
    throw error;
  }
  process.env['LAKEWARDEN_TEST_ENGINES'] = JSON.stringify(here.enginesOfThisRun.addresses);
}
