import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFunction } from '../tools/package.ts';
import { eventHeaders, startFunction, type FunctionProcess } from '../test/support/function-process.ts';
import { type BenchLake, hours } from './bench-lake.ts';
import { type Benchmark, compare, type Findings, judge, type Row } from './benchmark.ts';
import { alternate, median, timed, usageOf } from './measure.ts';

const partitions = 100_000;
const rounds = 3;
const perCall = 1_000;

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
  await fill(lake, root, database);
  tell(`${partitions} partitions are registered`);
  const { folder } = await packageFunction(
    join(import.meta.dirname, '../functions/metastore-sync'),
    join(temp, 'sync'),
  );
  const settings = join(temp, 'settings.json');
  writeFileSync(settings, JSON.stringify(lake.writtenSettings(root, database)));

  let next = partitions;
  const newFiles = async (): Promise<string[]> => {
    const paths = hours(next + 3)
      .slice(-3)
      .map((hour) => `${root}/clicks/${hour}/data.snappy.parquet`);
    next += 3;
    await lake.put(paths);
    return paths;
  };
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
      const first = await ring(started, await newFiles());
      const second = await ring(started, await newFiles());
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
    await newFiles();
    const took = await timed(() => lake.hive(`MSCK REPAIR TABLE ${database}.clicks`));
    tell(`MSCK: ${took.toFixed(0)} ms`);
    return took;
  };
  await msck();
  const took = await alternate(rounds, { ours, msck });
  await lake.expectPartitions(database, next);
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

/** Registers the partitions that are there before; the metastore makes their folders. */
async function fill(lake: BenchLake, root: string, database: string): Promise<void> {
  const { metastore } = lake.clients;
  const [first, ...others] = hours(partitions);
  const path = `${root}/clicks/${first}/data.snappy.parquet`;
  await lake.put([path]);
  await lake.sync(root, database, { kind: 'paths', paths: [path] });
  const [model] = await metastore.partitionsByNames(database, 'clicks', [String(first)]);
  if (model === undefined) throw new Error('the first partition was not registered');
  const bodies = others.map((hour) => ({
    ...model,
    values: hour.split('/').map((part) => part.replace(/^.*=/, '')),
    sd: { ...model.sd, location: `${lake.addresses.defaultFs}${root}/clicks/${hour}` },
  }));
  const batches = Array.from({ length: Math.ceil(bodies.length / perCall) }, (_, index) =>
    bodies.slice(index * perCall, (index + 1) * perCall),
  );
  const worker = async (): Promise<void> => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop())
      await metastore.addPartitions(database, 'clicks', batch, { needResult: false });
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  await lake.expectPartitions(database, partitions);
}

/** Sends one event with paths; milliseconds to the answer, and the remote calls that it cost. */
async function ring(sync: FunctionProcess, paths: readonly string[]): Promise<{ took: number; calls: number }> {
  const headers = {
    ...eventHeaders('dev.lakewarden.file.closed', { 'ce-id': paths.join() }),
    accept: 'application/json',
    'content-type': 'application/json',
  };
  const began = performance.now();
  const { status, body } = await sync.send({ headers, body: JSON.stringify({ paths }) });
  const took = performance.now() - began;
  const { result } = JSON.parse(body) as { result: { added: number; calls: { hdfs: number; metastore: number } } };
  const { added, calls } = result;
  if (status !== 200 || added !== paths.length) throw new Error(`the function answered ${status} ${body}`);
  return { took, calls: calls.hdfs + calls.metastore };
}
