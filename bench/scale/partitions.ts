import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFunction } from '../../test/support/function-process.ts';
import { packageFunction } from '../../tools/package.ts';
import type { BenchLake } from '../bench-lake.ts';
import { type Benchmark, compare, type Row } from '../benchmark.ts';
import { extendLine, type Line, type Point } from '../curve.ts';
import { median, timed, usageOf } from '../measure.ts';
import { fillTable, ring, writeHours } from '../wide-table.ts';

const sizes = [1_000, 10_000, 100_000];
const beyond = [1_000_000, 10_000_000];
const rounds = 3;

/** What one size costs: milliseconds, calls, MiB. */
interface Cost {
  readonly partitions: number;
  /** An event of 3 new files. */
  readonly event: number;
  /** A look at the newest partitions, as by cron, when nothing is new. */
  readonly newest: number;
  /** A walk through all folders, when nothing is new. */
  readonly walk: number;
  readonly msck: number;
  readonly calls: { readonly event: number; readonly newest: number; readonly walk: number };
  readonly memory: number;
}

/** Partitions of a table, from 1,000 to 100,000, and reckoned beyond: what each way of looking costs, and what MSCK costs. */
export const scalePartitionsBenchmark: Benchmark = {
  name: 'scale-partitions',
  title: 'Scale: partitions of a table',
  run: async (start, tell) => {
    const lake = await start();
    const temp = mkdtempSync(join(tmpdir(), 'lakewarden-bench-'));
    try {
      const sync = await packageFunction(
        join(import.meta.dirname, '../../functions/metastore-sync'),
        join(temp, 'sync'),
      );
      const costs: Cost[] = [];
      for (const partitions of sizes) costs.push(await measure(lake, partitions, sync.folder, temp, tell));
      return { peer: 'MSCK REPAIR TABLE of Hive 4.0.1', rows: costs.flatMap(toRows), curves: toCurves(costs), notes };
    } finally {
      rmSync(temp, { recursive: true });
    }
  },
};

async function measure(
  lake: BenchLake,
  partitions: number,
  folder: string,
  temp: string,
  tell: (line: string) => void,
): Promise<Cost> {
  const root = `/bench-scale-${partitions}/golden`;
  const database = await lake.database();
  await fillTable(lake, root, database, partitions);
  const written = writeHours(lake, root, partitions);
  const settings = join(temp, 'settings.json');
  writeFileSync(settings, JSON.stringify(lake.writtenSettings(root, database)));
  const started = await startFunction({
    entry: join(folder, 'index.cjs'),
    command: [process.execPath, join(folder, 'index.cjs')],
    env: { LAKEWARDEN_CONFIG: settings, K_SERVICE: 'metastore-sync' },
  });
  const events: { took: number; calls: number }[] = [];
  let memory: number;
  try {
    for (let round = 0; round <= rounds; round += 1) events.push(await ring(started, await written.three()));
    ({ memory } = usageOf(started.pid));
  } finally {
    await started.end();
  }
  const look = async (kind: 'recent' | 'full'): Promise<{ took: number; calls: number }> => {
    const runs = [];
    for (let round = 0; round < rounds; round += 1) runs.push(await lake.sync(root, database, { kind }));
    const { hdfs, metastore } = runs.at(-1)?.outcome.calls ?? { hdfs: NaN, metastore: NaN };
    return { took: median(runs.map(({ total }) => total)), calls: hdfs + metastore };
  };
  const [newest, walk] = [await look('recent'), await look('full')];
  const msck: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await written.three();
    msck.push(await timed(() => lake.hive(`MSCK REPAIR TABLE ${database}.clicks`)));
  }
  // The first event of a process makes its connections.
  const warm = events.slice(1);
  const cost: Cost = {
    partitions,
    event: median(warm.map(({ took }) => took)),
    newest: newest.took,
    walk: walk.took,
    msck: median(msck),
    calls: { event: Math.max(...warm.map(({ calls }) => calls)), newest: newest.calls, walk: walk.calls },
    memory,
  };
  tell(
    `${partitions} partitions: event ${cost.event.toFixed(0)} ms, newest ${cost.newest.toFixed(0)} ms, walk ${cost.walk.toFixed(0)} ms, MSCK ${cost.msck.toFixed(0)} ms`,
  );
  return cost;
}

function toRows({ partitions, event, newest, walk, msck, calls, memory }: Cost): Row[] {
  const of = `${partitions.toLocaleString('en')} partitions`;
  return [
    compare(`${of}: event of 3 new files`, 'ms', event, msck),
    compare(`${of}: look at the newest`, 'ms', newest, msck),
    compare(`${of}: walk through all folders`, 'ms', walk, msck),
    { work: `${of}: calls for the event`, unit: 'calls', ours: calls.event },
    { work: `${of}: calls of the newest look`, unit: 'calls', ours: calls.newest },
    { work: `${of}: calls of the walk`, unit: 'calls', ours: calls.walk },
    { work: `${of}: most memory, events alone`, unit: 'MiB', ours: memory },
  ];
}

function toCurves(costs: readonly Cost[]) {
  const line = (name: string, cost: (one: Cost) => number): Line =>
    extendLine({ name, points: costs.map((one): Point => [one.partitions, cost(one)]) }, beyond);
  const x = 'partitions of the table';
  const [event, newest, walk] = ['event of 3 new files', 'look at the newest (cron)', 'walk through all folders'];
  return [
    {
      title: 'Time to an answer',
      x,
      y: 'ms',
      lines: [
        line(event, (one) => one.event),
        line(newest, (one) => one.newest),
        line(walk, (one) => one.walk),
        line('MSCK REPAIR TABLE', (one) => one.msck),
      ],
    },
    {
      title: 'Remote calls',
      x,
      y: 'calls',
      lines: [
        line(event, ({ calls }) => calls.event),
        line(newest, ({ calls }) => calls.newest),
        line(walk, ({ calls }) => calls.walk),
      ],
    },
  ];
}

const notes = [
  `Median of ${rounds} runs of each; events go to the packaged function, which has answered one before. MSCK finds 3 new files, as the event does; the looks find nothing new. Partitions that were there before have empty folders: neither side opens their files.`,
  'Dashed is reckoned from the three measured sizes: a fixed cost and one for each partition.',
];
