import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, type OnProgress } from '#lake-in-a-box/jars.ts';
import { runTool } from '#lake-in-a-box/launch.ts';
import { waitForLock } from '#lake-in-a-box/lock.ts';

/** The release of Kubernetes that go.mod names. */
const release = 'v1.34.3';

/** Programs that are built together through Go's module proxy. */
interface GoModule {
  /** What they are, for whoever waits. */
  readonly what: string;
  /** The folder beside this file that holds go.mod, go.sum and the source; each folder in it with a main.go is a program. */
  readonly source: string;
  /** Variables that the linker sets. */
  readonly variables: Readonly<Record<string, string>>;
}

/** One program, `kubernetes`, that is etcd, kube-apiserver and kubectl by its first argument. */
export const kubernetes: GoModule = {
  what: `etcd and Kubernetes ${release}`,
  source: 'kubernetes',
  variables: {
    'k8s.io/component-base/version.gitVersion': release,
    'k8s.io/client-go/pkg/version.gitVersion': release,
  },
};

/** `knative`, which is func, the admission rules or the filters by its first argument, and the sources `apiserversource` and `pingsource`. */
export const knative: GoModule = {
  what: "Knative's func, sources, filters and admission rules",
  source: 'knative',
  variables: {},
};

/** `prometheus`, which is Prometheus' own reader and evaluator of rules. */
export const prometheus: GoModule = {
  what: "Prometheus' evaluator of rules",
  source: 'prometheus',
  variables: {},
};

/** Seconds that building may take on a busy machine. */
const patience = 60 * 60;

/** Builds programs, once on this machine, and answers their folder; two callers at once take turns. Throws `lake.failed`. */
export async function providePrograms(module: GoModule, onProgress: OnProgress, signal: AbortSignal): Promise<string> {
  const source = fileURLToPath(new URL(module.source, import.meta.url));
  const hash = createHash('sha256').update(`${JSON.stringify(module.variables)} ${process.arch}`);
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(go|mod|sum)$/.test(name),
  );
  for (const name of files.toSorted()) hash.update(name).update(readFileSync(join(source, name)));
  const folder = join(cacheFolder(), 'kubernetes', `${module.source}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  const unlock = await waitForLock(folder, () => onProgress('another run is building: waiting for it'), signal);
  try {
    if (existsSync(folder)) return folder;
    const unfinished = `${folder}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    await build(module, source, unfinished, onProgress, signal);
    renameSync(unfinished, folder);
    return folder;
  } finally {
    unlock();
  }
}

async function build(
  { what, variables }: GoModule,
  source: string,
  folder: string,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  const began = Date.now();
  const told = `building ${what} (once on this machine)`;
  onProgress(told);
  const tell = (): void => onProgress(`${told}: ${Math.round((Date.now() - began) / 1e3)} s`);
  const ticking = setInterval(tell, 30_000);
  const set = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  const flags = ['-trimpath', '-buildvcs=false', '-mod=readonly', `-ldflags=${['-s', '-w', ...set].join(' ')}`];
  const env = ['GOWORK=off', 'CGO_ENABLED=0'];
  try {
    await runTool('env', [...env, 'go', 'build', ...flags, '-o', `${folder}/`, './...'], source, signal, patience);
  } finally {
    clearInterval(ticking);
  }
}
