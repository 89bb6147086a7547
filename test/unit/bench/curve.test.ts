import { describe, expect, test } from '@jest/globals';
import { extendLine, fitLine, type Point } from '../../../bench/curve.ts';

describe('a line that goes on beyond what was measured', () => {
  test('finds what work costs whatever its size, and what each piece adds', () => {
    const points = [1_000, 10_000, 100_000].map((x): Point => [x, 40 + 0.002 * x]);
    const { fixed, each } = fitLine(points);
    expect(fixed).toBeCloseTo(40, 6);
    expect(each).toBeCloseTo(0.002, 9);
  });

  test('goes on from the last measured point', () => {
    const line = {
      name: 'calls',
      points: [
        [10, 20],
        [100, 110],
      ] as Point[],
    };
    expect(extendLine(line, [1_000]).modelled).toEqual([
      [100, 110],
      [1_000, expect.closeTo(1_010, 6)],
    ]);
  });

  test('a cost that falls goes on level, and one below nothing does not begin there', () => {
    expect(
      fitLine([
        [1, 10],
        [10, 9],
      ]).each,
    ).toBe(0);
    expect(
      fitLine([
        [10, 1],
        [100, 200],
      ]).fixed,
    ).toBe(0);
  });

  test('one point says nothing of what each piece adds', () => {
    expect(fitLine([[10, 7]])).toEqual({ fixed: 7, each: 0 });
  });
});
