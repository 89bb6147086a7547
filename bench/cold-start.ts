import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFunction } from '../tools/package.ts';
import { eventHeaders, startFunction } from '../test/support/function-process.ts';
import type { BenchLake } from './bench-lake.ts';
import { type Benchmark, compare, type Findings, judge } from './benchmark.ts';
import { median, type Usage, usageOf } from './measure.ts';

const rounds = 10;
const knative = join(import.meta.dirname, '../node_modules/faas-js-runtime/bin/cli.js');

/** From nothing to the first answer: our packaged function, which plans on a real lake, and Knative's runtime with an empty function. */
export const coldStartBenchmark: Benchmark = {
  name: 'cold-start',
  title: 'Cold start of the packaged metastore-sync to its first answer',
  run: async (start, tell) => {
    const lake = await start();
    const temp = mkdtempSync(join(tmpdir(), 'lakewarden-bench-'));
    try {
      return await startCold(lake, temp, tell);
    } finally {
      rmSync(temp, { recursive: true });
    }
  },
};

async function startCold(lake: BenchLake, temp: string, tell: (line: string) => void): Promise<Findings> {
  const { folder } = await packageFunction(
    join(import.meta.dirname, '../functions/metastore-sync'),
    join(temp, 'sync'),
  );
  const root = '/bench-cold/golden';
  const database = await lake.database();
  await lake.put([`${root}/clicks/year=2019/month=09/day=01/hour=01/data.snappy.parquet`]);
  const settings = join(temp, 'settings.json');
  writeFileSync(settings, JSON.stringify(lake.writtenSettings(root, database)));
  const empty = join(temp, 'index.cjs');
  writeFileSync(empty, 'module.exports = { handle: () => "hello" };\n');

  const ours: Usage[] = [];
  const peers: Usage[] = [];
  const env = { LAKEWARDEN_CONFIG: settings, K_SERVICE: 'metastore-sync' };
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await firstAnswer([join(folder, 'index.cjs')], env));
    peers.push(await firstAnswer([knative, empty], {}));
    tell(`metastore-sync ${told(ours.at(-1))}; an empty function ${told(peers.at(-1))}`);
  }
  const middle = (usages: readonly Usage[], key: keyof Usage): number => median(usages.map((usage) => usage[key]));
  const cpu = compare('processor time', 'ms', middle(ours, 'cpu'), middle(peers, 'cpu'));
  const memory = compare('most memory (RSS)', 'MiB', middle(ours, 'memory'), middle(peers, 'memory'));
  return {
    peer: "faas-js-runtime (Knative's) with an empty function, not packaged",
    rows: [judge(cpu, 'at most 150 ms', cpu.ours <= 150), judge(memory, 'at most 90 MiB', memory.ours <= 90)],
    notes: [
      `Median of ${rounds} alternating starts. The first answer of metastore-sync is the plan for a topic with one new file: HDFS and the metastore are asked, a footer is read. Processor time is that of the whole process, in steps of 10 ms, with the health checks that wait for its start (one in 15 ms).`,
      "Where the goal is missed: an empty function on the same runtime does not reach it either. A third goes into reading and compiling 2.5 MB of JavaScript (the half of it Knative's runtime with Fastify), a third into starting that runtime, 30 ms into Node itself.",
    ],
  };
}

function told(usage: Usage | undefined): string {
  return `${usage?.cpu} ms, ${usage?.memory.toFixed(0)} MiB`;
}

/** What a process has used when it has answered its first event. */
async function firstAnswer(args: readonly string[], env: Record<string, string>): Promise<Usage> {
  const started = await startFunction({ entry: '', cwd: tmpdir(), command: [process.execPath, ...args], env });
  try {
    const headers = {
      ...eventHeaders('dev.knative.sources.ping'),
      accept: 'application/json',
      'content-type': 'application/json',
    };
    const { status, body } = await started.send({ headers, body: JSON.stringify({ scope: 'full', dryRun: true }) });
    if (status !== 200) throw new Error(`the function answered ${status} ${body}`);
    return usageOf(started.pid);
  } finally {
    await started.end();
  }
}
