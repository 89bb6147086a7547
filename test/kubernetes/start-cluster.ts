import { startCluster, type Cluster } from './cluster.ts';
import { knative, prometheus, providePrograms } from './programs.ts';

/** Where the cluster that this test run started waits for stop-cluster.ts. */
export const here = globalThis as { clusterOfThisRun?: Cluster };

/** Builds what the tests run, and starts an API server unless LAKEWARDEN_TEST_CLUSTER already names one. Jest calls it once. */
export default async function startClusterForTests(): Promise<void> {
  const began = Date.now();
  const tell = (line: string): void =>
    void process.stderr.write(`kubernetes ${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${line}\n`);
  tell('starting');
  process.env['LAKEWARDEN_TEST_KNATIVE'] ??= await providePrograms(knative, tell, new AbortController().signal);
  process.env['LAKEWARDEN_TEST_PROMETHEUS'] ??= await providePrograms(prometheus, tell, new AbortController().signal);
  if (process.env['LAKEWARDEN_TEST_CLUSTER'] !== undefined) return;
  here.clusterOfThisRun = await startCluster(tell);
  process.env['LAKEWARDEN_TEST_CLUSTER'] = JSON.stringify(here.clusterOfThisRun.addresses);
}
