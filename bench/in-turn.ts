import { apart } from './apart.ts';
import type { Benchmark } from './benchmark.ts';

/** A benchmark that could not be measured. */
export interface Failure {
  readonly name: string;
  readonly reason: string;
}

/** The benchmarks of these names; with none all that do not stand apart, with `all` these, too. @throws Error for a name that none has */
export function chooseBenchmarks(benchmarks: readonly Benchmark[], names: readonly string[]): readonly Benchmark[] {
  if (names.length === 0) return benchmarks.filter(({ name }) => !apart.has(name));
  if (names.includes('all')) return benchmarks;
  const unknown = names.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0)
    throw new Error(
      `no benchmark is called ${unknown.join(', ')}; there are ${benchmarks.map(({ name }) => name).join(', ')}`,
    );
  return benchmarks.filter(({ name }) => names.includes(name));
}

/** Measures one after the other, tells which of how many and after how long, and goes on after one that fails. */
export async function measureInTurn(
  benchmarks: readonly Benchmark[],
  measure: (benchmark: Benchmark) => Promise<void>,
  tell: (line: string) => void,
): Promise<readonly Failure[]> {
  const began = Date.now();
  const sinceStart = (): string => tellSeconds((Date.now() - began) / 1_000);
  const failures: Failure[] = [];
  for (const [index, benchmark] of benchmarks.entries()) {
    tell(`${index + 1} of ${benchmarks.length}, after ${sinceStart()}: ${benchmark.title}`);
    try {
      await measure(benchmark);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push({ name: benchmark.name, reason });
      tell(`  failed: ${reason}`);
    }
  }
  tell(`${benchmarks.length - failures.length} of ${benchmarks.length} measured in ${sinceStart()}`);
  for (const { name, reason } of failures) tell(`failed, and keeps its old figures: ${name}: ${reason}`);
  return failures;
}

/** Seconds as people say them, such as `4 min 10 s`. */
export function tellSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
