import { describe, expect, test } from '@jest/globals';
import { type Costs, planLake, readCosts, renderPlan } from '../../../bench/scale/plan.ts';

const costs: Costs = {
  look: { calls: 9, milliseconds: 60 },
  footer: 2,
  merge: { callsPerFile: 3, millisecondsPer1000: 2_000 },
  walk: { callsPerPartition: 0.05, millisecondsPer100000: 5_000 },
  limits: { nameNode: 1_000, metastore: 2_000, added: 3_000 },
};
const shape = { topics: 100, partitions: 1_000_000, filesPerHour: 36_000, looksPerHour: 12 };

describe('the plan of a large lake', () => {
  test('multiplies what benchmarks found by what the lake has', () => {
    const [looks, footers, merges, walk] = planLake(shape, costs);
    expect(looks).toMatchObject({ times: 1_200, callsPerSecond: 3, share: 0.003, busy: 0.02 });
    expect(footers).toMatchObject({ times: 36_000, callsPerSecond: 20 });
    expect(merges).toMatchObject({ times: 100, callsPerSecond: 30 });
    expect(merges?.busy).toBeCloseTo((100 * 720) / 3_600_000, 9);
    expect(walk?.callsPerSecond).toBeCloseTo(50_000 / 168 / 3_600, 9);
  });

  test('is a table of one line for each work', () => {
    expect(renderPlan(shape, costs).split('\n')).toHaveLength(6);
    expect(renderPlan(shape, costs)).toContain('| metastore-sync: footers of new files | 36,000 | 20 | 2 % | – |');
  });

  test('says which figure it misses', () => {
    expect(() => readCosts([])).toThrow('bench/results has no figure "100,000 partitions: calls of the newest look"');
  });
});
