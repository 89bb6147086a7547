import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, type OnProgress } from '#lake-in-a-box/jars.ts';
import { runTool } from '#lake-in-a-box/launch.ts';
import { waitForLock } from '#lake-in-a-box/lock.ts';

/** The release of Kubernetes that go.mod names. */
const release = 'v1.34.3';

/** A program that is built through Go's module proxy. */
interface GoProgram {
  /** What it is, for whoever waits. */
  readonly what: string;
  /** The folder beside this file that holds go.mod, go.sum and the source. */
  readonly source: string;
  /** Variables that the linker sets. */
  readonly variables: Readonly<Record<string, string>>;
}

/** One program that is etcd, kube-apiserver and kubectl by its first argument. */
export const kubernetes: GoProgram = {
  what: `etcd and Kubernetes ${release}`,
  source: 'kubernetes',
  variables: {
    'k8s.io/component-base/version.gitVersion': release,
    'k8s.io/client-go/pkg/version.gitVersion': release,
  },
};

/** One program that is Knative's command line, a source of events, or its admission rules by its first argument. */
export const knative: GoProgram = {
  what: "Knative's func, sources and admission rules",
  source: 'knative',
  variables: {},
};

/** Seconds that building may take on a busy machine. */
const patience = 60 * 60;

/** Builds a program, once on this machine, and answers its file; two callers at once take turns. Throws `lake.failed`. */
export async function provideProgram(program: GoProgram, onProgress: OnProgress, signal: AbortSignal): Promise<string> {
  const source = fileURLToPath(new URL(program.source, import.meta.url));
  const hash = createHash('sha256').update(`${JSON.stringify(program.variables)} ${process.arch}`);
  for (const name of readdirSync(source).toSorted()) hash.update(readFileSync(join(source, name)));
  const file = join(cacheFolder(), 'kubernetes', `${program.source}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(file)) return file;
  const unlock = await waitForLock(file, () => onProgress('another run is building: waiting for it'), signal);
  try {
    if (existsSync(file)) return file;
    mkdirSync(dirname(file), { recursive: true });
    await build(program, source, `${file}.new`, onProgress, signal);
    renameSync(`${file}.new`, file);
    return file;
  } finally {
    unlock();
  }
}

async function build(
  { what, variables }: GoProgram,
  source: string,
  output: string,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  const began = Date.now();
  const told = `building ${what} (once on this machine)`;
  onProgress(told);
  const tell = (): void => onProgress(`${told}: ${Math.round((Date.now() - began) / 1e3)} s`);
  const ticking = setInterval(tell, 30_000);
  const set = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  const flags = ['-trimpath', '-mod=readonly', `-ldflags=${['-s', '-w', ...set].join(' ')}`];
  const env = ['GOWORK=off', 'CGO_ENABLED=0'];
  try {
    await runTool('env', [...env, 'go', 'build', ...flags, '-o', output, '.'], source, signal, patience);
  } finally {
    clearInterval(ticking);
  }
}
