import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LakewardenError } from '#shared/errors/error.ts';
import { waitForLock } from './lock.ts';

/** A set of jars that are resolved together: a pom of the same name stands in poms/. */
export type JarGroup =
  | 'hdfs'
  | 'postgres'
  | 'metastore'
  | 'metastore31'
  | 'hiveserver'
  | 'kafka'
  | 'console-tools'
  | 'connect'
  | 'streams'
  | 'flink'
  | 'registry'
  | 'trino'
  | 'openlineage'
  | 'parquet';

/** Told in one line what goes on. */
export type OnProgress = (line: string) => void;

const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath';
const patience = 30 * 60_000;

/** Where resolved class paths and unpacked files are kept between runs. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lakewarden');
}

/** The name that PostgreSQL's binaries have on Maven Central for this machine. */
function platform(): string {
  if (process.platform === 'linux' && process.arch === 'x64') return 'linux-amd64';
  if (process.platform === 'linux' && process.arch === 'arm64') return 'linux-arm64v8';
  throw new LakewardenError(
    'lake.failed',
    `no lake on ${process.platform} ${process.arch}: Linux on x64 or arm64 only`,
  );
}

function readCached(file: string): string[] | undefined {
  if (!existsSync(file)) return undefined;
  const paths = readFileSync(file, 'utf8').trim().split('\n');
  return paths.every((path) => existsSync(path)) ? paths : undefined;
}

const bytesOf: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 };

/** Runs Maven on a pom; its downloads go to the machine's own local repository, from where its own settings say. */
async function runMaven(
  pom: string,
  group: JarGroup,
  output: string,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  const flags = ['-DincludeScope=runtime', `-Dplatform=${platform()}`, `-Dmdep.outputFile=${output}`];
  const maven = spawn('mvn', ['-B', '-Dstyle.color=never', '-f', pom, plugin, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  const started = Date.now();
  const complaints: string[] = [];
  let [files, bytes, told] = [0, 0, started];
  createInterface({ input: maven.stdout }).on('line', (line) => {
    if (line.startsWith('[ERROR]')) complaints.push(line.slice(8));
    const download = /^\[INFO\] Downloaded .* \(([\d.]+) ([kMG]?B)/.exec(line);
    if (download === null) return;
    files += 1;
    bytes += Number(download[1]) * (bytesOf[download[2] ?? ''] ?? 0);
    if (Date.now() - told < 2_000) return;
    told = Date.now();
    onProgress(
      `${group}: ${files} files, ${Math.round(bytes / 1e6)} MB downloaded after ${Math.round((told - started) / 1e3)} s`,
    );
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    maven.on('close', resolve);
    maven.on('error', (error) =>
      reject(
        new LakewardenError(
          'lake.failed',
          `Maven did not run: ${error.message} (tools/prerequisites.sh tells what the machine must bring)`,
          { cause: error },
        ),
      ),
    );
  });
  if (code !== 0) {
    const reason = complaints.slice(0, 3).join('\n') || `exit code ${code}`;
    throw new LakewardenError('lake.failed', `Maven could not resolve the jars of ${group}: ${reason}`);
  }
}

/**
 * The files of a group, in the order of the class path. Maven runs only when they are not known yet, or when one of
 * them is gone; two callers at once take turns. Throws `lake.failed`.
 */
export async function resolveJars(group: JarGroup, onProgress: OnProgress, signal: AbortSignal): Promise<string[]> {
  const pom = fileURLToPath(new URL(`poms/${group}.xml`, import.meta.url));
  const key = createHash('sha256').update(readFileSync(pom)).update(plugin).update(platform()).digest('hex');
  const cached = join(cacheFolder(), 'class-paths', `${group}-${key.slice(0, 16)}.txt`);
  const known = readCached(cached);
  if (known !== undefined) return known;

  mkdirSync(dirname(cached), { recursive: true });
  const onWait = (): void => onProgress('another run is downloading: waiting for it');
  const patient = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  const release = await waitForLock(join(cacheFolder(), 'class-paths'), onWait, patient);
  const output = `${cached}.${process.pid}`;
  try {
    const resolvedMeanwhile = readCached(cached);
    if (resolvedMeanwhile !== undefined) return resolvedMeanwhile;
    onProgress(`${group}: resolving its jars by Maven (once on this machine)`);
    await runMaven(pom, group, output, onProgress, patient);
    const paths = readFileSync(output, 'utf8').trim().split(':');
    writeFileSync(output, `${paths.join('\n')}\n`);
    renameSync(output, cached);
    return paths;
  } finally {
    rmSync(output, { force: true });
    release();
  }
}
