import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventReceiver } from '../test/support/event-receiver.ts';
import { eventHeaders, type FunctionProcess, startFunction } from '../test/support/function-process.ts';
import { packageFunction } from '../tools/package.ts';
import { type Benchmark, compare, judge, type Row } from './benchmark.ts';
import { median, timed, type Usage, usageOf } from './measure.ts';

const rounds = 10;
const events = 200;
const findings = 10_000;
const rule = 'kubernetes-no-open-load-balancers';
const knative = join(import.meta.dirname, '../node_modules/faas-js-runtime/bin/cli.js');
const json = { accept: 'application/json', 'content-type': 'application/json' };

/** The packaged compliance-scan: from its start to the first verdict, from an event to a verdict, and a change among many findings. */
export const scanEventsBenchmark: Benchmark = {
  name: 'scan-events',
  title: `compliance-scan: first verdict, one event, and one change among ${findings.toLocaleString('en')} findings`,
  needsLake: false,
  run: async (_, tell) => {
    const temp = mkdtempSync(join(tmpdir(), 'lakewarden-bench-'));
    try {
      const { folder } = await packageFunction(
        join(import.meta.dirname, '../functions/compliance-scan'),
        join(temp, 'scan'),
      );
      const command = [process.execPath, '--max-semi-space-size=2', join(folder, 'index.cjs')] as const;
      const start = (settings: object, env: Record<string, string> = {}): Promise<FunctionProcess> => {
        const file = join(temp, 'settings.json');
        writeFileSync(file, JSON.stringify(settings));
        return startFunction({ entry: '', cwd: temp, command, env: { LAKEWARDEN_CONFIG: file, ...env } });
      };
      const cold = await startCold(temp, start, tell);
      const event = await ringOften(temp, start, tell);
      const change = await changeOne(temp, start, tell);
      return {
        peer: "faas-js-runtime (Knative's) with an empty function, not packaged; for the start only",
        rows: [...cold, ...event, ...change],
        notes: [
          `Start: median of ${rounds} alternating starts; the first answer is the verdict on a Service in a folder of manifests, with its finding stored. Processor time and memory are those of the whole process.`,
          `Event: ${events} events of an ApiServerSource, each of another change of one Service, one after the other. The API server is a small one of ours on the same machine; the finding is stored in a file and told to a sink before the answer comes.`,
          `Change: of ${findings.toLocaleString('en')} Services with a finding each, one is mended; a sweep of all.`,
        ],
      };
    } finally {
      rmSync(temp, { recursive: true });
    }
  },
};

type Start = (settings: object, env?: Record<string, string>) => Promise<FunctionProcess>;

async function startCold(temp: string, start: Start, tell: (line: string) => void): Promise<Row[]> {
  const folder = join(temp, 'one');
  mkdirSync(folder);
  writeService(folder, 'trino', 'LoadBalancer');
  const empty = join(temp, 'index.cjs');
  writeFileSync(empty, 'module.exports = { handle: () => "hello" };\n');
  const [ours, peers]: [Usage[], Usage[]] = [[], []];
  const [waits, peerWaits]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const settings = { sources: { manifests: { folder } }, state: { local: join(temp, `cold-${round}`) } };
    const own = await firstAnswer(await start(settings));
    ours.push(own.usage);
    waits.push(own.wait);
    const command = [process.execPath, knative, empty] as const;
    const other = await firstAnswer(await startFunction({ entry: '', cwd: temp, command }));
    peers.push(other.usage);
    peerWaits.push(other.wait);
    tell(`first verdict: ${ours.at(-1)?.cpu} ms; an empty function: ${peers.at(-1)?.cpu} ms`);
  }
  const middle = (usages: readonly Usage[], key: keyof Usage): number => median(usages.map((usage) => usage[key]));
  const wait = compare('start to first verdict', 'ms', median(waits), median(peerWaits));
  return [
    judge(wait, 'at most 300 ms', wait.ours <= 300),
    compare('its processor time', 'ms', middle(ours, 'cpu'), middle(peers, 'cpu')),
    compare('its memory (RSS)', 'MiB', middle(ours, 'memory'), middle(peers, 'memory')),
  ];
}

/** What a process has used when it has answered its first event, and the milliseconds from its start until then. */
async function firstAnswer(started: FunctionProcess): Promise<{ usage: Usage; wait: number }> {
  try {
    const wait = started.startedIn + (await timed(() => sweep(started)));
    return { usage: usageOf(started.pid), wait };
  } finally {
    await started.end();
  }
}

async function sweep(started: FunctionProcess): Promise<void> {
  const headers = { ...eventHeaders('dev.lakewarden.scan.requested'), ...json };
  const { status, body } = await started.send({ headers, body: JSON.stringify({ rules: [rule] }) });
  if (status !== 200) throw new Error(`the function answered ${status} ${body}`);
}

/** An API server that knows one Service, which is open at every other look, and counts what it is asked. */
function startCluster(): { readonly server: Server; readonly service: () => object; calls: number } {
  const cluster = {
    calls: 0,
    looks: 0,
    service: () => describeService('trino', cluster.looks % 2 === 0 ? 'LoadBalancer' : 'ClusterIP'),
    server: createServer((_request, response) => {
      cluster.calls += 1;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(cluster.service()));
      cluster.looks += 1;
    }),
  };
  return cluster;
}

async function ringOften(temp: string, start: Start, tell: (line: string) => void): Promise<Row[]> {
  const cluster = startCluster();
  await new Promise<void>((resolve) => void cluster.server.listen(0, '127.0.0.1', resolve));
  const { port } = cluster.server.address() as AddressInfo;
  const receiver = new EventReceiver();
  const settings = {
    sources: { kubernetes: { server: `http://127.0.0.1:${port}` } },
    state: { local: join(temp, 'event') },
  };
  const started = await start(settings, { K_SINK: await receiver.start() });
  try {
    const times: number[] = [];
    for (let number = 0; number < events + 20; number += 1) {
      const body = JSON.stringify(cluster.service());
      const headers = { ...eventHeaders('dev.knative.apiserver.resource.update'), ...json };
      times.push(
        await timed(async () => {
          const answer = await started.send({ headers, body });
          if (answer.headers['lakewarden-outcome'] !== 'done') throw new Error(`the function answered ${answer.body}`);
        }),
      );
    }
    // The first ones load what is loaded once.
    const warm = times.slice(20).toSorted((a, b) => a - b);
    const [middle, most] = [median(warm), warm[Math.ceil(warm.length * 0.95) - 1] ?? NaN];
    const told = receiver.take().filter(({ event }) => event.type.includes('.finding.')).length;
    const calls = cluster.calls / (events + 20);
    tell(`an event: ${middle.toFixed(1)} ms, 95 of 100 within ${most.toFixed(1)} ms, ${calls} calls; ${told} told`);
    return [
      { work: 'event to verdict, median', unit: 'ms', ours: middle },
      judge({ work: 'event to verdict, 95 of 100', unit: 'ms', ours: most }, 'at most 50 ms', most <= 50),
      judge({ work: 'calls for an event', unit: 'calls', ours: calls }, 'at most 2', calls <= 2),
    ];
  } finally {
    await started.end();
    receiver.stop();
    cluster.server.close();
  }
}

async function changeOne(temp: string, start: Start, tell: (line: string) => void): Promise<Row[]> {
  const folder = join(temp, 'many');
  mkdirSync(folder);
  const items = Array.from({ length: findings }, (_, index) => describeService(`s${index}`, 'LoadBalancer'));
  const write = (): void =>
    writeFileSync(join(folder, 'all.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  write();
  const state = join(temp, 'change');
  const receiver = new EventReceiver();
  const settings = { sources: { manifests: { folder } }, state: { local: state } };
  const started = await start(settings, { K_SINK: await receiver.start() });
  const taken = (): number => receiver.take().filter(({ event }) => event.type.includes('.finding.')).length;
  try {
    await sweep(started);
    const opened = taken();
    if (opened !== findings) throw new Error(`${opened} findings were opened`);
    items[7] = describeService('s7', 'ClusterIP');
    write();
    const before = bytesBelow(state);
    await sweep(started);
    const [told, written] = [taken(), bytesBelow(state) - before];
    tell(`one change: ${told} told, ${written} bytes written`);
    return [
      judge({ work: 'events for one change', unit: 'events', ours: told }, 'exactly 1', told === 1),
      { work: 'bytes written for it', unit: 'B', ours: written },
    ];
  } finally {
    await started.end();
    receiver.stop();
  }
}

function bytesBelow(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
    statSync(join(folder, name)),
  );
  return entries.reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
}

function writeService(folder: string, name: string, type: string): void {
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(describeService(name, type)));
}

function describeService(name: string, type: string): object {
  const metadata = { name, namespace: 'lake', uid: `uid-${name}`, resourceVersion: '1', labels: { owner: 'team' } };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { type, ports: [{ port: 80 }], selector: { app: name } },
  };
}
