import { type Benchmark, compare, type Findings, judge, type Row } from './benchmark.ts';
import type { BenchLake } from './bench-lake.ts';
import { alternate, median, timed } from './measure.ts';

const everything = { kind: 'full' } as const;
const rounds = 3;
/** Registering new partitions: we with their footers read and the table made, MSCK on a table that is there. */
export function registerBenchmark(partitions: number, goal: number): Benchmark {
  return {
    name: `register-${partitions}`,
    title: `Registering ${partitions.toLocaleString('en')} new partitions`,
    run: async (start, tell) => await register(await start(), partitions, goal, tell),
  };
}

async function register(
  lake: BenchLake,
  partitions: number,
  goal: number,
  tell: (line: string) => void,
): Promise<Findings> {
  const root = await lake.zone(partitions);
  tell(`${partitions} folders with a file each are made`);
  const rate = (milliseconds: number): number => (partitions / milliseconds) * 1_000;

  const msck = async (batch: number): Promise<number> => {
    const database = await lake.database();
    const table = await lake.hiveTable(root, database);
    await lake.hive(`SET hive.msck.repair.batch.size=${batch}`);
    const took = await timed(() => lake.hive(`MSCK REPAIR TABLE ${table}`));
    await lake.expectPartitions(database, partitions);
    tell(`MSCK, batches of ${batch}: ${rate(took).toFixed(0)}/s`);
    return took;
  };
  let applying: number[] = [];
  const sync = async (): Promise<number> => {
    const database = await lake.database();
    const run = await lake.sync(root, database, everything);
    await lake.expectPartitions(database, partitions);
    applying.push(run.applying);
    tell(`metastore-sync: ${rate(run.total).toFixed(0)}/s in all, ${rate(run.applying).toFixed(0)}/s without the look`);
    return run.total;
  };

  // Java compiles while it runs: the first runs of both are not counted.
  await msck(3_000);
  await sync();
  const tried = [3_000, 1_000, 200].map((batch) => ({ batch, took: NaN }));
  for (const attempt of tried) attempt.took = await msck(attempt.batch);
  const { batch } = tried.toSorted((a, b) => a.took - b.took)[0] ?? { batch: 3_000 };
  applying = [];
  const { sync: whole, msck: best } = await alternate(rounds, { msck: () => msck(batch), sync });
  const registering = median(applying);
  const rows: Row[] = [
    withGoal(compare('registering alone, footers already read', 'partitions/s', rate(registering), rate(best)), goal),
    withGoal(compare('all: folders, files, footers, table, partitions', 'partitions/s', rate(whole), rate(best)), goal),
  ];
  return {
    peer: 'MSCK REPAIR TABLE of Hive 4.0.1',
    rows,
    notes: [
      `Both on the same folders (key=value, since MSCK reads no others), one Parquet file each, and on the same metastore. Median of ${rounds} alternating runs after one that is not counted.`,
      `MSCK with hive.msck.repair.batch.size ${tried.map((attempt) => `${attempt.batch}: ${rate(attempt.took).toFixed(0)}/s`).join(', ')} in one run each (3000 is the default); compared is the best, ${batch}.`,
      'MSCK lists the folders above the partitions and opens no file. metastore-sync also lists each partition, reads each footer, checks the schema, creates the table, and looks once more that no folder vanished before it registers it; "registering alone" leaves out the first three of these.',
      'Where the goal is missed: registering is bound by the metastore and its database, which do the same inserts for both sides and share the cores with HDFS and with us; the rest is one listing and a footer (two requests) for each partition over WebHDFS, whose DataNode makes a client for each read.',
    ],
  };
}

function withGoal(row: Row, goal: number): Row {
  return judge(row, `${goal} times MSCK's rate`, (row.ratio ?? 0) >= goal);
}
