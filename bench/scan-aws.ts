import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { credentials, startEmulator, type Truth } from '../test/cloud/emulator.ts';
import { providePackages } from '../test/engines/downloads.ts';
import { type Benchmark, compare, type Findings, judge, type Row } from './benchmark.ts';
import { median } from './measure.ts';
import { ReplayProxy } from './scan-aws/replay-proxy.ts';

const size = { groups: 2_000, instances: 1_500, volumes: 4_000, buckets: 1_000 };
const rounds = 3;
/** As func.yaml has them. */
const flags = ['--max-semi-space-size=2'];
const custodian = 'c7n==0.9.53';

/** What a scanner took and found; processor time in milliseconds, memory in MiB. */
interface Took {
  readonly cpu: number;
  readonly memory: number;
  readonly calls: number;
  readonly callsOfBuckets: number;
  readonly open: readonly string[];
  readonly unowned: number;
}

/** All resources of an account of AWS by all of our rules, and the same questions by Cloud Custodian, on the same answers. */
export const scanAwsBenchmark: Benchmark = {
  name: 'scan-aws',
  title: `Scanning AWS: ${size.groups} security groups, ${size.instances} instances, ${size.volumes} volumes, ${size.buckets} buckets`,
  needsLake: false,
  run: async (_, tell) => {
    const folder = mkdtempSync(join(tmpdir(), 'scan-aws-'));
    const emulator = await startEmulator(size);
    const proxy = await ReplayProxy.start(emulator.url);
    try {
      const scan = join(folder, 'scan.mjs');
      await bundle(scan);
      // The first round fills the proxy; the emulator takes minutes.
      tell('listing everything once, so that answers come at once from then on');
      await runOurs(scan, proxy);
      await runPeer(folder, proxy, tell);
      const ours: Took[] = [];
      const peer: Took[] = [];
      for (let round = 0; round < rounds; round += 1) {
        ours.push(await runOurs(scan, proxy));
        peer.push(await runPeer(folder, proxy, tell));
      }
      return findings(ours, peer, emulator.truth);
    } finally {
      await proxy.stop();
      await emulator.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** As functions are packaged: one file, nothing stripped at the start. */
async function bundle(outfile: string): Promise<void> {
  await build({
    entryPoints: [new URL('scan-aws/run-scan.ts', import.meta.url).pathname],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
}

async function runOurs(script: string, proxy: ReplayProxy): Promise<Took> {
  proxy.calls = [];
  const { output } = await run(process.execPath, [...flags, script, proxy.url], credentials);
  const { open, unowned, cpu, memory } = JSON.parse(output) as {
    open: string[];
    unowned: Record<string, number>;
    cpu: number;
    memory: number;
  };
  const all = Object.values(unowned).reduce((sum, count) => sum + count, 0);
  return { cpu, memory, open, unowned: all, ...countCalls(proxy) };
}

/** Custodian's own measure of open groups, and of resources without a tag, one policy for each kind. */
const policies = `policies:
- {name: open, resource: aws.security-group, filters: [{or: [
    {type: ingress, Ports: [22], Cidr: {value: "0.0.0.0/0"}}, {type: ingress, Ports: [22], CidrV6: {value: "::/0"}}]}]}
- {name: groups, resource: aws.security-group, filters: ["tag:owner": absent]}
- {name: instances, resource: aws.ec2, filters: ["tag:owner": absent]}
- {name: volumes, resource: aws.ebs, filters: ["tag:owner": absent]}
- {name: buckets, resource: aws.s3, filters: ["tag:owner": absent]}
`;

async function runPeer(folder: string, proxy: ReplayProxy, tell: (line: string) => void): Promise<Took> {
  const site = await providePackages([custodian], tell, AbortSignal.timeout(1_800_000));
  const file = join(folder, 'policies.yml');
  const output = join(folder, 'output');
  writeFileSync(file, policies);
  proxy.calls = [];
  const environment = {
    ...credentials,
    PYTHONPATH: site,
    AWS_ENDPOINT_URL: proxy.url,
    AWS_DEFAULT_REGION: 'eu-central-1',
  };
  const script =
    'import resource, sys; from c7n.cli import main\ntry:\n  main()\nexcept SystemExit: pass\nu = resource.getrusage(resource.RUSAGE_SELF); print((u.ru_utime + u.ru_stime) * 1000, u.ru_maxrss / 1024)';
  const parameters = ['-c', script, 'run', '--region', 'eu-central-1', '--cache-period', '0', '-s', output, file];
  const told = await run('python3', parameters, environment);
  const [cpu = NaN, memory = NaN] = (told.output.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  const found = (policy: string): readonly { readonly GroupId?: string }[] =>
    JSON.parse(readFileSync(join(output, policy, 'resources.json'), 'utf8')) as { GroupId?: string }[];
  const unowned = ['groups', 'instances', 'volumes', 'buckets'].reduce((sum, policy) => sum + found(policy).length, 0);
  return { cpu, memory, open: found('open').map(({ GroupId = '' }) => GroupId), unowned, ...countCalls(proxy) };
}

function countCalls({ calls }: ReplayProxy): Pick<Took, 'calls' | 'callsOfBuckets'> {
  return { calls: calls.length, callsOfBuckets: calls.filter((call) => call.includes('/lake-')).length };
}

async function run(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly output: string }> {
  const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const child = spawn('env', [...settings, program, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return { output };
}

function findings(ours: readonly Took[], peer: readonly Took[], truth: Truth): Findings {
  const both = (work: string, unit: string, of: (took: Took) => number): Row =>
    compare(work, unit, median(ours.map(of)), median(peer.map(of)));
  // Of none and some there is no ratio.
  const count = (work: string, unit: string, of: (took: Took) => number): Row => ({
    work,
    unit,
    ours: median(ours.map(of)),
    peer: median(peer.map(of)),
  });
  const missed = ({ open }: Took): number => truth.world.filter((id) => !open.includes(id)).length;
  const wrong = ({ open }: Took): number => open.filter((id) => !truth.world.includes(id)).length;
  const cpu = both('processor time', 'ms', (took) => took.cpu);
  const memory = both('most memory', 'MiB', (took) => took.memory);
  const buckets = both('calls for each bucket', 'calls', (took) => took.callsOfBuckets / size.buckets);
  const missing = count('groups open to the world that are missed', 'groups', missed);
  const rows = [
    judge(cpu, 'at most 1,500 ms', cpu.ours <= 1_500),
    judge(memory, 'at most 160 MiB', memory.ours <= 160),
    judge(buckets, 'at most 1', buckets.ours <= 1),
    both('calls', 'calls', (took) => took.calls),
    judge(missing, 'none', missing.ours === 0),
    count('groups that are called open and are not', 'groups', wrong),
    count('resources without an owner that are found', 'resources', (took) => took.unowned),
  ];
  return { peer: `Cloud Custodian (${custodian}), five policies in one run`, rows, notes };
}

const notes = [
  'Both ask the same emulator of AWS (moto 5.2.5) through a proxy that keeps its answers: what is measured is the client. Whole processes, median of 3 runs.',
  'Ours judges by all rules about AWS, networks and labels, and lists network interfaces and load balancers besides. It is bundled as functions are packaged, and runs with --max-semi-space-size=2 as func.yaml has it.',
  'The emulator puts all groups, interfaces and volumes on one page each, where AWS gives at most 1,000: most memory is that of such a page.',
  'We leave out the two default groups, which AWS makes, when we ask for owners.',
  'Custodian has no cache here, and lists security groups once for each policy.',
];
