import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { usageOf } from '../measure.ts';

/** What a process took from its start to its end: milliseconds, of processor time, and MiB at most. */
export interface Took {
  readonly time: number;
  readonly cpu: number;
  readonly memory: number;
}

const intervalMs = 50;

/** Waits for the end of a process, and says what it took; its last moments may be missing from all but the time. */
export async function watch(child: ChildProcess): Promise<Took> {
  const began = performance.now();
  let [cpu, memory] = [0, 0];
  const look = setInterval(() => {
    try {
      const usage = usageOf(child.pid ?? 0);
      // What has ended has no memory any more.
      if (Number.isNaN(usage.memory)) return;
      ({ cpu, memory } = usage);
    } catch {
      // It ended between two looks.
    }
  }, intervalMs);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(look);
  if (code !== 0) throw new Error(`a process of the benchmark ended with ${code}`);
  return { time: performance.now() - began, cpu, memory };
}
