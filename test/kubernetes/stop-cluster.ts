import { here } from './start-cluster.ts';

/** Stops what start-cluster.ts started; what was there before is left alone. */
export default async function stopClusterOfTests(): Promise<void> {
  await here.clusterOfThisRun?.stop();
}
