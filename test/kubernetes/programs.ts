import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, type OnProgress } from '#lake-in-a-box/jars.ts';
import { runTool } from '#lake-in-a-box/launch.ts';
import { waitForLock } from '#lake-in-a-box/lock.ts';

/** The release of Kubernetes that go.mod names. */
const release = 'v1.34.3';

/** Modules of which only definitions of custom resources are taken, and where these stand. */
const definitions: readonly (readonly [string, string])[] = [
  ['github.com/openreports/reports-api@v0.2.1', 'config/crd'],
  ['github.com/kyverno/kyverno@v1.19.1', 'config/crds/policyreport'],
  ['knative.dev/serving@v0.50.0', 'config/core/300-resources'],
];

/** Seconds that building may take on a busy machine. */
const patience = 60 * 60;

/** What a cluster is made of. */
export interface Programs {
  /** One program that is etcd, kube-apiserver and kubectl by its first argument. */
  readonly program: string;
  /** A folder with definitions of custom resources. */
  readonly definitions: string;
}

/** Builds the programs through Go's module proxy, once on this machine; two callers at once take turns. Throws `lake.failed`. */
export async function providePrograms(onProgress: OnProgress, signal: AbortSignal): Promise<Programs> {
  const source = fileURLToPath(new URL('build', import.meta.url));
  const hash = createHash('sha256').update(`${release} ${JSON.stringify(definitions)} ${process.arch}`);
  for (const name of ['go.mod', 'go.sum', 'main.go']) hash.update(readFileSync(join(source, name)));
  const folder = join(cacheFolder(), 'kubernetes', hash.digest('hex').slice(0, 16));
  const programs = { program: join(folder, 'kubernetes'), definitions: join(folder, 'definitions') };
  if (existsSync(folder)) return programs;
  const unlock = await waitForLock(folder, () => onProgress('another run is building: waiting for it'), signal);
  try {
    if (existsSync(folder)) return programs;
    const unfinished = `${folder}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(join(unfinished, 'definitions'), { recursive: true });
    for (const [module, inside] of definitions)
      await copyDefinitions(module, inside, join(unfinished, 'definitions'), signal);
    await build(source, join(unfinished, 'kubernetes'), onProgress, signal);
    renameSync(unfinished, folder);
    return programs;
  } finally {
    unlock();
  }
}

async function build(source: string, output: string, onProgress: OnProgress, signal: AbortSignal): Promise<void> {
  const began = Date.now();
  const what = `building etcd and Kubernetes ${release} (once on this machine)`;
  onProgress(what);
  const tell = (): void => onProgress(`${what}: ${Math.round((Date.now() - began) / 1e3)} s`);
  const ticking = setInterval(tell, 30_000);
  const version = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].map(
    (name) => `-X ${name}.gitVersion=${release}`,
  );
  const flags = ['-trimpath', '-mod=readonly', `-ldflags=-s -w ${version.join(' ')}`];
  try {
    await runTool(
      'env',
      ['GOWORK=off', 'CGO_ENABLED=0', 'go', 'build', ...flags, '-o', output, '.'],
      source,
      signal,
      patience,
    );
  } finally {
    clearInterval(ticking);
  }
}

async function copyDefinitions(module: string, inside: string, to: string, signal: AbortSignal): Promise<void> {
  const said = await runTool(
    'env',
    ['GOWORK=off', 'GOFLAGS=-mod=mod', 'go', 'mod', 'download', '-json', module],
    to,
    signal,
    patience,
  );
  const from = join((JSON.parse(said) as { Dir: string }).Dir, inside);
  // Copies of what the module cache makes read only stay writable, so that the cache can be cleaned.
  for (const name of readdirSync(from).filter((file) => file.endsWith('.yaml')))
    copyFileSync(join(from, name), join(to, name));
}
