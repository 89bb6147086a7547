import { readFileSync } from 'node:fs';

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN;
  return (lower + upper) / 2;
}

/** Milliseconds that work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Milliseconds of processor time that work takes in this process, all threads. */
export async function timedCpu(work: () => Promise<unknown>): Promise<number> {
  const began = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}

/** What a process has used so far; on Linux only (proc(5)). */
export interface Usage {
  /** Milliseconds of processor time, in steps of 10. */
  readonly cpu: number;
  /** Most memory that was resident at once, in MiB. */
  readonly memory: number;
}

/** Reads what a process has used so far. */
export function usageOf(pid: number): Usage {
  // The name of the program, in parentheses, may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpu: ticks * 10, memory: Number(peak) / 1_024 };
}

/** Runs each work in turn, `rounds` times, so that a change of the machine's load meets all; the median of each. */
export async function alternate<Key extends string>(
  rounds: number,
  works: Readonly<Record<Key, (round: number) => Promise<number>>>,
): Promise<Record<Key, number>> {
  const values = new Map<Key, number[]>();
  const entries = Object.entries(works) as [Key, (round: number) => Promise<number>][];
  for (let round = 0; round < rounds; round += 1) {
    for (const [key, work] of entries) {
      const value = await work(round);
      values.set(key, [...(values.get(key) ?? []), value]);
    }
  }
  return Object.fromEntries([...values].map(([key, list]) => [key, median(list)])) as Record<Key, number>;
}
