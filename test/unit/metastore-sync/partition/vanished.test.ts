import { describe, expect, test } from '@jest/globals';
import type { TopicSettings } from '#functions/metastore-sync/config.ts';
import { planDrops, type Vanished } from '#functions/metastore-sync/partition/vanished.ts';
import { parseTemplate } from '#shared/lake/path-template.ts';

const settings: TopicSettings = {
  topic: 'clicks',
  database: 'default',
  table: 'clicks',
  location: '/golden/clicks',
  templates: [parseTemplate('{year}')],
  owner: 'lakewarden',
  comment: undefined,
  kafkaTopic: 'clicks',
  adopt: false,
  allow: [],
  statistics: 'basic',
  distinctValues: false,
};

/** The decision about some of 100 registered partitions. */
function decide(count: number, rules: Partial<Vanished> = {}): { dropped: number; codes: Record<string, number> } {
  const partitions = Array.from({ length: count }, (_, index) => {
    const year = String(1_000 + index);
    return { name: `year=${year}`, values: [year], path: `/golden/clicks/${year}`, folder: 'missing' as const };
  });
  const usual = { policy: 'drop', registered: 100, present: 100 - count, maxPartitions: 50, maxShare: 0.25 } as const;
  const view = { settings, defaultFs: 'hdfs://lake', partitions: [], folders: 0, problems: [] };
  const { drop, problems } = planDrops({ ...view, vanished: { partitions, ...usual, ...rules } });
  const groups = Map.groupBy(problems, ({ code }) => code);
  return {
    dropped: drop.length,
    codes: Object.fromEntries([...groups].map(([code, group]) => [code, group.length])),
  };
}

describe('vanished partitions', () => {
  test.each<[string, number, Partial<Vanished>, number, Record<string, number>]>([
    ['none', 0, {}, 0, {}],
    ['up to the share', 25, {}, 25, {}],
    ['past the share', 26, {}, 0, { 'partition.vanished': 26, 'partition.drop_refused': 1 }],
    ['up to the count', 50, { maxShare: 1 }, 50, {}],
    ['past the count', 51, { maxShare: 1 }, 0, { 'partition.vanished': 51, 'partition.drop_refused': 1 }],
    ['a share of nothing', 1, { maxShare: 0 }, 0, { 'partition.vanished': 1, 'partition.drop_refused': 1 }],
    [
      'all that are present',
      50,
      { maxShare: 1, present: 0 },
      0,
      { 'partition.vanished': 50, 'partition.drop_refused': 1 },
    ],
    ['only told of', 3, { policy: 'report' }, 0, { 'partition.vanished': 3 }],
    ['told of, a hundred by name', 300, { policy: 'report' }, 0, { 'partition.vanished': 101 }],
  ])('%s', (_, count, rules, dropped, codes) => {
    expect(decide(count, rules)).toEqual({ dropped, codes });
  });

  test('are dropped in the order of their names, however the lake answered', () => {
    const partitions = ['3', '1', '2'].map((year) => {
      return { name: `year=${year}`, values: [year], path: `/golden/clicks/${year}`, folder: 'empty' as const };
    });
    const view = { settings, defaultFs: 'hdfs://lake', partitions: [], folders: 0, problems: [] };
    const rules = { policy: 'drop', registered: 9, present: 6, maxPartitions: 9, maxShare: 1 } as const;
    const { drop } = planDrops({ ...view, vanished: { partitions, ...rules } });
    expect(drop.map(({ name }) => name)).toEqual(['year=1', 'year=2', 'year=3']);
  });
});
