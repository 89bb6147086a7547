import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, type JarGroup, resolveJars } from '#lake-in-a-box/jars.ts';
import { javaTool } from '#lake-in-a-box/jvm.ts';
import { runTool } from '#lake-in-a-box/launch.ts';

/** A program of one file of this folder that runs. */
export interface JavaProgram {
  /** Ends its standard input and waits until it has ended well. */
  end(): Promise<void>;
}

/** Compiles a file of this folder with the jars of a group; its classes go to a folder. */
export async function compileJava(group: JarGroup, source: string, classes: string): Promise<void> {
  await compile(await jarsOf([group]), source, classes);
}

async function compile(jars: readonly string[], source: string, classes: string): Promise<void> {
  const file = join(import.meta.dirname, source);
  const args = ['-proc:none', '--release', '17', '-cp', jars.join(':'), '-d', classes, file];
  await runTool(javaTool('javac'), args, import.meta.dirname, new AbortController().signal);
}

async function jarsOf(groups: readonly JarGroup[]): Promise<string[]> {
  const { signal } = new AbortController();
  const jars: string[] = [];
  for (const group of groups) jars.push(...(await resolveJars(group, () => {}, signal)));
  return jars;
}

/**
 * The class path of a program of one file of this folder with the jars of some groups. It is compiled once on this machine: Java
 * takes longer to compile it at each start than to run it.
 */
export async function classPathOf(groups: readonly JarGroup[], source: string): Promise<string> {
  const jars = await jarsOf(groups);
  const text = readFileSync(join(import.meta.dirname, source));
  const key = createHash('sha256').update(text).update(jars.join(':')).digest('hex').slice(0, 16);
  const classes = join(cacheFolder(), 'test-classes', `${source.replace('.java', '')}-${key}`);
  if (!existsSync(classes)) {
    const half = `${classes}.${randomUUID()}`;
    mkdirSync(half, { recursive: true });
    try {
      await compile(jars, source, half);
      // Whoever comes second finds it done, with the same classes.
      if (!existsSync(classes)) renameSync(half, classes);
    } finally {
      rmSync(half, { recursive: true, force: true });
    }
  }
  return [classes, ...jars].join(':');
}

/** Starts a program of one file of this folder with the jars of a group. */
export async function startJavaProgram(group: JarGroup, source: string, args: readonly string[]): Promise<JavaProgram> {
  // The Kafka of the lake has a log of its own, which would go to standard output.
  const quiet = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m', '-Dorg.apache.logging.log4j.level=OFF'];
  // Flink looks into these.
  const open = ['java.lang', 'java.util', 'java.time'].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`);
  const classPath = await classPathOf([group], source);
  const program = source.replace('.java', '');
  const child = spawn(javaTool('java'), [...quiet, ...open, '-cp', classPath, program, ...args], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  return {
    async end() {
      child.stdin.end();
      const [code] = (await exited) as [number | null];
      if (code !== 0) throw new Error(`${source} ended with ${code}`);
    },
  };
}
