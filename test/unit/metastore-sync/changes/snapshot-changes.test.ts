import { describe, expect, test } from '@jest/globals';
import { judgeDifferences } from '#functions/metastore-sync/changes/snapshot-changes.ts';
import type { SnapshotDifference } from '#shared/hdfs/metadata.ts';
import { parseTemplate } from '#shared/lake/path-template.ts';

const templates = [parseTemplate('{year}/{month}/{day}'), parseTemplate('dt={year}-{month}-{day}')];
const judge = (...differences: SnapshotDifference[]): ReturnType<typeof judgeDifferences> =>
  judgeDifferences(differences, templates, []);
const nothing = { touched: [], appeared: [], gone: [], unexpected: [], due: false };

describe('a snapshot difference', () => {
  const cases: [string, SnapshotDifference[], Partial<ReturnType<typeof judgeDifferences>>][] = [
    ['of nothing', [], {}],
    ['of a new file', [{ type: 'CREATE', source: '2019/09/01/a' }], { touched: ['2019/09/01'] }],
    ['of a new partition', [{ type: 'CREATE', source: '2019/09/01' }], { touched: ['2019/09/01'] }],
    ['in another layout', [{ type: 'CREATE', source: 'dt=2019-09-01/a' }], { touched: ['dt=2019-09-01'] }],
    ['of a new month', [{ type: 'CREATE', source: '2019/09' }], { appeared: ['2019/09'] }],
    [
      'of a file that went',
      [
        { type: 'MODIFY', source: '2019/09/01' },
        { type: 'DELETE', source: '2019/09/01/a' },
      ],
      { touched: ['2019/09/01'], due: true },
    ],
    ['of a month that went', [{ type: 'DELETE', source: '2019/09' }], { gone: ['2019/09'], due: true }],
    [
      'of a file that moved',
      [{ type: 'RENAME', source: '2019/09/01/a', target: '2019/09/02/b' }],
      { touched: ['2019/09/01', '2019/09/02'] },
    ],
    [
      'of a month that moved',
      [{ type: 'RENAME', source: '2019/09', target: '2019/10' }],
      { appeared: ['2019/10'], gone: ['2019/09'] },
    ],
    ['of rights above partitions', [{ type: 'MODIFY', source: '2019' }], {}],
    ['of the topic itself', [{ type: 'MODIFY', source: '' }], {}],
    [
      'of what is hidden',
      [
        { type: 'CREATE', source: '_temporary/0/a' },
        { type: 'DELETE', source: '2019/09/01/.a.inprogress.1' },
      ],
      {},
    ],
    [
      'of a writer that ends a file',
      [{ type: 'RENAME', source: '2019/09/01/.a', target: '2019/09/01/a' }],
      { touched: ['2019/09/01'] },
    ],
    [
      'of what fits no layout',
      [
        { type: 'CREATE', source: 'notes/a' },
        { type: 'DELETE', source: 'notes/b' },
      ],
      {
        unexpected: [{ path: 'notes/a', reason: "'notes' is no year; 'notes' does not fit dt={year}-{month}-{day}" }],
        due: true,
      },
    ],
  ];
  test.each(cases)('%s', (_name, differences, expected) => {
    expect(judge(...differences)).toEqual({ ...nothing, ...expected });
  });

  test('that has grown long asks for a younger snapshot, also where nothing is to be looked at', () => {
    const days = (count: number): SnapshotDifference[] =>
      Array.from({ length: count }, (_, day) => ({ type: 'CREATE', source: `2019/09/${10 + day}/a` }));
    expect(judge(...days(8)).due).toBe(false);
    expect(judge(...days(9)).due).toBe(true);
    const hidden = Array.from({ length: 1_001 }, (_, file): SnapshotDifference => ({
      type: 'CREATE',
      source: `_temporary/${file}`,
    }));
    expect(judge(...hidden)).toEqual({ ...nothing, due: true });
  });

  test('comes with the partitions to look at again, which alone ask for no younger snapshot', () => {
    const again = Array.from({ length: 20 }, (_, day) => `2019/10/${10 + day}`);
    expect(judgeDifferences([], templates, again)).toEqual({ ...nothing, touched: again });
    const one: SnapshotDifference = { type: 'CREATE', source: '2019/10/10/a' };
    expect(judgeDifferences([one], templates, again)).toEqual({ ...nothing, touched: again, due: true });
  });
});
