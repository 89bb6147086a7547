import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { functionNames, packageFunction } from '../tools/package.ts';
import { eventHeaders, type FunctionProcess, startFunction } from '../test/support/function-process.ts';
import { type Benchmark, compare, judge, type Row } from './benchmark.ts';
import { alternate, median, usageOf } from './measure.ts';

const rounds = 7;
const events = 3_000;
const root = join(import.meta.dirname, '..');
const knative = join(root, 'node_modules/faas-js-runtime/bin/cli.js');
const nowhere = 'http://127.0.0.1:9';
const hdfs = { addresses: [nowhere], defaultFs: 'hdfs://127.0.0.1:9' };

/** The least that each function must be told to start; nothing is connected to before an event asks for it. */
const settings: Readonly<Record<string, object>> = {
  'compliance-scan': { sources: { manifests: { folder: tmpdir() } } },
  'dead-letter-triage': { topics: ['none'], kafka: { brokers: ['127.0.0.1:9'] } },
  'metastore-sync': { hdfs, metastore: { uris: ['thrift://127.0.0.1:9'] } },
  'partition-compaction': { hdfs },
};

/** Starts of all packaged functions beside what `func create` makes, and events through our guard beside the bare runtime. */
export const packagedBenchmark: Benchmark = {
  name: 'packaged',
  title: 'Packaged functions: cold start, size, events through the guard',
  needsLake: false,
  run: async (_, tell) => {
    const temp = mkdtempSync(join(tmpdir(), 'lakewarden-bench-'));
    try {
      const peer = writeTemplate(temp);
      const rows: Row[] = [];
      for (const name of functionNames()) {
        rows.push(...(await startCold(name, temp, peer)));
        tell(
          rows
            .slice(-5)
            .map(({ work, ours }) => `${work} ${ours.toFixed(0)}`)
            .join('; '),
        );
      }
      rows.push(await sendMany(temp));
      return {
        peer: "the handler of func's template for CloudEvents on faas-js-runtime, not packaged; for events the runtime with an empty handler",
        rows,
        notes: [
          `Starts: median of ${rounds} alternating ones, until an event is answered that the function does not take, so nothing remote is asked. Compiled: as in the image, with what V8 made of the code. Processor time is that of the whole process, in steps of 10 ms, with the health checks that wait for the start. Others used the machine as well (see the load), which makes all figures larger: compare with the peer of the same row; the goal was set for a quieter machine.`,
          `Events: ${events.toLocaleString('en')} at each of 3 rounds, 16 at once, by the processor time of the process that answers; both answer 204 to an event with a small JSON body. The guard parses and checks the event, counts and times it, and writes a line of log for each, which the bare runtime does not.`,
          'Sizes: all JavaScript of the package, also what is read on demand only. The base image comes on top (Node itself has some 120 MB).',
        ],
      };
    } finally {
      rmSync(temp, { recursive: true });
    }
  },
};

/** What `func create -t cloudevents` makes of handler, with the packages of this repository. */
function writeTemplate(temp: string): readonly [string, ...string[]] {
  const file = join(temp, 'template.cjs');
  const sdk = createRequire(import.meta.url).resolve('cloudevents');
  const answer = "new CloudEvent({ source: 'function', type: 'function.response', data: { message: 'OK' } })";
  writeFileSync(
    file,
    `const { CloudEvent } = require(${JSON.stringify(sdk)});\nmodule.exports = { handle: async () => ${answer} };\n`,
  );
  return [process.execPath, knative, file];
}

async function startCold(name: string, temp: string, peer: readonly [string, ...string[]]): Promise<Row[]> {
  const { folder, bytes } = await packageFunction(join(root, 'functions', name), join(temp, name));
  const config = join(temp, `${name}.json`);
  writeFileSync(config, JSON.stringify(settings[name]));
  const cache = join(temp, `${name}-compiled`);
  mkdirSync(cache);
  const env = { LAKEWARDEN_CONFIG: config, LAKEWARDEN_LOG_LEVEL: 'error' };
  const compiled = { ...env, NODE_COMPILE_CACHE: cache };
  execFileSync(process.execPath, [join(folder, 'compile.cjs')], { env: compiled, stdio: 'pipe' });
  const own = [process.execPath, join(folder, 'index.cjs')] as const;
  const [walls, peerWalls, sizes, peerSizes]: [number[], number[], number[], number[]] = [[], [], [], []];
  const cpu = await alternate(rounds, {
    compiled: async () => {
      const { wall, usage } = await firstAnswer(temp, own, compiled);
      walls.push(wall);
      sizes.push(usage.memory);
      return usage.cpu;
    },
    plain: async () => (await firstAnswer(temp, own, env)).usage.cpu,
    peer: async () => {
      const { wall, usage } = await firstAnswer(temp, peer, {});
      peerWalls.push(wall);
      peerSizes.push(usage.memory);
      return usage.cpu;
    },
  });
  const start = compare(`${name}: processor time, compiled`, 'ms', cpu.compiled, cpu.peer);
  return [
    judge(start, 'at most 150 ms', start.ours <= 150),
    compare(`${name}: processor time, not compiled`, 'ms', cpu.plain, cpu.peer),
    compare(`${name}: time, compiled`, 'ms', median(walls), median(peerWalls)),
    compare(`${name}: most memory (RSS), compiled`, 'MiB', median(sizes), median(peerSizes)),
    { work: `${name}: code`, unit: 'MB', ours: bytes / 1e6 },
  ];
}

async function firstAnswer(
  cwd: string,
  command: readonly [string, ...string[]],
  env: Record<string, string>,
): Promise<{ readonly wall: number; readonly usage: ReturnType<typeof usageOf> }> {
  const began = performance.now();
  const started = await startFunction({ entry: '', cwd, command, env });
  try {
    const { status } = await started.send({ headers: eventHeaders('bench.nothing') });
    if (status >= 500) throw new Error(`the function answered ${status}`);
    return { wall: performance.now() - began, usage: usageOf(started.pid) };
  } finally {
    await started.end();
  }
}

async function sendMany(temp: string): Promise<Row> {
  const { folder } = await packageFunction(join(root, 'test/fixtures/functions/echo'), join(temp, 'echo'));
  const empty = join(temp, 'empty.cjs');
  writeFileSync(empty, 'module.exports = { handle: () => undefined };\n');
  const rate = async (command: readonly [string, ...string[]]): Promise<number> => {
    const started = await startFunction({ entry: '', cwd: temp, command });
    try {
      await post(started, events / 3);
      const before = usageOf(started.pid).cpu;
      await post(started, events);
      return (events / (usageOf(started.pid).cpu - before)) * 1_000;
    } finally {
      await started.end();
    }
  };
  const { ours, peer } = await alternate(3, {
    ours: () => rate([process.execPath, join(folder, 'index.cjs')]),
    peer: () => rate([process.execPath, knative, empty]),
  });
  return compare('events through the guard, by processor time', 'events/s', ours, peer);
}

/** Posts events, 16 at once, over connections that stay open. */
async function post({ port }: FunctionProcess, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const headers = eventHeaders('test.echo', { 'content-type': 'application/json' });
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, method: 'POST', headers, agent }, (answer) => {
        answer.resume().on('end', () => {
          if (answer.statusCode === 204) resolve();
          else reject(new Error(`answered ${answer.statusCode}`));
        });
      });
      sent.on('error', reject);
      sent.end('{"path":"/golden/orders/2019/09/01/01/data.snappy.parquet"}');
    });
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let sent = 0; sent < count / 16; sent += 1) await one();
    }),
  );
  agent.destroy();
}
