import { describe, expect, test } from '@jest/globals';
import { apart } from '../../../bench/apart.ts';
import type { Benchmark } from '../../../bench/benchmark.ts';
import { chooseBenchmarks, measureInTurn, tellSeconds } from '../../../bench/in-turn.ts';

const named = (name: string): Benchmark => ({
  name,
  title: `About ${name}`,
  run: () => Promise.reject(new Error('not to be called')),
});
const [long = ''] = apart.keys();
const benchmarks = ['concat', long, 'replay'].map(named);
const names = (chosen: readonly Benchmark[]): readonly string[] => chosen.map(({ name }) => name);

describe('the benchmarks of one run', () => {
  test('are all but those that stand apart, or all, or those that are named, in their own order', () => {
    expect(names(chooseBenchmarks(benchmarks, []))).toEqual(['concat', 'replay']);
    expect(names(chooseBenchmarks(benchmarks, ['all']))).toEqual(['concat', long, 'replay']);
    expect(names(chooseBenchmarks(benchmarks, ['replay', long]))).toEqual([long, 'replay']);
    expect(() => chooseBenchmarks(benchmarks, ['concat', 'nothing'])).toThrow(
      'no benchmark is called nothing; there are concat',
    );
  });

  test('go on after one that fails, which is told at the end with its reason', async () => {
    const [told, measured]: [string[], string[]] = [[], []];
    const failures = await measureInTurn(
      benchmarks,
      async ({ name }) => {
        if (name === long) throw new Error('no disk');
        measured.push(name);
      },
      (line) => told.push(line),
    );
    expect(measured).toEqual(['concat', 'replay']);
    expect(failures).toEqual([{ name: long, reason: 'no disk' }]);
    expect(told[0]).toMatch(/^1 of 3, after \d+ s: About concat$/);
    expect(told.at(-2)).toMatch(/^2 of 3 measured in \d+ s$/);
    expect(told.at(-1)).toBe(`failed, and keeps its old figures: ${long}: no disk`);
  });

  test.each([
    [0.4, '0 s'],
    [59.6, '1 min 0 s'],
    [3_671, '61 min 11 s'],
  ])('%d seconds are told as %s', (seconds, words) => {
    expect(tellSeconds(seconds)).toBe(words);
  });
});
