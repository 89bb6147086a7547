import stopLakeOfTests from '../support/stop-lake.ts';
import { here } from './start-engines.ts';

/** Stops what start-engines.ts started; what was there before is left alone. */
export default async function stopEnginesOfTests(): Promise<void> {
  await here.enginesOfThisRun?.stop();
  await stopLakeOfTests();
}
