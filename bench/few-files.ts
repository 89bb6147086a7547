import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFunction } from '../tools/package.ts';
import { startFunction } from '../test/support/function-process.ts';
import type { BenchLake } from './bench-lake.ts';
import { type Benchmark, compare, type Findings, judge, type Row } from './benchmark.ts';
import { alternate, median, timed, usageOf } from './measure.ts';
import { fillTable, ring, writeHours } from './wide-table.ts';

const partitions = 100_000;
const rounds = 3;

/** Three new files in a large table: we by the event that names them, in the packaged function; MSCK by its only way. */
export const fewFilesBenchmark: Benchmark = {
  name: 'few-files',
  title: `3 new files in a table of ${partitions.toLocaleString('en')} partitions`,
  run: async (start, tell) => {
    const lake = await start();
    const temp = mkdtempSync(join(tmpdir(), 'lakewarden-bench-'));
    try {
      return await registerFew(lake, temp, tell);
    } finally {
      rmSync(temp, { recursive: true });
    }
  },
};

async function registerFew(lake: BenchLake, temp: string, tell: (line: string) => void): Promise<Findings> {
  const root = '/bench-wide/golden';
  const database = await lake.database();
  await fillTable(lake, root, database, partitions);
  tell(`${partitions} partitions are registered`);
  const { folder } = await packageFunction(
    join(import.meta.dirname, '../functions/metastore-sync'),
    join(temp, 'sync'),
  );
  const settings = join(temp, 'settings.json');
  writeFileSync(settings, JSON.stringify(lake.writtenSettings(root, database)));

  const written = writeHours(lake, root, partitions);
  const calls: number[] = [];
  const firstCalls: number[] = [];
  const memory: number[] = [];
  const warmTimes: number[] = [];
  const ours = async (): Promise<number> => {
    const started = await startFunction({
      entry: join(folder, 'index.cjs'),
      command: [process.execPath, join(folder, 'index.cjs')],
      env: { LAKEWARDEN_CONFIG: settings, K_SERVICE: 'metastore-sync' },
    });
    try {
      const first = await ring(started, await written.three());
      const second = await ring(started, await written.three());
      firstCalls.push(first.calls);
      calls.push(second.calls);
      warmTimes.push(second.took);
      memory.push(usageOf(started.pid).memory);
      tell(
        `metastore-sync: ${first.took.toFixed(0)} ms, then ${warmTimes.at(-1)?.toFixed(0)} ms, ${first.calls} and ${second.calls} calls, ${memory.at(-1)?.toFixed(0)} MiB`,
      );
      return first.took;
    } finally {
      await started.end();
    }
  };
  const msck = async (): Promise<number> => {
    await written.three();
    const took = await timed(() => lake.hive(`MSCK REPAIR TABLE ${database}.clicks`));
    tell(`MSCK: ${took.toFixed(0)} ms`);
    return took;
  };
  await msck();
  const took = await alternate(rounds, { ours, msck });
  await lake.expectPartitions(database, written.hours());
  const goal = 'at least 50 times faster';
  const timeRow = (work: string, milliseconds: number): Row => {
    const row = compare(work, 'ms', milliseconds, took.msck);
    return judge(row, goal, (row.ratio ?? 0) >= 50);
  };
  const most = { calls: Math.max(...calls), memory: Math.max(...memory) };
  return {
    peer: 'MSCK REPAIR TABLE of Hive 4.0.1',
    rows: [
      timeRow('event to answer, in a running function', median(warmTimes)),
      timeRow('event to answer, the first of a new process', took.ours),
      judge({ work: 'remote calls', unit: 'calls', ours: most.calls }, 'at most 15', most.calls <= 15),
      judge(
        { work: 'most memory of the process (RSS)', unit: 'MiB', ours: most.memory },
        'under 150',
        most.memory < 150,
      ),
    ],
    notes: [
      `One event file.closed with 3 paths, to the packaged function over HTTP; median of ${rounds} processes. Calls (in a running function) and memory are the most that were seen.`,
      `Calls count what goes over the wire: a footer is two, since the NameNode answers with a redirect. The first event of a process costs ${Math.max(...firstCalls)}: the connection to the metastore is greeted.`,
      'Where the calls are too many: each of 3 new partitions is listed, and its footer read (3 calls each); the rest, 1 or 2 of HDFS and 4 of the metastore, does not grow with the files.',
      'MSCK ran over all partitions, not extrapolated. The partitions that were there before have empty folders: neither side opens their files.',
    ],
  };
}
