import { describe, expect, test } from '@jest/globals';
import { hourLabel, topicFiles } from '../../support/lake-report.ts';
import { makeHeatMap } from '../../../cli/report/page/heat-map.ts';

describe('a heat map', () => {
  test('has a row for each topic and a column for each hour in which one has a folder', () => {
    const map = makeHeatMap([topicFiles('b', 2, (hour) => hour + 1), topicFiles('a', 3)]);
    expect(map).toMatchObject({ unit: 'hour', columns: [0, 1, 2].map(hourLabel), hiddenTopics: 0, hiddenColumns: 0 });
    expect(map.rows.map(({ topic, cells }) => [topic, cells.map((cell) => cell?.files)])).toEqual([
      ['a', [3, 3, 3]],
      ['b', [1, 2, undefined]],
    ]);
  });

  test('says where times are left out in which no topic has a folder', () => {
    const topic = topicFiles('a', 40);
    const some = {
      ...topic,
      cells: [topic.cells[0], topic.cells[1], topic.cells[30]].filter((one) => one !== undefined),
    };
    const { columns, gaps } = makeHeatMap([some]);
    expect([columns, [...gaps]]).toEqual([[hourLabel(0), hourLabel(1), hourLabel(30)], [2]]);
  });

  test('has days in the place of too many hours, and loses no file by it', () => {
    const topics = [
      topicFiles(
        'a',
        720,
        () => 2,
        () => 5,
      ),
      topicFiles('b', 720),
    ];
    const { unit, columns, rows } = makeHeatMap(topics);
    expect([unit, columns.length]).toEqual(['day', 30]);
    expect(rows[0]?.cells.map((cell) => [cell?.files, cell?.mostFiles])).toEqual(
      Array.from({ length: 30 }, () => [48, 120]),
    );
  });

  test('puts a day and a month into the first of their hours', () => {
    const hours = topicFiles('hourly', 30);
    const day = { ...topicFiles('daily', 1), cells: [{ ...hours.cells[0], label: '2026-11-02' }] } as typeof hours;
    const month = { ...topicFiles('monthly', 1), cells: [{ ...hours.cells[0], label: '2026-11' }] } as typeof hours;
    const { columns, rows } = makeHeatMap([hours, day, month]);
    const at = (index: number): string | undefined =>
      columns[rows[index]?.cells.findIndex((cell) => cell !== undefined) ?? -1];
    expect(rows.map(({ topic }) => topic)).toEqual(['daily', 'hourly', 'monthly']);
    expect([at(0), at(2)]).toEqual(['2026-11-02T00', '2026-11-01T00']);
  });

  test('draws the topics with most files and the newest days, and counts the others', () => {
    const topics = Array.from({ length: 130 }, (_, index) => topicFiles(`t${index}`, 24, () => index + 1));
    expect(makeHeatMap(topics)).toMatchObject({ hiddenTopics: 30 });
    expect(makeHeatMap(topics).rows.some(({ topic }) => topic === 't0')).toBe(false);
    const long = makeHeatMap([topicFiles('long', 24 * 400)]);
    expect([long.columns.length, long.hiddenColumns]).toEqual([192, 208]);
    expect(long.columns.at(-1)).toBe(hourLabel(24 * 399).slice(0, 10));
  });

  test('has nothing of topics without a time', () => {
    expect(makeHeatMap([])).toMatchObject({ columns: [], rows: [] });
    expect(makeHeatMap([{ ...topicFiles('a', 0), files: 9 }])).toMatchObject({
      columns: [],
      rows: [],
      hiddenTopics: 0,
    });
  });
});
