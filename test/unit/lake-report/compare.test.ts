import { describe, expect, test } from '@jest/globals';
import { hourLabel, lakeReportOfText, reportOfTopics, topicFiles } from '../../support/lake-report.ts';
import { compareReports, withMostFiles } from '../../../cli/report/compare.ts';
import type { ColumnFacts, LakeReport, TableFacts } from '../../../cli/report/lake-report.ts';
import { makeSnapshot, snapshotSchema } from '../../../cli/report/snapshot.ts';

function withTable(columns: readonly ColumnFacts[]): LakeReport {
  const table: TableFacts = {
    topic: 't',
    table: 'd.t',
    state: 'kept',
    columns,
    changes: [{ at: '2026-11-21T12:00:00.000Z', column: 'b', to: 'int' }],
    folders: 3,
    registered: 2,
    unregistered: [],
    rows: 1,
  };
  return reportOfTopics([topicFiles('t', 1)], { tables: { state: 'read', facts: { tables: [table] } } });
}

describe('what a report leaves to the next one', () => {
  test.each(['a', '__proto__', '<script>', 'x'.repeat(9_999)])(
    'can be read again for topics and texts named %.20s',
    (name) => {
      const report = lakeReportOfText(name);
      const known = { findings: [{ id: 'f', text: name }], groups: [{ id: 'g', text: name }] };
      const snapshot = makeSnapshot(report, known);
      expect(snapshotSchema.parse(JSON.parse(JSON.stringify(snapshot)))).toEqual(snapshot);
    },
  );

  test('remembers the most files that any report saw', () => {
    const first = reportOfTopics([topicFiles('t', 2, () => 40)]);
    const files = (count: number) => ({
      root: '/golden',
      foldersPerTopic: 9,
      topics: [topicFiles('t', 2, () => count)],
    });
    const second = withMostFiles(files(1), makeSnapshot(first, {}));
    expect(second.topics[0]?.cells.map(({ mostFiles }) => mostFiles)).toEqual([40, 40]);
    const left = makeSnapshot({ ...first, files: { state: 'read', facts: second } }, {});
    expect(withMostFiles(files(7), left).topics[0]?.cells.map(({ mostFiles }) => mostFiles)).toEqual([40, 40]);
    expect(withMostFiles(files(7), undefined).topics[0]?.cells[0]).not.toHaveProperty('mostFiles');
  });

  test('passes on what it could not read itself', () => {
    const known = { findings: [{ id: 'f', text: 'f' }], groups: [{ id: 'g', text: 'g' }] };
    const first = makeSnapshot(withTable([{ name: 'a', type: 'int' }]), known);
    const away = { state: 'unknown', reason: 'away' } as const;
    const blind = makeSnapshot(reportOfTopics([], { files: away, tables: away }), {}, first);
    expect(blind).toEqual({ ...first, madeAt: blind.madeAt, sums: [] });
    const since = compareReports(blind, withTable([{ name: 'a', type: 'int' }]), known);
    expect(since).toMatchObject({ newTopics: [], goneTopics: [], columns: [], newFindings: [], goneGroups: [] });
  });

  test('keeps the hours that another report does not look at, and forgets topics that are gone', () => {
    const first = makeSnapshot(reportOfTopics([topicFiles('t', 3, () => 40), topicFiles('gone', 1)]), {});
    const newest = { ...topicFiles('t', 3, () => 2), cells: topicFiles('t', 3, () => 2).cells.slice(-1) };
    const [topic, ...others] = makeSnapshot(reportOfTopics([newest]), {}, first).topics;
    expect(topic?.cells.map(([, files, , most]) => [files, most])).toEqual([
      [40, 40],
      [40, 40],
      [2, 2],
    ]);
    expect(others).toEqual([]);
  });

  test('has a size that does not grow with the number of reports', () => {
    let snapshot = makeSnapshot(reportOfTopics([]), {});
    const topics = (hours: number) => Array.from({ length: 200 }, (_, index) => topicFiles(`t${index}`, hours));
    for (const hours of [600, 1_200]) snapshot = makeSnapshot(reportOfTopics(topics(hours)), {}, snapshot);
    expect(snapshot.topics.reduce((sum, { cells }) => sum + cells.length, 0)).toBe(100_000);
    expect(snapshot.topics[0]?.cells.at(-1)?.[0]).toBe(hourLabel(1_199));
  });
});

describe('what changed since the last report', () => {
  test('is told of numbers, topics and columns', () => {
    const before = makeSnapshot(
      withTable([
        { name: 'a', type: 'int' },
        { name: 'old', type: 'string' },
      ]),
      {},
    );
    const now = withTable([
      { name: 'a', type: 'bigint' },
      { name: 'b', type: 'int' },
    ]);
    const files = reportOfTopics([topicFiles('u', 2)]).files;
    const since = compareReports(before, { ...now, files }, {});
    expect(since).toMatchObject({ madeAt: before.madeAt, newTopics: ['u'], goneTopics: ['t'] });
    expect(since.sums).toContainEqual({ name: 'files', before: 3, now: 6 });
    expect(since.sums).toContainEqual({ name: 'folders that are no partitions', before: 1, now: 1 });
    expect(since.columns).toEqual([
      { table: 'd.t', at: '', column: 'a', from: 'int', to: 'bigint' },
      { table: 'd.t', at: '2026-11-21T12:00:00.000Z', column: 'b', to: 'int' },
      { table: 'd.t', at: '', column: 'old', from: 'string' },
    ]);
  });

  test('is told of findings and groups', () => {
    const report = reportOfTopics([]);
    const things = (...ids: string[]) => ids.map((id) => ({ id, text: `the ${id}` }));
    const before = makeSnapshot(report, { findings: things('a', 'b'), groups: things('g') });
    expect(compareReports(before, report, { findings: things('b', 'c'), groups: things('g') })).toMatchObject({
      newFindings: ['the c'],
      goneFindings: ['the a'],
      newGroups: [],
      goneGroups: [],
    });
  });

  test('claims nothing of what one of the two reports does not know', () => {
    const known = lakeReportOfText('x');
    const blind = reportOfTopics([], { files: { state: 'unknown', reason: 'away' } });
    const things = [{ id: 'a', text: 'a' }];
    const nothing = { newTopics: [], goneTopics: [], columns: [], newFindings: [], goneFindings: [], goneGroups: [] };
    expect(compareReports(makeSnapshot(known, { findings: things, groups: things }), blind, {})).toMatchObject(nothing);
    const since = compareReports(makeSnapshot(blind, {}), known, { findings: things, groups: things });
    expect(since).toMatchObject({ ...nothing, newGroups: [] });
    expect(since.sums.find(({ name }) => name === 'files')).not.toHaveProperty('before');
  });

  test('does not take a type that was cut for another one', () => {
    const report = withTable([{ name: 'a', type: `struct<${'x:int,'.repeat(200)}>` }]);
    expect(compareReports(makeSnapshot(report, {}), report, {}).columns).toEqual([]);
  });
});
