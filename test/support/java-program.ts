import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type JarGroup, resolveJars } from '#lake-in-a-box/jars.ts';
import { javaTool } from '#lake-in-a-box/jvm.ts';
import { runTool } from '#lake-in-a-box/launch.ts';

/** A program of one file of this folder that runs. */
export interface JavaProgram {
  /** Ends its standard input and waits until it has ended well. */
  end(): Promise<void>;
}

/** Compiles a file of this folder with the jars of a group; its classes go to a folder. */
export async function compileJava(group: JarGroup, source: string, classes: string): Promise<void> {
  const { signal } = new AbortController();
  const jars = await resolveJars(group, () => {}, signal);
  const args = ['-proc:none', '-cp', jars.join(':'), '-d', classes, join(import.meta.dirname, source)];
  await runTool(javaTool('javac'), args, import.meta.dirname, signal);
}

/** Starts a program of one file of this folder with the jars of a group; Java compiles it, unless its classes are in a folder. */
export async function startJavaProgram(
  group: JarGroup,
  source: string,
  args: readonly string[],
  classes?: string,
): Promise<JavaProgram> {
  const jars = await resolveJars(group, () => {}, new AbortController().signal);
  // The Kafka of the lake has a log of its own, which would go to standard output.
  const quiet = ['-XX:TieredStopAtLevel=1', '-Xmx256m', '-Dorg.apache.logging.log4j.level=OFF'];
  // Flink looks into these.
  const open = ['java.lang', 'java.util', 'java.time'].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`);
  const path = [...(classes === undefined ? [] : [classes]), ...jars].join(':');
  const program = classes === undefined ? join(import.meta.dirname, source) : source.replace('.java', '');
  const child = spawn(javaTool('java'), [...quiet, ...open, '-cp', path, program, ...args], {
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
