import { setTimeout as sleep } from 'node:timers/promises';
import { type Benchmark, compare, type Findings, judge } from './benchmark.ts';
import type { BenchLake } from './bench-lake.ts';
import { alternate, timed } from './measure.ts';

const partitions = 20_000;
const rounds = 5;

/** A run that finds nothing new: we by the newest partitions, by snapshots and by a whole walk, MSCK by its only way. */
export const nothingNewBenchmark: Benchmark = {
  name: 'nothing-new',
  title: `Nothing new in ${partitions.toLocaleString('en')} partitions`,
  run: async (start, tell) => await findNothing(await start(), tell),
};

async function findNothing(lake: BenchLake, tell: (line: string) => void): Promise<Findings> {
  const root = await lake.zone(partitions);
  // Folders of the last seconds before a walk are looked at again by the next one.
  await sleep(3_000);
  const database = await lake.database();
  await lake.sync(root, database, { kind: 'full' });
  await lake.expectPartitions(database, partitions);
  tell('all partitions are registered');
  const table = `${database}.clicks`;
  const calls = { recent: '', changes: '', full: '' };
  const look = async (kind: keyof typeof calls): Promise<number> => {
    const { total, outcome } = await lake.sync(root, database, { kind });
    if (outcome.tables.some(({ added, changed }) => added + changed > 0)) throw new Error('something was new');
    calls[kind] = `${outcome.calls.hdfs} of HDFS and ${outcome.calls.metastore} of the metastore`;
    tell(`${kind}: ${total.toFixed(0)} ms`);
    return total;
  };
  const msck = (): Promise<number> => timed(() => lake.hive(`MSCK REPAIR TABLE ${table}`));
  // The first looks warm up Java, settle the folders that changed in the second of the first walk, and leave a snapshot.
  await lake.clients.hdfs.allowSnapshot(`${root}/clicks`);
  for (const kind of ['recent', 'changes', 'full'] as const) await look(kind);
  await msck();
  const before = await lake.clients.metastore.table(database, 'clicks');
  const took = await alternate(rounds, {
    recent: () => look('recent'),
    changes: () => look('changes'),
    full: () => look('full'),
    msck,
  });
  const after = await lake.clients.metastore.table(database, 'clicks');
  if (JSON.stringify([...(before?.parameters ?? [])]) !== JSON.stringify([...(after?.parameters ?? [])]))
    throw new Error('a run that had nothing to do wrote to the table');
  const goal = 'at least 20 times faster, no write';
  const recent = compare('a look at the newest partitions (what cron does)', 'ms', took.recent, took.msck);
  const changes = compare('a run for changes, by snapshots', 'ms', took.changes, took.msck);
  const full = compare('a walk through all folders', 'ms', took.full, took.msck);
  return {
    peer: 'MSCK REPAIR TABLE of Hive 4.0.1',
    rows: [recent, changes, full].map((row) => judge(row, goal, (row.ratio ?? 0) >= 20)),
    notes: [
      `Median of ${rounds} alternating runs, each of ours with connections of its own.`,
      `Calls of the newest look: ${calls.recent}; by snapshots: ${calls.changes}; of the walk: ${calls.full}. The walk lists each folder above the partitions, 1 for 24 of them, as MSCK does, and over WebHDFS: it cannot be 20 times faster, and is not the way to find out that nothing is new.`,
    ],
  };
}
