import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type JarGroup, resolveJars } from '#lake-in-a-box/jars.ts';
import { javaTool } from '#lake-in-a-box/jvm.ts';

/** A program of one file of this folder that runs. */
export interface JavaProgram {
  /** Ends its standard input and waits until it has ended well. */
  end(): Promise<void>;
}

/** Compiles and starts a program of one file of this folder with the jars of a group. */
export async function startJavaProgram(
  group: JarGroup,
  source: string,
  args: readonly string[],
  options: readonly string[] = [],
): Promise<JavaProgram> {
  const jars = await resolveJars(group, () => {}, new AbortController().signal);
  // The Kafka of the lake has a log of its own, which would go to standard output.
  const quiet = ['-XX:TieredStopAtLevel=1', '-Xmx256m', '-Dorg.apache.logging.log4j.level=OFF', ...options];
  const child = spawn(javaTool('java'), [...quiet, '-cp', jars.join(':'), join(import.meta.dirname, source), ...args], {
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
