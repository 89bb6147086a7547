import { here } from './start-lake.ts';

/** Stops the lake that start-lake.ts started, and removes it. A lake that was there before is left alone. */
export default async function stopLakeOfTests(): Promise<void> {
  await here.lakeOfThisRun?.stop();
}
