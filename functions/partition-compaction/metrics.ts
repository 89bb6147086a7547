import { Counter, Gauge } from 'prom-client';
import type { WebHdfs } from '#shared/hdfs/webhdfs.ts';
import type { Metrics } from '#shared/observe/metrics.ts';
import type { Summary } from './function.ts';

/** Registers the numbers of this function; the returned one counts a run. */
export function createCompactionMetrics(metrics: Metrics, hdfs: WebHdfs): (run: Summary) => void {
  const { registry } = metrics;
  hdfs.counter.observe = (operation) => metrics.startCall('hdfs', operation);
  const counter = (name: string, help: string): Counter => {
    const made = new Counter({ name: `lakewarden_compaction_${name}_total`, help, registers: [registry] });
    return made;
  };
  const merges = counter('merges', 'Merges made');
  const removed = counter('removed_files', 'Files that merges took away');
  const leftovers = counter('removed_leftovers', 'Half-written files of dead writers that were removed');
  const written = counter('written_bytes', 'Bytes written by merges and rewrites');
  const rewrites = counter('rewrites', 'Files written anew');
  const rowGroups = counter('removed_row_groups', 'Row groups that rewrites took away');
  const rewritten = counter('rewritten_bytes', 'Bytes of files that were written anew');
  const notMoved = counter('unmoved_bytes', 'Bytes merged without being read or written');
  const problems = counter('problems', 'Problems that want attention');
  registry.registerMetric(
    new Counter({
      name: 'lakewarden_compaction_remote_calls_total',
      help: 'Remote calls to HDFS',
      registers: [],
      // Runs overlap, so calls are counted where they are made and not summed over runs.
      collect() {
        this.reset();
        this.inc(hdfs.calls);
      },
    }),
  );
  const last = new Gauge({
    name: 'lakewarden_compaction_last_completed_timestamp_seconds',
    help: 'When the last run ended (Unix time)',
    registers: [registry],
  });
  return (run) => {
    merges.inc(run.merges);
    removed.inc(run.filesRemoved);
    leftovers.inc(run.leftoversRemoved);
    written.inc(run.bytesWritten);
    rewrites.inc(run.rewrites);
    rowGroups.inc(Math.max(0, run.rowGroupsRemoved));
    rewritten.inc(run.bytesRewritten);
    notMoved.inc(run.bytesNotMoved);
    problems.inc(run.problems);
    last.setToCurrentTime();
  };
}
