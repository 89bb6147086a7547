import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { usageOf } from '../measure.ts';

/** How to start a program that answers its process ids in its first line, and then each name of a file, once it is written, by a line. */
export interface Rewriter {
  readonly command: readonly [program: string, ...args: string[]];
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs: what it leaves behind goes there. */
  readonly folder: string;
}

/** What some work took in milliseconds by the clock, and of processor time. */
export interface Took {
  readonly time: number;
  readonly cpu: number;
}

/** What a program took in one session. */
export interface Session {
  /** From its start to the end of its first file. */
  readonly cold: Took;
  /** Each further file. */
  readonly warm: readonly Took[];
  /** Most MiB that were resident until the end of the first file, all processes together. */
  readonly memory: number;
}

/** All that was used from the start of a program to the end of a file. */
interface Mark extends Took {
  readonly memory: number;
}

/** Seconds that one file may take. */
const patience = 600;

/** Has a program write the same file so many times. @throws Error with its own words when it refuses */
export async function measureSession(rewriter: Rewriter, output: string, files: number): Promise<Session> {
  const [program] = rewriter.command;
  const began = performance.now();
  const settings = Object.entries(rewriter.env ?? {}).map((entry) => entry.join('='));
  const child = spawn('env', [...settings, ...rewriter.command], { cwd: rewriter.folder });
  let log = '';
  child.stderr.on('data', (text: Buffer) => (log = `${log}${text.toString()}`.slice(-2_000)));
  child.stdin.on('error', () => {});
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const overdue = setTimeout(() => child.kill('SIGKILL'), patience * files * 1_000);
  const answer = async (): Promise<{ readonly pids?: readonly number[]; readonly error?: string }> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${program} ended early: ${log.trim()}`);
    return JSON.parse(value) as { pids?: number[]; error?: string };
  };
  try {
    const { pids = [] } = await answer();
    const used = (): Mark => {
      const all = pids.map(usageOf);
      const sum = (key: 'cpu' | 'memory'): number => all.reduce((total, one) => total + one[key], 0);
      return { time: performance.now() - began, cpu: sum('cpu'), memory: sum('memory') };
    };
    const marks: Mark[] = [];
    for (let file = 0; file < files; file += 1) {
      child.stdin.write(`${output}\n`);
      const { error } = await answer();
      if (error !== undefined) throw new Error(error);
      marks.push(used());
    }
    const [cold, ...others] = marks;
    if (cold === undefined) throw new RangeError('a session needs a file');
    const warm = others.map((mark, index) => {
      const before = marks[index] ?? cold;
      return { time: mark.time - before.time, cpu: mark.cpu - before.cpu };
    });
    return { cold, warm, memory: cold.memory };
  } finally {
    clearTimeout(overdue);
    child.stdin.end();
    await ended;
  }
}
