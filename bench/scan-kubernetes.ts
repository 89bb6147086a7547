import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { cacheFolder } from '#lake-in-a-box/jars.ts';
import { kubernetesRules } from '#functions/compliance-scan/rules/kubernetes/kubernetes-rules.ts';
import { type Benchmark, compare, type Findings, judge } from './benchmark.ts';
import { median } from './measure.ts';

const few = 20_000;
const many = { deployments: 60_000, pods: 40_000 };
const rounds = 3;
const client = '@kubernetes/client-node@2.0.1';
/** As a function of little memory is started; without them Node takes what the machine has before it tidies up. */
const flags = ['--max-semi-space-size=4', '--max-old-space-size=96'];
const scripts = join(import.meta.dirname, 'scan-kubernetes');

/** What a scan took. */
export interface Took {
  readonly objects: number;
  /** Milliseconds of processor time of the whole process. */
  readonly cpu: number;
  /** MiB. */
  readonly memory: number;
}

/** Listing and judging a large cluster, each round in a process of its own; Kubernetes' own client for Node only lists. */
export const scanKubernetesBenchmark: Benchmark = {
  name: 'scan-kubernetes',
  title: `Scan of a cluster: ${few.toLocaleString('en')} Deployments, and 100,000 objects`,
  needsLake: false,
  run: async (_, tell) => {
    const peer = await installPeer(tell);
    const temp = mkdtempSync(join(tmpdir(), 'lakewarden-bench-'));
    const scan = await bundle(temp);
    const [small, large] = [await startCluster(few, 0), await startCluster(many.deployments, many.pods)];
    try {
      const [ours, peers, whole]: [Took[], Took[], Took[]] = [[], [], []];
      for (let round = 0; round < rounds; round += 1) {
        ours.push(await run([scan, small.address], few));
        peers.push(await run([join(scripts, 'peer.mjs'), peer, small.address], few));
        whole.push(await run([scan, large.address], many.deployments + many.pods));
        tell(`round ${round + 1}: ${[ours, peers, whole].map((list) => told(list.at(-1))).join('; ')}`);
      }
      return findings(ours, peers, whole);
    } finally {
      for (const { server } of [small, large]) server.kill();
      rmSync(temp, { recursive: true });
    }
  },
};

function findings(ours: readonly Took[], peers: readonly Took[], whole: readonly Took[]): Findings {
  const middle = (list: readonly Took[], key: 'cpu' | 'memory'): number => median(list.map((took) => took[key]));
  const listing = `${few.toLocaleString('en')} Deployments`;
  const cpu = compare(`${listing}, processor time`, 'ms', middle(ours, 'cpu'), middle(peers, 'cpu'));
  const memory = compare(`${listing}, most memory (RSS)`, 'MiB', middle(ours, 'memory'), middle(peers, 'memory'));
  const most = { work: '100,000 objects, most memory (RSS)', unit: 'MiB', ours: middle(whole, 'memory') };
  return {
    peer: `${client}, Kubernetes' own client for Node, which lists and counts labels only`,
    rows: [
      judge(cpu, 'at most 5,000 ms', cpu.ours <= 5_000),
      judge(memory, 'at most 160 MiB', memory.ours <= 160),
      { work: '100,000 objects, processor time', unit: 'ms', ours: middle(whole, 'cpu') },
      judge(most, 'at most 160 MiB', most.ours <= 160),
    ],
    notes: [
      `Median of ${rounds} rounds, each in a process of its own, start of Node included, with ${flags.join(' ')}. We list every kind that the ${kubernetesRules.length} rules about Kubernetes need and judge by all of them; the peer lists Deployments and looks for one label. Pages hold 500 objects for both. The cluster is a server of the benchmark's own, whose work is not counted.`,
    ],
  };
}

/** Starts a server that stands for a cluster with so many objects. */
export async function startCluster(
  deployments: number,
  pods: number,
): Promise<{ server: ChildProcess; address: string }> {
  const args = [join(scripts, 'cluster.ts'), String(deployments), String(pods)];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [address] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
  return { server, address };
}

/** Runs a program of the benchmark. @throws Error unless it lists so many objects */
export async function run(args: readonly string[], expected: number): Promise<Took> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, ...args]);
  const took = JSON.parse(stdout) as Took;
  if (took.objects !== expected) throw new Error(`${took.objects} objects were listed, not ${expected}`);
  return took;
}

/** The program that scans, in one file, as functions are deployed. */
export async function bundle(folder: string): Promise<string> {
  const outfile = join(folder, 'scan.mjs');
  const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  const entryPoints = [join(scripts, 'scan.ts')];
  await build({
    entryPoints,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: banner },
    logLevel: 'error',
  });
  return outfile;
}

/** Installs the peer into our cache folder, once: it is no dependency of ours. */
async function installPeer(tell: (line: string) => void): Promise<string> {
  const folder = join(cacheFolder(), 'bench', client.replaceAll('/', '-'));
  if (existsSync(join(folder, 'node_modules'))) return folder;
  tell(`installing ${client}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  await promisify(execFile)('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', client], {
    cwd: folder,
  });
  return folder;
}

function told(took: Took | undefined): string {
  return took === undefined ? '' : `${took.cpu.toFixed(0)} ms, ${took.memory.toFixed(0)} MiB`;
}
