import { describe, expect, test } from '@jest/globals';
import { settingsSchema } from '#functions/metastore-sync/config.ts';
import { findVanished } from '#functions/metastore-sync/survey/find-vanished.ts';
import {
  enoughVanished,
  planDrops,
  type Vanished,
  type VanishedRules,
} from '#functions/metastore-sync/partition/vanished.ts';
import type { Partition } from '#shared/hive/metastore.ts';
import { clicksSettings } from '../../../support/topic-settings.ts';

const settings = clicksSettings;

const view = { settings, defaultFs: 'hdfs://lake', partitions: [], folders: 0, problems: [] };
const usualRules = { policy: 'drop', registered: 100, present: 1, maxPartitions: 50, maxShare: 0.25 } as const;

const defaultFs = 'hdfs://lake';
const lake = settingsSchema.parse({
  root: '/golden',
  hdfs: { addresses: ['http://lake'], defaultFs },
  metastore: { uris: ['thrift://lake'] },
  partitionsPerCall: 100,
});

/** A registered partition; each tenth lies at another place. */
function partition(year: string): Partition {
  const place = year.endsWith('0') ? '/attic' : '/golden/clicks';
  return { values: [year], sd: { cols: [], location: `${defaultFs}${place}/${year}` } };
}

/** The decision about some of 100 registered partitions. */
function decide(count: number, rules: Partial<Vanished> = {}): { dropped: number; codes: Record<string, number> } {
  const partitions = Array.from({ length: count }, (_, index) => {
    const year = String(1_000 + index);
    return { name: `year=${year}`, values: [year], path: `/golden/clicks/${year}`, folder: 'missing' as const };
  });
  const usual = { ...usualRules, present: 100 - count, unread: 0 };
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
    const rules = { policy: 'drop', registered: 9, present: 6, maxPartitions: 9, maxShare: 1, unread: 0 } as const;
    const { drop } = planDrops({ ...view, vanished: { partitions, ...rules } });
    expect(drop.map(({ name }) => name)).toEqual(['year=1', 'year=2', 'year=3']);
  });

  test.each<[string, Partial<VanishedRules>, number]>([
    ['to name a hundred', { policy: 'report' }, 100],
    ['to refuse for their share', { registered: 4_000, maxPartitions: 5_000 }, 1_001],
    ['to refuse for their number', { registered: 4_000, maxPartitions: 500 }, 501],
    ['to refuse an emptied topic', { registered: 4_000, maxPartitions: 500, present: 0 }, 100],
  ])('no more places are read than it takes %s', async (_, rules, enough) => {
    const all = { ...usualRules, ...rules };
    const names = Array.from({ length: 2_000 }, (__, index) => `year=${String(2_999 - index)}`);
    let read = 0;
    const metastore = {
      partitionsByNames: (__: string, ___: string, batch: readonly string[]) => {
        read += batch.length;
        const bodies = batch.map((name) => name.replace('year=', '')).map((year) => partition(year));
        return Promise.resolve(bodies);
      },
    };
    const unseen = new Map(names.map((name) => [name, 'missing' as const]));
    const vanished = await findVanished(metastore, lake, settings, unseen, all);
    expect(enoughVanished(all)).toBe(enough);
    // Batches of 100, in which each tenth lies at another place.
    expect(read).toBe(Math.ceil(enough / 90) * 100);
    expect(vanished).toMatchObject({ unread: 2_000 - read });
    const { drop, problems } = planDrops({ ...view, vanished });
    expect(drop).toEqual([]);
    expect(problems[0]?.message).toContain('year=1001 ');
    const more = 2_000 - read / 10 - 100;
    expect(problems[100]?.message).toBe(`up to ${more} more partitions of default.clicks vanished`);
    if (all.policy === 'drop') expect(problems[101]?.message).toMatch(/^at least \d+ of \d+ /);
  });
});
